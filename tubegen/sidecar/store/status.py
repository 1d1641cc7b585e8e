"""What the owner asks, and what a start must know: who follows, what waits, how other servers are doing."""

from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, func, literal, select, true

from tubegen.sidecar.store.schema import (
    activity,
    delivery,
    failed_activity,
    follower,
    host,
    post,
    published,
    queued_activity,
)


class HostLine(msgspec.Struct, frozen=True, kw_only=True):
    """A server with something waiting, or with failures behind it. Times are seconds since 1970."""

    host: str
    waiting: int
    failures: int
    """In a row."""
    failing_since: float | None
    open_until: float
    """Nothing is sent to it before this time."""
    last_success: float | None
    last_error: str


class DeliveryLine(msgspec.Struct, frozen=True, kw_only=True):
    """One activity on its way to one inbox."""

    uri: str
    type: str
    inbox: str
    state: str
    """waiting, delivered, refused, given up or superseded"""
    attempts: int
    status: int | None
    """HTTP status of the last attempt."""
    error: str
    due: float
    """When it is tried next, if it waits."""
    at: float | None
    """When it was last tried."""


class VideoLine(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    document: str
    """The VideoDocument last announced, as JSON."""
    first: float
    announced: bool
    states: dict[str, int]
    """Deliveries about it by state."""


class LeftLine(msgspec.Struct, frozen=True, kw_only=True):
    """A video that left the site."""

    uuid: str
    document: str
    """The VideoDocument last announced, as JSON."""
    since: float
    """When it was first missing, or when it was deleted on other servers."""


class Spread(msgspec.Struct, frozen=True):
    """How far an activity has come."""

    since: float
    """When it was said."""
    untried: int
    """Inboxes to which it has not been sent even once."""


def alive(connection: Connection) -> bool:
    """Whether the database answers."""
    return connection.execute(select(literal(1))).scalar_one() == 1


def followed(connection: Connection) -> dict[str, int]:
    """Followers of each of our actors that has any, by its id."""
    query = select(follower.c.local, func.count()).group_by(follower.c.local)
    return {row[0]: row[1] for row in connection.execute(query)}


def comments(connection: Connection) -> int:
    """How many replies anybody may see."""
    query = select(func.count()).select_from(post)
    return connection.execute(
        query.where(post.c.visibility == "public", post.c.state == "shown")
    ).scalar_one()


def states(connection: Connection) -> dict[str, int]:
    """How many deliveries are in which state."""
    query = select(delivery.c.state, func.count()).group_by(delivery.c.state)
    return {row[0]: row[1] for row in connection.execute(query)}


def inbox(connection: Connection) -> dict[str, int]:
    """How many activities wait to be processed, and how many could not be."""
    tables = {"waiting": queued_activity, "set aside": failed_activity}
    return {
        state: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for state, table in tables.items()
    }


def hosts(connection: Connection, *, limit: int = 200) -> list[HostLine]:
    """Those in trouble and those with most waiting first."""
    waiting = (
        select(delivery.c.host, func.count().label("waiting"))
        .where(delivery.c.state == "waiting")
        .group_by(delivery.c.host)
        .subquery()
    )
    number = func.coalesce(waiting.c.waiting, 0).label("waiting")
    fields = [host.c[name] for name in HostLine.__struct_fields__ if name != "waiting"]
    query = (
        select(*fields, number)
        .outerjoin(waiting, waiting.c.host == host.c.host)
        .where((host.c.failures > 0) | (number > 0))
        .order_by(host.c.failures.desc(), number.desc(), host.c.host)
        .limit(limit)
    )
    return [HostLine(**row) for row in connection.execute(query).mappings()]


def videos(connection: Connection, *, limit: int = 20) -> list[VideoLine]:
    """The newest videos, and how far they have come."""
    newest = connection.execute(
        select(published.c.uuid, published.c.document, published.c.first, published.c.announced)
        .where(published.c.deleted.is_(None))
        .order_by(published.c.first.desc(), published.c.uuid)
        .limit(limit)
    ).all()
    counts = connection.execute(
        select(activity.c.video, delivery.c.state, func.count())
        .join(delivery, delivery.c.activity == activity.c.id)
        .where(activity.c.video.in_([row.uuid for row in newest]))
        .group_by(activity.c.video, delivery.c.state)
    )
    by_video: dict[str, dict[str, int]] = {}
    for uuid, state, number in counts:
        by_video.setdefault(uuid, {})[state] = number
    return [VideoLine(**row._mapping, states=by_video.get(row.uuid, {})) for row in newest]  # pyright: ignore[reportPrivateUsage]


def missing(connection: Connection) -> list[LeftLine]:
    """Those that the catalogue lacks and that are not deleted yet, longest first."""
    return _left(connection, published.c.missing, published.c.deleted.is_(None))


def deleted(connection: Connection) -> list[LeftLine]:
    """Those that are deleted on other servers, longest first."""
    return _left(connection, published.c.deleted, true())


def deliveries(connection: Connection, uuid: str) -> list[DeliveryLine]:
    """Everything that was sent about one video: who got it, who did not, and why."""
    columns = [
        (activity if name in ("uri", "type") else delivery).c[name] for name in DeliveryLine.__struct_fields__
    ]
    query = (
        select(*columns)
        .join(activity, activity.c.id == delivery.c.activity)
        .where(activity.c.video == uuid)
        .order_by(activity.c.id, delivery.c.inbox)
    )
    return [DeliveryLine(**row) for row in connection.execute(query).mappings()]


def activity_body(connection: Connection, uri: str) -> str | None:
    """The body of an activity about a video, as JSON: those are public. None when there is no such one."""
    query = select(activity.c.body).where(activity.c.uri == uri, activity.c.video != "")
    return connection.execute(query).scalar()


def spread(connection: Connection, uri: str) -> Spread:
    """How far the activity `uri`, which was said, has come."""
    since = connection.execute(select(activity.c.created).where(activity.c.uri == uri)).scalar_one()
    untried = connection.execute(
        select(func.count())
        .select_from(delivery)
        .join(activity, activity.c.id == delivery.c.activity)
        .where(activity.c.uri == uri, delivery.c.state == "waiting", delivery.c.attempts == 0)
    ).scalar_one()
    return Spread(since, untried)


def _left(connection: Connection, since: Column[Any], which: ColumnElement[bool]) -> list[LeftLine]:
    query = select(published.c.uuid, published.c.document, since.label("since"))
    rows = connection.execute(query.where(since.is_not(None), which).order_by(since, published.c.uuid))
    return [LeftLine(**row) for row in rows.mappings()]
