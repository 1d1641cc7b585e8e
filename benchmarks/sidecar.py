"""A sidecar from its start until it answers for a site of 200 videos, and the memory it then takes.

The first start makes keys and tables and adopts the catalogue; later ones find all that. The baseline is an
interpreter that only starts. The database is a file, synchronised to the disk as anywhere.
"""

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from benchmarks.measure import ROOT, Row, cost
from tests.sidecar.documents import video, write_catalogue

VIDEOS = 200
RUNS = 5
SECONDS = 1.0
MEGABYTES = 100

_LISTENS = re.compile(r"listens at http://127\.0\.0\.1:(\d+)/")
_IDLE = 2.0
"""Seconds after which a sidecar has nothing more to do."""


class _Start(NamedTuple):
    wall: float
    """Seconds until it says that it is ready."""
    cpu: float
    """Of which it computed."""
    memory: float
    """Resident megabytes, some time later."""


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        videos = (
            video(str(UUID(int=n + 1, version=4)), slug=f"film-{n}", title=f"Film {n}") for n in range(VIDEOS)
        )
        catalogue = write_catalogue(folder / "catalogue", videos)
        _start(folder / "warm-up", catalogue)  # Python keeps what it has compiled
        first = [_start(folder / f"site-{n}", catalogue) for n in range(RUNS)]
        later = [_start(folder / f"site-{n}", catalogue) for n in range(RUNS)]
    empty = statistics.median(cost([sys.executable, "-c", "pass"]).cpu for _ in range(RUNS))
    return [
        *_told(f"sidecar: first start until ready, {VIDEOS} videos", first, empty),
        *_told("sidecar: later starts until ready", later, empty),
        _memory(later),
    ]


def _told(name: str, starts: Iterable[_Start], empty: float) -> list[Row]:
    wall = statistics.median(start.wall for start in starts)
    cpu = statistics.median(start.cpu for start in starts)
    return [
        Row(name, wall, "s", f"{SECONDS:g} s", wall / SECONDS, "≤ 1"),
        Row(f"{name}, CPU", cpu, "s", "an empty interpreter", cpu / empty, ""),
    ]


def _memory(starts: Iterable[_Start]) -> Row:
    memory = statistics.median(start.memory for start in starts)
    return Row("sidecar: memory at rest", memory, "MB", f"{MEGABYTES} MB", memory / MEGABYTES, "≤ 1")


def _start(site: Path, catalogue: Path) -> _Start:
    """Start one for the folder `site`, kept as it was left, and end it."""
    begun = time.perf_counter()
    with running(site, catalogue) as (pid, _):
        wall, cpu = time.perf_counter() - begun, cpu_seconds(pid)
        time.sleep(_IDLE)
        return _Start(wall, cpu, _resident(pid))


@contextmanager
def running(site: Path, catalogue: Path, *flags: str) -> Generator[tuple[int, int]]:
    """Process id and port of one for the folder `site`, from when it is ready on."""
    site.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tubegen", "sidecar", str(site), "--base-url", "https://films.example"]
    command += ["--listen", "127.0.0.1:0", "--catalogue", str(catalogue), "--db", database(site), *flags]
    # As on anyone's machine, where Python keeps what it has compiled.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        port = next(int(found[1]) for line in process.stderr if (found := _LISTENS.search(line)))
        while not _ready(port):
            time.sleep(0.02)
        try:
            yield process.pid, port
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()


def database(site: Path) -> str:
    return f"sqlite:///{site}/db"


def cpu_seconds(pid: int) -> float:
    """User and system seconds of a running process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ap/health/ready") as answer:
            return answer.status == 200
    except urllib.error.HTTPError:
        return False


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
