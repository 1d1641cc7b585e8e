"""A database is made whole or not at all, and one that a newer version made is left alone."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, event, inspect, text

from tubegen.errors import InputError
from tubegen.sidecar.store import schema
from tubegen.sidecar.store.database import open_database


def test_a_newer_database_is_refused_and_not_touched(address: str) -> None:
    open_database(address).close()
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text(f"update meta set value = '{schema.VERSION + 1}' where key = 'version'"))
        connection.execute(text("drop table job"))
    with pytest.raises(InputError, match=f"has version {schema.VERSION + 1}.*update tubegen"):
        open_database(address)
    assert "job" not in inspect(engine).get_table_names()
    engine.dispose()


def test_the_same_version_opens_again(address: str) -> None:
    for _ in range(2):
        open_database(address).close()


def test_one_of_many_that_start_together_makes_it(address: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        for database in threads.map(open_database, [address] * 8):
            database.close()


def test_what_was_interrupted_is_not_there(address: str) -> None:
    """The tables and their version are one transaction: no start finds half a database."""
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))

    class Killed(Exception):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    event.listen(schema.post, "after_create", die)
    try:
        with pytest.raises(Killed):
            open_database(address)
    finally:
        event.remove(schema.post, "after_create", die)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    open_database(address).close()
