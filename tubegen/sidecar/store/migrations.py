"""Makes the tables of a new database, and brings those of an earlier version of tubegen to the present one.

Each migration is one step, in one transaction with the note of its version: a kill in the middle leaves the version
before. Processes that start together wait for each other: SQLite's write lock or an advisory lock of PostgreSQL is held
meanwhile. All processes of a site must be of one version: an older one that still runs fails and is to be restarted.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import Connection, Engine, func, insert, inspect, select, update

from tubegen.errors import InputError, Problem
from tubegen.sidecar.store.schema import VERSION, meta, metadata

_LOCK = 0x7475_6265
"""The number under which PostgreSQL knows the lock of migrations."""


def prepare(engine: Engine) -> None:
    """Make the tables of a new database, or migrate an older one; of SQLite's file a copy is kept beside it then.

    Raises InputError when a newer tubegen made the database.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        present = _version(connection)
        if present is None:
            metadata.create_all(connection)
            connection.execute(insert(meta).values(key="version", value=str(VERSION)))
        elif present > VERSION:
            text = f"the database has version {present}, this tubegen knows {VERSION}"
            raise InputError(Problem("", 0, text, "update tubegen"))
        elif present < VERSION:
            _keep_copy(engine, present)
            for version in range(present, VERSION):
                MIGRATIONS[version](connection)
            metadata.create_all(connection)  # tables that are new
            connection.execute(update(meta).where(meta.c.key == "version").values(value=str(VERSION)))


def _version(connection: Connection) -> int | None:
    """The version that the database has; None when it is new."""
    if not inspect(connection).has_table(meta.name):
        return None
    value = connection.execute(select(meta.c.value).where(meta.c.key == "version")).scalar()
    return None if value is None else int(value)


def _keep_copy(engine: Engine, version: int) -> None:
    """Copy SQLite's file to `FILE.version-N`, whole or not at all. Whoever runs PostgreSQL has backups."""
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file or file == ":memory:":
        return
    copy = Path(f"{file}.version-{version}")
    scratch = copy.with_name(f"{copy.name}.new")
    scratch.unlink(missing_ok=True)
    scratch.touch(mode=0o600)
    with (
        contextlib.closing(sqlite3.connect(file)) as source,
        contextlib.closing(sqlite3.connect(scratch)) as target,
    ):
        source.backup(target)
    scratch.replace(copy)


def _name_tables_after_what_they_hold(connection: Connection) -> None:
    """1 → 2: work that needs another server is a job, acknowledged activities wait in the inbox queue."""
    for before, after in (
        ("errand", "job"),
        ("journal", "queued_activity"),
        ("set_aside", "failed_activity"),
    ):
        connection.exec_driver_sql(f"ALTER TABLE {before} RENAME TO {after}")
        if connection.dialect.name == "postgresql":  # SQLite's have no names
            connection.exec_driver_sql(f"ALTER INDEX {before}_pkey RENAME TO {after}_pkey")
            connection.exec_driver_sql(f"ALTER SEQUENCE {before}_id_seq RENAME TO {after}_id_seq")
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ALTER INDEX errand_kind_key_key RENAME TO job_kind_key_key")
    connection.exec_driver_sql("DROP INDEX ix_errand_due")
    connection.exec_driver_sql("CREATE INDEX ix_job_due ON job (due)")


MIGRATIONS: Mapping[int, Callable[[Connection], None]] = {1: _name_tables_after_what_they_hold}
"""What brings a database of a version to the next one."""
