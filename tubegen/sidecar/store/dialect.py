"""The one thing that SQLite and PostgreSQL write alike and SQLAlchemy spells twice."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(table: Table, finish: Callable[[postgresql.Insert], Executable]) -> Mapping[str, Executable]:
    """One that is run for every activity, by the dialect's name: to build a statement takes longer than to run it."""
    new = postgresql.insert(table), sqlite.insert(table)
    return {"postgresql": finish(new[0]), "sqlite": finish(new[1])}  # pyright: ignore[reportArgumentType]


def inserting(connection: Connection, table: Table) -> postgresql.Insert:
    """An INSERT that has `on_conflict_do_nothing` and `on_conflict_do_update`, for the database at hand."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    # The two constructs have the same methods and no common base; PostgreSQL's type stands for both.
    return sqlite.insert(table)  # pyright: ignore[reportReturnType]
