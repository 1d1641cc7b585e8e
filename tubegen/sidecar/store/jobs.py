"""Work that waits for another server. It is asked for in the transaction that makes it necessary.

Taking a job moves its time a while ahead: if the taker dies, the job comes up again by itself.
"""

from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, case, delete, false, func, select, update

from tubegen.sidecar.store import hosts
from tubegen.sidecar.store.dialect import inserting
from tubegen.sidecar.store.schema import job

LEASE = 300.0
"""Seconds that a handler has."""

CROWD = 20
"""Jobs that strangers may have waiting for one server."""


class Job(msgspec.Struct, frozen=True):
    id: int
    kind: str
    key: str
    payload: str
    attempts: int
    """How often it was begun before."""
    until: float
    """When it comes up again unless it is done."""


def crowded(connection: Connection, key: str, payload: str = "") -> bool:
    """Whether as much as is good waits already for the server of `key`, or, where given, with this `payload`.

    What has no payload is our own asking, such as a second look in a day, and takes no stranger's place.
    """
    strangers = and_(_of_server(key), job.c.payload != "")
    for which in (strangers, job.c.payload == payload if payload else false()):
        if connection.execute(select(func.count()).select_from(job).where(which)).scalar_one() >= CROWD:
            return True
    return False


def ask(connection: Connection, kind: str, key: str, *, due: float, payload: str = "") -> None:
    """Have something done from `due` on. Asked for twice it is done once: at the earlier time, with the newer payload.

    Failed attempts go on counting: nobody makes us try for ever by asking again and again.
    """
    insert = inserting(connection, job).values(kind=kind, key=key, payload=payload, due=due, attempts=0)
    new = insert.excluded
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=[job.c.kind, job.c.key],
            set_={
                "payload": new.payload,
                "due": case((job.c.due < new.due, job.c.due), else_=new.due),
            },
        )
    )


def take(
    connection: Connection, kinds: Iterable[str], now: float, limit: int, *, busy: Iterable[str] = ()
) -> list[Job]:
    """Up to `limit` that are due: kinds in the order given, then the longest waiting first.

    One for each server, and none for the servers of the keys in `busy`: a slow one holds up nobody else.
    """
    order = {kind: place for place, kind in enumerate(kinds)}
    keys, taken = list(busy), list[Job]()
    while len(taken) < limit and (one := _take(connection, order, now, keys)):
        taken.append(one)
        keys.append(one.key)
    return taken


def _take(connection: Connection, order: Mapping[str, int], now: float, busy: list[str]) -> Job | None:
    picked = (
        select(job.c.id)
        .where(hosts.is_due(job.c.due, now), job.c.kind.in_(order), *(~_of_server(key) for key in busy))
        .order_by(case(order, value=job.c.kind), job.c.due, job.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte("picked")
    )
    row = connection.execute(
        update(job)
        .where(job.c.id.in_(select(picked.c.id)))
        .values(due=now + LEASE, attempts=job.c.attempts + 1)
        .returning(job.c.id, job.c.kind, job.c.key, job.c.payload, job.c.attempts)
    ).first()
    if row is None:
        return None
    return Job(row.id, row.kind, row.key, row.payload, row.attempts - 1, now + LEASE)


def done(connection: Connection, taken: Job) -> None:
    """Strike it off, unless it was asked for once more since it was taken."""
    connection.execute(delete(job).where(_untouched(taken)))


def drop(connection: Connection, kind: str, key: str) -> None:
    """It need not be done any more."""
    connection.execute(delete(job).where(job.c.kind == kind, job.c.key == key))


def again(connection: Connection, taken: Job, due: float) -> None:
    """Try it once more at `due`."""
    connection.execute(update(job).where(_untouched(taken)).values(due=due))


def _of_server(key: str) -> ColumnElement[bool]:
    """Jobs whose keys have the origin of `key`, as it is written there."""
    return job.c.key.startswith("/".join(key.split("/")[:3]) + "/", autoescape=True)


def _untouched(taken: Job) -> ColumnElement[bool]:
    same = job.c.due == taken.until, job.c.attempts == taken.attempts + 1
    return and_(job.c.id == taken.id, *same)
