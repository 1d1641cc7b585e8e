"""Other servers, all of them one: every address in 127.0.0.0/8 is a host of its own with its own manners."""

import asyncio
import json
import re
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tubegen.sidecar.delivery.ports import Handler
from tubegen.sidecar.delivery.worker import Worker
from tubegen.sidecar.model import LocalKey
from tubegen.sidecar.remote.fetch import Fetcher
from tubegen.sidecar.settings import Settings
from tubegen.sidecar.signatures.keys import make_key
from tubegen.sidecar.signatures.sign import sign
from tubegen.sidecar.store.database import Database

Manners = Callable[[web.Request, int], Awaitable[web.Response]]
"""Given a request and how many came to this host before."""

_private = make_key()
KEY = LocalKey(
    "https://films.example/ap/u/films#main-key",
    _private,
    _private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
)


class Knock(msgspec.Struct, frozen=True):
    """A request that came."""

    host: str
    path: str
    type: str
    about: str
    date: str
    scheme: str
    at: float


async def polite(_: web.Request, __: int) -> web.Response:
    return web.Response(status=202)


def answers(*statuses: int, **headers: str) -> Manners:
    """These statuses in turn, the last for ever."""

    async def manners(_: web.Request, before: int) -> web.Response:
        return web.Response(status=statuses[min(before, len(statuses) - 1)], headers=headers)

    return manners


class Zoo:
    def __init__(self) -> None:
        self.manners: dict[str, Manners] = defaultdict(lambda: polite)
        self.knocks: list[Knock] = []
        self.changed = asyncio.Condition()
        self.over = asyncio.Event()
        self.port = 0

    async def silent(self, _: web.Request, __: int) -> web.Response:
        """No answer, until the test is over."""
        await self.over.wait()
        return web.Response(status=503)

    def inbox(self, number: int, path: str = "/inbox") -> str:
        return f"http://{self.host(number)}{path}"

    def host(self, number: int) -> str:
        """The same as the queue knows it."""
        return f"127.{1 + number // 60_000}.{number // 250 % 240}.{1 + number % 250}:{self.port}"

    async def answer(self, request: web.Request) -> web.Response:
        activity = json.loads(await request.read())
        before = sum(knock.host == request.host for knock in self.knocks)
        scheme = "rfc9421" if "Signature-Input" in request.headers else "cavage"
        date = request.headers.get("Date", "")
        knock = Knock(
            request.host,
            request.path,
            activity["type"],
            activity["object"],
            date,
            scheme,
            time.monotonic(),
        )
        self.knocks.append(knock)
        async with self.changed:
            self.changed.notify_all()
        return await self.manners[request.host](request, before)

    async def until(self, count: int, seconds: float = 15) -> None:
        """Wait until so many requests have come."""
        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(lambda: len(self.knocks) >= count)

    def seen(self, number: int) -> list[str]:
        """Types of the activities that a host saw, in order."""
        return [knock.type for knock in self.knocks if knock.host == self.host(number)]


@asynccontextmanager
async def zoo() -> AsyncGenerator[Zoo]:
    animals = Zoo()
    app = web.Application()
    app.router.add_post("/{path:.*}", animals.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "0.0.0.0", 0, backlog=1024)
    await site.start()
    animals.port = int(re.findall(r"\d+", str(runner.addresses[0]))[-1])
    try:
        yield animals
    finally:
        await runner.cleanup()


class Keys:
    def of(self, actor: str, *, activity: str = "") -> LocalKey:
        return KEY


class Time:
    """Runs as the world's does, and can be set forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


class Running:
    """A worker at work."""

    def __init__(self, worker: Worker, wake: asyncio.Event, clock: Time, task: asyncio.Task[None]) -> None:
        self.worker = worker
        self.wake = wake
        self.clock = clock
        self.task = task

    def pass_time(self, seconds: float) -> None:
        self.clock.ahead += seconds
        self.wake.set()

    async def stop(self) -> None:
        self.worker.stop()
        await self.task


def settings(**changes: object) -> Settings:
    return Settings(
        base_url="https://films.example",
        catalogue="",
        database="",
        keys=Path(),
        private_networks=(ip_network("127.0.0.0/8"),),
        **changes,
    )


@asynccontextmanager
async def running(
    database: Database, handlers: Mapping[str, Handler] | None = None, **changes: object
) -> AsyncGenerator[Running]:
    clock, wake = Time(), asyncio.Event()
    fetcher = Fetcher(settings(), KEY, clock)
    worker = Worker(
        settings(**changes),
        database,
        poster=fetcher,
        keys=Keys(),
        sign=sign,
        clock=clock,
        wake=wake,
        handlers=handlers or {},
        dice=lambda: 0,
    )
    task = asyncio.create_task(worker.run())
    try:
        yield Running(worker, wake, clock, task)
    finally:
        worker.stop()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await fetcher.close()
