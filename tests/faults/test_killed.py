"""A build may die at any moment: the old site stays, finished work stays, nothing runs on, nothing is left over."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
from pathlib import Path
from time import monotonic

import pytest

from tests.faults.runs import (
    SHORT_CHUNKS,
    await_events,
    config,
    finish,
    make_film,
    start,
    survivors,
    working_on,
)
from tests.folders import tree, write
from tubegen.config import MediaConfig
from tubegen.media.cache.cache import Cache
from tubegen.media.pipeline import MediaPipeline
from tubegen.media.plan import chunking
from tubegen.media.plan.cache_keys import chunk_key

FILMS = {"tide": "0b7c1b0e-6f0a-4f0e-8d55-2f8a5a0c9a01", "tram": "0b7c1b0e-6f0a-4f0e-8d55-2f8a5a0c9a02"}
"""With uuids of their own, so that every build of them is the same."""


def done_frames(site: Path) -> dict[str, int]:
    """By film that is not ready: how many of its frames are in finished chunks."""
    done: dict[str, int] = {}
    cache = Cache(site / "cache")
    with MediaPipeline(cache, MediaConfig(quality="draft"), progress=None) as pipeline:  # type: ignore[arg-type]
        for film in FILMS:
            plan = pipeline.plan(site / f"content/{film}/film.mp4")
            if pipeline.ready(plan) is None:
                has = [cache.has(chunk_key(plan, number)) for number in range(len(plan.chunks))]
                done[film] = sum(
                    end - first for (first, end), there in zip(plan.chunks, has, strict=True) if there
                )
    return done


def no_chunks(site: Path) -> bool:
    return not any(b'"kind": "chunk"' in path.read_bytes() for path in (site / "cache").rglob("record.json"))


def test_killed_at_twenty_moments(tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunking, "CHUNK_GOPS", 1)
    dice = random.Random(20)
    site = write(tmp_path / "site", {"tubegen.toml": config(), "content/old/film.mp4": clip})
    assert finish(start(site, before=SHORT_CHUNKS))[0] == 0
    old = tree(site / "public")
    for number, (film, uuid) in enumerate(FILMS.items()):
        make_film(site / f"content/{film}/film.mp4", seconds=80 + 2 * number)
        write(site, {f"content/{film}/index.md": f"---\nuuid: {uuid}\n---\n"})
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(site, undisturbed)
    assert finish(start(undisturbed, before=SHORT_CHUNKS))[0] == 0

    kept: dict[str, int] = {"tide": 0, "tram": 0}
    for moment in ("estimated", "planned", "advanced", "advanced") * 5:
        build = start(site, before=SHORT_CHUNKS)
        planned: dict[str, int] = {}
        for event in await_events(build, moment, 1):
            if event["event"] == "planned":
                planned[event["video"]] = event["done"]
        with pytest.raises(subprocess.TimeoutExpired):  # it is not done when it dies
            build.wait(timeout=dice.uniform(0, 0.1))
        build.send_signal(signal.SIGKILL)
        build.communicate()
        assert survivors(site, seconds=2) == []
        assert tree(site / "public") == old
        assert {film: kept[film] for film in planned} == planned
        now = done_frames(site)
        assert all(now[film] >= kept[film] for film in now)
        kept = {film: now.get(film, 0) for film in FILMS}

    code, events, _ = finish(start(site, before=SHORT_CHUNKS))
    assert code == 0
    steps = dict.fromkeys(FILMS, 0)
    for event in events:
        if event["event"] == "advanced":
            steps[event["video"]] += event["frames"]
    for event in events:
        if event["event"] == "planned":
            assert event["done"] == kept[event["video"]]
            assert event["done"] + steps[event["video"]] == event["frames"]
    assert tree(site / "public") == tree(undisturbed / "public")
    assert list((site / "cache/scratch").iterdir()) == []
    assert no_chunks(site)
    assert sorted(p.name for p in site.iterdir() if p.name.startswith(".")) == [".tubegen"]


MOMENTS = {
    "before the lock": ("pipeline.write_lock", "old"),
    "when half is written": ("output._link", "old"),
    "before the swap": ("output.swap_folders", "old"),
    "after the swap": ("pipeline.write_manifest", "new"),
    "at the very end": ("memo.Memo.save", "new"),
}


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Path:
    """A site that is built and whose text has changed since, and the same built anew, as `clean`."""
    folder = tmp_path_factory.mktemp("changed")
    site = write(
        folder / "site",
        {"tubegen.toml": config(), "content/tide/film.mp4": clip, "content/tide/index.md": "Old.\n"},
    )
    assert finish(start(site))[0] == 0
    write(site, {"content/tide/index.md": "---\ntags: [sea]\n---\nNew.\n"})
    clean = shutil.copytree(site, folder / "clean", ignore=shutil.ignore_patterns("public"))
    assert finish(start(clean))[0] == 0
    return folder


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_while_writing(moment: str, changed: Path, tmp_path: Path) -> None:
    """At each of the steps between the old site and the new one."""
    name, expected = MOMENTS[moment]
    site = Path(shutil.copytree(changed / "site", tmp_path / "site"))
    old, new = tree(site / "public"), tree(changed / "clean/public")
    die = (
        "import os, signal; from tubegen.assemble import markdown_cache as memo, output, pipeline\n"
        f"{name} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert finish(start(site, before=die))[0] == -signal.SIGKILL
    assert tree(site / "public") == (old if expected == "old" else new)
    assert finish(start(site))[0] == 0
    assert tree(site / "public") == new
    assert sorted(p.name for p in site.iterdir() if p.name.startswith(".")) == [".tubegen"]


def test_interrupted(tmp_path: Path) -> None:
    """Ctrl-C ends the build and its ffmpeg at once, without a traceback."""
    site = write(tmp_path / "site", {"tubegen.toml": config(quality="archive")})
    make_film(site / "content/tide/film.mp4", seconds=20, size="640x360")
    build = start(site)
    await_events(build, "advanced", 1)
    before = monotonic()
    build.send_signal(signal.SIGINT)
    _, errors = build.communicate(timeout=10)
    assert monotonic() - before < 5  # of twenty
    assert build.returncode in (1, 130)
    assert "Traceback" not in errors
    assert survivors(site, seconds=0) == []
    assert not (site / "public").exists()
    assert list((site / "cache/scratch").iterdir()) == []


def test_no_ffmpeg_outlives_its_build(tmp_path: Path) -> None:
    site = write(tmp_path / "site", {"tubegen.toml": config(quality="archive")})
    make_film(site / "content/tide/film.mp4", seconds=30, size="640x360")
    build = start(site)
    await_events(build, "advanced", 1)
    build.kill()
    build.communicate()
    assert survivors(site, seconds=0.5) == []


def test_ffmpeg_is_killed_at_twenty_moments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is started again. The build ends only when the same work was killed twice, and the next one goes on."""
    monkeypatch.setattr(chunking, "CHUNK_GOPS", 1)
    dice = random.Random(5)
    site = write(tmp_path / "site", {"tubegen.toml": config(quality="archive")})
    for film, uuid in FILMS.items():
        make_film(site / f"content/{film}/film.mp4", seconds=len(film) * 3, size="480x270", sound=True)
        write(site, {f"content/{film}/index.md": f"---\nuuid: {uuid}\n---\n"})
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(site, undisturbed)
    assert finish(start(undisturbed, before=SHORT_CHUNKS))[0] == 0

    killed: list[str] = []
    code = 2
    while code == 2:
        kept = done_frames(site)
        build = start(site, before=SHORT_CHUNKS)
        while build.poll() is None and len(killed) < 20:
            with contextlib.suppress(subprocess.TimeoutExpired):
                build.wait(timeout=dice.uniform(0, 0.3))
            killed += kill_one(site, dice)
        code, events, errors = finish(build)
        planned = {event["video"]: event["done"] for event in events if event["event"] == "planned"}
        assert planned == {film: kept[film] for film in planned}
        assert all(" was ended by signal 9, twice" in line for line in errors.splitlines())
        assert bool(errors) == bool(code)
    assert (code, len(killed)) == (0, 20), "there was work for so many"
    assert tree(site / "public") == tree(undisturbed / "public")
    assert list((site / "cache/scratch").iterdir()) == []
    assert survivors(site, seconds=0) == []


def kill_one(place: Path, dice: random.Random) -> list[str]:
    """Kill one of the programs that work on something in `place`, if there is any; returns its command line."""
    running = [found for found in working_on(place) if "python" not in found[1].partition(" ")[0]]
    if running:
        pid, line = dice.choice(running)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return [line]
    return []


def test_an_ffmpeg_that_is_killed_every_time_is_one_line(tmp_path: Path) -> None:
    site = write(tmp_path / "site", {"tubegen.toml": config(quality="archive")})
    make_film(site / "content/tide/film.mp4", seconds=8, size="480x270")
    build = start(site, before=SHORT_CHUNKS)
    while build.poll() is None:
        for pid, line in working_on(site / "cache"):
            if "libx264" in line:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
    code, _, errors = finish(build)
    assert code == 2
    assert errors == (
        "content/tide/film.mp4: ffmpeg was ended by signal 9, twice, perhaps for want of memory; "
        "build again: what is finished is kept\n"
    )
    assert list((site / "cache/scratch").iterdir()) == []
