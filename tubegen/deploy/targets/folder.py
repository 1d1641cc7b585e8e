"""A folder of this machine: where a web server looks, a mounted share, a stick."""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Generator, Sequence
from pathlib import Path

from tubegen.atomic import explain_disk_errors
from tubegen.deploy.targets import Conflict, Stored
from tubegen.errors import InputError, Problem
from tubegen.headers import Headers


class FolderTarget:
    """Files in `root`, which is made when it does not exist. Headers are the business of whoever serves it."""

    slots = 4

    def __init__(self, root: Path) -> None:
        self.address = str(root)
        self._root = root

    async def read(self, path: str) -> tuple[bytes, str] | None:
        return await asyncio.to_thread(self._read, path)

    async def write(self, path: str, source: str | bytes, headers: Headers) -> None:
        await asyncio.to_thread(self._write, path, source)

    async def write_if(self, path: str, data: bytes, headers: Headers, version: str | None) -> str:
        return await asyncio.to_thread(self._write_if, path, data, version)

    async def copy(self, source: str, path: str, headers: Headers) -> bool:
        origin = self._at(source)
        if not origin.is_file():
            return False
        await asyncio.to_thread(self._write, path, str(origin))
        return True

    async def delete(self, paths: Sequence[str]) -> None:
        await asyncio.to_thread(self._delete, paths)

    async def list(self, prefix: str = "") -> AsyncIterator[Stored]:
        for folder, _, names in os.walk(self._at(prefix)):
            for name in names:
                path = Path(folder, name)
                with contextlib.suppress(FileNotFoundError):
                    yield Stored(path.relative_to(self._root).as_posix(), path.lstat().st_size, "")

    async def close(self) -> None:
        pass

    def _at(self, path: str) -> Path:
        place = self._root / path
        if ".." in Path(path).parts or not place.resolve().is_relative_to(self._root.resolve()):
            raise InputError(
                Problem(str(place), 0, "this leads out of the target", "remove the link that is there")
            )
        return place

    def _read(self, path: str) -> tuple[bytes, str] | None:
        try:
            data = self._at(path).read_bytes()
        except FileNotFoundError:
            return None
        return data, hashlib.sha256(data).hexdigest()

    def _write(self, path: str, source: str | bytes) -> None:
        place = self._at(path)
        scratch = place.with_name(f".{place.name}.tubegen-new")
        with self._explained():
            place.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(source, bytes):
                scratch.write_bytes(source)
            else:
                shutil.copyfile(source, scratch)
            scratch.replace(place)

    def _write_if(self, path: str, data: bytes, version: str | None) -> str:
        with self._explained():
            self._root.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._root, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            present = self._read(path)
            if (present[1] if present else None) != version:
                raise Conflict(Problem(f"{self.address}/{path}", 0, "somebody else wrote it meanwhile"))
            self._write(path, data)
        finally:
            os.close(lock)
        return hashlib.sha256(data).hexdigest()

    def _delete(self, paths: Sequence[str]) -> None:
        with self._explained():
            for path in paths:
                place = self._at(path)
                place.unlink(missing_ok=True)
                for parent in place.parents:
                    if parent == self._root:
                        break
                    try:
                        parent.rmdir()
                    except OSError:
                        break

    @contextlib.contextmanager
    def _explained(self) -> Generator[None]:
        with explain_disk_errors(self._root, "the site that is there goes on; deploy again then"):
            yield
