"""Which swarms viewers of the site's videos gather in: a list for the tracker, which lets no others meet.

Each rendition is a swarm, since renditions have no bytes in common. Players make the name of a swarm of the
address of the master playlist and of what stands in it about the rendition, so both must be exactly those that
`playlists.py` writes.
"""

import base64
import hashlib
from fractions import Fraction
from urllib.parse import urlsplit

import msgspec

from tubegen import contract
from tubegen.config import absolute, origin
from tubegen.media.result import Rendition
from tubegen.render.library import Library
from tubegen.render.output import Output, made

_AUDIO = ("mp4a", "opus", "ac-3", "ec-3", "flac")


def swarms_output(library: Library) -> Output:
    """`federation/swarms.json`."""
    site = library.site.config.site
    hashes: list[str] = []
    peertube: list[str] = []
    for film in library.films:
        if film.video.p2p == "off":
            continue
        master = absolute(site, film.master)
        for number, rendition in enumerate(film.presentation.renditions):
            hashes.append(info_hash(master, rendition).hex())
            peertube.append(peertube_hash(master, number).hex())
    swarms = contract.Swarms(
        version=contract.VERSION,
        origins=tuple(dict.fromkeys((origin(urlsplit(site.url)), library.site.config.federation.base_url))),
        hashes=tuple(hashes),
        peertube=tuple(peertube),
    )
    return made("federation/swarms.json", msgspec.json.format(msgspec.json.encode(swarms), indent=1) + b"\n")


def info_hash(swarm: str, rendition: Rendition) -> bytes:
    """Of p2p-media-loader 2.3 (peer protocol v2) with hls.js, when `swarm` is its `swarmId`: 20 bytes, which are
    the base64 of a shorter hash.

    It hashes what the master playlist says of the variant: BANDWIDTH, the video codec, RESOLUTION, language,
    channels and name of its audio (none: ours is muxed), FRAME-RATE as a number, VIDEO-RANGE (none).
    """
    video = next(one for one in rendition.codecs.split(",") if not one.lower().startswith(_AUDIO))
    frames = f"{float(Fraction(*rendition.rate)):.3f}".rstrip("0").rstrip(".")
    variant = f"{rendition.bandwidth}-{video.lower()}-{rendition.width}-{rendition.height}----{frames}-"
    short = base64.b64encode(hashlib.sha1(variant.encode(), usedforsecurity=False).digest()).decode()
    whole = hashlib.sha1(f"v2-{swarm}-main-{short}".encode(), usedforsecurity=False).digest()
    return base64.b64encode(whole[:15])


def peertube_hash(master: str, number: int) -> bytes:
    """Of the player of PeerTube to 7.0 (p2p-media-loader 1.0), for the variant of this number in the playlist."""
    return hashlib.sha1(f"2{master}+V{number}".encode(), usedforsecurity=False).digest()
