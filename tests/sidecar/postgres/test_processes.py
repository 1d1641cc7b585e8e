"""Two web processes and two workers on one PostgreSQL act as one sidecar."""

import asyncio
import shutil
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from tests.serve.loop import in_a_loop
from tests.sidecar.documents import video, write_catalogue
from tests.sidecar.domain.scene import NOTE, TIDE, note
from tests.sidecar.faults.mill import BASE, Mill, fast_clock, mill
from tests.sidecar.faults.neighbours import Neighbours, neighbours
from tests.sidecar.routes.served_site import keys
from tests.sidecar.stores import Cluster
from tubegen.sidecar.activitypub.ids import Names
from tubegen.sidecar.store import schema, status
from tubegen.sidecar.store.database import Database, open_database

FANS, SPEED = 30, 100
NAMES = Names(BASE)
EBB = "0f8d7403-c327-4a76-b595-4b588bb0f3be"
FLOOD = "2f1c5f0e-6d2b-4a43-9c77-0a5a4bb6f5a1"
OLD = "2026-01-01T00:00:00Z"


class World(msgspec.Struct):
    there: Neighbours
    sidecars: Mill
    database: Database
    folder: Path

    def build(self, *films: str, title: str = "The tide") -> None:
        write_catalogue(
            self.folder / "catalogue",
            [video(TIDE, title=title), *(video(film, slug=film[:4], published=OLD) for film in films)],
        )

    async def start(self, *roles: str) -> list[int]:
        """Four processes that start at once; those that listen do when this returns."""
        processes = [await self.sidecars.start(role) for role in roles]
        while len(self.sidecars.ports()) < sum("web" in role for role in roles):
            await asyncio.sleep(0.02)
        return processes

    async def everybody(self, kind: str, about: str = "") -> None:
        """Each fan says it to both web processes at the same moment, until both have taken it."""

        async def enqueue(number: int, port: int) -> None:
            fan = self.there.fan(number)
            thing = about or note(fan, published="2026-11-01T00:00:00Z")
            while await self.there.tell(port, number, kind, thing) != 202:
                await asyncio.sleep(0.05)

        ports = self.sidecars.ports()
        await asyncio.gather(*(enqueue(number, port) for number in range(FANS) for port in ports))

    async def count(self, table: schema.Table) -> int:
        return await self.database.read(
            lambda connection: connection.execute(select(func.count()).select_from(table)).scalar_one()
        )

    async def worked_in(self) -> None:
        """Returns once nothing waits in the inbox."""
        while await self.count(schema.queued_activity):
            await asyncio.sleep(0.05)

    async def settled(self) -> dict[str, int]:
        """Deliveries by state, once none waits."""
        while (states := await self.database.read(status.states)).get("waiting"):
            await asyncio.sleep(0.05)
        return states

    async def got(self, kind: str, count: int) -> Counter[int]:
        """How often each of the `count` activities of a kind came, once all of them have come."""
        while True:
            self.there.changed.clear()
            found = [bodies for bodies in self.there.got.values() if _is(kind, bodies[0])]
            if len(found) >= count:
                return Counter(map(len, found))
            await self.there.changed.wait()


def _is(kind: str, body: bytes) -> bool:
    return msgspec.json.decode(body)["type"] == kind


@asynccontextmanager
async def world(folder: Path, cluster: Cluster) -> AsyncGenerator[World]:
    begun, address = time.time(), cluster.bare()
    shutil.copytree(keys(), folder / "keys")
    async with (
        asyncio.timeout(60),
        neighbours(NAMES, fast_clock(begun, SPEED)) as there,
        mill(address, folder, begun, SPEED) as sidecars,
    ):
        database = open_database(address)
        try:
            one = World(there, sidecars, database, folder)
            one.build()
            yield one
        finally:
            database.close()


def test_they_act_as_one(tmp_path: Path, cluster: Cluster) -> None:
    async def run() -> None:
        async with world(tmp_path, cluster) as here:
            await here.start("web", "worker", "web", "worker")
            await here.everybody("Follow", NAMES.person("films"))
            await here.everybody("Like", NOTE)
            await here.everybody("Create")
            await here.worked_in()
            for table in (schema.follower, schema.reaction, schema.post):
                assert await here.count(table) == FANS, table
            await here.got("Accept", FANS)  # each Follow has its own, also one that is repeated
            here.build(EBB, FLOOD)
            assert await here.got("Create", 2 * FANS) == {1: 2 * FANS}
            here.build(EBB, FLOOD, title="The tide, again")
            assert await here.got("Update", 2 * FANS) == {1: 2 * FANS}
            assert set(await here.settled()) == {"delivered"}
            assert await here.count(schema.published) == 3

    in_a_loop(run())


@pytest.mark.parametrize("after", [5, 40])
def test_a_worker_that_is_killed_is_replaced(tmp_path: Path, cluster: Cluster, after: int) -> None:
    async def run() -> None:
        async with world(tmp_path, cluster) as here:
            _, first, _ = await here.start("web", "worker", "worker")
            await here.everybody("Follow", NAMES.person("films"))
            await here.got("Accept", FANS)
            here.build(EBB, FLOOD)
            await here.got("Create", after)
            here.sidecars.kill(first)
            repeats = await here.got("Create", 2 * FANS)
            assert set(await here.settled()) == {"delivered"}
            assert max(repeats) <= 2
            assert all(len(set(bodies)) == 1 for bodies in here.there.got.values())

    in_a_loop(run())
