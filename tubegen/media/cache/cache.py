"""The content-addressed cache of finished work: a key names a folder that is whole or not there.

Work happens in a scratch folder and is renamed into place, so that a kill at any moment leaves either
nothing or a finished entry. Several builds may share a cache.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import msgspec

from tubegen.atomic import sync
from tubegen.errors import Busy, DiskFull, Problem

Record = TypeVar("Record")

RECORD = "record.json"

PARTS = ("objects", "scratch", "working", "in-use")
"""What a cache consists of. Beside it may lie files that are not ours to remove."""

_FRESH = 24 * 3600
"""Seconds for which a use is not noted again."""


class Contents(msgspec.Struct, frozen=True):
    """What every record says of its entry, whatever it is: its member `entry`."""

    kind: str
    """What it is: the record's class attribute `cache_kind`, else the name of its class in lower case."""
    files: dict[str, int]
    """Sizes by name."""


class Cache:
    """A cache in the folder `root`, which is made when it is first needed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._scratch = root / "scratch"

    def folder(self, key: str) -> Path:
        """Where the entry of `key` is, or would be."""
        return self.root / "objects" / key[:2] / key

    def has(self, key: str) -> bool:
        return self._used(self.folder(key) / RECORD)

    def get(self, key: str, kind: type[Record]) -> Record | None:
        """The record of a finished entry; None when there is none or it was written by another version."""
        path = self.folder(key) / RECORD
        try:
            record = msgspec.json.decode(path.read_bytes(), type=kind)
        except (OSError, msgspec.DecodeError):
            return None
        self._used(path)
        return record

    def _used(self, record: Path) -> bool:
        """Note in its time that an entry was used, about once a day; False when there is none."""
        try:
            if time.time() - record.stat().st_mtime > _FRESH:
                os.utime(record)
        except FileNotFoundError:
            return False
        except OSError:  # a cache may be lent for reading
            pass
        return True

    @contextlib.contextmanager
    def in_use(self) -> Generator[None]:
        """Hold what is in the cache against `alone`, for as long as entries are read. Any number may."""
        with self._held(fcntl.LOCK_SH):
            yield

    @contextlib.contextmanager
    def alone(self) -> Generator[None]:
        """Hold the whole cache. Raises Busy while somebody uses it."""
        try:
            with self._held(fcntl.LOCK_EX | fcntl.LOCK_NB):
                yield
        except BlockingIOError:
            text = "a build works with this cache"
            raise Busy(Problem(str(self.root), 0, text, "wait for it, or stop it")) from None

    @contextlib.contextmanager
    def _held(self, how: int) -> Generator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.root / "in-use", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, how)
            yield
        finally:
            os.close(handle)

    @contextlib.contextmanager
    def making(self) -> Generator[Path]:
        """A scratch folder, removed afterwards. Raises DiskFull in place of the system's own error."""
        try:
            folder, held = self._new_scratch()
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(held)
        except OSError as fault:
            if fault.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(
                    Problem(str(self.root), 0, "the disk is full", "free some room; what is finished is kept")
                ) from None
            raise

    def _new_scratch(self) -> tuple[Path, int]:
        """A scratch folder and the handle that locks it against `sweep`, also that of another build."""
        self._scratch.mkdir(parents=True, exist_ok=True)
        while True:
            folder = Path(tempfile.mkdtemp(dir=self._scratch))
            with contextlib.suppress(FileNotFoundError):  # swept before it was locked
                held = os.open(folder, os.O_RDONLY)
                fcntl.flock(held, fcntl.LOCK_SH)
                if folder.exists():
                    return folder, held
                os.close(held)

    @contextlib.contextmanager
    def working(self, key: str) -> Generator[None]:
        """Hold the right to make `key`, against other threads and other processes; waits for it."""
        place = self.root / "working" / key
        place.parent.mkdir(parents=True, exist_ok=True)
        held = os.open(place, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
        finally:
            os.close(held)

    def put(self, key: str, folder: Path, record: object) -> None:
        """Make `folder` (from `making`) the entry of `key`. Whoever comes second finds it done."""
        files = {file.name: file.stat().st_size for file in sorted(folder.iterdir())}
        contents = Contents(getattr(record, "cache_kind", type(record).__name__.lower()), files)
        told = {"entry": msgspec.to_builtins(contents), **msgspec.to_builtins(record)}
        data = msgspec.json.format(msgspec.json.encode(told), indent=1)
        (folder / RECORD).write_bytes(data)
        for file in folder.iterdir():
            file.chmod(0o444)  # published files are hard links to these
            sync(file)
        place = self.folder(key)
        place.parent.mkdir(parents=True, exist_ok=True)
        while True:
            try:
                folder.rename(place)
                break
            except OSError as fault:
                if fault.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
            with contextlib.suppress(FileNotFoundError):
                if (place / RECORD).read_bytes() == data:
                    return
            self._discard(place)  # an older one's: what is read from it may go on being read
        sync(place.parent)

    def drop(self, key: str) -> None:
        """Remove an entry that nothing will ask for again."""
        self._discard(self.folder(key))

    def _discard(self, place: Path) -> None:
        """Remove an entry in one step: a kill must not leave half of one."""
        if not place.exists():
            return
        with self.making() as folder, contextlib.suppress(FileNotFoundError):
            place.rename(folder / "discarded")

    def sweep(self) -> None:
        """Remove scratch folders whose makers died."""
        for folder in self._scratch.glob("*") if self._scratch.is_dir() else ():
            with contextlib.suppress(OSError):
                held = os.open(folder, os.O_RDONLY)
                try:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
                finally:
                    os.close(held)
