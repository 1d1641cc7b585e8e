"""No room left, wherever it is missing: one line, and the old site as it was."""

from collections.abc import Callable
from pathlib import Path

from tests.faults.runs import config, finish, make_film, start
from tests.folders import tree, write

Mount = Callable[[int], Path]


def only_line(errors: str) -> str:
    (line,) = errors.splitlines()
    return line


def test_the_cache_is_full(tmp_path: Path, tiny_disk: Mount, clip: Path) -> None:
    disk = tiny_disk(2000)
    files = {"tubegen.toml": config(disk), "content/tide/film.mp4": clip}
    site = write(tmp_path / "site", files)
    assert finish(start(site))[0] == 0
    before = tree(site / "public")
    make_film(site / "content/tram/film.mp4", seconds=20, size="480x270")
    code, _, errors = finish(start(site))
    assert code == 2
    assert "the disk is full; free some room; what is finished is kept" in only_line(errors)
    assert tree(site / "public") == before
    assert list((disk / "scratch").iterdir()) == []


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
