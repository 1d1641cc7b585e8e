"""What has been processed already, and what was deleted: both are kept for as long as either could come again."""

from hashlib import sha256

from sqlalchemy import Connection, Table, delete, select

from tubegen.sidecar.store.dialect import inserting
from tubegen.sidecar.store.schema import received, tombstone

DAYS = 30 * 86400.0
"""How long a processed activity is remembered, in seconds (interop X-20)."""


def fingerprint(*parts: str) -> bytes:
    """One for each list of strings: their lengths are part of it, so that none can flow into the next."""
    return sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).digest()


def first_time(connection: Connection, mark: bytes, now: float) -> bool:
    """Note a fingerprint. Whether it is new."""
    return _add(connection, received, fingerprint=mark, at=now)


def seen(connection: Connection, mark: bytes) -> bool:
    return connection.execute(select(received.c.at).where(received.c.fingerprint == mark)).first() is not None


def bury(connection: Connection, uri: str, now: float) -> None:
    """Note that an object is deleted, so that its Create, should it come late, does not bring it back (X-21)."""
    _add(connection, tombstone, uri=uri, at=now)


def buried(connection: Connection, uri: str) -> bool:
    return connection.execute(select(tombstone.c.at).where(tombstone.c.uri == uri)).first() is not None


def prune(connection: Connection, now: float) -> None:
    """Forget what is too old to come again."""
    for table in (received, tombstone):
        connection.execute(delete(table).where(table.c.at < now - DAYS))


def _add(connection: Connection, table: Table, **values: object) -> bool:
    """Insert a row unless it is there. Whether it is new."""
    query = inserting(connection, table).values(**values).on_conflict_do_nothing()
    return bool(connection.execute(query).rowcount)
