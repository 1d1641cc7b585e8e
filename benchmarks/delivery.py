"""A post to a thousand servers of which every fourth is dead: how soon do the living have it?

Real worker, queue and signatures. The servers answer for all of 127.0.0.0/8 by plain HTTP after a random 80 to
680 ms, in the same process and so from the same processor: without them it would be faster. Of the dead, who
were not known to be dead, half refuse connections and half take them and never answer. Meanwhile new followers
wait for their Accept.
"""

import asyncio
import random
import resource
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from benchmarks.measure import Row
from tests.sidecar.delivery.outgoing import outgoing
from tests.sidecar.delivery.zoo import Running, Zoo, running, zoo
from tubegen.sidecar.store import deliveries
from tubegen.sidecar.store.database import Database, open_database

SERVERS = 1000
DEAD = 4
"""One in so many."""

SECONDS = 20
ACCEPTS = 10
ACCEPT_SECONDS = 1

_CLOSED = 9
"""A port of 127.0.0.0/8 where nobody listens."""


class _Times(NamedTuple):
    """Seconds."""

    post: list[float]
    """Until each living server had it."""
    accept: list[float]
    cpu: float


def rows(servers: int = SERVERS) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        times = asyncio.run(_deliver(f"sqlite:///{Path(folder) / 'sidecar.db'}", servers))
    living = servers - servers // DEAD
    p95 = sorted(times.post)[int(living * 0.95)]
    slowest = max(times.accept)
    name = f"delivery: 95 % of {living} living servers beside {servers - living} dead ones"
    return [
        Row(name, p95, "s", f"{SECONDS} s", p95 / SECONDS, "≤ 1"),
        Row(f"delivery: slowest of {ACCEPTS} Accepts meanwhile", slowest, "s", f"{ACCEPT_SECONDS} s", slowest / ACCEPT_SECONDS, "≤ 1"),
        Row("delivery: CPU time per delivery, servers included", times.cpu / living * 1000, "ms", "", None, ""),
    ]  # fmt: skip


async def _deliver(address: str, servers: int) -> _Times:
    database = open_database(address)
    post: list[float] = []
    async with zoo() as peers:

        async def living(_: web.Request, __: int) -> web.Response:
            post.append(time.perf_counter() - begun)
            await asyncio.sleep(random.uniform(0.08, 0.68))
            return web.Response(status=202)

        for n in range(servers):
            peers.manners[peers.host(n)] = living if n % DEAD else peers.silent
        inboxes = [
            peers.inbox(n) if n % (2 * DEAD) else f"http://{peers.host(n).partition(':')[0]}:{_CLOSED}/inbox"
            for n in range(servers)
        ]
        used, begun = _cpu(), time.perf_counter()
        await database.write(
            partial(deliveries.enqueue, outgoing=outgoing("Create"), inboxes=inboxes, now=time.time())
        )
        async with running(database) as worker:
            following = asyncio.create_task(_accept(database, peers, worker, servers))
            await _until(peers, lambda: len(post) >= servers - servers // DEAD)
            used = _cpu() - used
            accept = await following
            peers.over.set()
    database.close()
    return _Times(post, accept, used)


async def _accept(database: Database, peers: Zoo, worker: Running, servers: int) -> list[float]:
    """Seconds until each of some new followers, one after another, had its Accept."""
    times: list[float] = []
    for n in range(servers, servers + ACCEPTS):
        await asyncio.sleep(0.5)
        accept = outgoing("Accept", about=f"https://films.example/follow/{n}")
        begun = time.perf_counter()
        await database.write(
            partial(
                deliveries.enqueue, outgoing=accept, inboxes=[peers.inbox(n)], now=time.time(), urgent=True
            )
        )
        worker.wake.set()
        await _until(peers, lambda n=n: any(knock.host == peers.host(n) for knock in peers.knocks))
        times.append(time.perf_counter() - begun)
    return times


async def _until(peers: Zoo, true: Callable[[], bool]) -> None:
    async with peers.changed:
        await peers.changed.wait_for(true)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
