"""What waits to be delivered: one row for each activity and inbox (interop §7.2).

`say` is called in the transaction that changes what is said, so that both happen or neither.
Rows of one host are worked on by one worker at a time, see `hosts`.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Literal

import msgspec
from sqlalchemy import Connection, and_, delete, select, update

from tubegen.origin import host_of
from tubegen.sidecar.model import OutgoingActivity
from tubegen.sidecar.store import hosts
from tubegen.sidecar.store.dialect import inserting
from tubegen.sidecar.store.schema import activity, delivery, follower, remote_actor

State = Literal["waiting", "delivered", "refused", "given up"]

_REPLACES = {"Update": ("Update",), "Delete": ("Create", "Update"), "Undo": ("Announce",)}
"""Which earlier activities about the same object need no telling any more, if nobody has been told yet."""


_INDEXED = 500

_DELIVERIES = select(
    delivery.c.id,
    activity.c.uri,
    activity.c.actor,
    activity.c.body,
    activity.c.weight,
    delivery.c.inbox,
    delivery.c.attempts,
).join(activity, activity.c.id == delivery.c.activity)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One activity on its way to one inbox."""

    id: int
    uri: str
    """Of the activity."""
    actor: str
    body: bytes
    weight: int
    """Bytes that the receiving server will fetch because of it."""
    inbox: str
    attempts: int
    """How often it was tried before."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an attempt."""

    state: State
    due: float = 0
    """When to try again, if it goes on waiting."""
    status: int | None = None
    error: str = ""


def enqueue(
    connection: Connection,
    outgoing: OutgoingActivity,
    inboxes: Iterable[str],
    *,
    now: float,
    urgent: bool = False,
) -> None:
    """Have an activity delivered to `inboxes`. Saying the same `said.uri` again adds only inboxes that are new.

    What it makes superfluous is dropped where it was never tried: an older Update of the same object by a newer
    one, a Create or Update by a Delete, an Announce by its Undo. The Delete and the Undo themselves are always
    sent: the server may know the object from another. `urgent`: somebody waits for it, as for an Accept.
    An inbox that is no http(s) address is left out.
    """
    outgoing = msgspec.structs.replace(outgoing, object=_indexed(outgoing.object))
    places = dict(_placed(inboxes))
    priority = 0 if urgent else 1
    # The hosts' rows first, here as in the worker: who holds them in one order cannot wait for each other.
    hosts.wake(connection, places.values(), now=now, priority=priority)
    number, new = _insert_activity(connection, outgoing, now)
    _enqueue(connection, [(number, outgoing.object, priority)], places, now)
    if new:
        _supersede(connection, outgoing, number, now)


def take(connection: Connection, host: str, now: float) -> Delivery | None:
    """What to send next to a host that the caller holds: urgent before old, and in order for each object.

    Nothing is returned whose forerunner about the same object still waits for the same inbox.
    """
    row = (
        connection.execute(
            _DELIVERIES.where(
                delivery.c.host == host,
                delivery.c.state == "waiting",
                hosts.is_due(delivery.c.due, now),
                hosts.foremost(),
            )
            .order_by(delivery.c.priority, delivery.c.id)
            .limit(1)
        )
        .mappings()
        .first()
    )
    return None if row is None else Delivery(**{**row, "body": row["body"].encode()})


def settle(connection: Connection, number: int, mark: Mark, now: float) -> None:
    """Note what came of an attempt.

    What was superseded meanwhile does not go back to waiting.
    """
    row = update(delivery).where(delivery.c.id == number)
    if mark.state == "waiting":
        row = row.where(delivery.c.state == "waiting")
    values = msgspec.structs.asdict(mark)
    if mark.state != "waiting":
        del values["due"]
    connection.execute(row.values(**values, attempts=delivery.c.attempts + 1, at=now))


def postpone(connection: Connection, number: int, due: float) -> None:
    """Do not try it before `due`; this is no attempt."""
    connection.execute(
        update(delivery).where(delivery.c.id == number, delivery.c.state == "waiting").values(due=due)
    )


def scatter(connection: Connection, inbox: str, *, now: float) -> bool:
    """Send what waits for a shared inbox that is no more to the personal ones. Whether it was a shared inbox.

    The actors' shared inbox is forgotten until their documents are fetched again.
    """
    shared = remote_actor.c.shared_inbox == inbox
    if connection.execute(select(remote_actor.c.id).where(shared).limit(1)).first() is None:
        return False
    followers = connection.execute(
        select(remote_actor.c.inbox)
        .distinct()
        .join(follower, follower.c.remote == remote_actor.c.id)
        .where(shared, remote_actor.c.inbox != inbox, remote_actor.c.gone.is_(None))
        .order_by(remote_actor.c.inbox)
    )
    places = dict(_placed(followers.scalars().all()))
    waiting = and_(delivery.c.inbox == inbox, delivery.c.state == "waiting")
    columns = delivery.c.activity, delivery.c.object, delivery.c.priority
    outgoing = connection.execute(select(*columns).where(waiting).order_by(delivery.c.id)).all()
    hosts.wake(
        connection, places.values(), now=now, priority=min((row.priority for row in outgoing), default=1)
    )
    _enqueue(connection, [(row.activity, row.object, row.priority) for row in outgoing], places, now)
    gone = {"state": "refused", "error": "the shared inbox is gone", "at": now}
    connection.execute(update(delivery).where(waiting).values(**gone))
    connection.execute(update(remote_actor).where(shared).values(shared_inbox=""))
    return True


def owners(connection: Connection, inbox: str) -> list[str]:
    """Ids of the actors whose own inbox this is and who are not known to be gone."""
    query = select(remote_actor.c.uri).where(remote_actor.c.inbox == inbox, remote_actor.c.gone.is_(None))
    return list(connection.execute(query.order_by(remote_actor.c.uri)).scalars())


def drop(connection: Connection, host: str, before: float, now: float) -> None:
    """Give up what was said before `before` and still waits for a host."""
    old = select(activity.c.id).where(activity.c.created < before)
    connection.execute(
        update(delivery)
        .where(delivery.c.host == host, delivery.c.state == "waiting", delivery.c.activity.in_(old))
        .values(state="given up", error="the server was silent for too long", at=now)
    )


def forget(connection: Connection, before: float) -> None:
    """Drop the rows of deliveries that ended before `before`, and the Accepts that they delivered.

    Other activities stay: they are said once for ever, while an Accept is said anew each time somebody asks.
    """
    connection.execute(delete(delivery).where(delivery.c.state != "waiting", delivery.c.at < before))
    open_ones = select(delivery.c.activity).where(delivery.c.activity == activity.c.id)
    old = and_(activity.c.type == "Accept", activity.c.created < before, ~open_ones.exists())
    connection.execute(delete(activity).where(old))


def _indexed(about: str) -> str:
    """What stands for an id where deliveries are kept in order: a hash for a stranger's that is very long.

    With the inbox beside it, it must fit into an index, of which PostgreSQL's take 2,704 bytes.
    """
    return about if len(about) <= _INDEXED else sha256(about.encode()).hexdigest()


def forget_accepts(connection: Connection, inbox: str) -> None:
    """Drop the Accepts to an actor's own inbox, and their deliveries: they name it."""
    sent = select(delivery.c.activity).where(delivery.c.inbox == inbox)
    connection.execute(delete(activity).where(activity.c.type == "Accept", activity.c.id.in_(sent)))


def forget_quote(connection: Connection, quoting: str) -> None:
    """Drop the Accepts that permitted the post `quoting`, and their deliveries: they name it."""
    names = activity.c.body.contains(f'"instrument":{msgspec.json.encode(quoting).decode()}', autoescape=True)
    connection.execute(delete(activity).where(activity.c.type == "Accept", names))


def _placed(inboxes: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Inboxes and their hosts."""
    for inbox in inboxes:
        try:
            yield inbox, host_of(inbox)
        except ValueError:
            continue


def _enqueue(
    connection: Connection, outgoing: Iterable[tuple[int, str, int]], places: Mapping[str, str], now: float
) -> None:
    """Rows for activities (number, object, priority) in their order, to each inbox at its host."""
    rows = [
        {"activity": number, "object": about, "priority": priority, "due": now, "inbox": inbox, "host": host}
        for number, about, priority in outgoing
        for inbox, host in places.items()
    ]
    if rows:
        connection.execute(inserting(connection, delivery).on_conflict_do_nothing(), rows)


def _insert_activity(connection: Connection, outgoing: OutgoingActivity, now: float) -> tuple[int, bool]:
    """The number of an activity, and whether it is said for the first time."""
    values = {"uri": outgoing.uri, "actor": outgoing.actor, "type": outgoing.type, "object": outgoing.object}
    values |= {"video": outgoing.video, "weight": outgoing.weight, "created": now}
    number = connection.execute(
        inserting(connection, activity)
        .values(**values, body=msgspec.json.encode(outgoing.body).decode())
        .on_conflict_do_nothing()
        .returning(activity.c.id)
    ).scalar()
    if number is not None:
        return number, True
    return connection.execute(select(activity.c.id).where(activity.c.uri == outgoing.uri)).scalar_one(), False


def _supersede(connection: Connection, outgoing: OutgoingActivity, number: int, now: float) -> None:
    replaced = _REPLACES.get(outgoing.type)
    if replaced is None:
        return
    older = select(activity.c.id).where(
        activity.c.object == outgoing.object,
        activity.c.actor == outgoing.actor,
        activity.c.type.in_(replaced),
        activity.c.id < number,
    )
    told = delivery.alias("told")
    connection.execute(
        update(delivery)
        .where(
            delivery.c.activity.in_(older),
            delivery.c.state == "waiting",
            delivery.c.attempts == 0,
            delivery.c.inbox.in_(select(told.c.inbox).where(told.c.activity == number)),
        )
        .values(state="superseded", at=now)
    )
