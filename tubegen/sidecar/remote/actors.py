"""Actors of other servers and their keys: from memory, from the database, and only then from their server.

What makes us ask is written by strangers, before anything is proved. So it is asked rarely: one request for
all who wait for the same, few a minute (see `budget`), few at a time, and a failure is remembered for a while
(interop S-27 to S-32, L-31).
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext, suppress
from copy import copy
from typing import Any, Generic, TypeVar

import msgspec

from tubegen.origin import host_of, same_origin
from tubegen.sidecar.model import Json, PublicKey, RemoteActor, RemoteKey
from tubegen.sidecar.remote.actor_document import KeyEntry, is_actor, keys_of, main_keys_of, read_actor
from tubegen.sidecar.remote.answers import FetchError, Gone, Unfit, Unreachable, address_of
from tubegen.sidecar.remote.budget import Budgets
from tubegen.sidecar.remote.fetch import Fetcher
from tubegen.sidecar.remote.public_keys import from_pem, to_pem
from tubegen.sidecar.remote.turns import Turns
from tubegen.sidecar.settings import Clock
from tubegen.sidecar.signatures.errors import KeyGone, KeyRefused, KeyUnavailable
from tubegen.sidecar.store import remote_actors
from tubegen.sidecar.store.database import Database

T = TypeVar("T")

_DAY = 86_400.0
_PAUSE = 60.0
"""Between two requests for the same thing: after a failure, and when a signature has failed (S-29)."""
_AT_ONCE = 32
"""Requests under way: in all, then to one server, and because of one address."""
_AT_ONCE_TO = 2
_AT_ONCE_FOR = 4
_PATIENCE = 5.0
"""Seconds to wait for one of these places."""
_REMEMBERED = 5000


class Remote:
    """Implements `verify.KeySource`. `clock` also dates what is stored."""

    def __init__(self, fetcher: Fetcher, database: Database, clock: Clock) -> None:
        self._fetcher = fetcher
        self._database = database
        self._clock = clock
        self._budgets = Budgets()
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._hosts = Turns(_AT_ONCE_TO)
        self._askers = Turns(_AT_ONCE_FOR)
        self._actors: _Recent[RemoteActor] = _Recent()
        self._keys: _Recent[_HeldKey] = _Recent()
        self._failures: _Recent[_Failure] = _Recent()
        self._under_way: dict[str, asyncio.Task[Any]] = {}

    async def actor(self, uri: str, *, fresh: bool = False, asker: str = "") -> RemoteActor:
        """The actor with the id `uri`, not older than a day, or with `fresh` than a minute.

        While its server is out of reach an older copy will do, unless `fresh`. `asker`: the address that made us
        ask, if any did; it pays for what comes to nothing. Raises FetchError: Gone (the
        stored copy is then marked so), Unreachable, or Unfit when there is no such actor or its id differs.
        """
        known = self._actors.use(uri)
        if known is not None and self._current(known.fetched, fresh):
            return known
        known = await self._known_actor(uri)
        if known is None or not self._current(known.fetched, fresh):
            try:
                return await self._once(f"actor {uri}", uri, asker, self._fetch_actor)
            except Unreachable:
                if known is None or fresh:
                    raise
            except Gone:
                await self._mark_gone(uri, known)
                raise
        return known

    async def key(self, key_id: str, *, fresh: bool = False, asker: str = "") -> RemoteKey:
        """The public key `key_id` and the actor that owns it and says so itself.

        As old as `actor`, and `asker` as there. Raises KeyGone, KeyUnavailable or KeyRefused.
        """
        held = self._keys.use(key_id)
        if held is not None and self._current(held.fetched, fresh):
            return held.key
        held = await self._held_key(key_id)
        try:
            if held is None or not self._current(held.fetched, fresh):
                held = await self._once(f"key {key_id}", key_id, asker, self._fetch_key)
        except Unreachable as error:
            if held is None or fresh:
                raise KeyUnavailable(str(error)) from error
        except Gone as error:
            if held and held.key.owner == key_id.partition("#")[0]:
                await self._mark_gone(held.key.owner, await self._known_actor(held.key.owner))
            self._keys.pop(key_id, None)
            raise KeyGone(str(error)) from error
        except FetchError as error:
            raise KeyRefused(str(error)) from error
        return held.key

    async def get(self, url: str) -> Json:
        """A document of another server, as `Fetcher.get`, within what may be asked of that server."""
        return await self._once(f"document {url}", url, "", self._ask)

    def forget(self, uri: str) -> None:
        """An actor has left, and its row with it: keep nothing of it in memory either."""
        self._actors.pop(uri, None)
        for key_id in [key_id for key_id, held in self._keys.items() if held.key.owner == uri]:
            del self._keys[key_id]

    def _current(self, fetched: float, fresh: bool) -> bool:
        return self._clock() - fetched < (_PAUSE if fresh else _DAY)

    async def _known_actor(self, uri: str) -> RemoteActor | None:
        if uri not in self._actors:
            stored = await self._database.read(lambda connection: remote_actors.find(connection, uri))
            if stored is None or stored.gone is not None:
                return None
            self._actors[uri] = stored
        return self._actors[uri]

    async def _held_key(self, key_id: str) -> "_HeldKey | None":
        if key_id not in self._keys:
            stored = await self._database.read(lambda connection: remote_actors.by_key(connection, key_id))
            if stored is None:
                return self._keys.get(key_id)  # somebody may have fetched it meanwhile
            key = RemoteKey(key_id, stored.uri, from_pem(stored.key_pem))
            self._keys[key_id] = _HeldKey(key, stored.fetched)
            self._actors[stored.uri] = stored
        return self._keys[key_id]

    async def _mark_gone(self, uri: str, known: RemoteActor | None) -> None:
        self._actors.pop(uri, None)
        if known:
            now = self._clock()
            await self._database.write(lambda connection: remote_actors.mark_gone(connection, uri, now))

    async def _fetch_actor(self, uri: str, asker: str) -> RemoteActor:
        document = await self._ask(uri, asker)
        if document["id"] != uri:
            raise Unfit(f"{uri}: the actor there has another id")
        return await self._keep(read_actor(document, fetched=self._clock()))

    async def _fetch_key(self, key_id: str, asker: str) -> "_HeldKey":
        document = await self._ask(address_of(key_id), asker)
        entry, public = _entry(document, key_id)
        if not (same_origin(entry.owner, key_id) and same_origin(entry.id, key_id)):
            raise Unfit(f"{key_id}: the key is another server's")
        if entry.owner != document["id"] or not is_actor(document):
            document = await self._ask(entry.owner, asker)
            if document["id"] != entry.owner or not _confirms(document, entry.id, public):
                raise Unfit(f"{key_id}: its owner does not know the key")
        actor = await self._keep(read_actor(document, fetched=self._clock(), key=entry))
        self._keys[key_id] = held = _HeldKey(RemoteKey(key_id, actor.uri, public), actor.fetched)
        return held

    async def _keep(self, actor: RemoteActor) -> RemoteActor:
        await self._database.write(lambda connection: remote_actors.remember(connection, actor))
        self._actors[actor.uri] = actor
        for key_id in (actor.uri, actor.key_id):
            held = self._keys.get(key_id)
            if held and held.key.owner == actor.uri:
                del self._keys[key_id]
        return actor

    async def _ask(self, url: str, asker: str) -> Json:
        try:
            host = host_of(url)
        except ValueError as error:
            raise Unfit(f"not an address to ask: {error}") from error
        async with _soon(self._hosts.one(host), self._places):
            if not self._budgets.spend(host, asker, self._clock()):
                raise _TooOften(f"{host}: asked too often in this minute")
            return await self._fetcher.get(url)

    async def _once(self, name: str, url: str, asker: str, work: Callable[[str, str], Awaitable[T]]) -> T:
        """Do `work`, or wait for the end of the same work that is under way; not so soon after it failed."""
        failure = self._failures.get(name)
        if failure and self._clock() < failure.until:
            raise copy(failure.error)
        if name not in self._under_way:
            # An asker waits for its turn alone: who wants the same must not have to wait with it.
            async with _soon(self._askers.one(asker) if asker else nullcontext()):
                if name not in self._under_way:
                    self._under_way[name] = asyncio.create_task(self._try(name, url, asker, work))
                return await asyncio.shield(self._under_way[name])
        # Whoever stops waiting must not stop it for the others.
        return await asyncio.shield(self._under_way[name])

    async def _try(self, name: str, url: str, asker: str, work: Callable[[str, str], Awaitable[T]]) -> T:
        try:
            return await work(url, asker)
        except FetchError as error:
            if not isinstance(error, _TooOften):
                now = self._clock()
                self._failures[name] = _Failure(copy(error), now + _PAUSE)
                with suppress(ValueError):  # no address: nobody was asked
                    self._budgets.in_vain(host_of(url), asker, now)
            raise
        finally:
            del self._under_way[name]


@asynccontextmanager
async def _soon(*places: AbstractAsyncContextManager[Any]) -> AsyncGenerator[None]:
    """Have all of `places`, one after the other. Raises _TooOften when that takes too long."""
    async with AsyncExitStack() as held:
        try:
            async with asyncio.timeout(_PATIENCE):
                for place in places:
                    await held.enter_async_context(place)
        except TimeoutError as error:
            raise _TooOften("too many servers are being asked") from error
        yield


class _TooOften(Unreachable):
    """We are the reason, not the server: nothing to remember of it."""


class _HeldKey(msgspec.Struct, frozen=True):
    key: RemoteKey
    fetched: float


class _Failure(msgspec.Struct, frozen=True):
    error: FetchError
    until: float


class _Recent(OrderedDict[str, T], Generic[T]):
    """The entries last used; the others are dropped."""

    def __getitem__(self, name: str) -> T:
        value = super().__getitem__(name)
        self.move_to_end(name)
        return value

    def use(self, name: str) -> T | None:
        """What has this name, and is kept for it; None when nothing has."""
        value = self.get(name)
        if value is not None:
            self.move_to_end(name)
        return value

    def __setitem__(self, name: str, value: T) -> None:
        super().__setitem__(name, value)
        self.move_to_end(name)
        if len(self) > _REMEMBERED:
            del self[next(iter(self))]


def _entry(document: Json, key_id: str) -> tuple[KeyEntry, PublicKey]:
    """The key that is meant; an actor's own id means its only one (interop S-28)."""
    entry = next((entry for entry in keys_of(document) if entry.id == key_id), None)
    if entry is None and key_id == document["id"] and len(mains := main_keys_of(document)) == 1:
        entry = mains[0]
    if entry is None or entry.public is None:
        raise Unfit(f"{key_id}: no key there that we can take")
    return entry, entry.public


def _confirms(owner: Json, key_id: str, public: PublicKey) -> bool:
    """Whether an actor's own document names the key: by its id alone, or with the same key in it."""
    return any(
        entry.id == key_id and (entry.public is None or to_pem(entry.public) == to_pem(public))
        for entry in keys_of(owner)
    )
