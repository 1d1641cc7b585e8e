"""Jobs done: the other server is asked, then what it says is processed, in one transaction."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import msgspec
from sqlalchemy import Connection

from tubegen.origin import host_of, same_origin
from tubegen.sidecar.activitypub.limits import Malformed, check
from tubegen.sidecar.activitypub.read import first_id
from tubegen.sidecar.inbox.handlers import deleted_actors, quote, reply
from tubegen.sidecar.inbox.outcome import Outcome
from tubegen.sidecar.jobs.kinds import CONFIRM_ACTOR, CONFIRM_OBJECT, FETCH_OBJECT, FETCH_QUOTE, REFRESH_ACTOR
from tubegen.sidecar.model import Json, RemoteActor, Site
from tubegen.sidecar.remote.answers import Gone, Unfit, Unreachable
from tubegen.sidecar.settings import Clock
from tubegen.sidecar.store import jobs, locks, moderation, remote_actors, replies
from tubegen.sidecar.store.database import Database
from tubegen.sidecar.store.jobs import Job

Handler = Callable[[Job], Awaitable[float | None]]

_PATIENCE = (60.0, 300.0, 1800.0, 3 * 3600.0, 12 * 3600.0)
"""Seconds between the attempts to reach a server that does not answer."""

_SURE = 86400.0
"""Seconds for which an actor or a post must have been gone: servers that are ill deny everything for a while (L-6)."""


class Fetcher(Protocol):
    """`remote.Remote`, which keeps to what may be asked of a server. Raises `answers.FetchError`."""

    async def get(self, url: str) -> Json: ...


class RemoteActors(Protocol):
    """`remote.Remote`. Raises `answers.FetchError`."""

    async def actor(self, uri: str, *, fresh: bool = False) -> RemoteActor: ...

    def forget(self, uri: str) -> None: ...


class JobHandlers:
    """Give `handlers` to the worker."""

    def __init__(
        self,
        database: Database,
        site: Callable[[], Site | None],
        *,
        fetcher: Fetcher,
        actors: RemoteActors,
        clock: Clock,
    ) -> None:
        self._database = database
        self._site = site
        self._fetcher = fetcher
        self._actors = actors
        self._clock = clock

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """By kind of job, people before posts. Each returns when to try again, or None when there is nothing left
        to do."""
        works = {
            REFRESH_ACTOR: self._actor,
            CONFIRM_ACTOR: self._confirm,
            FETCH_OBJECT: self._object,
            FETCH_QUOTE: self._quote,
            CONFIRM_OBJECT: self._object,
        }
        return {kind: self._patiently(work) for kind, work in works.items()}

    def _patiently(self, work: Callable[[Site, Job], Awaitable[float | None]]) -> Handler:
        async def handle(job: Job) -> float | None:
            site = self._site()
            if site is None:
                return self._clock() + _PATIENCE[0]
            try:
                return None if await self._blocked(job.key) else await work(site, job)
            except Unreachable:
                late = job.attempts >= len(_PATIENCE)
                return None if late else self._clock() + _PATIENCE[job.attempts]
            except (Gone, Unfit, Malformed):
                return None

        return handle

    async def _object(self, site: Site, job: Job) -> None:
        """A post, as its own server has it now: kept, changed or gone.

        One that is kept and answers 404 is looked for again in a day, and goes then: anybody may have made us ask.
        """
        try:
            note = await self._fetcher.get(job.key)
            check(note)
        except Gone as gone:
            if not gone.for_good and job.kind != CONFIRM_OBJECT:
                await self._database.write(lambda connection: self._doubt(connection, job.key))
                return
            note = {"id": job.key, "type": "Tombstone"}
        if note.get("type") == "Tombstone":
            await self._database.write(lambda connection: reply.remove(connection, job.key, self._clock()))
            return
        author = await self._author(note)

        def keep(connection: Connection) -> Outcome:
            locks.hold(connection, author.uri)
            jobs.drop(connection, CONFIRM_OBJECT, job.key)
            return reply.keep(connection, site, note, author, self._clock())

        await self._database.write(keep)

    def _doubt(self, connection: Connection, uri: str) -> None:
        if replies.author(connection, uri):
            jobs.ask(connection, CONFIRM_OBJECT, uri, due=self._clock() + _SURE)

    async def _quote(self, site: Site, job: Job) -> None:
        """A post that wants to quote us."""
        asked = msgspec.json.decode(job.payload, type=quote.Request)
        post = await self._fetcher.get(job.key)
        check(post)
        author = await self._author(post)

        def grant(connection: Connection) -> Outcome:
            return quote.grant(connection, site, asked, post, author, self._clock())

        await self._database.write(grant)

    async def _actor(self, site: Site, job: Job) -> None:
        """An actor that has changed or is gone; `people` itself keeps what it fetches.

        Anybody may have made us ask. A 404 may come of a server that is ill: it is asked again in a day.
        """
        try:
            await self._actors.actor(job.key, fresh=True)
        except Gone as gone:
            if gone.for_good:
                await self._purge(job.key)
            else:
                due = self._clock() + _SURE
                await self._database.write(
                    lambda connection: jobs.ask(connection, CONFIRM_ACTOR, job.key, due=due)
                )

    async def _confirm(self, site: Site, job: Job) -> float | None:
        """An actor that was gone when we looked first, and is gone a day later, is taken at its word (L-6)."""
        try:
            await self._actors.actor(job.key, fresh=True)
        except Gone:  # `people` has noted since when
            known = await self._database.read(lambda connection: remote_actors.find(connection, job.key))
            if known is None or known.gone is None:
                return None
            if self._clock() - known.gone < _SURE:
                return known.gone + _SURE
            await self._purge(job.key)
        return None

    async def _purge(self, actor: str) -> None:
        await self._database.write(lambda connection: deleted_actors.purge(connection, actor, self._clock()))
        self._actors.forget(actor)

    async def _author(self, post: Json) -> RemoteActor:
        author = first_id(post.get("attributedTo"))
        if not same_origin(author, first_id(post)):
            raise Unfit("its author is of another server")
        return await self._actors.actor(author)

    async def _blocked(self, address: str) -> bool:
        """The owner may have closed the door since the job was asked for."""
        host = host_of(address)
        return await self._database.read(lambda connection: moderation.is_blocked(connection, host))
