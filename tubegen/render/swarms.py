"""Which swarms viewers of the site's videos gather in: a list for the tracker, which lets no others meet.

Each rendition is a swarm, since renditions have no bytes in common, and so is each sound apart from them. Players make the name of a swarm of the
address of the master playlist and of what stands in it about the rendition, so both must be exactly those that
`playlists.py` writes.
"""

import base64
import hashlib
from urllib.parse import urlsplit

import msgspec

from tubegen import contract
from tubegen.config import absolute, origin
from tubegen.media.result import Presentation
from tubegen.render.library import Library
from tubegen.render.output import Output, made
from tubegen.render.variants import Variant, first_variants, sound_groups, variants


def swarms_output(library: Library) -> Output:
    """`federation/swarms.json`."""
    site = library.site.config.site
    hashes: list[str] = []
    peertube: list[str] = []
    for film in library.films:
        if film.video.p2p == "off":
            continue
        master = absolute(site, film.master)
        shown = first_variants(film.presentation)
        hashes += (info_hash(master, variant).hex() for variant in shown)
        hashes += (found.hex() for found in sound_hashes(master, film.presentation))
        peertube += (peertube_hash(master, number).hex() for number in range(len(shown)))
    swarms = contract.Swarms(
        version=contract.VERSION,
        origins=tuple(dict.fromkeys((origin(urlsplit(site.url)), library.site.config.federation.base_url))),
        hashes=tuple(hashes),
        peertube=tuple(peertube),
    )
    return made("federation/swarms.json", msgspec.json.format(msgspec.json.encode(swarms), indent=1) + b"\n")


def info_hash(swarm: str, variant: Variant) -> bytes:
    """Of p2p-media-loader 2.3 (peer protocol v2) with hls.js, when `swarm` is its `swarmId`: 20 bytes, which are
    the base64 of a shorter hash.

    It hashes what the master playlist says of the first variant with this playlist: BANDWIDTH, the video codec,
    RESOLUTION, language, channels and name of sound (none), FRAME-RATE as a number, VIDEO-RANGE.
    """
    size = f"{variant.rendition.width}-{variant.rendition.height}"
    frames = variant.frame_rate.rstrip("0").rstrip(".")
    told = f"{variant.bandwidth}-{variant.video_codec.lower()}-{size}----{frames}-{variant.video_range}"
    return _hash(swarm, "main", told)


def sound_hashes(swarm: str, presentation: Presentation) -> list[bytes]:
    """The same of sounds that are renditions of their own: of each, codecs of its group, language, channels and
    name. A sound that is in several groups is what it is in the first."""
    found: dict[str, bytes] = {}
    for group in sound_groups(presentation):
        variant = next(one for one in variants(presentation) if one.sound == group.name)
        codecs = ",".join(sorted(codec.lower() for codec in variant.sound_codecs))
        for choice in group.choices:
            sound = choice.sound
            language = "" if sound.language == "und" else sound.language[:2].lower()
            told = f"0-{codecs}---{language}-{sound.channels}-{choice.name.lower()}--"
            found.setdefault(sound.playlist, _hash(swarm, "secondary", told))
    return list(found.values())


def _hash(swarm: str, kind: str, told: str) -> bytes:
    short = base64.b64encode(hashlib.sha1(told.encode(), usedforsecurity=False).digest()).decode()
    whole = hashlib.sha1(f"v2-{swarm}-{kind}-{short}".encode(), usedforsecurity=False).digest()
    return base64.b64encode(whole[:15])


def peertube_hash(master: str, number: int) -> bytes:
    """Of the player of PeerTube to 7.0 (p2p-media-loader 1.0), for the variant of this number in the playlist."""
    return hashlib.sha1(f"2{master}+V{number}".encode(), usedforsecurity=False).digest()
