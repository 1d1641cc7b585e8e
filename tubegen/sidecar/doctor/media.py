"""Whether the films can be fetched by players on other servers, and whether the sidecar knows all of them."""

import datetime as dt
import re
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urljoin

import msgspec

from tubegen.contract import VideoDocument
from tubegen.sidecar.activitypub import ids
from tubegen.sidecar.doctor.finding import Finding, bad, good, weak
from tubegen.sidecar.doctor.outside import Outside
from tubegen.sidecar.model import ACTIVITY_JSON, Site

_STRANGER = "https://tube.example"
"""Origin of a page that plays our film: PeerTube's players fetch it from us (A-11)."""
_PLAYLIST = ("application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl")
_SEGMENT = ("video/iso.segment", "video/mp4", "audio/mp4", "video/mp2t")


class _Collection(msgspec.Struct):
    total: int = msgspec.field(default=0, name="totalItems")


async def examine_catalogue(
    out: Outside, site: Site, documents: Mapping[str, VideoDocument], now: float
) -> Finding:
    """Whether the running sidecar tells of as many videos as are out. Raises Unanswered."""
    there = sum(dt.datetime.fromisoformat(one.published).timestamp() <= now for one in documents.values())
    seen = await out.get(ids.outbox(site.person.id), Accept=ACTIVITY_JSON)
    told = seen.read(_Collection).total
    if told == there:
        return good(
            f"the sidecar tells of all {there} videos" if there != 1 else "the sidecar tells of the one video"
        )
    return weak(
        f"the site has {there} videos, the sidecar tells of {told}",
        "it looks every minute, and waits an hour before it deletes; tubegen sidecar status tells more",
    )


async def examine_media(out: Outside, document: VideoDocument) -> AsyncIterator[Finding]:
    """One playlist and one segment of a video, and its MP4. Raises Unanswered."""
    if not document.renditions:
        return
    playlist = document.renditions[0].playlist
    seen = await out.get(playlist, Origin=_STRANGER)
    if seen.status != 200:
        yield bad(f"{playlist} answers {seen.status}", "upload all of the built folder, media/ too")
        return
    yield _open(playlist, seen.headers)
    yield _typed(playlist, seen.kind, _PLAYLIST)
    if segment := _segment(seen.body.decode(errors="replace")):
        for finding in await _part(out, urljoin(playlist, segment)):
            yield finding
    for finding in await _part(out, document.web.url):
        yield finding


async def _part(out: Outside, address: str) -> list[Finding]:
    seen = await out.get(address, Origin=_STRANGER, Range="bytes=0-99")
    if seen.status not in (200, 206):
        return [bad(f"{address} answers {seen.status}", "upload all of the built folder, media/ too")]
    ranged = (
        good(f"{address} is given in parts")
        if seen.status == 206 and len(seen.body) == 100
        else weak(
            f"{address} is only given whole", "players that seek wait for all of it: allow range requests"
        )
    )
    return [_open(address, seen.headers), _typed(address, seen.kind, _SEGMENT), ranged]


def _open(address: str, headers: Mapping[str, str]) -> Finding:
    if headers.get("access-control-allow-origin") in ("*", _STRANGER):
        return good(f"{address} may be fetched by pages of other servers")
    return bad(
        f"{address} may not be fetched by pages of other servers",
        "send 'Access-Control-Allow-Origin: *' with everything below media/",
    )


def _typed(address: str, kind: str, known: tuple[str, ...]) -> Finding:
    if kind in known:
        return good(f"{address} has the type {kind}")
    return weak(f"{address} has the type '{kind}'", f"send {known[0]}")


def _segment(playlist: str) -> str:
    """Address of the first segment, as written; of its map when that is all there is."""
    lines = [line.strip() for line in playlist.splitlines()]
    plain = [line for line in lines if line and not line.startswith("#")]
    mapped = re.search(r'#EXT-X-MAP:.*URI="([^"]+)"', playlist)
    return plain[0] if plain else mapped[1] if mapped else ""
