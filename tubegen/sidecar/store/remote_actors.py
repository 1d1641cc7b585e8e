"""Actors of other servers, as far as we have met them."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import (
    BindParameter,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    delete,
    or_,
    select,
    update,
)

from tubegen.origin import host_of
from tubegen.sidecar.model import RemoteActor
from tubegen.sidecar.store.dialect import inserting
from tubegen.sidecar.store.schema import (
    failed_activity,
    follower,
    post,
    queued_activity,
    reaction,
    remote_actor,
)

_USES = follower.c.remote, post.c.actor, reaction.c.actor
"""What an actor may have here."""
_OF: BindParameter[str] = bindparam("of")
_FIND = select(remote_actor).where(remote_actor.c.uri == _OF)
_FIND_ALL = select(remote_actor).where(remote_actor.c.uri.in_(bindparam("of", expanding=True)))
_BY_KEY = (
    select(remote_actor)
    .where(
        or_(remote_actor.c.key_id == _OF, remote_actor.c.uri == _OF),
        remote_actor.c.host == bindparam("host"),
        remote_actor.c.key_pem != "",
        remote_actor.c.gone.is_(None),
    )
    .order_by(remote_actor.c.uri != bindparam("document"), remote_actor.c.uri)
    .limit(1)
)
_KNOWN = {
    "sqlite": "SELECT uri FROM remote_actor WHERE uri IN (SELECT value FROM json_each(?))",
    "postgresql": "SELECT uri FROM remote_actor WHERE uri = ANY(%s)",
}
_AGE = select(remote_actor.c.id, remote_actor.c.fetched).where(remote_actor.c.uri == _OF)


def find(connection: Connection, uri: str) -> RemoteActor | None:
    return _one(connection, _FIND, of=uri)


def find_all(connection: Connection, uris: Iterable[str]) -> dict[str, RemoteActor]:
    """Those of them that are known, by id."""
    rows = connection.execute(_FIND_ALL, {"of": list(uris)}).mappings()
    return {row["uri"]: _actor(row) for row in rows}


def known(connection: Connection, uris: list[str]) -> set[str]:
    """Those of them that are."""
    postgresql = connection.dialect.name == "postgresql"
    values = uris if postgresql else msgspec.json.encode(uris).decode()
    # Told to the driver itself: SQLAlchemy writes such a statement anew for each number of values.
    query = _KNOWN[connection.dialect.name]
    return {row[0] for row in connection.exec_driver_sql(query, (values,))}


def by_key(connection: Connection, key_id: str) -> RemoteActor | None:
    """Who owns a key; an actor's own id stands for its key too (interop S-28). None for those that are gone.

    It is somebody of the key's own server; of several that name it, the one whose document it is a part of.
    """
    try:
        host = host_of(key_id)
    except ValueError:
        return None
    return _one(connection, _BY_KEY, of=key_id, host=host, document=key_id.partition("#")[0])


def remember(connection: Connection, actor: RemoteActor) -> int:
    """Keep what an actor's document says, unless a newer copy is there. Its row's id."""
    row = connection.execute(_AGE, {"of": actor.uri}).first()
    if row is not None and row.fetched >= actor.fetched:
        return row.id
    values = msgspec.structs.asdict(actor) | {"hides": ",".join(sorted(actor.hides))}
    if row is None:
        # Two requests may meet somebody at the same moment.
        new = inserting(connection, remote_actor).values(**values)
        new = new.on_conflict_do_update(index_elements=["uri"], set_=values)
        return connection.execute(new.returning(remote_actor.c.id)).scalar_one()
    connection.execute(update(remote_actor).where(remote_actor.c.id == row.id).values(**values))
    return row.id


def takes_part(connection: Connection, uri: str) -> bool:
    """Whether an actor follows, or has left a post or a reaction."""
    known = select(remote_actor.c.id).where(remote_actor.c.uri == uri)
    used = (select(column).where(column.in_(known)) for column in _USES)
    return any(connection.execute(query.limit(1)).first() for query in used)


def mark_gone(connection: Connection, uri: str, now: float) -> None:
    """Its server says that it is deleted: since when, as far as we know."""
    connection.execute(
        update(remote_actor)
        .where((remote_actor.c.uri == uri) & remote_actor.c.gone.is_(None))
        .values(gone=now)
    )


def gone(connection: Connection) -> list[str]:
    """Ids of those whose server says that they are deleted."""
    return list(
        connection.execute(select(remote_actor.c.uri).where(remote_actor.c.gone.is_not(None))).scalars()
    )


def forget(connection: Connection, uri: str) -> bool:
    """Remove an actor and, with it, what it did here: follows, posts, reactions. Whether it was known."""
    return bool(connection.execute(delete(remote_actor).where(remote_actor.c.uri == uri)).rowcount)


def prune(connection: Connection, before: float) -> None:
    """Remove those last fetched before a time who follow nobody here, have left nothing here, and say nothing that is
    still to be processed."""
    unused = and_(*(remote_actor.c.id.not_in(select(column)) for column in _USES))
    silent = and_(
        *(remote_actor.c.uri.not_in(select(table.c.signer)) for table in (queued_activity, failed_activity))
    )
    connection.execute(delete(remote_actor).where(remote_actor.c.fetched < before, unused, silent))


def _one(connection: Connection, query: Select[Any], **values: str) -> RemoteActor | None:
    row = connection.execute(query, values).mappings().first()
    return None if row is None else _actor(row)


def _actor(row: RowMapping) -> RemoteActor:
    fields = {field: row[field] for field in RemoteActor.__struct_fields__ if field != "hides"}
    return RemoteActor(**fields, hides=frozenset(filter(None, row["hides"].split(","))))
