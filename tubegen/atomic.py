"""Changes on disk that happen wholly or not at all, whatever interrupts them: files, folders, and a lock."""

import contextlib
import ctypes
import errno
import fcntl
import os
import sys
import threading
from collections.abc import Generator
from pathlib import Path

from tubegen.errors import Busy, DiskFull, InputError, Problem

_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2
_AT_FDCWD = -100


def write_atomically(path: Path, data: bytes) -> bool:
    """Replace the content of `path` by `data`; False, and nothing touched, when it has that content already.

    Missing folders are made. Whoever reads `path` meanwhile gets the old content or the new, never a mixture, and so
    it is after a crash; once this returns, the new content is on the disk, its name included. A new file gets the
    permissions that the umask leaves of 0666. Raises OSError, and then leaves `path` as it was.
    """
    try:
        if path.read_bytes() == data:
            return False
    except OSError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    with _scratch_file(path, data, 0o666) as scratch:
        scratch.replace(path)
    sync(path.parent)
    return True


def create_atomically(path: Path, data: bytes, *, mode: int) -> bool:
    """Create `path` with `data` and the permissions `mode`, less the umask; False, and nothing touched, when it exists.

    As complete and lasting as with `write_atomically`. Of several processes that create the same file, one wins. The
    folder must exist. Raises OSError.
    """
    created = True
    with _scratch_file(path, data, mode) as scratch:
        try:
            os.link(scratch, path)
        except FileExistsError:
            created = False
    sync(path.parent)
    return created


def sync(path: Path) -> None:
    """Wait until the file or folder `path` is on the disk: its content, or the names in it. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _scratch_file(path: Path, data: bytes, mode: int) -> Generator[Path]:
    """A file beside `path` that holds `data`, on the disk; whatever is left under its name is removed at the end.

    The name belongs to this thread alone; another one of that name was left behind by a process that died.
    """
    scratch = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_native_id()}")
    scratch.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield scratch
    finally:
        scratch.unlink(missing_ok=True)


@contextlib.contextmanager
def explain_disk_errors(folder: Path, consequence: str) -> Generator[None]:
    """Turn the system's errors of a full disk into DiskFull, and of missing permissions into InputError.

    `folder` is named where the error names no path; `consequence` tells the author what became of the work so far.
    """
    try:
        yield
    except PermissionError as fault:
        path = fault.filename or folder
        raise InputError(Problem(str(path), 0, "it may not be written", "check its permissions")) from None
    except OSError as fault:
        if fault.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        hint = f"free some room; {consequence}"
        raise DiskFull(Problem(str(folder), 0, "the disk is full", hint)) from None


@contextlib.contextmanager
def build_lock(path: Path) -> Generator[None]:
    """Hold the lock file `path` of a site's state folder. Raises Busy when another process holds it."""
    site = str(path.parent.parent)
    with file_lock(
        path, Problem(site, 0, "another tubegen is building this site", "wait for it, or stop it")
    ):
        yield


@contextlib.contextmanager
def file_lock(path: Path, problem: Problem) -> Generator[None]:
    """Hold the lock file `path`, which is made with its folder. Raises Busy with `problem` when another process does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy(problem) from None
        yield
    finally:
        os.close(handle)


def swap_folders(one: Path, other: Path) -> None:
    """Swap the names of two folders on one file system, in a single step where the system can. Raises OSError."""
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
    return _succeeded(status, other)


def _renamex(one: Path, other: Path) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    return _succeeded(libc.renamex_np(os.fsencode(one), os.fsencode(other), _RENAME_SWAP), other)


def _succeeded(status: int, path: Path) -> bool:
    """Whether the system call worked; False when this file system cannot swap. Raises OSError for any other fault."""
    if status == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(path))
