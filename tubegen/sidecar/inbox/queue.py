"""Takes down what was verified, so that it can be acknowledged: many requests, one commit.

While one commit is under way the next ones gather: the busier it is, the more share an fsync and a trip to the
database. How much may wait is bounded, for the whole database, whoever works it in and whether anybody does.
"""

import asyncio
from itertools import islice

from tubegen.sidecar.model import RemoteActor
from tubegen.sidecar.settings import Clock
from tubegen.sidecar.store import inbox_queue
from tubegen.sidecar.store.database import Database
from tubegen.sidecar.store.inbox_queue import Backlog, Entry

MOST = Backlog(rows=50_000, bytes=256 << 20)
"""May wait. That is a minute's work, and many hours of what a site of 100,000 followers is told."""

_AT_ONCE = 256
_MET = 10.0
"""Seconds for which a signer is taken to be in the database still. Who is deleted and comes back sooner is not heard."""
_REMEMBERED = 20_000
_LOOK_AGAIN = 1.0
"""Seconds between two looks when there was no room."""


class Crowded(Exception):
    """Too much waits: come again later."""


class InboxQueue:
    """`keep` what is to be acknowledged. `arrived` is set whenever there is something new to process."""

    def __init__(self, database: Database, clock: Clock, *, most: Backlog = MOST) -> None:
        self.arrived = asyncio.Event()
        self._database = database
        self._clock = clock
        self._most = most
        self._room = Backlog(0, 0)
        """What may be added before we look again how much waits."""
        self._full_at = float("-inf")
        self._met: dict[str, float] = {}
        """When signers were last seen to be in the database."""
        self._gathered: list[tuple[Entry, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    @property
    def is_full(self) -> bool:
        """Whether there was no room a moment ago."""
        return 0 <= self._clock() - self._full_at < _LOOK_AGAIN

    async def keep(self, entry: Entry) -> None:
        """Returns when `entry` is durable. Raises Crowded, and what `Database.write` raises."""
        if self.is_full:
            raise Crowded
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._gathered.append((entry, kept))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        await kept

    def forget(self, signer: str) -> None:
        """An actor says that it leaves: should it be heard of again, it is new."""
        self._met.pop(signer, None)

    async def _write_all(self) -> None:
        try:
            while self._gathered:
                batch = list(islice(self._gathered, _AT_ONCE))
                del self._gathered[: len(batch)]
                error = await self._write([entry for entry, _ in batch])
                if error is not None:  # those that came meanwhile would wait as long, and in vain
                    batch += self._gathered
                    self._gathered = []
                for _, kept in batch:
                    if kept.cancelled():  # whoever sent it has gone; it is kept all the same
                        continue
                    if error is None:
                        kept.set_result(None)
                    else:
                        kept.set_exception(error)
        finally:
            self._writing = None

    async def _write(self, entries: list[Entry]) -> Exception | None:
        """Why they could not be kept, if they could not."""
        try:
            await self._make_sure_of_room(len(entries), sum(len(entry.body) for entry in entries))
            signers = self._to_be_met(entries)
            await self._database.write(lambda connection: inbox_queue.append(connection, entries, signers))
            self._met.update(dict.fromkeys(signers, self._clock()))
        except Exception as error:
            return error
        self.arrived.set()
        return None

    def _to_be_met(self, entries: list[Entry]) -> dict[str, RemoteActor]:
        """The signers, by id, that may not be in the database any more: another process may have seen them leave."""
        if len(self._met) > _REMEMBERED:
            self._met.clear()
        now = self._clock()
        return {
            entry.signer.uri: entry.signer
            for entry in entries
            if not 0 <= now - self._met.get(entry.signer.uri, float("-inf")) < _MET
        }

    async def _make_sure_of_room(self, rows: int, size: int) -> None:
        """Half of the room that is found is ours to use up: other processes may fill it too."""
        if self._room.rows < rows or self._room.bytes < size:
            waiting = await self._database.read(inbox_queue.backlog)
            left = Backlog(self._most.rows - waiting.rows, self._most.bytes - waiting.bytes)
            if left.rows < rows or left.bytes < size:
                self._full_at = self._clock()
                raise Crowded
            self._room = Backlog(max(rows, left.rows // 2), max(size, left.bytes // 2))
        self._room = Backlog(self._room.rows - rows, self._room.bytes - size)
