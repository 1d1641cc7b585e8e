"""What was verified and acknowledged and has yet to be processed: a queue, first in, first out.

Nothing is leased. Whoever works a row in deletes it in the same transaction: whatever happens to it, the row is
there or its effect is, never both. With PostgreSQL several may take from the queue: each holds a lane as long as its
transaction lasts, and what one host has sent is in one lane.
"""

from collections.abc import Iterable, Mapping, Sequence
from zlib import crc32

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from tubegen.sidecar.model import RemoteActor
from tubegen.sidecar.store import hosts, locks, remote_actors
from tubegen.sidecar.store.schema import failed_activity, queued_activity

_LANES = 64
_AHEAD = 500
"""Rows among which a lane is looked for."""
_HEAVY = 4 << 20
"""Bytes of bodies that are enough at a time."""

MAX_FAILED = 1000
"""Kept of what cannot be processed. More is not one mistake of ours but somebody who plays with it."""


class Entry(msgspec.Struct, frozen=True):
    """An activity as it came, and who has signed it."""

    signer: RemoteActor
    body: bytes
    at: float


class Waiting(msgspec.Struct, frozen=True):
    """A row of the queue, or of what failed."""

    id: int
    signer: str
    body: bytes
    at: float
    attempts: int = 0


class Backlog(msgspec.Struct, frozen=True):
    """How much waits."""

    rows: int
    bytes: int


class Waits(msgspec.Struct, frozen=True):
    """The inbox queue, for the owner."""

    rows: int
    oldest: float | None
    """Since when the one that waits for longest does."""
    aside: list["FailedActivity"]
    """Newest first."""


class FailedActivity(msgspec.Struct, frozen=True):
    """What could not be processed, for the owner."""

    signer: str
    at: float
    attempts: int
    due: float | None
    """When it is tried again; None: at the next start."""
    error: str


_INSERT = {
    "sqlite": "INSERT INTO queued_activity (lane, signer, body, at) VALUES (?, ?, ?, ?)",
    "postgresql": "INSERT INTO queued_activity (lane, signer, body, at) VALUES (%s, %s, %s, %s)",
}
_FIELDS = (queued_activity.c.id, queued_activity.c.signer, queued_activity.c.body, queued_activity.c.at)
_OLDEST = select(*_FIELDS).order_by(queued_activity.c.id).limit(bindparam("limit"))
_IN_LANE = _OLDEST.where(queued_activity.c.lane == bindparam("lane"))
_DONE = delete(queued_activity).where(queued_activity.c.id == bindparam("of"))


def append(connection: Connection, entries: Sequence[Entry], signers: Mapping[str, RemoteActor]) -> None:
    """Keep activities in this order; of the `signers`, by id, those that have been forgotten meanwhile."""
    for uri in signers.keys() - (remote_actors.known(connection, list(signers)) if signers else set()):
        remote_actors.remember(connection, signers[uri])
    rows = [(_lane(entry.signer.host), entry.signer.uri, entry.body, entry.at) for entry in entries]
    # Told to the driver itself: to build a row takes SQLAlchemy longer than to store it.
    connection.exec_driver_sql(_INSERT[connection.dialect.name], rows)


def take(connection: Connection, limit: int) -> list[Waiting]:
    """The oldest that nobody else is working on: the caller's until its transaction ends."""
    if connection.dialect.name != "postgresql":  # a single writer
        return _rows(connection, limit)
    ahead = (
        select(queued_activity.c.lane, queued_activity.c.id)
        .order_by(queued_activity.c.id)
        .limit(_AHEAD)
        .subquery()
    )
    lanes = select(ahead.c.lane).group_by(ahead.c.lane).order_by(func.min(ahead.c.id))
    rows: list[Waiting] = []
    for lane in connection.execute(lanes).scalars().all():
        # Read once the lane is held: what was there before may have been processed since.
        if locks.take(connection, f"lane {lane} of the inbox queue"):
            rows += _rows(connection, limit - len(rows), lane)
        if len(rows) == limit:
            break
    return rows


def done(connection: Connection, rows: Iterable[Waiting]) -> None:
    """Strike off what was processed."""
    if ids := [{"of": row.id} for row in rows]:
        connection.execute(_DONE, ids)


def put_failed(connection: Connection, row: Waiting, error: str, due: float | None) -> None:
    """Take out of the way what could not be processed, unless another process could meanwhile."""
    if not connection.execute(_DONE, {"of": row.id}).rowcount:
        return
    many = connection.execute(select(func.count()).select_from(failed_activity)).scalar_one()
    if many < MAX_FAILED:
        values = {"signer": row.signer, "body": row.body, "at": row.at}
        connection.execute(insert(failed_activity).values(**values, attempts=1, due=due, error=error))


def take_failed(connection: Connection, now: float) -> Waiting | None:
    """One that failed and is to be tried again; the caller's until its transaction ends."""
    query = (
        select(*(failed_activity.c[name] for name in Waiting.__struct_fields__))
        .where(failed_activity.c.due.is_not(None), hosts.is_due(failed_activity.c.due, now))
        .order_by(failed_activity.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = connection.execute(query).first()
    return None if row is None else Waiting(*row)


def done_failed(connection: Connection, row: Waiting) -> None:
    connection.execute(delete(failed_activity).where(failed_activity.c.id == row.id))


def failed_again(connection: Connection, row: Waiting, error: str, due: float | None) -> None:
    connection.execute(
        update(failed_activity)
        .where(failed_activity.c.id == row.id, failed_activity.c.attempts == row.attempts)
        .values(attempts=row.attempts + 1, due=due, error=error)
    )


def reconsider(connection: Connection, now: float) -> None:
    """Have everything tried anew that was given up: this may be another tubegen than the one that failed."""
    connection.execute(
        update(failed_activity).where(failed_activity.c.due.is_(None)).values(due=now, attempts=0)
    )


def backlog(connection: Connection) -> Backlog:
    query = select(func.count(), func.coalesce(func.sum(func.length(queued_activity.c.body)), 0))
    return Backlog(*connection.execute(query.select_from(queued_activity)).one())


def is_empty(connection: Connection) -> bool:
    return connection.execute(select(queued_activity.c.id).limit(1)).first() is None


def waits(connection: Connection) -> Waits:
    query = select(*(failed_activity.c[name] for name in FailedActivity.__struct_fields__))
    return Waits(
        rows=connection.execute(select(func.count()).select_from(queued_activity)).scalar_one(),
        oldest=connection.execute(
            select(queued_activity.c.at).order_by(queued_activity.c.id).limit(1)
        ).scalar(),
        aside=[
            FailedActivity(*row) for row in connection.execute(query.order_by(failed_activity.c.id.desc()))
        ],
    )


def prune(connection: Connection, before: float) -> None:
    """Forget what failed and came before a time: nothing would make sense of it any more."""
    connection.execute(delete(failed_activity).where(failed_activity.c.at < before))


def _rows(connection: Connection, limit: int, lane: int | None = None) -> list[Waiting]:
    query, values = (_OLDEST, {}) if lane is None else (_IN_LANE, {"lane": lane})
    rows: list[Waiting] = []
    heavy = 0
    for row in connection.execute(query, values | {"limit": limit}):
        rows.append(Waiting(*row))
        heavy += len(row.body)
        if heavy > _HEAVY:
            break
    return rows


def _lane(host: str) -> int:
    return crc32(host.encode()) % _LANES
