"""What the request handlers and the worker are given: made once by the application, never looked up."""

import asyncio
from collections.abc import Callable
from typing import Protocol

import msgspec

from tubegen.sidecar.inbox.queue import InboxQueue
from tubegen.sidecar.model import Json, RemoteActor, RemoteKey, Site
from tubegen.sidecar.remote.fetch import Fetcher
from tubegen.sidecar.settings import Clock, Settings
from tubegen.sidecar.signatures.keys import KeyRing
from tubegen.sidecar.store.database import Database


class RemoteActors(Protocol):
    """Actors of other servers and their keys: `remote.Remote`, or a table of them."""

    async def actor(self, uri: str, *, fresh: bool = False, asker: str = "") -> RemoteActor: ...

    def forget(self, uri: str) -> None: ...

    async def get(self, url: str) -> Json: ...

    async def key(self, key_id: str, *, fresh: bool = False, asker: str = "") -> RemoteKey: ...


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a running sidecar."""

    settings: Settings
    clock: Clock
    database: Database
    fetcher: Fetcher
    remote: RemoteActors
    keyring: KeyRing
    site: Callable[[], Site | None]
    """Who we are now; None until the catalogue has been read once: answer 503."""
    inbox_queue: InboxQueue
    wake: asyncio.Event
    """Set when there is something new to deliver or to fetch."""
