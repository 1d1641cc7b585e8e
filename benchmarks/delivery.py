"""A post to a thousand servers of which every fourth hangs: how soon do the living have it?

Real worker, queue and signatures; the servers are one process that answers for all of 127.0.0.0/8 by plain
HTTP after a random 80 to 680 ms. The dead were not known to be dead.
"""

import asyncio
import random
import resource
import tempfile
import time
from functools import partial
from pathlib import Path

from aiohttp import web

from benchmarks.measure import Row
from tests.sidecar.delivery.said import said
from tests.sidecar.delivery.zoo import Zoo, running, zoo
from tubegen.sidecar.store import queue
from tubegen.sidecar.store.database import open_database

SERVERS = 1000
DEAD = 4
"""One in so many."""

SECONDS = 20


def rows(servers: int = SERVERS) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        times, cpu = asyncio.run(_deliver(f"sqlite:///{Path(folder) / 'sidecar.db'}", servers))
    living = servers - servers // DEAD
    p95 = sorted(times)[int(living * 0.95)]
    name = f"delivery: 95 % of {living} living servers beside {servers - living} that hang"
    return [
        Row(name, p95, "s", f"{SECONDS} s", p95 / SECONDS, "≤ 1"),
        Row("delivery: CPU time per delivery, servers included", cpu / living * 1000, "ms", "", None, ""),
    ]


async def _deliver(address: str, servers: int) -> tuple[list[float], float]:
    """Seconds until each living server had the post, and CPU seconds of it all."""
    database = open_database(address)
    times: list[float] = []
    async with zoo() as peers:

        async def living(_: web.Request, __: int) -> web.Response:
            times.append(time.perf_counter() - begun)
            await asyncio.sleep(random.uniform(0.08, 0.68))
            return web.Response(status=202)

        for n in range(servers):
            peers.manners[peers.host(n)] = living if n % DEAD else peers.silent
        inboxes = [peers.inbox(n) for n in range(servers)]
        used, begun = _cpu(), time.perf_counter()
        await database.write(partial(queue.say, said=said("Create"), inboxes=inboxes, now=time.time()))
        async with running(database):
            while len(times) < servers - servers // DEAD:
                await _one_more(peers)
            used = _cpu() - used
            peers.over.set()
    database.close()
    return times, used


async def _one_more(peers: Zoo) -> None:
    async with peers.changed:
        await peers.changed.wait()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
