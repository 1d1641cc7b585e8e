"""The inboxes: what others say is checked from cheap to dear, stored, and only then acknowledged.

limits → content type → size → JSON → the owner's domain rules → signature → one transaction → 202
(interop 4.3, 8.3). Every inbox does the same: whom an activity concerns stands in the activity.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from math import ceil
from urllib.parse import urlsplit

from aiohttp import web
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from tubegen.errors import DiskFull
from tubegen.sidecar import metrics, names
from tubegen.sidecar.addresses import Ground, plain_http_allowed
from tubegen.sidecar.answers import FetchError, Unreachable
from tubegen.sidecar.domain import forwarded
from tubegen.sidecar.domain.errand import REFRESH_ACTOR
from tubegen.sidecar.domain.inbox import receive
from tubegen.sidecar.domain.outcome import Outcome
from tubegen.sidecar.model import Incoming, Signer, Site
from tubegen.sidecar.origin import host_of
from tubegen.sidecar.routes.limits import Buckets, Limits, address
from tubegen.sidecar.services import Services
from tubegen.sidecar.store import errands, moderation, people
from tubegen.sidecar.verify.errors import Refused, SignerGone
from tubegen.sidecar.verify.policy import verify
from tubegen.sidecar.vocab.limits import MAX_BYTES
from tubegen.sidecar.vocab.read import Activity, Malformed, read

Handler = Callable[[web.Request], Awaitable[web.Response]]

MAX_HEADERS = 32 * 1024
"""Bytes of all headers together."""

_TYPES = frozenset({"application/activity+json", "application/ld+json"})
_BODY_SECONDS = 20.0
_AGAIN = 30
"""Seconds after which to send again what cannot be taken now."""

_log = logging.getLogger(__name__)


class _Answer(Exception):
    """Ends the handling of a request, which is not acknowledged."""

    def __init__(self, status: int, reason: str, again: float | None = None) -> None:
        self.status = status
        self.reason = reason
        self.again = again
        super().__init__(reason)


def routes(services: Services, limits: Limits | None = None) -> list[web.RouteDef]:
    """The shared inbox and those of the actors that there are; 404 at those of others."""
    take = inbox(services, limits or Limits())

    async def personal(request: web.Request) -> web.Response:
        site = services.site()
        if site and not any(urlsplit(names.inbox(actor.id)).path == request.path for actor in site.actors):
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
            metrics.received.labels(f"refused {answer.status}").inc()
            headers = {"Retry-After": str(ceil(answer.again))} if answer.again else {}
            return web.Response(status=answer.status, text=answer.reason, headers=headers)
        metrics.received.labels(outcome).inc()
        return web.Response(status=202)

    return handle


class _Inbox:
    def __init__(self, services: Services, limits: Limits) -> None:
        self._services = services
        self._addresses = Buckets(limits.address)
        self._refused = Buckets(limits.refused)
        self._hosts = Buckets(limits.host)
        self._plain_http = plain_http_allowed(Ground.LOOPBACK, services.settings.private_networks)

    async def take(self, request: web.Request) -> str:
        """What came of the activity, which is stored by then. Raises _Answer when it is not taken."""
        site = self._services.site()
        if site is None:
            raise _Answer(503, "the catalogue has not been read yet", _AGAIN)
        sender = address(request)
        now = self._services.clock()
        _obey(max(self._addresses.take(sender, now), self._refused.wait(sender, now)))
        try:
            return await self._take(request, site)
        except _Answer as answer:
            if answer.status in (400, 401, 403):
                self._refused.take(sender, now)
            raise
        except (SQLAlchemyError, DiskFull) as error:
            _log.error("an activity cannot be stored", extra={"error": str(error)})
            raise _Answer(503, "nothing can be stored now", _AGAIN) from error

    async def _take(self, request: web.Request, site: Site) -> str:
        _check_headers(request)
        incoming = Incoming(request.method, request.raw_path, _headers(request), await _body(request))
        try:
            activity = read(incoming.body, plain_http=self._plain_http)
        except Malformed as malformed:
            raise _Answer(malformed.status, malformed.reason) from malformed
        if not await self._is_worth_a_look(activity):
            return "unknown"
        try:
            signer = await self._signer(incoming, site, activity)
        except SignerGone:
            return await self._heed_the_gone(activity)
        except Refused as refused:
            raise _Answer(
                refused.status, refused.reason, _AGAIN if refused.status == 503 else None
            ) from refused
        _obey(self._hosts.take(host_of(signer.actor), self._services.clock()))
        return await self._store(site, activity, signer)

    async def _is_worth_a_look(self, activity: Activity) -> bool:
        """Before anything is fetched: the owner's rules, and whether it tells us of strangers (I-30).

        A large server tells everybody of each account that is deleted; of one that never was here there is
        nothing to delete and no key to fetch.
        """
        host = host_of(activity.actor)

        def look(connection: Connection) -> tuple[bool, bool]:
            blocked = moderation.is_blocked(connection, host)
            return blocked, blocked or not _is_of_itself(activity) or bool(
                people.find(connection, activity.actor)
            )

        blocked, worth = await self._services.database.read(look)
        if blocked:
            raise _Answer(403, "this site takes nothing from there")
        return worth

    async def _signer(self, incoming: Incoming, site: Site, activity: Activity) -> Signer:
        """Who signed; somebody else than the actor only where what is forwarded concerns us."""

        async def verified(actor: str | None) -> Signer:
            return await verify(
                incoming,
                host=site.names.host,
                keys=self._services.remote,
                now=self._services.clock(),
                actor=actor,
                scheme=urlsplit(site.names.base).scheme,
                plain_http=lambda host: self._plain_http,
            )

        try:
            return await verified(activity.actor)
        except Refused as refused:
            if refused.status != 401 or not await self._services.database.read(
                lambda connection: forwarded.concerns_us(connection, site, activity)
            ):
                raise
        signer = await verified(None)
        host = host_of(signer.actor)
        if await self._services.database.read(lambda connection: moderation.is_blocked(connection, host)):
            raise _Answer(403, "this site takes nothing from there")
        return signer

    async def _heed_the_gone(self, activity: Activity) -> str:
        """The key is gone: when the actor says that it is too, its server is asked (S-31)."""
        if activity.type != "Delete" or not _is_of_itself(activity):
            raise _Answer(401, "the key of the signature is gone")
        now = self._services.clock()
        await self._services.database.write(
            lambda connection: errands.ask(connection, REFRESH_ACTOR, activity.actor, due=now)
        )
        self._services.wake.set()
        return "gone"

    async def _store(self, site: Site, activity: Activity, signer: Signer) -> str:
        try:
            sender = await self._services.remote.actor(signer.actor)
        except Unreachable as error:
            raise _Answer(503, "the actor is out of reach", _AGAIN) from error
        except FetchError as error:
            raise _Answer(401, "the actor cannot be read") from error
        now = self._services.clock()

        def work(connection: Connection) -> Outcome:
            return receive(connection, site, activity, sender, now=now)

        outcome = await self._services.database.write(work)
        if outcome.wake:
            self._services.wake.set()
        return outcome.what


def _obey(wait: float) -> None:
    if wait > 0:
        raise _Answer(429, "too many requests", wait)


def _is_of_itself(activity: Activity) -> bool:
    return activity.type in ("Delete", "Update") and activity.object_id == activity.actor


def _check_headers(request: web.Request) -> None:
    if sum(len(name) + len(value) for name, value in request.raw_headers) > MAX_HEADERS:
        raise _Answer(431, "the headers are too large")
    if request.content_type not in _TYPES:
        raise _Answer(415, "an inbox takes application/activity+json")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _Answer(415, "an inbox takes bodies as they are, not compressed")
    if (request.content_length or 0) > MAX_BYTES:
        raise _Answer(413, "the body is longer than 1 MiB")


def _headers(request: web.Request) -> tuple[tuple[str, str], ...]:
    """In their order. Bytes beyond ASCII stay as they are; no signature that we accept covers any."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers)


async def _body(request: web.Request) -> bytes:
    """Raises _Answer: 413 when it grows too long, whatever was announced, 408 when it takes too long."""
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > MAX_BYTES:
                    raise _Answer(413, "the body is longer than 1 MiB")
    except TimeoutError as error:
        raise _Answer(408, "the body takes too long") from error
    return bytes(body)
