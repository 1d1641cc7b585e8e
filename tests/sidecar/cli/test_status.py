"""What `tubegen sidecar status` says of videos that leave and come back."""

import asyncio
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import Connection

from tests.sidecar.documents import catalogue, video
from tubegen.cli import main
from tubegen.sidecar.activitypub.ids import Names
from tubegen.sidecar.publishing.local_actors import site_of
from tubegen.sidecar.publishing.publish import GRACE, publish
from tubegen.sidecar.store import meta
from tubegen.sidecar.store.database import open_database

TOML = '[site]\ntitle = "F"\nurl = "https://films.example/"\n[federation]\nhandle = "films"\n'
NOW = 1_800_000_000.0
TIDE, EBB, FLOOD = (
    video(f"{letter * 8}-c327-4a76-b595-4b588bb0f3be", slug=slug, title=slug.title())
    for letter, slug in (("a", "tide"), ("b", "ebb"), ("c", "flood"))
)

Read = Callable[..., None]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Have the sidecar read a catalogue of some videos at a time."""
    (tmp_path / "tubegen.toml").write_text(TOML)
    (tmp_path / "federation").mkdir()

    def read(*videos: object, at: float) -> None:
        films = {film.uuid: film for film in (TIDE, EBB, FLOOD) if film in videos}
        found = catalogue(films.values())
        site = site_of(found, Names("https://films.example"))

        def work(connection: Connection) -> None:
            meta.put(connection, meta.CATALOGUE, msgspec.json.encode(found).decode())
            publish(connection, site, films, now=at)

        opened = open_database(f"sqlite:///{tmp_path / 'federation/sidecar.sqlite'}")
        try:
            asyncio.run(opened.write(work))
        finally:
            opened.close()

    return read


def status(site: Path, *words: str) -> str:
    done = CliRunner().invoke(main, ["sidecar", "status", str(site), *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def clock(seconds: float) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC).astimezone():%Y-%m-%d %H:%M}"


def test_a_video_that_left_and_one_that_came_back_too_late(tmp_path: Path, read: Read) -> None:
    read(TIDE, EBB, FLOOD, at=NOW)
    assert [json.loads(status(tmp_path, "--json"))[name] for name in ("missing", "returned")] == [[], []]
    read(TIDE, FLOOD, at=NOW + 60)
    read(TIDE, FLOOD, at=NOW + 60 + GRACE)
    gone = NOW + 60 + GRACE
    assert "Ebb" not in status(tmp_path)
    read(TIDE, EBB, at=gone + 600)
    left = gone + 600
    lines = status(tmp_path).splitlines()
    assert (
        f"'Flood' (flood) is missing from the catalogue since {clock(left)}. "
        f"Unless it comes back, it is deleted on other servers at {clock(left + GRACE)}." in lines
    )
    assert (
        f"'Ebb' (ebb) is on the site again, but was deleted on other servers at {clock(gone)}, for good. "
        "To publish it anew, give it a new uuid in its front matter." in lines
    )
    told = json.loads(status(tmp_path, "--json"))
    assert told["missing"] == [
        {"uuid": FLOOD.uuid, "slug": "flood", "title": "Flood", "missing": left, "deleted": left + GRACE}
    ]
    assert told["returned"] == [
        {"uuid": EBB.uuid, "slug": "ebb", "title": "Ebb", "missing": None, "deleted": gone}
    ]


def test_videos_that_are_held_are_told_of_once(tmp_path: Path, read: Read) -> None:
    read(TIDE, EBB, FLOOD, at=NOW)
    for at in (NOW + 60, NOW + 60 + GRACE):
        read(TIDE, at=at)
    told = json.loads(status(tmp_path, "--json"))
    assert (told["held_removals"], told["missing"]) == (2, [])
