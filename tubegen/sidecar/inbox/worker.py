"""Works in what was taken down: many activities in a transaction, which also strikes them off.

A batch that fails as a whole is gone through one by one. What fails alone is our mistake and holds up nobody: it is
put with the failed ones, tried again later, and at last given up until the next start, which may be that of a tubegen that knows
better. Trouble of the database is nobody's mistake: then everything waits.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from sqlalchemy import Connection

from tubegen.origin import host_of
from tubegen.sidecar import metrics
from tubegen.sidecar.activitypub.read import read
from tubegen.sidecar.inbox.outcome import IGNORED, Outcome
from tubegen.sidecar.inbox.process import receive
from tubegen.sidecar.model import RemoteActor, Site
from tubegen.sidecar.settings import Clock
from tubegen.sidecar.store import hosts, inbox_queue, remote_actors
from tubegen.sidecar.store.database import Database, is_passing
from tubegen.sidecar.store.inbox_queue import Waiting

BATCH = 64
"""Activities in a transaction. Whoever wants to write meanwhile waits for it."""

POLL = 0.25
"""Seconds between two looks at the inbox queue, when nobody calls: web processes elsewhere write into it too."""

PAUSES = (60.0, 600.0)
"""Seconds between the attempts to process what has failed."""

_AFTER_TROUBLE = 5.0
"""Seconds to wait when the database cannot be used."""

_AGAIN = 10.0
"""Seconds between two looks at what failed."""

_WORDS = 300
"""Characters that are kept of an error."""

_log = logging.getLogger(__name__)


class RemoteActors(Protocol):
    """`remote.Remote`."""

    def forget(self, uri: str) -> None: ...


class InboxWorker:
    """`run` it, or take a `turn`; `stop` lets it end. Several may work on one PostgreSQL database."""

    def __init__(
        self,
        database: Database,
        site: Callable[[], Site | None],
        *,
        actors: RemoteActors,
        clock: Clock,
        arrived: asyncio.Event,
        wake: asyncio.Event,
    ) -> None:
        self._database = database
        self._site = site
        self._actors = actors
        self._clock = clock
        self._arrived = arrived
        self._wake = wake
        self._stopping = False
        self._looked_at_failed = float("-inf")

    async def run(self) -> None:
        """Work in what comes until `stop` is called."""
        now = self._clock()
        await self._database.write(lambda connection: inbox_queue.reconsider(connection, now))
        while not self._stopping:
            self._arrived.clear()
            try:
                many = await self.turn()
            except Exception:
                _log.exception("the inbox queue cannot be read or written")
                await self._pause(_AFTER_TROUBLE)
            else:
                if not many:
                    await self._pause(POLL)

    def stop(self) -> None:
        self._stopping = True
        self._arrived.set()

    async def turn(self) -> int:
        """Process the next batch. How many were taken from the inbox queue, and from what is due again.

        Raises what the database raises while it is in trouble.
        """
        site = self._site()
        if site is None:
            return 0
        return await self._next(site) + await self._again(site)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._arrived.wait(), seconds)

    async def _next(self, site: Site) -> int:
        try:
            return await self._batch(site, BATCH, [])
        except Exception as error:
            if is_passing(error):
                raise
        for many in range(BATCH):
            if not await self._one(site):
                return many
        return BATCH

    async def _one(self, site: Site) -> bool:
        """Process the oldest alone, or put it with the failed ones. Whether there was one."""
        under_way: list[Waiting] = []
        try:
            return bool(await self._batch(site, 1, under_way))
        except Exception as error:
            if is_passing(error) or not under_way:
                raise
            row, description, due = under_way[0], _describe(error), self._clock() + PAUSES[0]
            _log.exception(
                "an activity cannot be processed and is put with the failed ones",
                extra={"signer": row.signer},
            )
        await self._database.write(
            lambda connection: inbox_queue.put_failed(connection, row, description, due)
        )
        return True

    async def _batch(self, site: Site, limit: int, under_way: list[Waiting]) -> int:
        """Work in up to `limit`, all or none; they stand in `under_way` from when they are taken."""

        def work(connection: Connection) -> list[tuple[str, Outcome]]:
            under_way[:] = inbox_queue.take(connection, limit)
            outcomes = self._apply(connection, site, under_way)
            inbox_queue.done(connection, under_way)
            return outcomes

        self._tell(await self._database.write(work))
        return len(under_way)

    async def _again(self, site: Site) -> int:
        """Try once more what failed and is due."""
        now = self._clock()
        if 0 <= now - self._looked_at_failed < _AGAIN:
            return 0
        under_way: list[Waiting] = []

        def work(connection: Connection) -> list[tuple[str, Outcome]]:
            under_way[:] = filter(None, [inbox_queue.take_failed(connection, now)])
            outcomes = self._apply(connection, site, under_way)
            for row in under_way:
                inbox_queue.done_failed(connection, row)
            return outcomes

        try:
            self._tell(await self._database.write(work))
        except Exception as error:
            if is_passing(error) or not under_way:
                raise
            row, description = under_way[0], _describe(error)
            due = now + PAUSES[row.attempts] if row.attempts < len(PAUSES) else None
            later = "is tried again later" if due else "is given up until the next start"
            _log.exception("an activity cannot be processed and %s", later, extra={"signer": row.signer})
            await self._database.write(
                lambda connection: inbox_queue.failed_again(connection, row, description, due)
            )
        if not under_way:
            self._looked_at_failed = now
        return len(under_way)

    def _apply(self, connection: Connection, site: Site, rows: list[Waiting]) -> list[tuple[str, Outcome]]:
        """What came of each, beside its signer."""
        # By host, as everybody locks the rows of hosts: so nobody waits for each other. Each keeps its order.
        rows = sorted(rows, key=lambda row: host_of(row.signer))
        signers = remote_actors.find_all(connection, {row.signer for row in rows})
        now = self._clock()
        for host in sorted({host_of(signer.inbox) for signer in signers.values()}):
            hosts.revive(connection, host, now)
        return [(row.signer, _work_in(connection, site, row, signers, now)) for row in rows]

    def _tell(self, outcomes: list[tuple[str, Outcome]]) -> None:
        for signer, outcome in outcomes:
            metrics.applied.labels(outcome.what).inc()
            if outcome.what == "departure":
                self._actors.forget(signer)
        if any(outcome.wake for _, outcome in outcomes):
            self._wake.set()


def _work_in(
    connection: Connection, site: Site, row: Waiting, signers: dict[str, RemoteActor], now: float
) -> Outcome:
    """As of when it came. A signer that is gone has left since, with all that it did."""
    signer = signers.get(row.signer)
    if signer is None:
        return IGNORED
    # What the ids may begin with was judged before it was acknowledged.
    activity = read(row.body, plain_http=True)
    outcome = receive(connection, site, activity, signer, now=min(now, row.at))
    if outcome.what == "departure":
        del signers[row.signer]
    return outcome


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_WORDS]
