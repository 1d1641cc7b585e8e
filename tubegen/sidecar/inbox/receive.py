"""The inboxes: what others say is checked from cheap to dear, taken down, and only then acknowledged.

limits → content type → size → JSON → the owner's domain rules → signature → the inbox queue → 202
(interop 4.3, 8.3). Every inbox does the same: whom an activity concerns stands in the activity. It is processed a
moment later (`sidecar.inbox.worker`).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Set
from itertools import chain
from math import ceil
from urllib.parse import urlsplit

from aiohttp import web
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from tubegen.errors import DiskFull
from tubegen.origin import host_of
from tubegen.sidecar import metrics
from tubegen.sidecar.activitypub import ids
from tubegen.sidecar.activitypub.limits import MAX_BYTES
from tubegen.sidecar.activitypub.read import Activity, Malformed, read
from tubegen.sidecar.client_address import ClientAddresses
from tubegen.sidecar.inbox import forwarded
from tubegen.sidecar.inbox.limits import Buckets, Limits, Places
from tubegen.sidecar.inbox.queue import Crowded
from tubegen.sidecar.jobs.kinds import REFRESH_ACTOR
from tubegen.sidecar.model import Incoming, LocalActor, RemoteKey, Signer, Site
from tubegen.sidecar.publishing import local_ids
from tubegen.sidecar.remote.addresses import AddressClass, plain_http_allowed
from tubegen.sidecar.remote.answers import FetchError, Unreachable
from tubegen.sidecar.services import RemoteActors, Services
from tubegen.sidecar.signatures.errors import KeyRefused, Refused, SignerGone
from tubegen.sidecar.signatures.keys import KeyRing
from tubegen.sidecar.signatures.policy import KeySource, verify
from tubegen.sidecar.store import inbox_queue, jobs, moderation, remote_actors
from tubegen.sidecar.store.inbox_queue import Entry

Handler = Callable[[web.Request], Awaitable[web.Response]]

MAX_HEADERS = 32 * 1024
"""Bytes of all headers together."""

_TYPES = frozenset({"application/activity+json", "application/ld+json"})
_BODY_SECONDS = 20.0
_RULES_SECONDS = 2.0
"""How long the owner's rules are remembered: another process may write new ones."""
_AGAIN = 30
"""Seconds after which to send again what cannot be taken now."""

_log = logging.getLogger(__name__)


class _Answer(Exception):
    """Ends the handling of a request, which is not acknowledged.

    `is_held_against` the address it came from: it was bad, or, `unproved`, cost us a vain search for its key.
    """

    def __init__(
        self, status: int, reason: str, again: float | None = None, *, unproved: bool = False
    ) -> None:
        self.status = status
        self.reason = reason
        self.again = again
        self.is_held_against = unproved or status in (400, 401, 403)
        super().__init__(reason)


def routes(services: Services, limits: Limits | None = None) -> list[web.RouteDef]:
    """The shared inbox and those of the actors that there are; 404 at those of others."""
    take = inbox(services, limits or Limits())

    async def personal(request: web.Request) -> web.Response:
        site = services.site()
        if site and not any(urlsplit(ids.inbox(actor.id)).path == request.path for actor in site.actors):
            return web.Response(status=404)
        return await take(request)

    paths = ("/ap/u/{username}/inbox", "/ap/c/{username}/inbox", "/ap/instance/inbox")
    return [web.post("/ap/inbox", take), *(web.post(path, personal) for path in paths)]


def inbox(services: Services, limits: Limits) -> Handler:
    """A handler for POST at any inbox.

    The runner must be built with `auto_decompress=False`: bodies are taken as they are or not at all.
    """
    taker = _Inbox(services, limits)

    async def handle(request: web.Request) -> web.Response:
        try:
            outcome = await taker.take(request)
        except _Answer as answer:
            metrics.count_received(f"refused {answer.status}")
            headers = {"Retry-After": str(ceil(answer.again))} if answer.again else {}
            return web.Response(status=answer.status, text=answer.reason, headers=headers)
        metrics.count_received(outcome)
        return web.Response(status=202)

    return handle


class _KeysFor:
    """Keys that somebody at an address makes us ask for."""

    def __init__(self, actors: RemoteActors, asker: str) -> None:
        self._actors = actors
        self._asker = asker

    async def key(self, key_id: str, *, fresh: bool = False) -> RemoteKey:
        return await self._actors.key(key_id, fresh=fresh, asker=self._asker)


class _OwnKey:
    """The key of one of our own actors: nobody has to be asked for it."""

    def __init__(self, keyring: KeyRing, actor: LocalActor) -> None:
        self._keyring = keyring
        self._actor = actor

    async def key(self, key_id: str, *, fresh: bool = False) -> RemoteKey:
        own = await asyncio.to_thread(self._keyring.of, self._actor.id)
        if key_id != own.id:
            raise KeyRefused("it is another's key")
        return RemoteKey(key_id, self._actor.id, own.private.public_key())


class _Inbox:
    def __init__(self, services: Services, limits: Limits) -> None:
        self._services = services
        self._addresses = Buckets(limits.address)
        self._refused = Buckets(limits.refused)
        self._hosts = Buckets(limits.host)
        self._bodies = Places(limits.bodies, limits.bodies_each)
        self._client_addresses = ClientAddresses(services.settings.trusted_proxies)
        self._blocked: Set[str] = frozenset()
        self._rules_read = float("-inf")
        self._plain_http = plain_http_allowed(AddressClass.LOOPBACK, services.settings.private_networks)

    async def take(self, request: web.Request) -> str:
        """What came of the activity, which is durable by then. Raises _Answer when it is not taken."""
        site = self._services.site()
        if site is None:
            raise _Answer(503, "the catalogue has not been read yet", _AGAIN)
        sender = self._client_addresses.network_asking(request)
        now = self._services.clock()
        _obey(max(self._addresses.take(sender, now), self._refused.wait(sender, now)))
        if self._services.inbox_queue.is_full:
            raise _Answer(503, "too much waits to be processed", _AGAIN)
        try:
            return await self._take(request, site, sender)
        except _Answer as answer:
            if answer.is_held_against:
                self._refused.take(sender, now)
            raise
        except Crowded as error:
            raise _Answer(503, "too much waits to be processed", _AGAIN) from error
        except (SQLAlchemyError, DiskFull) as error:
            _log.error("an activity cannot be stored", extra={"error": str(error)})
            raise _Answer(503, "nothing can be stored now", _AGAIN) from error

    async def _take(self, request: web.Request, site: Site, sender: str) -> str:
        _check_headers(request)
        body = await self._body(request, sender)
        incoming = Incoming(request.method, request.raw_path, _headers(request), body)
        try:
            activity = read(incoming.body, plain_http=self._plain_http)
        except Malformed as malformed:
            raise _Answer(malformed.status, malformed.reason) from malformed
        if own := local_ids.actor(site, activity.actor):
            return await self._heed_ourselves(incoming, site, own)
        await self._check_rules(host_of(activity.actor))
        if _is_of_itself(activity) and not await self._knows(activity.actor):
            return "unknown"
        try:
            signer = await self._signer(incoming, site, activity, sender)
        except SignerGone:
            return await self._heed_the_gone(activity)
        except Refused as refused:
            again = _AGAIN if refused.status == 503 else None
            raise _Answer(refused.status, refused.reason, again, unproved=True) from refused
        _obey(self._hosts.take(host_of(signer.actor), self._services.clock()))
        return await self._keep(activity, body, signer, sender)

    async def _body(self, request: web.Request, sender: str) -> bytes:
        """While it is read it is held in memory: so few at a time (L-30)."""
        if not self._bodies.free(sender):
            raise _Answer(429, "too many requests at a time", _AGAIN)
        if not self._bodies.any_free:
            raise _Answer(503, "too many requests at a time", _AGAIN)
        if request.content.is_eof():  # it came with the headers
            return request.content.read_nowait()
        with self._bodies.one(sender):
            return await _body(request)

    async def _heed_ourselves(self, incoming: Incoming, site: Site, actor: LocalActor) -> str:
        """The owner tries from outside whether signed requests arrive whole. It changes nothing."""
        try:
            await self._verified(incoming, site, actor.id, _OwnKey(self._services.keyring, actor))
        except Refused as refused:
            raise _Answer(refused.status, refused.reason) from refused
        return "own"

    async def _knows(self, actor: str) -> bool:
        """A large server tells everybody of each account that is deleted; of one that never was here there is
        nothing to delete and no key to fetch (I-30).
        """
        known = await self._services.database.read(lambda connection: remote_actors.find(connection, actor))
        return known is not None

    async def _check_rules(self, host: str) -> None:
        """Raises _Answer when the owner wants nothing from a host."""
        now = self._services.clock()
        if not 0 <= now - self._rules_read < _RULES_SECONDS:
            self._blocked = await self._services.database.read(moderation.blocked_domains)
            self._rules_read = now
        if moderation.is_within(host, self._blocked):
            raise _Answer(403, "this site takes nothing from there")

    async def _signer(self, incoming: Incoming, site: Site, activity: Activity, asker: str) -> Signer:
        """Who signed; somebody else than the actor only where what is forwarded concerns us."""

        keys = _KeysFor(self._services.remote, asker)
        try:
            return await self._verified(incoming, site, activity.actor, keys)
        except Refused as refused:
            if refused.status != 401 or not forwarded.may_concern_us(activity):
                raise
            if not await self._concerns_us(site, activity):
                raise
        signer = await self._verified(incoming, site, None, keys)
        await self._check_rules(host_of(signer.actor))
        return signer

    async def _concerns_us(self, site: Site, activity: Activity) -> bool:
        """Raises _Answer while that cannot be told: what it is about may still be in the inbox queue."""

        def look(connection: Connection) -> tuple[bool, bool]:
            return inbox_queue.is_empty(connection), forwarded.concerns_us(connection, site, activity)

        complete, concerns = await self._services.database.read(look)
        if not (complete or concerns):
            raise _Answer(503, "what it is about may not be processed yet", _AGAIN, unproved=True)
        return concerns

    async def _verified(self, incoming: Incoming, site: Site, actor: str | None, keys: KeySource) -> Signer:
        return await verify(
            incoming,
            host=site.names.host,
            keys=keys,
            now=self._services.clock(),
            actor=actor,
            scheme=urlsplit(site.names.base).scheme,
            plain_http=lambda host: self._plain_http,
        )

    async def _heed_the_gone(self, activity: Activity) -> str:
        """The key is gone: when the actor says that it is too, its server is asked (S-31)."""
        if activity.type != "Delete" or not _is_of_itself(activity):
            raise _Answer(401, "the key of the signature is gone")
        now = self._services.clock()
        await self._services.database.write(
            lambda connection: jobs.ask(connection, REFRESH_ACTOR, activity.actor, due=now)
        )
        self._services.wake.set()
        return "gone"

    async def _keep(self, activity: Activity, body: bytes, signer: Signer, asker: str) -> str:
        try:
            sender = await self._services.remote.actor(signer.actor, asker=asker)
        except Unreachable as error:
            raise _Answer(503, "the actor is out of reach", _AGAIN) from error
        except FetchError as error:
            raise _Answer(401, "the actor cannot be read") from error
        await self._services.inbox_queue.keep(Entry(sender, body, self._services.clock()))
        if activity.type == "Delete" and activity.object_id == sender.uri:
            self._services.remote.forget(sender.uri)
            self._services.inbox_queue.forget(sender.uri)
        return "kept"


def _obey(wait: float) -> None:
    if wait > 0:
        raise _Answer(429, "too many requests", wait)


def _is_of_itself(activity: Activity) -> bool:
    return activity.type in ("Delete", "Update") and activity.object_id == activity.actor


def _check_headers(request: web.Request) -> None:
    if sum(map(len, chain.from_iterable(request.raw_headers))) > MAX_HEADERS:
        raise _Answer(431, "the headers are too large")
    if request.content_type not in _TYPES:
        raise _Answer(415, "an inbox takes application/activity+json")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _Answer(415, "an inbox takes bodies as they are, not compressed")
    if (request.content_length or 0) > MAX_BYTES:
        raise _Answer(413, "the body is longer than 1 MiB")


def _headers(request: web.Request) -> tuple[tuple[str, str], ...]:
    """In their order. Bytes beyond ASCII stay as they are; no signature that we accept covers any."""
    return tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers])


async def _body(request: web.Request) -> bytes:
    """Raises _Answer: 413 when it grows too long, whatever was announced, 408 when it takes too long or breaks off."""
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > MAX_BYTES:
                    raise _Answer(413, "the body is longer than 1 MiB")
    except TimeoutError as error:
        raise _Answer(408, "the body takes too long") from error
    except ConnectionError as error:
        raise _Answer(408, "the body has broken off") from error
    return bytes(body)
