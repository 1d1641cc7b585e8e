"""The only place that starts ffmpeg and ffprobe.

ffmpeg runs without a shell, without a terminal and in a session of its own; it dies with the process that
started it. Its progress is read from `-progress`, its last words are kept for the error message.
"""

import contextlib
import ctypes
import io
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import msgspec

from tubegen.errors import DiskFull, MediaError, Problem, ToolMissing, TubegenError

_PR_SET_PDEATHSIG = 1
_TAIL = 4000


class Encoder(msgspec.Struct, frozen=True):
    """What makes two ffmpegs give the same bits: part of every cache key.

    Patch releases are left out on purpose: a security update must not encode a whole site anew.
    """

    ffmpeg: str
    """Major and minor version, such as `5.1`; a development build's whole name."""
    svt_av1: str = ""
    """Version of SVT-AV1, such as `4.2`; empty without it, and in plans that do not need it."""
    x265: str = ""
    """The same of x265."""

    @property
    def good_av1(self) -> bool:
        """Whether AV1 costs little enough to be made unasked: SVT-AV1 has been fast since 2.0."""
        return bool(self.svt_av1) and int(self.svt_av1.partition(".")[0]) >= 2


class FfmpegError(TubegenError):
    """ffmpeg ended badly, and what it said last."""

    def __init__(self, path: Path, tail: str) -> None:
        last = next(
            (line for line in reversed(tail.strip().splitlines()) if line.strip()), "it gave no reason"
        )
        super().__init__(Problem(str(path), 0, f"ffmpeg could not do its work: {last.strip()}"))


class Stopped(TubegenError):
    """The build was interrupted while ffmpeg ran."""


class Ffmpeg:
    """The programs as found on this machine, and the processes of theirs that run now."""

    def __init__(self) -> None:
        self.ffmpeg = _find("ffmpeg")
        self.ffprobe = _find("ffprobe")
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def identity(self) -> Encoder:
        """Asks the program; costs a process, so callers remember it."""
        said = subprocess.run(
            [self.ffmpeg, "-hide_banner", "-version"], capture_output=True, text=True, check=True
        )
        version = said.stdout.split()[2]
        match = re.match(r"n?(\d+\.\d+)(?:\.\d+)?(?:-|$)", version)
        return Encoder(match[1] if match else version)

    def probe(self, source: Path, *entries: str) -> dict[str, Any]:
        """What ffprobe says of `source` for the given options, as JSON. Raises MediaError when it is unreadable."""
        return cast("dict[str, Any]", json.loads(self._ask(source, *entries, "-of", "json")))

    def packets(self, source: Path, entries: str) -> Iterator[bytes]:
        """Lines of what ffprobe says of every packet in `source`. Raises MediaError when it is unreadable."""
        return iter(io.BytesIO(self._ask(source, "-show_entries", entries, "-of", "compact=p=0:nk=1")))

    def _ask(self, source: Path, *options: str) -> bytes:
        command = [self.ffprobe, "-v", "error", "-protocol_whitelist", "file", *options, f"file:{source}"]
        done = self._communicate(command)
        if done.returncode:
            reason = done.stderr.decode(errors="replace").strip().splitlines()
            said = reason[-1].removeprefix(f"file:{source}: ") if reason else "ffprobe gave no reason"
            raise MediaError(
                Problem(
                    str(source),
                    0,
                    f"this is not a video that can be read ({said})",
                    "export it again, or remove it",
                )
            )
        return done.stdout

    def run(
        self, arguments: Sequence[str], *, about: Path, frames: Callable[[int], None] = lambda _: None
    ) -> None:
        """Run ffmpeg with `arguments`; `frames` is told how many frames it has written of its first output.

        Raises FfmpegError about the file `about`, DiskFull, or Stopped.
        """
        command = [
            self.ffmpeg,
            "-hide_banner",
            "-nostdin",
            "-y",
            "-v",
            "error",
            "-progress",
            "pipe:1",
            *arguments,
        ]
        with tempfile.TemporaryFile() as errors, self._start(command, subprocess.PIPE, errors) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith(b"frame="):
                    frames(int(line[6:]))
            status = process.wait()
            if self._stopped:
                raise Stopped(Problem("", 0, "interrupted"))
            if status:
                errors.seek(max(0, errors.seek(0, 2) - _TAIL))
                _raise(errors.read().decode(errors="replace"), about)

    def output(self, arguments: Sequence[str], *, about: Path) -> bytes:
        """What ffmpeg writes to its standard output. Raises as `run` does."""
        done = self._communicate([self.ffmpeg, "-hide_banner", "-nostdin", "-v", "error", *arguments])
        if done.returncode:
            _raise(done.stderr.decode(errors="replace"), about)
        return done.stdout

    def report(self, arguments: Sequence[str], *, about: Path) -> str:
        """What ffmpeg says, at its usual length, while it runs. Raises as `run` does."""
        done = self._communicate([self.ffmpeg, "-hide_banner", "-nostdin", "-nostats", *arguments])
        said = done.stderr.decode(errors="replace")
        if done.returncode:
            _raise(said, about)
        return said

    def stop(self) -> None:
        """Kill what runs; whoever waits for it gets Stopped."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.kill()

    def _communicate(self, command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        with self._start(command, subprocess.PIPE, subprocess.PIPE) as process:
            out, errors = process.communicate()
            if self._stopped:
                raise Stopped(Problem("", 0, "interrupted"))
            return subprocess.CompletedProcess(command, process.returncode, out, errors)

    @contextlib.contextmanager
    def _start(self, command: Sequence[str], out: Any, errors: Any) -> Any:
        with self._lock:
            if self._stopped:
                raise Stopped(Problem("", 0, "interrupted"))
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
            self._running.add(process)
        try:
            with process:
                try:
                    yield process
                except BaseException:
                    process.kill()
                    raise
        finally:
            with self._lock:
                self._running.discard(process)


def _find(program: str) -> str:
    found = shutil.which(program)
    if not found:
        raise ToolMissing(Problem("", 0, f"{program} is not installed", _install_hint()))
    return found


def _install_hint() -> str:
    lines = {
        "apt-get": "apt-get install ffmpeg",
        "brew": "brew install ffmpeg",
        "dnf": "dnf install ffmpeg-free",
        "pacman": "pacman -S ffmpeg",
        "apk": "apk add ffmpeg",
    }
    line = next((line for tool, line in lines.items() if shutil.which(tool)), None)
    return f"install it: {line}" if line else "get it from https://ffmpeg.org/download.html"


_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent() -> None:
    """Runs in the child: no ffmpeg outlives a killed build (Linux, prctl(2))."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _raise(tail: str, about: Path) -> None:
    if "No space left on device" in tail or "Disk quota exceeded" in tail:
        raise DiskFull(Problem(str(about), 0, "the disk is full", "free some room; what is finished is kept"))
    raise FfmpegError(about, tail)
