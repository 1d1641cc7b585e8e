"""What the tracker is for: the swarms of the site's own videos, as the build has listed them."""

import asyncio
import hashlib
from pathlib import Path
from urllib.parse import urljoin

import msgspec

from tubegen.contract import VERSION, Swarms
from tubegen.errors import Problem
from tubegen.sidecar.publishing.catalogue import CatalogueError
from tubegen.sidecar.remote.fetch import Fetcher, FetchError

_FILE = "swarms.json"
_BYTES = 64_000_000


class Allowed(msgspec.Struct, frozen=True):
    """Hashes as the strings of twenty characters in which clients write them; origins as browsers do."""

    own: frozenset[str] = frozenset()
    peertube: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()

    def may_enter(self, origin: str) -> bool:
        """A PeerTube server may be anywhere; no page of the web is without an origin."""
        return origin in self.origins or origin.startswith("https://")

    def may_join(self, info_hash: str, origin: str) -> bool:
        return info_hash in self.peertube or (info_hash in self.own and origin in self.origins)


class Reader:
    """Reads `swarms.json` from the folder of the catalogue, or from its address by `fetcher`."""

    def __init__(self, where: str, fetcher: Fetcher | None) -> None:
        self._where = where.rstrip("/")
        self._fetcher = fetcher
        self._seen = ""

    async def read(self) -> Allowed | None:
        """What is allowed now; None when that has not changed. Raises CatalogueError: keep to what you have."""
        raw = await self._raw()
        if raw is None or (seen := hashlib.sha256(raw).hexdigest()) == self._seen:
            return None
        allowed = self._understood(raw)
        self._seen = seen
        return allowed

    async def _raw(self) -> bytes | None:
        if self._fetcher is None:
            try:
                return await asyncio.to_thread((Path(self._where) / _FILE).read_bytes)
            except OSError as error:
                raise self._error(f"it cannot be read: {error.strerror}") from error
        try:
            return (
                await self._fetcher.bytes(urljoin(f"{self._where}/", _FILE), headers={}, limit=_BYTES)
            ).body
        except FetchError as error:
            raise self._error(str(error)) from error

    def _understood(self, raw: bytes) -> Allowed:
        try:
            swarms = msgspec.json.decode(raw, type=Swarms)
            own, peertube = (frozenset(map(_text, some)) for some in (swarms.hashes, swarms.peertube))
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
            raise self._error(f"it cannot be understood: {error}" if raw else "it is empty") from error
        if swarms.version != VERSION:
            raise self._error(f"it has version {swarms.version}, this sidecar reads {VERSION}")
        return Allowed(own, peertube, frozenset(swarms.origins))

    def _error(self, text: str) -> CatalogueError:
        return CatalogueError(
            Problem(f"{self._where}/{_FILE}", 0, text, "build the site again with this version of tubegen")
        )


def _text(digits: str) -> str:
    """Raises ValueError when these are no forty digits."""
    data = bytes.fromhex(digits)
    if len(data) != 20:
        raise ValueError(f"'{digits}' is no info-hash")
    return data.decode("latin-1")
