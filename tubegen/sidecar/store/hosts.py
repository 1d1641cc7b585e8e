"""Other servers as places to deliver to: who works on which, and how they have been doing.

A worker leases a host, never a single message: so one row keeps order, concurrency and the circuit breaker.
Every change of what waits for a host is made under its row, so that no two processes overlook each other.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, delete, func, or_, select, update

from tubegen.sidecar.model import Scheme
from tubegen.sidecar.store.dialect import inserting
from tubegen.sidecar.store.schema import delivery, host

LEASE = 120.0
"""Seconds. Every settled delivery renews it; it must outlast the two requests that one may take."""

FARTHEST = 7 * 86400.0
"""Seconds. Nothing is ever put off for so long: what seems to be was arranged before the clock was set back."""


class HostState(msgspec.Struct, frozen=True, kw_only=True):
    """How a host has been doing; see `schema.host`."""

    failures: int = 0
    failing_since: float | None = None
    failing_days: int = 0
    failed_on: int = 0
    open_until: float = 0
    """Nothing is sent to it before this time."""
    scheme: Scheme = "cavage"
    last_success: float | None = None
    last_error: str = ""


class Leased(msgspec.Struct, frozen=True):
    host: str
    state: HostState


_STATE = [host.c[name] for name in HostState.__struct_fields__]
_FAILS = select(host.c.host).where(host.c.host == bindparam("of"), host.c.failures > 0)


def wake(connection: Connection, names: Iterable[str], *, now: float, priority: int) -> None:
    """Note that something waits for these hosts; one that rests goes on resting."""
    rows = [{"host": name, "due": now, "priority": priority} for name in sorted(set(names))]
    if not rows:
        return
    insert = inserting(connection, host)
    new = insert.excluded
    soonest = case((host.c.due < new.due, host.c.due), else_=new.due)
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=[host.c.host],
            set_={
                "due": case((host.c.open_until > soonest, host.c.open_until), else_=soonest),
                "priority": case((host.c.priority < new.priority, host.c.priority), else_=new.priority),
            },
        ),
        rows,
    )


def lease(
    connection: Connection, owner: str, now: float, slots: int, *, urgent: bool = False
) -> list[Leased]:
    """Up to `slots` hosts for `owner`: those that are waited for, then the healthy ones, then by time.

    `urgent`: only hosts where somebody waits for an Accept. A lease that was never given back is taken
    over when it ends, and at once when it ends later than a lease can: then the clock was set back.
    """
    free = or_(host.c.lease_until <= now, host.c.lease_until > now + LEASE)
    chosen = (
        select(host.c.host)
        .where(host.c.due.is_not(None), is_due(host.c.due, now), free)
        .order_by(host.c.priority, host.c.failures, host.c.due)
        .limit(slots)
        .with_for_update(skip_locked=True)
    )
    if urgent:
        chosen = chosen.where(host.c.priority == 0)
    # A table expression is worked out once; as a subquery PostgreSQL may run it again and lock other rows.
    picked = chosen.cte("picked")
    rows = connection.execute(
        update(host)
        .where(host.c.host.in_(select(picked.c.host)))
        .values(lease_until=now + LEASE, owner=owner)
        .returning(host.c.host, *_STATE)
    ).mappings()
    return [Leased(row["host"], _state(row)) for row in rows]


def hold(connection: Connection, name: str, owner: str, now: float) -> HostState | None:
    """Renew a lease and keep others off the row until the transaction ends. None when it is no longer `owner`'s."""
    row = (
        connection.execute(
            update(host)
            .where(host.c.host == name, host.c.owner == owner)
            .values(lease_until=now + LEASE)
            .returning(*_STATE)
        )
        .mappings()
        .first()
    )
    return None if row is None else _state(row)


def keep(connection: Connection, name: str, state: HostState) -> None:
    connection.execute(update(host).where(host.c.host == name).values(**msgspec.structs.asdict(state)))


def release(connection: Connection, name: str, owner: str) -> None:
    """Give a lease back, if it is still `owner`'s, and note when the host is next to be looked at."""
    # First the row, then the look at what waits: what another process adds meanwhile waits for the row
    # and sets it after us, or is there already when we look.
    rests = connection.execute(
        update(host)
        .where(host.c.host == name, host.c.owner == owner)
        .values(owner="", lease_until=0)
        .returning(host.c.open_until)
    ).scalar()
    if rests is None:
        return
    due, priority = connection.execute(
        select(func.min(delivery.c.due), func.min(delivery.c.priority)).where(
            delivery.c.host == name, delivery.c.state == "waiting", foremost()
        )
    ).one()
    following = (
        {"due": None, "priority": 1} if due is None else {"due": max(due, rests), "priority": priority}
    )
    connection.execute(update(host).where(host.c.host == name).values(**following))


def revive(connection: Connection, name: str, now: float) -> None:
    """A host that failed has sent us something that was verified: it lives, so what waits for it goes now.

    Costs one look at an index when the host is well or unknown. `name` as `origin.host_of` says it.
    """
    if connection.execute(_FAILS, {"of": name}).first() is None:
        return
    waiting = case((host.c.due.is_not(None), now))
    connection.execute(
        update(host)
        .where(host.c.host == name)
        .values(failures=0, failing_since=None, failing_days=0, open_until=0, due=waiting)
    )
    hurry(connection, name, now)


def hurry(connection: Connection, name: str, now: float) -> None:
    """What waits for a host is tried now, whatever was arranged while it failed."""
    connection.execute(
        update(delivery)
        .where(delivery.c.host == name, delivery.c.state == "waiting", delivery.c.due > now)
        .values(due=now)
    )


def forget(connection: Connection, before: float) -> None:
    """Drop what is known of healthy hosts that nothing waits for and that took nothing since `before`."""
    silent = and_(
        host.c.due.is_(None),
        host.c.owner == "",
        host.c.failures == 0,
        func.coalesce(host.c.last_success, 0) < before,
    )
    connection.execute(delete(host).where(silent))


def is_due(when: ColumnElement[float], now: float) -> ColumnElement[bool]:
    """SQL: whether the time of something that waits has come."""
    return or_(when <= now, when > now + FARTHEST)


def foremost() -> ColumnElement[bool]:
    """SQL: no earlier delivery about the same object waits for the same inbox (interop L-9)."""
    earlier = delivery.alias("earlier")
    return ~(
        select(earlier.c.id)
        .where(
            earlier.c.inbox == delivery.c.inbox,
            earlier.c.object == delivery.c.object,
            earlier.c.state == "waiting",
            earlier.c.id < delivery.c.id,
        )
        .exists()
    )


def _state(row: Mapping[Any, Any]) -> HostState:
    return HostState(**{name: row[name] for name in HostState.__struct_fields__})
