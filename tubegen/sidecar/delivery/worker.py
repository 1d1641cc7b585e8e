"""The worker: takes hosts from the queue and delivers to many of them at a time, to each one in order.

What it does can be repeated: after a crash the leases run out and the deliveries that were under way go out
once more. Receivers know them by their ids.
"""

import asyncio
import logging
import os
import random
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from sqlalchemy import Connection

from tubegen.sidecar.delivery.attempt import Sender, next_for, settle
from tubegen.sidecar.delivery.pace import Pace
from tubegen.sidecar.delivery.policy import SCHEDULE
from tubegen.sidecar.delivery.ports import Handler, Keys, Poster, Sign
from tubegen.sidecar.delivery.slots import Slots
from tubegen.sidecar.jobs.kinds import CONFIRM_ACTOR
from tubegen.sidecar.model import Scheme
from tubegen.sidecar.settings import Clock, Settings
from tubegen.sidecar.store import deliveries, followers, hosts, inbox_queue, jobs, processed, remote_actors
from tubegen.sidecar.store.database import Database
from tubegen.sidecar.store.deliveries import Delivery
from tubegen.sidecar.store.hosts import Leased
from tubegen.sidecar.store.jobs import Job

logger = logging.getLogger(__name__)

POLL = 0.5
"""Seconds between two looks at the queue, when nobody calls."""

BATCH = 20
"""Deliveries to one host before it stands in line again."""

_URGENT = 8
"""Hosts that somebody waits for, served beyond the slots."""

_MAX_JOBS = 4
_JOB_SECONDS = jobs.LEASE * 0.8

_GRACE = 20.0
"""Seconds that deliveries under way are given at the end: more than one request takes."""

_AFTER_TROUBLE = 5.0
"""Seconds to wait when the database cannot be used."""

_KEPT = 30 * 86400.0
"""Seconds that the outcome of a delivery is remembered, and an actor with whom we have no more to do."""

_DEAD = 180 * 86400.0
"""Seconds after which a server that never answers has no followers any more."""

_TIDY = 86400.0


class Worker:
    """`run` it; `stop` lets it end. Set `wake` when there is something new; it polls besides.

    `handlers`: who does which kind of job. `dice`: from -1 to 1, for the jitter of retries.
    Several may work on one PostgreSQL database; each paces its media by itself.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        poster: Poster,
        keys: Keys,
        sign: Sign,
        clock: Clock,
        wake: asyncio.Event,
        handlers: Mapping[str, Handler],
        dice: Callable[[], float] = lambda: random.uniform(-1, 1),  # noqa: S311 spreads retries, hides nothing
    ) -> None:
        self._database = database
        self._sender = Sender(poster, keys, sign, clock)
        self._clock = clock
        self._wake = wake
        self._handlers = handlers
        self._dice = dice
        self._pace = Pace(settings.media_bandwidth)
        self._slots = Slots(settings.slots, wake.set)
        self._owner = f"{os.getpid()}-{secrets.token_hex(6)}"
        self._deliveries: dict[str, asyncio.Task[None]] = {}
        self._running_jobs: dict[asyncio.Task[None], str] = {}
        """With their keys."""
        self._stopping = False
        self._tidied = float("-inf")

    async def run(self) -> None:
        """Deliver until `stop` is called; then end what is under way, or give it back."""
        try:
            while not self._stopping:
                self._wake.clear()
                try:
                    await self._begin()
                    await self._tidy()
                except Exception:
                    logger.exception("the queue cannot be read or written")
                    await self._pause(_AFTER_TROUBLE)
                else:
                    await self._pause(POLL)
        finally:
            await self._end()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    async def _begin(self) -> None:
        leased, taken = await self._database.write(self._take)
        for host in leased:
            if host.host not in self._deliveries:  # else our own lease ran out under a delivery: it goes on
                task = asyncio.create_task(self._serve(host))
                self._deliveries[host.host] = task
                task.add_done_callback(partial(self._served, host.host))
        for job in taken:
            task = asyncio.create_task(self._do(job))
            self._running_jobs[task] = job.key
            task.add_done_callback(self._running_jobs.pop)

    def _served(self, host: str, _: asyncio.Task[None]) -> None:
        del self._deliveries[host]

    def _take(self, connection: Connection) -> tuple[list[Leased], list[Job]]:
        """Work for the slots that are free, and in any case for those that somebody waits for."""
        now, free = self._clock(), self._slots.free
        leased: list[Leased] = []
        if free > 0:
            leased = hosts.lease(connection, self._owner, now, free)
        elif (free := free + _URGENT) > 0:
            leased = hosts.lease(connection, self._owner, now, free, urgent=True)
        room = _MAX_JOBS - len(self._running_jobs)
        busy = self._running_jobs.values()
        taken = jobs.take(connection, self._handlers, now, room, busy=busy) if self._handlers else []
        return leased, taken

    async def _serve(self, leased: Leased) -> None:
        """Deliver to one host what waits for it, up to a batch."""
        host = leased.host
        with self._slots.one():
            try:
                await self._deliver(host, leased.state.scheme)
            except asyncio.CancelledError:
                await self._database.write(partial(hosts.release, name=host, owner=self._owner))
                raise
            except Exception:
                # Not the host's fault: ours or the database's. The lease runs out in its time, no sooner.
                logger.exception("deliveries to %s are put off", host)

    async def _deliver(self, host: str, scheme: Scheme) -> None:
        delivery = await self._next(host, more=True)
        sent = 0
        while delivery is not None:
            later = self._pace.wait(delivery.id, delivery.weight, self._clock())
            if later is not None:
                delivery = await self._next(host, more=not self._stopping, postponed=(delivery, later))
                continue
            with self._slots.patience():
                attempt = await self._sender.send(delivery, scheme)
            sent += 1
            status = attempt.result.status
            logger.debug("%s to %s: %s", delivery.uri, delivery.inbox, status or attempt.result.error)
            if status is not None and status < 300:
                scheme = attempt.scheme
            more = sent < BATCH and not self._stopping
            outcome = partial(settle, delivery=delivery, attempt=attempt, host=host, owner=self._owner)
            delivery = await self._database.write(
                partial(outcome, now=self._clock(), jitter=self._dice(), more=more)
            )

    async def _next(
        self, host: str, *, more: bool, postponed: tuple[Delivery, float] | None = None
    ) -> Delivery | None:
        now = self._clock()

        def work(connection: Connection) -> Delivery | None:
            if hosts.hold(connection, host, self._owner, now) is None:
                return None
            if postponed is not None:
                deliveries.postpone(connection, postponed[0].id, postponed[1])
            return next_for(connection, host, self._owner, now=now, more=more)

        return await self._database.write(work)

    async def _do(self, job: Job) -> None:
        try:
            due = await asyncio.wait_for(self._handlers[job.kind](job), _JOB_SECONDS)
        except Exception:
            logger.exception("the job %s for %s failed", job.kind, job.key)
            late = job.attempts >= len(SCHEDULE)
            due = None if late else self._clock() + SCHEDULE[job.attempts]
        if due is None:
            await self._database.write(partial(jobs.done, taken=job))
        else:
            await self._database.write(partial(jobs.again, taken=job, due=due))
        self._wake.set()

    async def _tidy(self) -> None:
        now = self._clock()
        if now - self._tidied < _TIDY:
            return
        self._tidied = now
        await self._database.write(partial(deliveries.forget, before=now - _KEPT))
        await self._database.write(partial(hosts.forget, before=now - _KEPT))
        await self._database.write(partial(processed.prune, now=now))
        await self._database.write(partial(inbox_queue.prune, before=now - _KEPT))
        await self._database.write(partial(remote_actors.prune, before=now - _KEPT))
        await self._database.write(partial(followers.leave_dead, before=now - _DEAD))
        await self._database.write(partial(_look_after_the_gone, now=now))

    async def _end(self) -> None:
        """Jobs come up again by themselves; deliveries are seen to their end, or their hosts given back."""
        for task in self._running_jobs:
            task.cancel()
        deliveries = list(self._deliveries.values())
        tasks = [*deliveries, *self._running_jobs]
        if deliveries:
            await asyncio.wait(deliveries, timeout=_GRACE)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _look_after_the_gone(connection: Connection, now: float) -> None:
    """Whatever made us note that they are gone: they get nothing meanwhile, so it must be found out (L-6)."""
    for actor in remote_actors.gone(connection):
        jobs.ask(connection, CONFIRM_ACTOR, actor, due=now)
