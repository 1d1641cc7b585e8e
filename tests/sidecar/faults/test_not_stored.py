"""What cannot be stored is not acknowledged: 503, and when to come again; what could be is 202, and stays."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.serve.loop import in_a_loop
from tests.sidecar.domain.scene import NOTE, note, number, someone
from tests.sidecar.inbox.station import Reply, station, townsfolk
from tests.sidecar.stores import address_in
from tubegen.errors import DiskFull
from tubegen.sidecar.store import schema
from tubegen.sidecar.store.database import PATIENCE

PEOPLE = [someone(f"fan{n}") for n in range(40)]


@contextmanager
def held(address: str) -> Iterator[None]:
    """Somebody else has the tables for itself."""
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as other:
        if engine.dialect.name == "sqlite":
            other.exec_driver_sql("begin immediate")
        else:
            other.execute(text("lock table queued_activity, reaction, remote_actor in exclusive mode"))
        yield
        other.rollback()
    engine.dispose()


@pytest.mark.usefixtures("both_stores")
def test_a_backup_that_holds_the_tables_is_waited_for(tmp_path: Path) -> None:
    async def run() -> None:
        async with station(tmp_path, townsfolk(*PEOPLE)) as here:
            with held(address_in(tmp_path)):
                likes = [asyncio.create_task(here.tell(fan, "Like", NOTE)) for fan in PEOPLE[:4]]
                done, _ = await asyncio.wait(likes, timeout=1)
                assert not done
            assert [answer.status for answer in await asyncio.gather(*likes)] == [202] * 4
            assert await here.read(lambda connection: number(connection, schema.reaction)) == 4

    in_a_loop(run())


@pytest.mark.usefixtures("both_stores")
def test_nobody_waits_for_long(tmp_path: Path) -> None:
    """Also not those that come while others wait already: a sender gives up after ten seconds or so."""
    assert PATIENCE == 5

    async def run() -> None:
        async with station(tmp_path, townsfolk(*PEOPLE), patience=1) as here:
            here.is_idle = True
            with held(address_in(tmp_path)):
                begun = time.monotonic()
                first = asyncio.create_task(here.tell(PEOPLE[0], "Like", NOTE))
                await asyncio.wait([first], timeout=0.5)
                answers = await asyncio.gather(first, *(here.tell(fan, "Like", NOTE) for fan in PEOPLE[1:4]))
                assert time.monotonic() - begun < 1.9
            assert {(answer.status, answer.headers["retry-after"]) for answer in answers} == {(503, "30")}
            assert (await here.tell(PEOPLE[0], "Like", NOTE)).status == 202
            await here.work_in()
            assert await here.read(lambda connection: number(connection, schema.reaction)) == 1

    in_a_loop(run())


def test_a_full_disk_is_no_202(tmp_path: Path, tiny_disk: Callable[[int], Path]) -> None:
    """Of what comes in until the disk is full, all that was acknowledged is there, and nothing else; it is processed
    when there is room again."""
    disk = tiny_disk(3000)
    (disk / "other").write_bytes(bytes(1_500_000))

    async def run() -> None:
        kept, refused = 0, list[Reply]()
        async with station(disk, townsfolk(*PEOPLE)) as here:
            here.is_idle = True
            for n in range(20):
                replies = [note(fan, n, content="<p>" + "How calm! " * 2000) for fan in PEOPLE]
                answers = await asyncio.gather(
                    *(here.tell(fan, "Create", reply) for fan, reply in zip(PEOPLE, replies, strict=True))
                )
                kept += sum(answer.status == 202 for answer in answers)
                if refused := [answer for answer in answers if answer.status != 202]:
                    break
            assert {(answer.status, answer.headers["retry-after"]) for answer in refused} == {(503, "30")}
            assert await here.read(lambda connection: number(connection, schema.queued_activity)) == kept > 0
            with pytest.raises(DiskFull):
                await here.work_in()
            (disk / "other").unlink()
            await here.work_in()
            assert await here.read(lambda connection: number(connection, schema.post)) == kept

    in_a_loop(run())
    with closing(sqlite3.connect(disk / "sidecar.db")) as raw:
        assert raw.execute("pragma integrity_check").fetchone() == ("ok",)
