"""What the fediverse was told of our videos."""

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, and_, func, insert, or_, select, update

from tubegen.contract import VideoDocument
from tubegen.sidecar.model import Published
from tubegen.sidecar.store.schema import published


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """As much of a published video as telling a change takes."""

    uuid: str
    fingerprint: str
    updated: float
    missing: float | None
    """Since when the catalogue lacks it, as far as we have seen."""
    deleted: float | None


def find(connection: Connection, uuid: str) -> Published | None:
    row = connection.execute(select(published).where(published.c.uuid == uuid)).first()
    return _published(row) if row else None


Place = tuple[float, str]
"""Where a video stands in the list of all: its `first` and its UUID."""


def listed(
    connection: Connection, channel: str | None, *, after: Place | None = None, limit: int
) -> list[Published]:
    """Those not deleted, newest first; of one channel, or of all when it is None.

    `after`: those that follow this place, whether the video that stood there is still there or not.
    """
    query = _alive(select(published), channel).order_by(published.c.first.desc(), published.c.uuid)
    if after is not None:
        first, uuid = after
        same_time = and_(published.c.first == first, published.c.uuid > uuid)
        query = query.where(or_(published.c.first < first, same_time))
    return [_published(row) for row in connection.execute(query.limit(limit))]


def place(connection: Connection, channel: str | None, nth: int) -> Place | None:
    """Where the `nth` of `listed` stands, counted from 1; None when there are fewer."""
    query = _alive(select(published), channel)
    query = query.order_by(published.c.first.desc(), published.c.uuid).offset(nth - 1).limit(1)
    row = connection.execute(query).first()
    return (row.first, row.uuid) if row else None


def count(connection: Connection, channel: str | None) -> int:
    return connection.execute(_alive(select(func.count()), channel)).scalar_one()


def known(connection: Connection) -> dict[str, Known]:
    """Every video that was ever published, by UUID."""
    columns = [published.c[field] for field in Known.__struct_fields__]
    return {row.uuid: Known(**row._mapping) for row in connection.execute(select(*columns))}  # pyright: ignore[reportPrivateUsage]


def firsts(connection: Connection) -> dict[str, float]:
    """When every video that was ever published was so first, by UUID."""
    return {row.uuid: row.first for row in connection.execute(select(published.c.uuid, published.c.first))}


def add(connection: Connection, video: Published, fingerprint: str) -> None:
    connection.execute(
        insert(published).values(
            uuid=video.uuid,
            channel=video.channel,
            fingerprint=fingerprint,
            document=msgspec.json.encode(video.document).decode(),
            first=video.first,
            updated=video.updated,
            announced=video.announced,
        )
    )


def change(connection: Connection, video: Published, fingerprint: str) -> None:
    """Replace the document; `first` stays as it is."""
    _set(
        connection,
        video.uuid,
        channel=video.channel,
        fingerprint=fingerprint,
        document=msgspec.json.encode(video.document).decode(),
        updated=video.updated,
        missing=None,
    )


def miss(connection: Connection, uuid: str, since: float | None) -> None:
    """Note since when the catalogue lacks a video; None: it is back."""
    _set(connection, uuid, missing=since)


def delete(connection: Connection, uuid: str, now: float) -> None:
    """From now on its ids answer 410: they can never be used again (O-87)."""
    _set(connection, uuid, deleted=now)


def _alive(query: Select[Any], channel: str | None) -> Select[Any]:
    query = query.select_from(published).where(published.c.deleted.is_(None))
    return query if channel is None else query.where(published.c.channel == channel)


def _set(connection: Connection, uuid: str, **values: object) -> None:
    connection.execute(update(published).where(published.c.uuid == uuid).values(**values))


def _published(row: Row[Any]) -> Published:
    return Published(
        uuid=row.uuid,
        channel=row.channel,
        document=msgspec.json.decode(row.document, type=VideoDocument),
        first=row.first,
        updated=row.updated,
        announced=row.announced,
        deleted=row.deleted,
    )
