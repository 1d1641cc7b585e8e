"""The note of what was published: whole lines count, half ones are written again, other sites' are not ours."""

import stat
from pathlib import Path

import pytest

from tubegen.sidecar.activitypub.ids import Names
from tubegen.sidecar.publishing.publish_log import Announced

FILMS = {
    "811a5436-4916-4dbd-a1dc-5c880d6cc0c5": 1_800_000_000.0,
    "0f8d7403-c327-4a76-b595-4b588bb0f3be": -86400.0,
}


@pytest.fixture
def notes(tmp_path: Path) -> Announced:
    return Announced(tmp_path, Names("https://films.example"))


def test_what_is_added_is_read(tmp_path: Path, notes: Announced) -> None:
    assert notes.read() == {}
    for uuid, first in FILMS.items():
        notes.add({uuid: first})
    assert notes.read() == FILMS
    assert stat.S_IMODE((tmp_path / "announced.txt").stat().st_mode) == 0o600


@pytest.mark.parametrize("left", range(1, 70, 17))
def test_half_a_line_is_none_and_is_written_again(tmp_path: Path, notes: Announced, left: int) -> None:
    notes.add(FILMS)
    file = tmp_path / "announced.txt"
    file.write_bytes(file.read_bytes()[:-left])
    first, second = FILMS
    assert notes.read() == {first: FILMS[first]}
    notes.add({second: FILMS[second]})
    assert notes.read() == FILMS


def test_another_sites_and_what_is_no_line(tmp_path: Path, notes: Announced) -> None:
    Announced(tmp_path, Names("https://other.example")).add(FILMS)
    with (tmp_path / "announced.txt").open("ab") as file:
        file.write(b"\xff\n\nhttps://films.example/ap/n/x y\n")
    assert notes.read() == {}
