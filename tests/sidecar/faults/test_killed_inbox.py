"""Killed between the acknowledgement and the work: nothing acknowledged is lost, and nothing is done twice."""

import asyncio
import random
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from tests.serve.loop import in_a_loop
from tests.sidecar.documents import video, write_catalogue
from tests.sidecar.domain.scene import NOTE, TIDE, note
from tests.sidecar.faults.mill import BASE, Mill, fast_clock, mill
from tests.sidecar.faults.neighbours import Neighbours, neighbours
from tests.sidecar.routes.served_site import keys
from tubegen.sidecar.activitypub.ids import Names

FANS, KILLS, SPEED = 40, 6, 20
NAMES = Names(BASE)


def test_killed_before_it_is_worked_in_and_while_it_is(tmp_path: Path) -> None:
    shutil.copytree(keys(), tmp_path / "keys")
    write_catalogue(tmp_path / "catalogue", [video(TIDE)])
    in_a_loop(killed(tmp_path))


async def killed(folder: Path) -> None:
    dice, begun, file = random.Random(4), time.time(), folder / "sidecar.db"
    async with (
        asyncio.timeout(60),
        neighbours(NAMES, fast_clock(begun, SPEED)) as there,
        mill(f"sqlite:///{file}", folder, begun, SPEED) as sidecars,
    ):
        await read_catalogue(sidecars, file)
        web = await sidecars.start("web")
        while not sidecars.ports():
            await asyncio.sleep(0.02)
        (port,) = sidecars.ports()
        await asyncio.gather(*(say_all(there, port, number) for number in range(FANS)))
        sidecars.kill(web)
        assert counted(file, "queued_activity") == [4 * FANS]
        assert counted(file, "follower", "reaction", "post", "delivery") == [0, 0, 0, 0]
        for _ in range(KILLS):
            worker = await sidecars.start("worker")
            await asyncio.sleep(dice.random() * 0.3)
            sidecars.kill(worker)
        await sidecars.start("worker")
        while counted(file, "queued_activity") != [0]:
            await asyncio.sleep(0.05)
    assert counted(file, "follower", "post", "failed_activity") == [FANS, FANS, 0]
    assert counted(file, "reaction") == [0]  # taken back
    with closing(sqlite3.connect(file)) as raw:
        accepts = raw.execute("select count(*), count(distinct object) from activity where type = 'Accept'")
        assert accepts.fetchone() == (FANS, FANS)
        assert raw.execute("pragma integrity_check").fetchone() == ("ok",)


async def read_catalogue(sidecars: Mill, file: Path) -> None:
    worker = await sidecars.start("worker")
    while not file.exists() or counted(file, "published") == [0]:
        await asyncio.sleep(0.05)
    sidecars.kill(worker)


async def say_all(there: Neighbours, port: int, number: int) -> None:
    fan = there.fan(number)
    like = {"id": f"{fan.uri}#Like", "type": "Like", "actor": fan.uri, "object": NOTE}
    reply = note(fan, published="2026-11-01T00:00:00Z")
    for kind, about in (("Follow", NAMES.person("films")), ("Like", NOTE), ("Create", reply), ("Undo", like)):
        while await there.tell(port, number, kind, about) != 202:
            await asyncio.sleep(0.02)


def counted(file: Path, *tables: str) -> list[int]:
    with closing(sqlite3.connect(file)) as raw:
        try:
            return [raw.execute(f"select count(*) from {table}").fetchone()[0] for table in tables]
        except sqlite3.OperationalError:  # they are not made yet
            return [0] * len(tables)
