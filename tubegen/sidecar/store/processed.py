"""What has been processed already, and what was deleted: both are kept for as long as either could come again."""

from hashlib import sha256

from sqlalchemy import Connection, Table, bindparam, delete, select

from tubegen.sidecar.store.dialect import inserting, upsert
from tubegen.sidecar.store.schema import received, tombstone

DAYS = 30 * 86400.0
"""How long a processed activity is remembered, in seconds (interop X-20)."""

_SEEN = select(received.c.at).where(
    received.c.fingerprint == bindparam("mark"), received.c.at >= bindparam("since")
)
_NEW = {
    table: upsert(table, lambda new, table=table: new.on_conflict_do_nothing().returning(table.c.at))
    for table in (received, tombstone)
}
_BURIED = select(tombstone.c.at).where(tombstone.c.uri == bindparam("of"))


def fingerprint(*parts: str) -> bytes:
    """One for each list of strings: their lengths are part of it, so that none can flow into the next."""
    return sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).digest()


def first_time(connection: Connection, mark: bytes, now: float) -> bool:
    """Note a fingerprint. Whether it is new."""
    return _add(connection, received, fingerprint=mark, at=now)


def note(connection: Connection, mark: bytes, now: float) -> None:
    """Note a fingerprint, or when it came last."""
    insert = inserting(connection, received).values(fingerprint=mark, at=now)
    connection.execute(insert.on_conflict_do_update(index_elements=["fingerprint"], set_={"at": now}))


def seen(connection: Connection, mark: bytes, *, since: float = 0) -> bool:
    return connection.execute(_SEEN, {"mark": mark, "since": since}).first() is not None


def bury(connection: Connection, author: str, uri: str, now: float) -> None:
    """Note that an author's object is deleted, so that its Create, should it come late, does not bring it back (X-21).

    Neither of the two stands in the table: it outlives people who wanted to be forgotten.
    """
    _add(connection, tombstone, uri=fingerprint(author, uri).hex(), at=now)


def buried(connection: Connection, author: str, uri: str) -> bool:
    return connection.execute(_BURIED, {"of": fingerprint(author, uri).hex()}).first() is not None


def prune(connection: Connection, now: float) -> None:
    """Forget what is too old to come again."""
    for table in (received, tombstone):
        connection.execute(delete(table).where(table.c.at < now - DAYS))


def _add(connection: Connection, table: Table, **values: object) -> bool:
    """Insert a row unless it is there. Whether it is new."""
    # Not by the number of rows: after an INSERT, PostgreSQL's driver says -1.
    return connection.execute(_NEW[table][connection.dialect.name], values).first() is not None
