"""Work that waits for another server. It is asked for in the transaction that makes it necessary.

Taking an errand moves its time a while ahead: if the taker dies, the errand comes up again by itself.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, case, delete, select, update

from tubegen.sidecar.store.dialect import inserting
from tubegen.sidecar.store.schema import errand

LEASE = 300.0
"""Seconds that a handler has."""


class Errand(msgspec.Struct, frozen=True):
    id: int
    kind: str
    key: str
    payload: str
    attempts: int
    """How often it was begun before."""
    until: float
    """When it comes up again unless it is done."""


def ask(connection: Connection, kind: str, key: str, *, due: float, payload: str = "") -> None:
    """Have something done from `due` on. Asked for twice it is done once: at the earlier time, with the newer payload."""
    insert = inserting(connection, errand).values(kind=kind, key=key, payload=payload, due=due, attempts=0)
    new = insert.excluded
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=[errand.c.kind, errand.c.key],
            set_={
                "payload": new.payload,
                "attempts": 0,
                "due": case((errand.c.due < new.due, errand.c.due), else_=new.due),
            },
        )
    )


def take(connection: Connection, kinds: Iterable[str], now: float, limit: int) -> list[Errand]:
    """Up to `limit` of these kinds that are due, the longest waiting first."""
    picked = (
        select(errand.c.id)
        .where(errand.c.due <= now, errand.c.kind.in_(list(kinds)))
        .order_by(errand.c.due, errand.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("picked")
    )
    rows = connection.execute(
        update(errand)
        .where(errand.c.id.in_(select(picked.c.id)))
        .values(due=now + LEASE, attempts=errand.c.attempts + 1)
        .returning(errand.c.id, errand.c.kind, errand.c.key, errand.c.payload, errand.c.attempts)
    )
    return [Errand(row.id, row.kind, row.key, row.payload, row.attempts - 1, now + LEASE) for row in rows]


def done(connection: Connection, taken: Errand) -> None:
    """Strike it off, unless it was asked for once more since it was taken."""
    connection.execute(delete(errand).where(_untouched(taken)))


def again(connection: Connection, taken: Errand, due: float) -> None:
    """Try it once more at `due`."""
    connection.execute(update(errand).where(_untouched(taken)).values(due=due))


def _untouched(taken: Errand) -> ColumnElement[bool]:
    same = errand.c.due == taken.until, errand.c.attempts == taken.attempts + 1
    return and_(errand.c.id == taken.id, *same)
