"""Videos and catalogues for tests, as the generator would write them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from tubegen import contract

PAGES = "https://films.example"


def video(uuid: str = "811a5436-4916-4dbd-a1dc-5c880d6cc0c5", **changes: Any) -> contract.VideoDocument:
    """A whole video; any field may be set otherwise."""
    slug = changes.get("slug", "tide")
    media = f"{PAGES}/media/{uuid}/kfQ"
    fields: dict[str, Any] = {
        "uuid": uuid,
        "slug": slug,
        "channel": "main",
        "title": "The tide",
        "description": "Water comes and goes.",
        "body": "Water comes and goes.",
        "html": "<p>Water comes and goes.</p>",
        "published": "2026-02-27T00:00:00Z",
        "tags": (contract.TagEntry("river", f"{PAGES}/tags/river/"),),
        "language": "en",
        "licence": contract.LICENCES["CC-BY-SA-4.0"],
        "category": "Films",
        "sensitive": False,
        "warning": "",
        "duration": 24.0,
        "page": f"{PAGES}/watch/{slug}/",
        "embed": f"{PAGES}/embed/{slug}/",
        "master": f"{media}/master.m3u8",
        "segments_sha256": f"{media}/segments-sha256.json",
        "renditions": (
            contract.RenditionFile(
                name="480p",
                playlist=f"{media}/480p.m3u8",
                width=854,
                height=480,
                fps=25,
                bandwidth=900_000,
                size=1_415_076,
            ),
        ),
        "web": contract.File(
            url=f"{media}/{uuid}-480p.mp4", media_type="video/mp4", size=1_400_000, width=854, height=480
        ),
        "social": contract.File(
            url=f"{media}/{uuid}-480p.mp4", media_type="video/mp4", size=1_400_000, width=854, height=480
        ),
        "poster": contract.File(
            url=f"{media}/poster.jpg", media_type="image/jpeg", size=90_000, width=1280, height=720
        ),
        "thumbnail": contract.File(
            url=f"{media}/thumbnail.jpg", media_type="image/jpeg", size=9_000, width=320, height=180
        ),
        "storyboard": None,
        "captions": (contract.CaptionFile(language="en", label="English", url=f"{media}/en.vtt"),),
        "chapters": (),
        "p2p": "ask",
        "download": True,
    }
    return contract.VideoDocument(**(fields | changes))


def channel(name: str = "main", handle: str = "films_channel", **changes: Any) -> contract.ChannelEntry:
    fields: dict[str, Any] = {
        "name": name,
        "handle": handle,
        "title": "Example Films",
        "description": "Short films.",
        "page": f"{PAGES}/channels/{name}/",
        "avatar": None,
        "banner": None,
    }
    return contract.ChannelEntry(**(fields | changes))


def catalogue(
    videos: Iterable[contract.VideoDocument] = (),
    channels: Iterable[contract.ChannelEntry] = (channel(),),
    **changes: Any,
) -> contract.Catalogue:
    fields: dict[str, Any] = {
        "version": contract.VERSION,
        "title": "Example Films",
        "description": "Short films about rivers.",
        "url": f"{PAGES}/",
        "language": "en",
        "handle": "films",
        "avatar": None,
        "banner": None,
        "channels": tuple(channels),
        "videos": tuple(
            contract.VideoEntry(
                uuid=document.uuid,
                document=f"videos/{document.uuid}.json",
                sha256=hashlib.sha256(_bytes(document)).hexdigest(),
            )
            for document in videos
        ),
    }
    return contract.Catalogue(**(fields | changes))


def write_catalogue(folder: Path, videos: Iterable[contract.VideoDocument], **changes: Any) -> Path:
    """The folder `federation` of a built site."""
    videos = tuple(videos)
    (folder / "videos").mkdir(parents=True, exist_ok=True)
    for document in videos:
        (folder / "videos" / f"{document.uuid}.json").write_bytes(_bytes(document))
    swarms = contract.Swarms(version=contract.VERSION, origins=(PAGES,), hashes=(), peertube=())
    (folder / "swarms.json").write_bytes(msgspec.json.encode(swarms))
    index = folder / "index.json"
    index.with_suffix(".new").write_bytes(msgspec.json.encode(catalogue(videos, **changes)))
    index.with_suffix(".new").rename(index)
    return folder


def _bytes(document: contract.VideoDocument) -> bytes:
    return msgspec.json.encode(document)
