"""Reading the federation catalogue, from the folder of the build or from its web server.

All or nothing: whatever is missing, half written, or does not fit together leaves the sidecar with what it
read before. A catalogue without videos is whole: that a build lost them is for `domain.publish` to suspect.
"""

import asyncio
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin

import msgspec

from tubegen.contract import VERSION, Catalogue, VideoDocument, VideoEntry
from tubegen.errors import Problem, TubegenError
from tubegen.sidecar.remote.fetch import Fetcher, FetchError

T = TypeVar("T")

_INDEX = "index.json"
_INDEX_BYTES = 64_000_000
_DOCUMENT_BYTES = 4_000_000
_AT_ONCE = 8


class CatalogueError(TubegenError):
    """The catalogue cannot be used as it is now."""


class Snapshot(msgspec.Struct, frozen=True):
    """A whole catalogue, every document of it checked against the index."""

    catalogue: Catalogue
    documents: Mapping[str, VideoDocument]
    """By UUID."""
    etag: str
    """The web server's name for the index, or a hash of it; empty when the server gives none."""


async def read_catalogue(where: str, fetcher: Fetcher, *, known: Snapshot | None) -> Snapshot:
    """What stands at `where`, a folder or an http(s) address; `known` itself when nothing has changed.

    Of the documents only those are read that `known` has not, or not with this content. Raises CatalogueError,
    and nothing is to be changed then.
    """
    source = _Web(where, fetcher) if where.startswith(("https://", "http://")) else _Folder(where)
    found = await source.index(known.etag if known else "")
    if found is None:
        if known is None:
            raise source.error("the server says that it has not changed, but nothing was read before")
        return known
    raw, etag = found
    catalogue = _catalogue(source, raw)
    documents = await _documents(source, catalogue, known)
    return Snapshot(catalogue, documents, etag)


class _Source(ABC):
    """Where the files are."""

    def __init__(self, where: str) -> None:
        self.where = where

    @abstractmethod
    async def index(self, etag: str) -> tuple[bytes, str] | None:
        """The bytes of the index and its tag; None when it is still the one with `etag`."""

    @abstractmethod
    async def document(self, path: str) -> bytes: ...

    def error(self, text: str, path: str = _INDEX) -> CatalogueError:
        return CatalogueError(Problem(f"{self.where.rstrip('/')}/{path}", 0, text, "nothing is changed"))


class _Folder(_Source):
    async def index(self, etag: str) -> tuple[bytes, str] | None:
        raw = await self._read(_INDEX)
        found = hashlib.sha256(raw).hexdigest()
        return None if found == etag else (raw, found)

    async def document(self, path: str) -> bytes:
        return await self._read(path)

    async def _read(self, path: str) -> bytes:
        try:
            return await asyncio.to_thread((Path(self.where) / path).read_bytes)
        except OSError as error:
            raise self.error(f"it cannot be read: {error.strerror}", path) from error


class _Web(_Source):
    def __init__(self, where: str, fetcher: Fetcher) -> None:
        super().__init__(where if where.endswith("/") else f"{where}/")
        self._fetcher = fetcher

    async def index(self, etag: str) -> tuple[bytes, str] | None:
        # A tag of something else than a web server is none that it knows.
        conditions = {"If-None-Match": etag} if etag.endswith('"') else {}
        try:
            response = await self._fetcher.bytes(
                urljoin(self.where, _INDEX), headers=conditions, limit=_INDEX_BYTES
            )
        except FetchError as error:
            raise self.error(str(error)) from error
        return None if response.status == 304 else (response.body, response.headers.get("etag", ""))

    async def document(self, path: str) -> bytes:
        try:
            response = await self._fetcher.bytes(urljoin(self.where, path), headers={}, limit=_DOCUMENT_BYTES)
        except FetchError as error:
            raise self.error(str(error), path) from error
        return response.body


class _Versioned(msgspec.Struct):
    version: int


def _catalogue(source: _Source, raw: bytes) -> Catalogue:
    version = _decoded(source, raw, _Versioned, _INDEX).version
    if version != VERSION:
        raise source.error(f"it has version {version}, this sidecar reads {VERSION}")
    catalogue = _decoded(source, raw, Catalogue, _INDEX)
    if not catalogue.handle:
        raise source.error("the site has no handle by which people could follow it")
    uuids = {entry.uuid for entry in catalogue.videos}
    if len(uuids) != len(catalogue.videos):
        raise source.error("it names a video twice")
    return catalogue


async def _documents(
    source: _Source, catalogue: Catalogue, known: Snapshot | None
) -> dict[str, VideoDocument]:
    """Of every video, in the order of the index."""
    before = {entry.uuid: entry.sha256 for entry in known.catalogue.videos} if known else {}
    changed = [entry for entry in catalogue.videos if before.get(entry.uuid) != entry.sha256]
    channels = {channel.name for channel in catalogue.channels}
    places = asyncio.Semaphore(_AT_ONCE)
    documents = dict(known.documents) if known else {}

    async def read(entry: VideoEntry) -> None:
        async with places:
            documents[entry.uuid] = await _document(source, entry)

    try:
        async with asyncio.TaskGroup() as group:
            for entry in changed:
                group.create_task(read(entry))
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    for entry in catalogue.videos:
        if documents[entry.uuid].channel not in channels:
            raise source.error("it is in a channel that the index does not name", entry.document)
    return {entry.uuid: documents[entry.uuid] for entry in catalogue.videos}


async def _document(source: _Source, entry: VideoEntry) -> VideoDocument:
    parts = entry.document.split("/")
    if ".." in parts or "" in parts or ":" in entry.document or "\\" in entry.document:
        raise source.error(f"the path {entry.document!r} leads out of the catalogue")
    raw = await source.document(entry.document)
    if hashlib.sha256(raw).hexdigest() != entry.sha256:
        raise source.error("its content is not the one that the index names", entry.document)
    document = _decoded(source, raw, VideoDocument, entry.document)
    if document.uuid != entry.uuid:
        raise source.error("it describes another video", entry.document)
    return document


def _decoded(source: _Source, raw: bytes, shape: type[T], path: str) -> T:
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise source.error(f"it cannot be understood: {error}" if raw else "it is empty", path) from error
