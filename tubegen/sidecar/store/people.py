"""Actors of other servers, as far as we have met them."""

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from tubegen.sidecar.model import RemoteActor
from tubegen.sidecar.store.dialect import inserting
from tubegen.sidecar.store.schema import remote_actor


def find(connection: Connection, uri: str) -> RemoteActor | None:
    return _one(connection, remote_actor.c.uri == uri)


def by_key(connection: Connection, key_id: str) -> RemoteActor | None:
    """Who owns a key; an actor's own id stands for its key too (interop S-28). None for those that are gone."""
    names_it = or_(remote_actor.c.key_id == key_id, remote_actor.c.uri == key_id)
    return _one(connection, names_it & (remote_actor.c.key_pem != "") & remote_actor.c.gone.is_(None))


def remember(connection: Connection, actor: RemoteActor) -> int:
    """Keep what an actor's document says, unless a newer copy is there. Its row's id."""
    values = msgspec.structs.asdict(actor) | {"hides": ",".join(sorted(actor.hides))}
    row = connection.execute(
        select(remote_actor.c.id, remote_actor.c.fetched).where(remote_actor.c.uri == actor.uri)
    ).first()
    if row is None:
        # Two requests may meet somebody at the same moment.
        new = inserting(connection, remote_actor).values(**values)
        new = new.on_conflict_do_update(index_elements=["uri"], set_=values)
        return connection.execute(new.returning(remote_actor.c.id)).scalar_one()
    if actor.fetched > row.fetched:
        connection.execute(update(remote_actor).where(remote_actor.c.id == row.id).values(**values))
    return row.id


def mark_gone(connection: Connection, uri: str, now: float) -> None:
    """Its server says that it is deleted: since when, as far as we know."""
    connection.execute(
        update(remote_actor)
        .where((remote_actor.c.uri == uri) & remote_actor.c.gone.is_(None))
        .values(gone=now)
    )


def forget(connection: Connection, uri: str) -> bool:
    """Remove an actor and, with it, what it did here: follows, posts, reactions. Whether it was known."""
    return bool(connection.execute(delete(remote_actor).where(remote_actor.c.uri == uri)).rowcount)


def _one(connection: Connection, which: ColumnElement[bool]) -> RemoteActor | None:
    row = connection.execute(select(remote_actor).where(which).limit(1)).mappings().first()
    if row is None:
        return None
    values = {field: row[field] for field in RemoteActor.__struct_fields__ if field != "hides"}
    return RemoteActor(**values, hides=frozenset(filter(None, row["hides"].split(","))))
