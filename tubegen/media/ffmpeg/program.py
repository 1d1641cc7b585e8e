"""The only place that starts ffmpeg and ffprobe.

They run under the limits of `process`. They open nothing but files, by demuxers that read films: a playlist or a
script that is called `film.mp4` opens no other file and no connection.
"""

import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import msgspec

from tubegen.errors import DiskFull, MediaError, Problem, ToolMissing, TubegenError
from tubegen.media.ffmpeg.process import Done, Limits, Processes
from tubegen.media.ffmpeg.process import Stopped as Stopped
from tubegen.media.ffmpeg.refusals import unreadable

PROGRAM_VARIABLE = "TUBEGEN_FFMPEG"
"""Names the ffmpeg to use; ffprobe is looked for beside it first."""

CONTAINERS = frozenset(
    [
        "3g2", "3gp", "aac", "ac3", "aiff", "amr", "asf", "avi", "caf", "dv", "eac3", "flac", "flv", "m4a",
        "matroska", "mj2", "mov", "mp3", "mp4", "mpeg", "mpegts", "mpegvideo", "mxf", "ogg", "rm", "w64",
        "wav", "webm",
    ]
)  # fmt: skip
"""Demuxers that may open a source. Others make a film of any text file (tty), or open further files."""

_FROM_OUTSIDE = frozenset([signal.SIGHUP, signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
"""Signals that somebody sent, or the system for want of memory. Of others a program dies by its own fault."""

_REASON = re.compile(r"error|invalid|fail|no such|not ", re.IGNORECASE)
"""What a line says that tells why; there may be other last words."""

_BYTES_PER_SECOND = 2_000_000
"""Of a file, that a probe reads in a second of CPU at the very least."""


class Encoder(msgspec.Struct, frozen=True):
    """What makes two ffmpegs give the same bits: part of every cache key.

    Patch releases are left out on purpose: a security update must not encode a whole site anew.
    """

    ffmpeg: str
    """Major and minor version, such as `5.1`; a development build's whole name."""
    x264: str = ""
    """The core of libx264, such as `164`. This and the following are empty where a plan does not use them."""
    svt_av1: str = ""
    x265: str = ""
    hardware: str = ""
    """The encoder of H.264 in hardware, by its name in `[media]`, and whose it is as far as it tells."""
    device: str = ""


class FfmpegError(TubegenError):
    """ffmpeg ended badly, and why."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(Problem(str(path), 0, f"ffmpeg could not do its work: {reason}"))


class FfmpegKilled(MediaError):
    """It was ended from outside, twice. That tells nothing of the file, nor of what ffmpeg is able to do."""

    def __init__(self, path: Path, number: int) -> None:
        text = f"ffmpeg was ended by signal {number}, twice, perhaps for want of memory"
        super().__init__(Problem(str(path), 0, text, "build again: what is finished is kept"))


class Ffmpeg:
    """The programs as found on this machine, and the processes of theirs that run now.

    Raises ToolMissing when there is no ffmpeg.
    """

    def __init__(self) -> None:
        self.ffmpeg = _find_ffmpeg()
        self.ffprobe = _find_ffprobe()
        """None where ffmpeg came without it."""
        self._processes = Processes()

    def inspect(self, source: Path, *entries: str) -> bytes:
        """What ffprobe, or PyAV in its place, says of `source` for the given options.

        Raises MediaError when it is unreadable, FfmpegKilled, or ToolMissing when there is neither.
        """
        if self.ffprobe is None and find_spec("av") is None:
            raise ToolMissing(Problem("", 0, "ffprobe is not installed", _install_hint()))
        program = (
            [self.ffprobe]
            if self.ffprobe
            else [sys.executable, "-P", "-m", "tubegen.media.ffmpeg.probe_pyav"]
        )
        options = ["-v", "error", *_guard(CONTAINERS), *entries]
        limits = Limits(cpu=300 + source.stat().st_size / _BYTES_PER_SECOND)
        done = self._done([*program, *options, "-i", f"file:{source}"], source, limits)
        if done.status or done.ended:
            raise unreadable(source, done.ended or _crash(done.status) or done.errors)
        return done.out

    def run(
        self,
        arguments: Sequence[str],
        *,
        about: Path,
        frames: Callable[[int], None] = lambda _: None,
        limits: Limits | None = None,
        folder: Path = Path("/"),
    ) -> str:
        """Run ffmpeg with `arguments` in `folder`; `frames` is told how many frames it has written of its first
        output, and begins again at 0 when ffmpeg was killed and is started once more.

        Returns its last words. Raises FfmpegError or FfmpegKilled about the file `about`, DiskFull, or Stopped.
        """
        at: dict[bytes, bytes] = {}

        def moved(line: bytes) -> bool:
            name, _, value = line.partition(b"=")
            if name not in (b"frame", b"out_time_us", b"total_size") or at.get(name) == value:
                return False
            at[name] = value
            if name == b"frame":
                frames(int(value))
            return True

        options = ["-hide_banner", "-nostdin", "-y", "-v", "error", "-progress", "pipe:1"]
        return self._run([*options, *_guarded(arguments)], about, limits, folder, moved)[0]

    def output(self, arguments: Sequence[str], *, about: Path, limits: Limits | None = None) -> bytes:
        """What ffmpeg writes to its standard output. Raises as `run` does."""
        options = ["-hide_banner", "-nostdin", "-v", "error"]
        return self._run([*options, *_guarded(arguments)], about, limits, Path("/"), None)[1]

    def ask(self, *arguments: str) -> str:
        """What ffmpeg says on its standard output to arguments without files. Raises as `run` does."""
        return self._run(arguments, Path(self.ffmpeg), None, Path("/"), None)[1].decode(errors="replace")

    def stop(self) -> None:
        """Kill what runs; whoever waits for it gets Stopped."""
        self._processes.stop()

    def _run(
        self,
        arguments: Sequence[str],
        about: Path,
        limits: Limits | None,
        folder: Path,
        moved: Callable[[bytes], bool] | None,
    ) -> tuple[str, bytes]:
        done = self._done([self.ffmpeg, *arguments], about, limits or Limits(), folder, moved)
        if done.ended:
            raise FfmpegError(about, done.ended)
        if done.status:
            raise _fault(done.status, done.errors, about)
        return done.errors, done.out

    def _done(
        self,
        command: list[str],
        about: Path,
        limits: Limits,
        folder: Path = Path("/"),
        moved: Callable[[bytes], bool] | None = None,
    ) -> Done:
        """What came of `command`, which is started once more when it was killed. Raises FfmpegKilled, or Stopped."""
        done = self._processes.run(command, limits, folder=folder, moved=moved)
        if _killed(done):
            done = self._processes.run(command, limits, folder=folder, moved=moved)
        if _killed(done):
            raise FfmpegKilled(about, -done.status)
        return done


def _guarded(arguments: Sequence[str]) -> list[str]:
    """Arguments in which every input may only be a file of a kind that is expected: that of a film, or the one
    that is named for it with `-f`."""
    guarded: list[str] = []
    named: set[str] = set()
    for number, argument in enumerate(arguments):
        if argument == "-f":
            named.add(arguments[number + 1])
        if argument == "-i":
            guarded += _guard(CONTAINERS | named)
            named.clear()
        guarded.append(argument)
    return guarded


def _guard(demuxers: frozenset[str]) -> list[str]:
    return ["-protocol_whitelist", "file", "-format_whitelist", ",".join(sorted(demuxers))]


def _fault(status: int, said: str, about: Path) -> TubegenError:
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return DiskFull(
            Problem(str(about), 0, "the disk is full", "free some room; what is finished is kept")
        )
    if status == -signal.SIGXFSZ or "File too large" in said:
        return FfmpegError(about, "it wrote more than this film can come to")
    if crash := _crash(status):
        return FfmpegError(about, crash)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    reasons = [line for line in lines if _REASON.search(line) and line != "Conversion failed!"]
    return FfmpegError(about, (reasons or lines or ["it gave no reason"])[-1])


def _killed(done: Done) -> bool:
    """By somebody else than us."""
    return not done.ended and -done.status in _FROM_OUTSIDE


def _crash(status: int) -> str:
    return f"it crashed (signal {-status})" if status < 0 else ""


def _find_ffmpeg() -> str:
    if named := os.environ.get(PROGRAM_VARIABLE):
        if found := shutil.which(named):
            return os.path.abspath(found)
        text = f"{PROGRAM_VARIABLE} is {named}, which is not a program"
        raise ToolMissing(Problem("", 0, text, "set it to the path of an ffmpeg"))
    found = shutil.which("ffmpeg") or _wheel()
    if not found:
        raise ToolMissing(Problem("", 0, "ffmpeg is not installed", _install_hint()))
    return found


def _find_ffprobe() -> str | None:
    if named := os.environ.get(PROGRAM_VARIABLE):
        beside = Path(shutil.which(named) or named).absolute().parent
        if found := shutil.which("ffprobe", path=str(beside)):
            return found
    return shutil.which("ffprobe")


def _wheel() -> str | None:
    """The ffmpeg that comes with `tubegen[ffmpeg]`."""
    try:
        wheel = import_module("imageio_ffmpeg")
        return str(wheel.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return None


def _install_hint() -> str:
    lines = {
        "apt-get": "apt-get install ffmpeg",
        "brew": "brew install ffmpeg",
        "dnf": "dnf install ffmpeg-free",
        "pacman": "pacman -S ffmpeg",
        "apk": "apk add ffmpeg",
    }
    line = next((line for tool, line in lines.items() if shutil.which(tool)), "pip install 'tubegen[ffmpeg]'")
    return f"install it: {line}"
