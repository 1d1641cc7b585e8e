"""A database of an earlier tubegen opens and goes on; a kill in the middle leaves it as it was."""

import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, func, inspect, select

from tests.fixtures import FIXTURES
from tubegen.sidecar.store import database, migrations, schema
from tubegen.sidecar.store.database import open_database


@pytest.fixture
def old(address: str) -> Iterator[Engine]:
    """A database at `address` as version 1 made it: a follower, a job, two activities that wait and one that failed."""
    kind = address.partition(":")[0]
    statements = (FIXTURES / f"databases/version-1.{kind}.sql").read_text()
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        for statement in filter(str.strip, statements.split(";\n")):
            connection.exec_driver_sql(statement)
    yield engine
    engine.dispose()


def rows(engine: Engine, table: schema.Table) -> list[dict[str, object]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def structure(engine: Engine) -> dict[str, tuple[object, ...]]:
    """Columns and indexes of each table."""
    look = inspect(engine)
    return {
        table: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in look.get_columns(table)],
            sorted((str(index["name"]), tuple(index["column_names"])) for index in look.get_indexes(table)),
        )
        for table in look.get_table_names()
    }


def test_everything_is_there_afterwards(address: str, old: Engine) -> None:
    open_database(address).close()
    (job,) = rows(old, schema.job)
    assert (job["kind"], job["attempts"]) == ("refresh-actor", 2)
    assert [row["body"] for row in rows(old, schema.queued_activity)] == [
        b'{"type":"Like"}',
        b'{"type":"Undo"}',
    ]
    assert [row["error"] for row in rows(old, schema.failed_activity)] == ["KeyError: x"]
    assert len(rows(old, schema.follower)) == 1
    assert {row["key"]: row["value"] for row in rows(old, schema.meta)} == {
        "version": str(schema.VERSION),
        "base": "https://films.example",
    }


def test_its_tables_are_those_of_a_new_database(address: str, old: Engine) -> None:
    open_database(address).close()
    migrated = structure(old)
    with old.begin() as connection:
        schema.metadata.drop_all(connection)
    open_database(address).close()
    assert migrated == structure(old)


def test_new_rows_go_on_counting(address: str, old: Engine) -> None:
    open_database(address).close()
    with old.begin() as connection:
        values = {"kind": "refresh-actor", "key": "https://other.example/", "due": 0.0}
        connection.execute(schema.job.insert().values(**values))
        connection.execute(schema.queued_activity.insert().values(lane=1, signer="s", body=b"{}", at=0.0))
        newest = select(func.max(schema.queued_activity.c.id))
        assert (connection.execute(newest).scalar() or 0) > 2


def test_processes_that_start_together_migrate_once(address: str, old: Engine) -> None:
    with ThreadPoolExecutor(8) as threads:
        for opened in threads.map(open_database, [address] * 8):
            opened.close()
    assert len(rows(old, schema.job)) == 1


def test_a_migration_that_was_killed_left_nothing(
    address: str, old: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = structure(old)

    class Killed(Exception):
        pass

    def die(connection: database.Connection) -> None:
        step(connection)
        raise Killed

    step = migrations.MIGRATIONS[1]
    monkeypatch.setattr(migrations, "MIGRATIONS", {1: die})
    with pytest.raises(Killed):
        open_database(address)
    assert structure(old) == before
    monkeypatch.undo()
    open_database(address).close()
    assert len(rows(old, schema.queued_activity)) == 2


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("old")
def test_a_copy_of_the_file_is_kept_and_nobody_else_reads_it(address: str) -> None:
    open_database(address).close()
    copy = Path(address.removeprefix("sqlite:///") + ".version-1")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as raw:
        assert raw.execute("select count(*) from journal").fetchone() == (2,)
    open_database(address).close()
    assert sorted(path.name for path in copy.parent.glob("*version*")) == [copy.name]
