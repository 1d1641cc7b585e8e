"""A queue, asked without a loop."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection

from tubegen.sidecar.store.database import Database, open_database


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    opened = open_database(address)
    yield opened
    opened.close()


class Store:
    """A database to be asked without a loop: `store(function, arguments…)` is a transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def __call__(self, work: Callable[..., object], *args: object, **named: object) -> object:
        def transaction(connection: Connection) -> object:
            return work(connection, *args, **named)

        return asyncio.run(self._write(transaction))

    async def _write(self, work: Callable[[Connection], object]) -> object:
        return await self.database.write(work)


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)
