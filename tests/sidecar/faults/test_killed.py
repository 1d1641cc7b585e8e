"""A worker killed at any moment loses nothing, mixes nothing up, and repeats only what was under way."""

import asyncio
import os
import random
import signal
import sqlite3
import sys
import time
from collections import defaultdict
from functools import partial
from pathlib import Path

from aiohttp import web

from tests.serve.loop import in_a_loop
from tests.sidecar.delivery.outgoing import outgoing
from tests.sidecar.delivery.zoo import Zoo, zoo
from tubegen.sidecar.store import deliveries
from tubegen.sidecar.store.database import open_database

HOSTS, KILLS, SLOTS, SPEED = 300, 20, 16, 200
SAID = (("Create", "x"), ("Create", "y"), ("Update", "x"), ("Announce", "x"), ("Update", "y"))


def test_killed_again_and_again(tmp_path: Path) -> None:
    in_a_loop(killed_again_and_again(tmp_path / "sidecar.db"))


async def killed_again_and_again(file: Path) -> None:
    dice = random.Random(5)
    accepted: list[tuple[str, str, str]] = []
    complete = asyncio.Event()
    async with asyncio.timeout(90), zoo() as peers:

        async def moody(request: web.Request, before: int) -> web.Response:
            """Three in a hundred find it busy."""
            knock = peers.knocks[-1]
            await asyncio.sleep(dice.random() * 0.02)
            if dice.random() < 0.03:
                return web.Response(status=503)
            accepted.append((knock.host, knock.about, knock.type))
            if len(set(accepted)) == HOSTS * len(SAID):
                complete.set()
            return web.Response(status=202)

        for n in range(HOSTS):
            peers.manners[peers.host(n)] = moody
        await fill(f"sqlite:///{file}", peers)
        mill = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-m",
                "tests.sidecar.faults.child",
                f"sqlite:///{file}",
                str(SPEED),
                str(SLOTS),
            ),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert mill.stdin
        assert mill.stdout
        for _ in range(KILLS):
            worker = await start(mill)
            await peers.until(len(peers.knocks) + dice.randint(1, 60))
            await asyncio.sleep(dice.random() * 0.02)
            os.kill(worker, signal.SIGKILL)
        worker = await start(mill)
        await complete.wait()
        await until_settled(file)
        os.kill(worker, signal.SIGTERM)
        mill.stdin.close()
        await mill.wait()
    whole(file)
    repeated = len(accepted) - len(set(accepted))
    assert repeated <= KILLS * SLOTS
    in_order(accepted)


async def fill(address: str, peers: Zoo) -> None:
    database = open_database(address)
    inboxes = [peers.inbox(n) for n in range(HOSTS)]
    for kind, about in SAID:
        work = partial(
            deliveries.enqueue, outgoing=outgoing(kind, about), inboxes=inboxes, now=time.time() * SPEED
        )
        await database.write(work)
    database.close()


async def start(mill: asyncio.subprocess.Process) -> int:
    assert mill.stdin
    assert mill.stdout
    mill.stdin.write(b"\n")
    return int(await mill.stdout.readline())


async def until_settled(file: Path) -> None:
    """The peers have everything; wait until the worker has written that down."""
    with sqlite3.connect(file) as raw:
        while raw.execute("select count(*) from delivery where state = 'waiting'").fetchone() != (0,):
            await asyncio.sleep(0.02)


def whole(file: Path) -> None:
    with sqlite3.connect(file) as raw:
        assert raw.execute("pragma integrity_check").fetchone() == ("ok",)
        assert raw.execute("select state, count(*) from delivery group by state").fetchall() == [
            ("delivered", HOSTS * len(SAID))
        ]


def in_order(accepted: list[tuple[str, str, str]]) -> None:
    """What a host took about one thing came in the order it was said; a repeated word right behind itself."""
    orders: dict[tuple[str, str], list[int]] = defaultdict(list)
    for host, about, kind in accepted:
        orders[host, about].append(SAID.index((kind, about)))
    assert all(order == sorted(order) for order in orders.values())
