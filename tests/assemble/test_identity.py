"""tubegen.lock: a video keeps its uuid for ever, and the file is never lost in silence."""

import re
import shutil
from pathlib import Path

import pytest

from tests.assemble.sites import Log, run
from tests.folders import tree, write
from tubegen.errors import InputError


def uuids(site: Path) -> dict[str, str]:
    text = (site / "tubegen.lock").read_text("utf-8")
    return dict(re.findall(r'^\[videos\."([^"]+)"\]\nuuid = "([^"]+)"$', text, re.M))


def test_a_video_that_moves_keeps_its_uuid_and_is_not_encoded(site: Path) -> None:
    run(site)
    before = uuids(site)
    (site / "playlists/all.toml").unlink()
    write(site, {"content/city/tram/index.md": "Alone.\n"})
    (site / "content/harbour/tide").rename(site / "content/city/high-water")
    shutil.rmtree(site / "content/harbour")
    log = Log()
    report = run(site, log=log)
    assert log.planned_films == []
    assert report.identities.moved == (("harbour/tide", "city/high-water"),)
    assert uuids(site) == {"city/high-water": before["harbour/tide"], "city/tram": before["city/tram"]}
    assert (site / "public/media" / before["harbour/tide"]).is_dir()


def test_a_copy_of_a_film_is_another_video(site: Path, clips: dict[str, Path]) -> None:
    run(site)
    before = uuids(site)
    write(site, {"content/city/tide-again/film.mp4": clips["red"]})
    run(site)
    after = uuids(site)
    assert len(set(after.values())) == 3
    assert before.items() <= after.items()


def test_a_new_film_in_the_old_place_is_the_same_video(site: Path, clips: dict[str, Path]) -> None:
    run(site)
    before = uuids(site)
    write(site, {"content/city/tram/film.mp4": clips["blue"]})
    run(site)
    assert uuids(site) == before


def test_a_video_that_went_and_came_back_is_itself(site: Path) -> None:
    run(site)
    before = uuids(site)
    write(site, {"content/city/tram/index.md": "---\ndraft: true\n---\n"})
    run(site)
    assert not (site / "public/watch/tram").exists()
    assert uuids(site) == before
    write(site, {"content/city/tram/index.md": "Here.\n"})
    run(site)
    assert uuids(site) == before


def test_a_draft_is_not_mistaken_for_a_video_that_moved(site: Path, clips: dict[str, Path]) -> None:
    """A copy of a film whose own page is a draft for now must not take that page's identity."""
    run(site)
    before = uuids(site)
    write(site, {"content/city/tram/index.md": "---\ndraft: true\n---\n"})
    write(site, {"content/city/tram-in-rain/film.mp4": clips["green"]})
    run(site)
    assert before.items() <= uuids(site).items()


@pytest.mark.parametrize("text", [None, "", "# nothing\n"], ids=["deleted", "emptied", "only a comment"])
def test_a_lost_lock_is_loud(site: Path, text: str | None) -> None:
    run(site)
    before = tree(site / "public")
    lock = site / "tubegen.lock"
    lock.unlink() if text is None else lock.write_text(text)
    with pytest.raises(InputError, match=r"tubegen.lock: it is lost, .* of 2 published videos; restore it: "):
        run(site)
    assert tree(site / "public") == before
    shutil.rmtree(site / "public")
    run(site)
    assert len(uuids(site)) == 2


@pytest.mark.parametrize(
    "damage",
    [
        b"<<<<<<< HEAD\n",
        b"videos = 3\n",
        b"[videos]\na = 1\n",
        b'[videos."a/b"]\nuuid = "12"\nadded = 2026-01-01\nsource = ""\n',
        b'[videos."a/b"]\nadded = 2026-01-01\n',
        b"\xff\xfe\x00",
        b"[videos",
    ],
)
def test_a_damaged_lock_is_told_in_one_line(site: Path, damage: bytes) -> None:
    (site / "tubegen.lock").write_bytes(damage)
    with pytest.raises(InputError) as caught:
        run(site)
    assert re.fullmatch(
        r"tubegen.lock: it is damaged \(.+\); restore it: git checkout tubegen.lock", str(caught.value)
    )
    assert (site / "tubegen.lock").read_bytes() == damage


def test_the_front_matter_may_fix_a_uuid(site: Path) -> None:
    fixed = "3f2b8c1e-5d4a-4b6f-9c7d-0123456789ab"
    write(site, {"content/city/tram/index.md": f"---\nuuid: {fixed}\n---\n"})
    run(site)
    assert uuids(site)["city/tram"] == fixed
