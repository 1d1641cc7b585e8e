"""Sources and finished chunks on their way between machines: files at an fsspec address, such as `s3://…`.

Names are content: a source by its digest, a chunk by its key of the cache. An entry is there when its record is,
which is written last; who comes second finds it done.
"""

import contextlib
import errno
import re
import uuid
from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import msgspec

from tubegen.errors import InputError, Problem, ToolMissing, TubegenError
from tubegen.media.cache.cache import RECORD, Cache, Contents
from tubegen.media.source.probe import digest


class _Record(msgspec.Struct, frozen=True):
    entry: Contents


class Exchange:
    """The place at `address`. Raises InputError when that is none, ToolMissing where fsspec or its part is not there.

    That, and whatever is done there, raises TubegenError when the place fails, and OSError when a disk is full.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        try:
            with self._reached(ImportError, ValueError):  # some connect at once
                found = import_module("fsspec.core").url_to_fs(address)
        except ImportError as fault:
            text = f"reaching {address.partition('://')[0]}:// needs more than is installed ({fault})"
            raise ToolMissing(Problem("", 0, text, "install it: pip install 'tubegen[cluster]'")) from None
        except ValueError as fault:
            text = _without_password(f"'{address}' is no place to share work ({fault})")
            raise InputError(Problem("", 0, text)) from None
        self._files, self._root = cast("tuple[Any, str]", found)

    def has(self, key: str) -> bool:
        with self._reached():
            return bool(self._files.exists(f"{self._entry(key)}/{RECORD}"))

    def send(self, key: str, folder: Path) -> None:
        """Put the finished entry in `folder` there, unless it is."""
        if self.has(key):
            return
        files = [file for file in sorted(folder.iterdir()) if file.name != RECORD]
        with self._reached():
            for file in (*files, folder / RECORD):
                self._put(file, f"{self._entry(key)}/{file.name}")

    def receive(self, key: str, folder: Path) -> None:
        """Bring the files of an entry into `folder`, all but its record."""
        with self._reached():
            record = msgspec.json.decode(self._files.cat_file(f"{self._entry(key)}/{RECORD}"), type=_Record)
            for name, size in record.entry.files.items():
                self._files.get_file(f"{self._entry(key)}/{name}", str(folder / name))
                if (folder / name).stat().st_size != size:
                    raise OSError(f"{name} of {key} came with another size")

    def drop(self, key: str) -> None:
        with self._reached():
            if self._files.exists(self._entry(key)):
                self._files.rm(self._entry(key), recursive=True)

    def send_source(self, source: Path, sha256: str) -> None:
        with self._reached():
            if not self._files.exists(self._source(sha256)):
                self._put(source, self._source(sha256))

    def receive_source(self, sha256: str, cache: Cache) -> Path:
        """The source of that digest as a file in `cache`, brought here once."""
        place = cache.root / "sources" / sha256
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            with cache.making() as folder, self._reached():
                self._files.get_file(self._source(sha256), str(folder / "source"))
                if digest(folder / "source") != sha256:
                    raise OSError(f"the source {sha256[:12]} came damaged")
                (folder / "source").rename(place)
        return place

    @contextlib.contextmanager
    def _reached(self, *but: type[Exception]) -> Generator[None]:
        """Every kind of place has errors of its own, some of them no OSError: all become one line, `but` these."""
        try:
            yield
        except but:
            raise
        except Exception as fault:
            if isinstance(fault, OSError) and fault.errno in (errno.ENOSPC, errno.EDQUOT):
                raise  # the cache knows what that means
            said = str(fault).strip().splitlines() or [type(fault).__name__]
            text = _without_password(f"{self.address} does not do what it should ({said[0]})")
            hint = "see whether it can be reached and written to, then build again: what is finished is kept"
            raise TubegenError(Problem("", 0, text, hint)) from None

    def _put(self, file: Path, place: str) -> None:
        """Under another name first: a kill must not leave half a file under its own."""
        self._files.makedirs(place.rpartition("/")[0], exist_ok=True)
        half = f"{place}.{uuid.uuid4().hex}"
        self._files.put_file(str(file), half)
        self._files.mv(half, place)

    def _entry(self, key: str) -> str:
        return f"{self._root}/objects/{key[:2]}/{key}"

    def _source(self, sha256: str) -> str:
        return f"{self._root}/sources/{sha256}"


def _without_password(text: str) -> str:
    """Addresses may have one before their host."""
    return re.sub(r"://[^/@\s]*@", "://", text)
