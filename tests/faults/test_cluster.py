"""Many machines, here as two worker processes of a real scheduler: the same bytes, and a death costs a chunk."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Any

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

UUID = "---\nuuid: 0b7c1b0e-6f0a-4f0e-8d55-2f8a5a0c9a01\n---\n"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers, which have chunks of two seconds like the build."""
    port, folder = free_port(), tmp_path_factory.mktemp("cluster")
    address = f"127.0.0.1:{port}"
    options = ["--host", "127.0.0.1", "--no-dashboard"]
    environment = os.environ | {"TMPDIR": str(folder)}
    (folder / "short.py").write_text(SHORT_CHUNKS)
    running = [dask(folder, environment, "scheduler", *options, "--port", str(port))]
    worker = ["worker", f"tcp://{address}", *options, "--nworkers", "2", "--nthreads", "1"]
    running.append(dask(folder, environment, *worker, "--preload", str(folder / "short.py")))
    yield f"dask://{address}"
    for process in running:
        process.terminate()
    for process in running:
        process.wait(timeout=30)


def dask(folder: Path, environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    log = (folder / "log").open("ab")
    command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of one film, and the same built on this machine alone, as `built`."""
    folder = tmp_path_factory.mktemp("plain")
    for name in ("site", "built"):
        site = write(folder / name, {"tubegen.toml": config(), "content/tide/index.md": UUID})
        make_film(site / "content/tide/film.mp4", seconds=12, size="320x180")
    assert finish(start(folder / "built", before=SHORT_CHUNKS))[0] == 0
    return folder


@pytest.fixture
def site(plain: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(plain / "site", tmp_path / "site"))


@pytest.mark.parametrize("shared", [True, False], ids=["a shared disk", "an exchange"])
def test_the_same_bytes_come_out(
    shared: bool, site: Path, plain: Path, scheduler: str, tmp_path: Path
) -> None:
    exchange = tmp_path / "exchange"
    if not shared:
        write(site, {"tubegen.toml": config() + f'exchange = "file://{exchange}"\n'})
    code, events, errors = finish(start(site, "--engine", scheduler, before=SHORT_CHUNKS))
    assert (code, errors) == (0, "")
    assert tree(site / "public") == tree(plain / "built/public")
    steps = [event["frames"] for event in events if event["event"] == "advanced"]
    assert steps == [50] * 6
    if not shared:
        assert [path.parent.name for path in exchange.rglob("*") if path.is_file()] == ["sources"]


@pytest.mark.parametrize("deaths", [1, pytest.param(20, marks=pytest.mark.slow)])
def test_a_killed_worker_costs_one_chunk(deaths: int, site: Path, scheduler: str) -> None:
    """Its ffmpeg dies with it; its nanny starts another."""
    dice = random.Random(deaths)
    write(site, {"tubegen.toml": config(quality="archive")})
    make_film(site / "content/tide/film.mp4", seconds=10 + 2 * deaths, size="480x270")
    alone = start(site, "-o", str(site / "alone"), before=SHORT_CHUNKS)
    assert finish(alone)[0] == 0
    shutil.rmtree(site / "cache")
    build = start(site, "--engine", scheduler, before=SHORT_CHUNKS)
    steps: list[dict[str, Any]] = []
    for _ in range(deaths):
        steps += await_events(build, "advanced", 1)
        with pytest.raises(subprocess.TimeoutExpired):  # it is not done when a worker dies
            build.wait(timeout=dice.uniform(0, 0.3))
        kill_worker(build, site / "cache")
    code, events, errors = finish(build)
    assert (code, errors) == (0, "")
    assert tree(site / "public") == tree(site / "alone")
    assert [event["frames"] for event in steps + events if event["event"] == "advanced"] == [50] * (
        5 + deaths
    )
    assert survivors(site, seconds=1) == []
    assert list((site / "cache/scratch").iterdir()) == []


def kill_worker(build: subprocess.Popen[str], place: Path) -> None:
    """Kill one that is encoding for the build, as soon as one is."""
    while build.poll() is None:
        encoders = [pid for pid, line in working_on(place) if "libx264" in line]
        # those of a worker that is gone have none, or that of all orphans
        if worker := next((parent for pid in encoders if (parent := ppid(pid)) > 1), None):
            return os.kill(worker, signal.SIGKILL)
        sleep(0.01)  # nothing tells when a worker begins
    raise AssertionError("the build ended while a worker was to die")


def ppid(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except FileNotFoundError:
        return 0


def test_a_worker_with_another_ffmpeg_is_refused(site: Path, scheduler: str) -> None:
    other = (
        "import tubegen.media.ffmpeg.capabilities as c; import msgspec; old = c.Abilities.encoder\n"
        "c.Abilities.encoder = lambda self, **k: msgspec.structs.replace(old(self, **k), ffmpeg='1.0')\n"
    )
    code, _, errors = finish(start(site, "--engine", scheduler, before=SHORT_CHUNKS + other))
    assert code == 1
    assert errors.count("\n") == 1, errors
    (line,) = errors.splitlines()
    assert line.startswith("a worker has ffmpeg ")
    assert ", and this build ffmpeg 1.0 " in line
    assert line.endswith("; give all of them the same ffmpeg; TUBEGEN_FFMPEG names one")


@pytest.mark.parametrize(
    ("engine", "code", "said"),
    [
        ("ray://127.0.0.1:1", 2, "'ray://127.0.0.1:1' is no engine tubegen knows; write dask://HOST:PORT"),
        ("dask://127.0.0.1", 2, "'dask://127.0.0.1' is no engine tubegen knows; write dask://HOST:PORT"),
    ],
)
def test_an_engine_that_is_none_is_one_line(engine: str, code: int, said: str, site: Path) -> None:
    done = finish(start(site, "--engine", engine))
    assert done[0] == code
    (line,) = done[2].splitlines()
    assert line.startswith(said)
