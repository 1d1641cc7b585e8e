"""The one thing that SQLite and PostgreSQL write alike and SQLAlchemy spells twice."""

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def inserting(connection: Connection, table: Table) -> postgresql.Insert:
    """An INSERT that has `on_conflict_do_nothing` and `on_conflict_do_update`, for the database at hand."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    # The two constructs have the same methods and no common base; PostgreSQL's type stands for both.
    return sqlite.insert(table)  # pyright: ignore[reportReturnType]
