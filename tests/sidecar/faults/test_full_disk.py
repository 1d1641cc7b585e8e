"""No room left for the database: nobody is told that something was kept that was not."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from tests.sidecar.delivery.outgoing import outgoing
from tubegen.errors import DiskFull
from tubegen.sidecar.store import deliveries
from tubegen.sidecar.store.database import Database, open_database
from tubegen.sidecar.store.schema import activity


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(activity)).scalar_one()


async def fill(database: Database) -> tuple[int, int]:
    """Say things, many at a time, until something cannot be kept. How many were kept, how many refused."""
    kept = 0
    for n in range(10_000):
        inboxes = [f"https://{'h' * 50}{i}.example/inbox" for i in range(20)]
        says = [
            partial(deliveries.enqueue, outgoing=outgoing("Create", f"{n}/{i}"), inboxes=inboxes, now=0)
            for i in range(8)
        ]
        outcomes = await asyncio.gather(*map(database.write, says), return_exceptions=True)
        refused = [outcome for outcome in outcomes if outcome is not None]
        kept += len(outcomes) - len(refused)
        assert all(isinstance(outcome, DiskFull) for outcome in refused), refused
        if refused:
            return kept, len(refused)
    raise AssertionError("the disk is endless")


def limit_pages(database: Database) -> None:
    """SQLite's own limit: what it reports is the same as for a full disk."""

    async def limit() -> None:
        await database.write(
            lambda connection: connection.exec_driver_sql("pragma max_page_count = 200").all()
        )

    asyncio.run(limit())


def test_what_was_refused_is_not_there_and_what_was_kept_is(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'sidecar.db'}")
    limit_pages(database)

    async def run() -> None:
        kept, _ = await fill(database)
        assert kept > 0
        assert await database.read(count) == kept
        await database.write(lambda c: c.exec_driver_sql("pragma max_page_count = 100000").all())
        await database.write(partial(deliveries.enqueue, outgoing=outgoing("Create"), inboxes=[], now=0))
        assert await database.read(count) == kept + 1

    asyncio.run(run())
    database.close()


def test_a_disk_that_is_full(tmp_path: Path, tiny_disk: Callable[[int], Path]) -> None:
    disk = tiny_disk(1500)
    database = open_database(f"sqlite:///{disk / 'sidecar.db'}")

    async def run() -> int:
        kept, _ = await fill(database)
        assert kept > 0
        large = partial(deliveries.enqueue, outgoing=outgoing("Create", "x" * 3_000_000), inboxes=[], now=0)
        with pytest.raises(DiskFull, match="the disk is full; make room on it"):
            await database.write(large)
        assert await database.read(count) == kept
        return kept

    kept = asyncio.run(run())
    database.close()
    again = open_database(f"sqlite:///{disk / 'sidecar.db'}")
    assert asyncio.run(again.read(count)) == kept
    again.close()


def test_one_write_that_breaks_does_not_take_others_along(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'sidecar.db'}")

    def broken(connection: Connection) -> None:
        connection.exec_driver_sql("select * from nothing")

    async def run() -> None:
        good = [
            partial(deliveries.enqueue, outgoing=outgoing("Create"), inboxes=[], now=0) for _ in range(20)
        ]
        works = [*good[:10], broken, *good[10:]]
        outcomes = await asyncio.gather(*map(database.write, works), return_exceptions=True)
        assert [outcome is None for outcome in outcomes] == [True] * 10 + [False] + [True] * 10
        assert await database.read(count) == 20

    asyncio.run(run())
    database.close()
