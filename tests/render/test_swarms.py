"""The list for the tracker: hashes as players announce them."""

import base64
import hashlib

import msgspec
import pytest

from tests.render import records
from tubegen import contract
from tubegen.media.rendition import PackagedRendition
from tubegen.render.library import Library
from tubegen.render.swarms import info_hash, peertube_hash, swarms_output
from tubegen.render.variants import Variant

MASTER = "https://films.example/media/x/y/master.m3u8"


def variant(rate: tuple[int, int], bandwidth: int, codecs: str, width: int, height: int) -> Variant:
    rendition = PackagedRendition(
        name=f"{height}p",
        codec="h264",
        video_range="SDR",
        width=width,
        height=height,
        rate=rate,
        codecs=codecs,
        bandwidth=bandwidth,
        average=bandwidth,
        playlist=f"{height}p.m3u8",
        iframes=f"{height}p-iframes.m3u8",
        iframe_bandwidth=height * 400,
        size=1,
    )
    return Variant(
        rendition=rendition, sound="", bandwidth=bandwidth, average=bandwidth, codecs=codecs, video_range=""
    )


@pytest.mark.parametrize(
    ("made", "announced"),
    [
        (variant((24, 1), 488862, "avc1.640015,mp4a.40.2", 426, 240), "0jU17LbkA6wwBFaZc5oz"),
        (variant((30000, 1001), 1337454, "avc1.64001e", 854, 480), "0Rc307Gddx+qfRtBlA7d"),
        (variant((24000, 1001), 1946956, "av01.0.05M.08,Opus", 1280, 720), "KlKdiNha7jhI/sg4KUOk"),
        (variant((25, 2), 2000000, "avc1.64001f,mp4a.40.2", 1280, 720), "4Eb9T/VRItCcwB2RrJo7"),
    ],
)
def test_hashes_are_those_of_the_player(made: Variant, announced: str) -> None:
    """What p2p-media-loader-core 2.3.1 makes of the same variants, with FRAME-RATE as we write it."""
    assert info_hash(MASTER, made) == announced.encode()


def test_hashes_are_those_of_peertube() -> None:
    """peertube.md §5.7"""
    assert peertube_hash(MASTER, 1) == hashlib.sha1(f"2{MASTER}+V1".encode()).digest()


def listed(library: Library) -> contract.Swarms:
    output = swarms_output(library)
    assert output.path == "federation/swarms.json"
    assert output.make
    return msgspec.json.decode(output.make(), type=contract.Swarms)


def test_every_rendition_of_every_shared_film_is_a_swarm(library: Library) -> None:
    swarms = listed(library)
    renditions = sum(len(film.presentation.renditions) for film in library.films if film.video.p2p != "off")
    assert len(swarms.hashes) == len(set(swarms.hashes)) == renditions
    assert len(swarms.peertube) == len(set(swarms.peertube)) == renditions
    assert all(len(bytes.fromhex(one)) == 20 for one in (*swarms.hashes, *swarms.peertube))
    assert all(len(base64.b64decode(bytes.fromhex(one))) == 15 for one in swarms.hashes)


def test_unlisted_films_are_shared_but_not_those_without_p2p(library: Library) -> None:
    film = library.films[0]
    before = set(listed(library).hashes)
    unlisted = records.with_video(library, film.video.slug, unlisted=True)
    assert set(listed(unlisted).hashes) == before
    silent = listed(records.with_video(library, film.video.slug, p2p="off"))
    assert len(before - set(silent.hashes)) == len(film.presentation.renditions)
    assert len(silent.peertube) == len(silent.hashes)


def test_pages_and_handles_may_have_two_hosts(library: Library) -> None:
    config = library.site.config
    config = msgspec.structs.replace(
        config,
        site=msgspec.structs.replace(config.site, url="https://Bücher.Example:443/films/"),
        federation=msgspec.structs.replace(config.federation, base_url="https://ap.films.example"),
    )
    moved = msgspec.structs.replace(library, site=msgspec.structs.replace(library.site, config=config))
    assert listed(moved).origins == ("https://xn--bcher-kva.example", "https://ap.films.example")


def test_sounds_are_swarms_of_their_own(library: Library) -> None:
    """PeerTube's older players share the picture alone."""
    rich = records.rich(library.films[0].presentation)
    swarms = listed(records.with_presentation(library, rich))
    shared = sum(film.video.p2p != "off" for film in library.films)
    assert len(set(swarms.hashes)) == shared * (len(rich.renditions) + len(rich.audio_tracks))
    assert len(set(swarms.peertube)) == shared * len(rich.renditions)
