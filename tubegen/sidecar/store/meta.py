"""Single facts: the identity host, the catalogue last read, deletions that wait for a yes."""

from sqlalchemy import Connection, delete, insert, select, update

from tubegen.sidecar.store.schema import meta

BASE_URL = "base_url"
CATALOGUE = "catalogue"
READ_AT = "catalogue_read_at"
ADOPTED = "adopted"
HELD = "held_deletions"
"""UUIDs, a JSON list: removals that wait for the owner."""
CONFIRMED = "confirmed_deletions"
"""UUIDs, a JSON list: those of them that the owner has said yes to, until they are done."""


def get(connection: Connection, key: str) -> str | None:
    return connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()


def put(connection: Connection, key: str, value: str) -> None:
    if not connection.execute(update(meta).where(meta.c.key == key).values(value=value)).rowcount:
        connection.execute(insert(meta).values(key=key, value=value))


def drop(connection: Connection, key: str) -> None:
    connection.execute(delete(meta).where(meta.c.key == key))
