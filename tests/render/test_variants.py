"""The master playlist of a film that has everything, and the swarms that players make of it."""

import re
from pathlib import Path

import msgspec
import pytest

from tests.render import records
from tubegen.media.result import Presentation
from tubegen.render.library import Film, Library
from tubegen.render.playlists import hls_outputs
from tubegen.render.swarms import info_hash, sound_hashes
from tubegen.render.variants import first_variants, sound_groups, variants

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "master-rich.m3u8"
MASTER = "https://films.example/media/x/y/master.m3u8"


@pytest.fixture
def film(library: Library) -> Film:
    film = library.by_slug()["tide"]
    return msgspec.structs.replace(film, presentation=records.rich(film.presentation))


def master(film: Film) -> str:
    output = hls_outputs(film)[0]
    assert output.make
    return output.make().decode()


def test_golden(film: Film, update_golden: bool) -> None:
    if update_golden:
        GOLDEN.write_text(master(film))
    assert master(film) == GOLDEN.read_text()


def test_hashes_are_those_that_the_player_announces(film: Film) -> None:
    """What p2p-media-loader 2.3.1 makes of the golden playlist, which hls.js 1.7.4 reads."""
    shown = first_variants(film.presentation)
    found = [info_hash(MASTER, variant) for variant in shown]
    found += sound_hashes(MASTER, film.presentation)
    assert [one.decode() for one in found] == [
        "Uz+ukCHT98uiRWY49vmx",
        "F8Elpo9vABES4doYyTPi",
        "wDms8/IfuWvSIhMCwLOG",
        "v77f8tXp01Yanoy+z9kR",
        "ufjvWN/rE48VcJhZ9bJF",
        "TRU7y8dfMAuKB/2G0hk9",
        "84I36kIbsrUD4gqkGacd",
        "3DEBvPV2+weJI9Y1fq+t",
    ]


def test_what_older_players_know_keeps_its_number(film: Film, library: Library) -> None:
    """PeerTube's count variants from the first: neither a twin nor surround sound may move an H.264 rendition."""
    plain = variants(library.by_slug()["tide"].presentation)
    assert [v.rendition.playlist for v in variants(film.presentation)][: len(plain)] == [
        v.rendition.playlist for v in plain
    ]


def test_groups_have_the_same_members(film: Film) -> None:
    """RFC 8216bis §4.4.6.1.1"""
    stereo, surround = sound_groups(film.presentation)
    assert [choice.name for choice in stereo.choices] == [choice.name for choice in surround.choices]
    assert [choice.default for choice in stereo.choices] == [True, False, False]
    assert [choice.sound.channels for choice in surround.choices] == [6, 2, 2]
    assert len({choice.name for choice in stereo.choices}) == len(stereo.choices)


def test_every_attribute_is_told_of_every_variant(film: Film) -> None:
    """VIDEO-RANGE, CODECS with those of its sounds, BANDWIDTH with the largest of its sounds."""
    lines = re.findall(r"^#EXT-X-STREAM-INF:.*$", master(film), re.M)
    assert len(lines) == 2 * len(film.presentation.renditions)
    assert all("VIDEO-RANGE=" in line and 'mp4a.40.2"' in line for line in lines)
    assert 'BANDWIDTH=1100000,AVERAGE-BANDWIDTH=848000,CODECS="avc1.64001f,mp4a.40.2"' in lines[0]
    assert 'BANDWIDTH=1380000,AVERAGE-BANDWIDTH=1104000,CODECS="avc1.64001f,mp4a.40.2"' in lines[4]


def test_a_film_with_muxed_sound_has_no_groups(library: Library) -> None:
    plain: Presentation = library.by_slug()["tide"].presentation
    assert sound_groups(plain) == ()
    assert sound_hashes(MASTER, plain) == []
    assert all(v.bandwidth == v.rendition.bandwidth and not v.sound for v in variants(plain))
