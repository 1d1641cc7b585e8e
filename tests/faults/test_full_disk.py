"""No room left, wherever it is missing: one line, and the old site as it was."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.faults.runs import SHORT_CHUNKS, config, finish, make_film, start
from tests.folders import tree, write

Mount = Callable[[int], Path]


def only_line(errors: str) -> str:
    (line,) = errors.splitlines()
    return line


def test_a_film_that_will_not_fit_is_not_begun(tmp_path: Path, tiny_disk: Mount, clip: Path) -> None:
    disk = tiny_disk(2000)
    site = write(tmp_path / "site", {"tubegen.toml": config(disk), "content/tide/film.mp4": clip})
    assert finish(start(site))[0] == 0
    before = tree(site / "public")
    make_film(site / "content/tram/film.mp4", seconds=20, size="480x270")
    code, events, errors = finish(start(site))
    assert code == 2
    line = only_line(errors)
    assert re.fullmatch(
        f"{disk}: the build needs about [0-9]+ MB, [12] MB are free here; free some room, "
        "or set \\[media\\] cache to a folder on another disk",
        line,
    )
    assert [event["event"] for event in events] == ["estimated"]
    assert tree(site / "public") == before


FEARLESS = SHORT_CHUNKS + "import tubegen.assemble.pipeline as p; p.refuse_without_room = lambda *_: None\n"
"""A disk that is filled by others meanwhile."""


def test_the_cache_is_full_at_five_moments(tmp_path: Path, tiny_disk: Mount) -> None:
    disk = tiny_disk(4000)
    site = write(tmp_path / "site", {"tubegen.toml": config(disk)})
    make_film(site / "content/tide/film.mp4", seconds=12, size="240x136")
    write(site, {"content/tide/index.md": "---\nuuid: 0b7c1b0e-6f0a-4f0e-8d55-2f8a5a0c9a01\n---\n"})
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(site, undisturbed)
    write(undisturbed, {"tubegen.toml": config(tmp_path / "room")})
    assert finish(start(undisturbed, before=FEARLESS))[0] == 0

    done = 0
    for free in (0, 60, 150, 250, 400):
        filler = disk / "filler"
        filler.write_bytes(bytes(shutil.disk_usage(disk).free - free * 1000))
        code, events, errors = finish(start(site, before=FEARLESS))
        filler.unlink()
        assert code == 2, free
        assert "the disk is full; free some room" in only_line(errors)
        assert not (site / "public").exists()
        assert not any((disk / "scratch").iterdir())
        kept = sum(event["done"] for event in events if event["event"] == "planned")
        assert kept >= done
        done = kept
    assert done > 0
    assert finish(start(site, before=FEARLESS))[0] == 0
    assert tree(site / "public") == tree(undisturbed / "public")


def test_the_output_is_full(tmp_path: Path, tiny_disk: Mount, clip: Path) -> None:
    output = tiny_disk(1350) / "public"
    site = write(tmp_path / "site", {"tubegen.toml": config(), "content/tide/film.mp4": clip})
    assert finish(start(site, "-o", str(output)))[0] == 0
    before = tree(output)
    make_film(site / "content/tram/film.mp4", seconds=6, size="320x180")
    code, _, errors = finish(start(site, "-o", str(output)))
    assert code == 2
    assert (
        only_line(errors) == f"{output.parent}: the disk is full; free some room; the old site is untouched"
    )
    assert tree(output) == before
    assert [path.name for path in output.parent.iterdir()] == ["public"]


def test_the_site_itself_is_full(tmp_path: Path, tiny_disk: Mount, clip: Path) -> None:
    """Where not even tubegen.lock can be written."""
    site = tiny_disk(600)
    write(
        site, {"tubegen.toml": config(tmp_path / "cache"), "content/tide/film.mp4": clip, ".tubegen/lock": ""}
    )
    with (site / "filler").open("wb", buffering=0) as filler:
        try:
            while filler.write(b"\0" * 4096):
                pass
        except OSError:
            pass
    code, _, errors = finish(start(site, "-o", str(tmp_path / "public")))
    assert code == 2
    assert "the disk is full" in only_line(errors)
    assert not (site / "tubegen.lock").exists()
    (site / "filler").unlink()
    assert finish(start(site, "-o", str(tmp_path / "public")))[0] == 0
