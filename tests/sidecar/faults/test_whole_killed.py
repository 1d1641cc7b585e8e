"""A whole sidecar killed at any moment: what it acknowledged is kept, what it said arrives, ids stay."""

import asyncio
import random
import shutil
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.serve.loop import in_a_loop
from tests.sidecar.documents import video, write_catalogue
from tests.sidecar.domain.scene import NOTE, TIDE, note
from tests.sidecar.faults.mill import BASE, Mill, fast_clock, mill
from tests.sidecar.faults.neighbours import Neighbours, neighbours
from tests.sidecar.routes.served_site import keys
from tubegen.contract import VideoDocument
from tubegen.sidecar.activitypub.ids import Names

FANS, KILLS, SPEED = 40, 20, 100
NAMES = Names(BASE)


def test_a_whole_sidecar_killed_again_and_again(tmp_path: Path) -> None:
    shutil.copytree(keys(), tmp_path / "keys")
    in_a_loop(killed(tmp_path))


async def killed(folder: Path) -> None:
    dice, begun = random.Random(8), time.time()
    file = folder / "sidecar.db"
    films = growing()
    write_catalogue(folder / "catalogue", next(films))
    async with (
        asyncio.timeout(90),
        neighbours(NAMES, fast_clock(begun, SPEED)) as there,
        mill(f"sqlite:///{file}", folder, begun, SPEED) as sidecars,
    ):
        fans = asyncio.gather(*(devote(there, sidecars, number, dice) for number in range(FANS)))
        for _ in range(KILLS):
            process = await sidecars.start("web,worker")
            await asyncio.sleep(dice.random() * 0.5)
            sidecars.kill(process)
            write_catalogue(folder / "catalogue", next(films))
        await sidecars.start("web,worker")
        await fans
        await until_told(file)
        whole(file)
        everything_was_told(file, there)


def growing() -> Iterator[list[VideoDocument]]:
    """A site's films from build to build: each time one more, and the first has a new title."""
    dice = random.Random(3)
    others: list[VideoDocument] = []
    while True:
        yield [video(TIDE, title=f"The tide {len(others)}"), *others]
        fresh = str(uuid.UUID(int=dice.getrandbits(128), version=4))
        others.append(video(fresh, slug=f"film-{len(others)}", published="2026-01-01T00:00:00Z"))


async def devote(there: Neighbours, sidecars: Mill, number: int, dice: random.Random) -> None:
    """A fan's server says each thing until it is acknowledged, and then never again."""
    fan = there.fan(number)
    reply = note(fan, published="2026-11-01T00:00:00Z")
    for kind, about in (("Follow", NAMES.person("films")), ("Like", NOTE), ("Create", reply)):
        while True:
            ports = sidecars.ports()
            if ports and await there.tell(ports[0], number, kind, about) == 202:
                break
            await asyncio.sleep(0.02 + dice.random() * 0.1)
        await asyncio.sleep(dice.random() * 2)


async def until_told(file: Path) -> None:
    with closing(sqlite3.connect(file)) as raw:
        while raw.execute("select count(*) from delivery where state = 'waiting'").fetchone() != (0,):
            await asyncio.sleep(0.05)


def whole(file: Path) -> None:
    with closing(sqlite3.connect(file)) as raw:
        assert raw.execute("pragma integrity_check").fetchone() == ("ok",)
        assert raw.execute("pragma foreign_key_check").fetchall() == []
        for table in ("follower", "reaction", "post"):
            assert raw.execute(f"select count(*) from {table}").fetchone() == (FANS,), table
        published = raw.execute("select count(*), sum(announced), count(deleted) from published").fetchone()
        assert published[0] >= published[1] + 1
        assert published[2] == 0


def everything_was_told(file: Path, there: Neighbours) -> None:
    """What has the state `delivered` has arrived; the same id always says the same."""
    with closing(sqlite3.connect(file)) as raw:
        rows = raw.execute(
            "select activity.uri, activity.type, delivery.host, delivery.state, activity.video"
            " from delivery join activity on activity.id = delivery.activity"
        ).fetchall()
    assert {state for _, _, _, state, _ in rows} <= {"delivered", "superseded"}
    told = {(host, uri): state for uri, _, host, state, _ in rows}
    assert {place for place, state in told.items() if state == "delivered"} <= there.got.keys() <= told.keys()
    assert all(len(set(bodies)) == 1 for bodies in there.got.values())
    assert len({host for _, kind, host, _, _ in rows if kind == "Accept"}) == FANS
    created = [(uri, film) for uri, kind, _, _, film in rows if kind == "Create"]
    assert len({uri for uri, _ in created}) == len({film for _, film in created})
