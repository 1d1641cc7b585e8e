"""Permissions to quote that we gave (FEP-044f). A permission is for one post and one of our objects (I-54)."""

import msgspec
from sqlalchemy import Connection, delete, insert, select

from tubegen.sidecar.store.schema import quote


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    token: str
    """Last part of the permission's address."""
    quoting: str
    """Id of the remote post."""
    quoted: str
    """Our Note's or Video's id."""
    actor: str
    """Who quotes."""


def give(connection: Connection, given: Quote, now: float) -> None:
    """Keep a permission; giving the same again changes nothing."""
    connection.execute(delete(quote).where(quote.c.quoting == given.quoting))
    connection.execute(insert(quote).values(**msgspec.structs.asdict(given), at=now))


def find(connection: Connection, token: str) -> Quote | None:
    """The permission at our address `…/quotes/<token>`."""
    row = connection.execute(select(quote).where(quote.c.token == token)).mappings().first()
    return Quote(**{field: row[field] for field in Quote.__struct_fields__}) if row else None


def drop(connection: Connection, actor: str, quoting: str) -> bool:
    """The actor's post is no more, and so is the permission that it had (I-53). Whether it had one."""
    query = delete(quote).where(quote.c.actor == actor, quote.c.quoting == quoting)
    return bool(connection.execute(query).rowcount)


def drop_all(connection: Connection, actor: str) -> None:
    """The actor is no more."""
    connection.execute(delete(quote).where(quote.c.actor == actor))
