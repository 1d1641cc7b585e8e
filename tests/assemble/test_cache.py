"""`tubegen cache`: what is in the cache is told, what nobody asks for goes, what is broken is found."""

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.assemble.sites import make_clip, run, stats
from tests.folders import write
from tubegen.cli import main
from tubegen.config import MediaConfig
from tubegen.media.cache.cache import Cache
from tubegen.media.encode.chunks import Chunk
from tubegen.media.pipeline import MediaPipeline
from tubegen.media.plan import chunking
from tubegen.media.plan.cache_keys import unfinished_keys

DAY = 24 * 3600


@pytest.fixture
def site(moved: Path) -> Path:
    return moved


def run_cache(site: Path, command: str, *options: str) -> Result:
    return CliRunner().invoke(main, ["cache", command, str(site), *options])


def listed(site: Path) -> list[dict[str, object]]:
    result = run_cache(site, "list", "--json")
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def grow_old(site: Path, days: float) -> None:
    for record in (site / "cache/objects").rglob("record.json"):
        os.utime(record, (time.time(), time.time() - days * DAY))


def of_kind(site: Path, kind: str) -> list[Path]:
    place = site / "cache/objects"
    return [place / str(e["key"])[:2] / str(e["key"]) for e in listed(site) if e["kind"] == kind]


def test_what_is_there_is_listed_with_its_film(site: Path) -> None:
    found = listed(site)
    of_films = {(e["kind"], e["file"]) for e in found if e["kind"] != "known"}
    assert of_films >= {
        (kind, f"content/{film}/film.mp4")
        for kind in ("presentation", "picture", "probe")
        for film in ("tide", "tram")
    }
    sizes = [e["size"] for e in found if e["kind"] == "presentation"]
    assert all(isinstance(size, int) and size > 10_000 for size in sizes)
    plain = run_cache(site, "list")
    assert "presentation" in plain.stdout
    assert "content/tide/film.mp4" in plain.stdout
    assert plain.stderr.startswith(f"{len(found)} entries, ")


def test_what_is_used_is_never_collected(site: Path) -> None:
    run(site)
    before = stats(site / "cache/objects")
    result = run_cache(site, "gc", "--older-than", "0")
    assert result.exit_code == 0
    gone = [line.split()[1] for line in result.stdout.splitlines()]
    assert set(gone) <= {"known"}  # digests of files where the site was before
    assert run(site).encoded == 0
    kept = {name for name in stats(site / "cache/objects") if name.endswith((".m4s", ".mp4"))}
    assert kept == {name for name in before if name.endswith((".m4s", ".mp4"))}


def test_a_film_that_is_gone_goes_after_a_while(site: Path) -> None:
    shutil.rmtree(site / "content/tram")
    listed(site)
    assert run_cache(site, "gc").stdout == ""
    grow_old(site, 31)
    shown = run_cache(site, "gc", "--dry-run")
    assert len(of_kind(site, "presentation")) == 2
    assert shown.stderr.startswith("Would remove ")
    assert run_cache(site, "gc").stderr == shown.stderr.replace("Would remove", "Removed")
    assert [e["file"] for e in listed(site) if e["kind"] == "presentation"] == ["content/tide/film.mp4"]
    assert run(site).encoded == 0


def test_a_build_notes_what_it_used(site: Path) -> None:
    grow_old(site, 40)
    run(site)
    shutil.rmtree(site / "content/tram")
    gone = [line.split()[1] for line in run_cache(site, "gc").stdout.splitlines()]
    assert "presentation" not in gone


def test_finished_chunks_of_an_unfinished_film_stay(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunking, "CHUNK_GOPS", 1)
    film = make_clip(site / "content/long/film.mp4", "green", seconds=4)
    cache = Cache(site / "cache")
    with MediaPipeline(cache, MediaConfig(quality="draft"), progress=None) as pipeline:  # type: ignore[arg-type]
        first = unfinished_keys(pipeline.plan(film))[0]
    with cache.making() as folder:
        (folder / "0.mp4").write_bytes(b"film")
        cache.put(first, folder, Chunk(50))
    grow_old(site, 100)
    run_cache(site, "gc", "--older-than", "0")
    assert cache.has(first)
    shutil.rmtree(site / "content/long")
    grow_old(site, 100)
    run_cache(site, "gc", "--older-than", "0")
    assert not cache.has(first)


@pytest.mark.parametrize("command", [("gc",), ("verify", "--repair")])
def test_nothing_goes_while_another_build_works(command: tuple[str, ...], site: Path) -> None:
    grow_old(site, 100)
    with Cache(site / "cache").in_use():
        result = run_cache(site, *command)
    assert result.exit_code == 2
    assert result.output == f"{site}/cache: a build works with this cache; wait for it, or stop it\n"
    assert len(of_kind(site, "presentation")) == 2


def test_mistakes_in_a_text_stop_the_collection(site: Path) -> None:
    write(site, {"content/tide/index.md": "---\ntitel: Tide\n---\n"})
    grow_old(site, 100)
    result = run_cache(site, "gc")
    assert result.exit_code == 2
    assert "titel" in result.output
    assert len({path.parent for path in (site / "cache/objects").rglob("*.m4s")}) == 2


def cut(folder: Path) -> str:
    file = next(folder.glob("*.m4s"))
    file.chmod(0o644)
    os.truncate(file, 100)
    return f"{file.name} has 100 bytes instead of"


def lose(folder: Path) -> str:
    file = next(folder.glob("*.m4s"))
    file.unlink()
    return f"{file.name} is missing"


def flip(folder: Path) -> str:
    file = next(folder.glob("*.m4s"))
    file.chmod(0o644)
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    return f"{file.name} has other bytes than its name says"


def scramble(folder: Path) -> str:
    (folder / "record.json").chmod(0o644)
    (folder / "record.json").write_text("{")
    return "its record is damaged"


def forget(folder: Path) -> str:
    (folder / "record.json").unlink()
    return "its record is missing"


@pytest.mark.parametrize("damage", [cut, lose, flip, scramble, forget])
def test_what_is_broken_is_found_and_removed(damage: Callable[[Path], str], site: Path) -> None:
    assert run_cache(site, "verify", "--deep").exit_code == 0
    broken = of_kind(site, "presentation")[0]
    said = f"{broken}: {damage(broken)}"
    for options in [("--deep",), ("--deep", "--repair")]:
        result = run_cache(site, "verify", *options)
        assert result.exit_code == 1
        (line,) = result.stderr.splitlines()
        assert line.startswith(said)
    assert not broken.exists()
    assert run_cache(site, "verify", "--deep").exit_code == 0
    assert run(site).encoded == 1
