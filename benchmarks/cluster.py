"""Two dask workers against the threads of one machine: a build of two films."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import ROOT, Cost, Row, cost, interleaved

_SITE = '[site]\ntitle = "Bench"\nurl = "https://bench.example/"\n'


def rows() -> list[Row]:
    """Each with two encoders at a time, however many cores there are."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = _site(folder / "site")
        running, address = _cluster(folder)
        try:
            costs = interleaved(
                3,
                {
                    "local": lambda: _build(site),
                    "cluster": lambda: _build(site, "--engine", f"dask://{address}"),
                },
            )
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait()
    cluster = costs["cluster"].wall
    return [
        Row(
            "two films on two dask workers, wall",
            cluster,
            "s",
            "threads",
            costs["cluster"].wall_against(costs["local"]),
            "≤ 1.10",
        ),
    ]


def _build(site: Path, *options: str) -> Cost:
    shutil.rmtree(site / ".tubegen", ignore_errors=True)
    shutil.rmtree(site / "public", ignore_errors=True)
    two = ("taskset", "-c", ",".join(map(str, sorted(os.sched_getaffinity(0))[:2])))
    return cost([*two, sys.executable, "-m", "tubegen", "build", str(site), "-q", *options])


def _cluster(folder: Path) -> tuple[list[subprocess.Popen[bytes]], str]:
    """A scheduler and two workers, ready."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    log = (folder / "log").open("wb")

    def start(*arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", f"distributed.cli.dask_{arguments[0]}", *arguments[1:]]
        return subprocess.Popen([*command, "--no-dashboard"], cwd=ROOT, stdout=log, stderr=log)

    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", address.rpartition(":")[2])
    local = ("--local-directory", str(folder))
    worker = (
        "worker",
        f"tcp://{address}",
        "--host",
        "127.0.0.1",
        "--nworkers",
        "1",
        "--nthreads",
        "1",
        *local,
    )
    running = [scheduler, start(*worker), start(*worker)]
    from distributed import Client

    with Client(f"tcp://{address}", timeout=30) as client:
        client.wait_for_workers(2, timeout=60)
    return running, address


def _site(site: Path) -> Path:
    (site / "content").mkdir(parents=True)
    (site / "tubegen.toml").write_text(_SITE)
    for number, picture in enumerate(("testsrc2", "mandelbrot")):
        film = site / f"content/film-{number}.mp4"
        graph = f"{picture}=size=1280x720:rate=25" + (":duration=42" if picture == "testsrc2" else "")
        command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", graph, "-t", "42"]
        subprocess.run(
            [*command, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", film], check=True
        )
    return site
