"""Builds as processes of their own, which are watched and killed."""

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

SITE = """\
[site]
title = "Harbour Films"
url = "https://films.example/"

[media]
quality = "{quality}"
cache = "{cache}"
"""

SHORT_CHUNKS = "import tubegen.media.plan.chunking as division; division.CHUNK_GOPS = 1\n"
"""Two seconds instead of a minute, so that short films have several."""

_MAIN = "from tubegen.cli import main; main(prog_name='tubegen')\n"


def start(site: Path, *options: str, before: str = "", by: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """`tubegen build --json`, after `before` was done to its modules, through the command `by`."""
    command = [*by, sys.executable, "-c", before + _MAIN, "build", str(site), "--json", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(build: subprocess.Popen[str]) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, events and standard error of a build that is let run to its end."""
    out, errors = build.communicate(timeout=120)
    return build.returncode, [json.loads(line) for line in out.splitlines()], errors


def await_events(build: subprocess.Popen[str], kind: str, number: int) -> list[dict[str, Any]]:
    """All events until so many of this kind have come; fails when the build ends without."""
    assert build.stdout
    events: list[dict[str, Any]] = []
    for line in build.stdout:
        events.append(json.loads(line))
        if sum(event["event"] == kind for event in events) == number:
            return events
    raise AssertionError(f"the build ended without {kind}: {events} {build.communicate()[1]}")


def survivors(place: Path, seconds: float) -> list[str]:
    """Command lines of processes that work on files in `place` and do not end within some seconds."""
    return [line for pid, line in working_on(place) if not _ends(pid, seconds)]


def working_on(place: Path) -> list[tuple[int, str]]:
    """Processes whose command line names something in `place`: (pid, command line)."""
    found: list[tuple[int, str]] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(place) in line:
                found.append((int(entry.name), line))
    return found


def _ends(pid: int, seconds: float) -> bool:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def make_film(path: Path, *, seconds: float, size: str = "160x90", sound: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = f"testsrc2=size={size}:rate=25:duration={seconds}"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", picture]
    if sound:
        command += ["-f", "lavfi", "-i", f"sine=duration={seconds}"]
    subprocess.run([*command, "-c:v", "libx264", "-preset", "ultrafast", str(path)], check=True)
    return path


def config(cache: str | Path = "cache", quality: str = "draft") -> str:
    return SITE.format(cache=cache, quality=quality)
