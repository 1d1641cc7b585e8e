"""Writing that leaves either the old or the new, whatever happens."""

import contextlib
import ctypes
import errno
import fcntl
import os
import sys
from collections.abc import Generator
from pathlib import Path

from tubegen.errors import Busy, DiskFull, InputError, Problem

_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2
_AT_FDCWD = -100


def write_atomically(path: Path, data: bytes) -> bool:
    """Replace `path` by `data`; False, and nothing touched, when it says so already."""
    try:
        if path.read_bytes() == data:
            return False
    except OSError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with scratch.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
    return True


@contextlib.contextmanager
def needing_room(place: Path, comfort: str) -> Generator[None]:
    """Raises DiskFull, or InputError where nothing may be written, in place of the system's own error."""
    try:
        yield
    except PermissionError as fault:
        path = fault.filename or place
        raise InputError(Problem(str(path), 0, "it may not be written", "check its permissions")) from None
    except OSError as fault:
        if fault.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull(Problem(str(place), 0, "the disk is full", f"free some room; {comfort}")) from None


@contextlib.contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold the lock file `path`. Raises Busy when another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy(
                Problem(
                    str(path.parent.parent),
                    0,
                    "another tubegen is building this site",
                    "wait for it, or stop it",
                )
            ) from None
        yield
    finally:
        os.close(handle)


def exchange(one: Path, other: Path) -> None:
    """Let two folders of one file system trade names, in a single step where the system can."""
    if sys.platform == "linux" and _renameat2(one, other):
        return
    if sys.platform == "darwin" and _renamex(one, other):
        return
    aside = other.with_name(f".{other.name}.old")
    other.rename(aside)
    one.rename(other)
    aside.rename(one)


def _renameat2(one: Path, other: Path) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    status = libc.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return _done(status, other)


def _renamex(one: Path, other: Path) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    return _done(libc.renamex_np(os.fsencode(one), os.fsencode(other), _RENAME_SWAP), other)


def _done(status: int, path: Path) -> bool:
    """Whether the call worked; False when this file system cannot exchange. Raises OSError for any other fault."""
    if status == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(path))
