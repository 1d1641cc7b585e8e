"""Child processes under limits, that end with us: no shell, no terminal, no network of ours, no secrets.

What a child may use is set by the kernel (setrlimit(2)) and watched from here. One that stands still, or that
takes more time than its work can need, is killed, and the caller is told why. All of them die with the process
that started them.
"""

import contextlib
import ctypes
import os
import resource
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import msgspec

from tubegen.errors import Problem, TubegenError

_PR_SET_PDEATHSIG = 1
_TAIL = 16_000
"""Bytes of last words that are kept."""
_INHERITED = (
    "PATH",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "CUDA_VISIBLE_DEVICES",
    "LIBVA_DRIVER_NAME",
    "LIBVA_DRIVERS_PATH",
)
"""What programs and graphics drivers need of the environment. The rest may hold secrets, or FFREPORT."""
_AT_REST = 0.01
"""Share of a core below which a process is doing nothing, even where many others want that core."""


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a process may use. The defaults are far beyond what any light task needs."""

    cpu: float = 900
    """Seconds of CPU."""
    memory: int = 4 << 30
    """Bytes of its own: RLIMIT_DATA. Libraries and mapped files do not count, as they would in RLIMIT_AS."""
    file: int = 64 << 30
    """Bytes of the largest file."""
    patience: float = 600
    """Seconds that it may stand still: without output, and at rest."""


class Done(msgspec.Struct, frozen=True):
    """How a process ended."""

    status: int
    """As `subprocess` has it: negative for a signal."""
    out: bytes
    errors: str
    """Its last words."""
    ended: str
    """Why it was killed from here; empty when it ended by itself."""


class Stopped(TubegenError):
    """The build was interrupted while a process ran."""

    def __init__(self) -> None:
        super().__init__(Problem("", 0, "interrupted"))


class Processes:
    """Those that run now."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def run(
        self,
        command: Sequence[str],
        limits: Limits,
        *,
        folder: Path = Path("/"),
        moved: Callable[[bytes], bool] | None = None,
    ) -> Done:
        """Run `command` in `folder`, to its end. Raises Stopped.

        `moved` is given every line of output and says whether it is a step forward; without it all output is
        one, and is kept.
        """
        with self._start(command, limits, folder) as process:
            watch = _Watch(process.pid, limits)
            out, errors = _Output(moved), bytearray()
            assert process.stdout
            assert process.stderr
            with selectors.DefaultSelector() as ready:
                ready.register(process.stdout, selectors.EVENT_READ)
                ready.register(process.stderr, selectors.EVENT_READ)
                while ready.get_map() and not watch.ended:
                    for key, _ in ready.select(watch.tick):
                        data = os.read(key.fd, 65536)
                        if not data:
                            ready.unregister(key.fileobj)
                        elif key.fileobj is process.stderr:
                            errors += data
                            del errors[:-_TAIL]
                        elif out.take(data):
                            watch.moved()
                    watch.look()
            while not watch.ended and process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(watch.tick)
                watch.look()
            if watch.ended:
                process.kill()
            status = process.wait()
        if self._stopped:
            raise Stopped
        return Done(status, bytes(out.kept), errors.decode(errors="replace"), watch.ended)

    def stop(self) -> None:
        """Kill what runs; whoever waits for it gets Stopped."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.kill()

    @contextlib.contextmanager
    def _start(
        self, command: Sequence[str], limits: Limits, folder: Path
    ) -> Generator[subprocess.Popen[bytes]]:
        with self._lock:
            if self._stopped:
                raise Stopped
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=folder,
                env=_environment(),
                start_new_session=True,
                preexec_fn=_bound(limits),
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


class _Output:
    """What a process writes: kept as it is, or looked at line by line."""

    def __init__(self, moved: Callable[[bytes], bool] | None) -> None:
        self.kept = bytearray()
        self._moved = moved

    def take(self, data: bytes) -> bool:
        """Whether it is a step forward."""
        self.kept += data
        if self._moved is None:
            return True
        *lines, rest = self.kept.split(b"\n")
        self.kept = bytearray(rest)
        steps = [self._moved(bytes(line)) for line in lines]  # every line is looked at
        return any(steps)


class _Watch:
    """Looks whether a process does something, by ticks: a machine that slept must not count as one that waited."""

    def __init__(self, pid: int, limits: Limits) -> None:
        self.tick = min(1.0, limits.patience / 4)
        self.ended = ""
        self._pid = pid
        self._limits = limits
        self._cpu = 0.0
        self._idle = 0.0
        self._last = time.monotonic()

    def moved(self) -> None:
        self._idle = 0.0

    def look(self) -> None:
        now = time.monotonic()
        passed = now - self._last
        if passed < self.tick:
            return
        self._last = now
        cpu = _cpu_seconds(self._pid)
        if cpu is not None and cpu - self._cpu > _AT_REST * passed:
            self.moved()
        self._cpu = cpu or self._cpu
        self._idle += min(passed, 2 * self.tick)
        if self._idle > self._limits.patience:
            self.ended = f"it stood still for {_span(self._limits.patience)}"
        elif self._cpu > self._limits.cpu:
            self.ended = f"it was not done after {_span(self._limits.cpu)} of computing"


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"


def _cpu_seconds(pid: int) -> float | None:
    """What a process has used; None where the system does not tell it in a file (proc(5))."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if len(fields) > 12 else None


def _environment() -> dict[str, str]:
    """Messages come in English: some of them are read."""
    return {"LC_ALL": "C"} | {name: os.environ[name] for name in _INHERITED if name in os.environ}


_libc = ctypes.CDLL(None, use_errno=True)


def _bound(limits: Limits) -> Callable[[], None]:
    """What the child does before it becomes the program.

    The kernel's own limit of CPU is a little above the one that is watched, which can say why.
    """
    wanted = {
        resource.RLIMIT_CPU: int(limits.cpu) + 60,
        resource.RLIMIT_DATA: limits.memory,
        resource.RLIMIT_FSIZE: limits.file,
        resource.RLIMIT_CORE: 0,
    }
    hard = {which: resource.getrlimit(which)[1] for which in wanted}
    values = {
        which: value if hard[which] == resource.RLIM_INFINITY else min(value, hard[which])
        for which, value in wanted.items()
    }
    parent = os.getpid()

    def bound() -> None:
        for which, value in values.items():
            resource.setrlimit(which, (value, value))
        if sys.platform == "linux":
            # It is sent when the thread that started the child ends (prctl(2)): here that thread waits for it.
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # it died before
                os._exit(1)

    return bound
