"""A running tracker behind a front server, and viewers who speak WebSocket to it."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer

from tests.sidecar.tracker.talk import ALLOWED, SITE
from tubegen import contract
from tubegen.sidecar.remote.fetch import Fetcher
from tubegen.sidecar.settings import Settings
from tubegen.sidecar.tracker.limits import Limits
from tubegen.sidecar.tracker.mount import add_tracker

NOW = 1_800_000_000.0
SECONDS = 10


def write_swarms(folder: Path, **changes: Any) -> None:
    """As the build writes it."""
    fields: dict[str, Any] = {
        "version": contract.VERSION,
        "origins": tuple(ALLOWED.origins),
        "hashes": tuple(one.encode("latin-1").hex() for one in sorted(ALLOWED.own)),
        "peertube": tuple(one.encode("latin-1").hex() for one in sorted(ALLOWED.peertube)),
    }
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / "swarms.new"
    new.write_bytes(msgspec.json.encode(contract.Swarms(**(fields | changes))))
    new.rename(folder / "swarms.json")


def settings(folder: Path) -> Settings:
    return Settings(
        base_url=SITE, catalogue=str(folder), database="sqlite:///nowhere.db", keys=folder / "keys"
    )


class Viewer:
    def __init__(self, line: ClientWebSocketResponse) -> None:
        self.line = line

    async def say(self, message: str | bytes) -> None:
        await (self.line.send_str(message) if isinstance(message, str) else self.line.send_bytes(message))

    async def hear(self) -> dict[str, Any]:
        """The next message."""
        message = await self.line.receive(SECONDS)
        assert message.type is WSMsgType.TEXT, message
        return json.loads(message.data)

    async def closed(self) -> int:
        """The code with which the tracker closed the socket; messages before it are passed over."""
        while (await self.line.receive(SECONDS)).type not in (
            WSMsgType.CLOSE,
            WSMsgType.CLOSED,
            WSMsgType.CLOSING,
            WSMsgType.ERROR,
        ):
            pass
        return self.line.close_code or 0


class Station:
    def __init__(self, client: "TestClient[Any, Any]", folder: Path) -> None:
        self.client = client
        self.folder = folder

    async def viewer(self, address: str = "203.0.113.7", origin: str = SITE) -> Viewer:
        headers = {"Origin": origin, "X-Forwarded-For": address}
        return Viewer(await self.client.ws_connect("/tracker/socket", headers=headers))

    async def stats(self) -> dict[str, int]:
        return await (await self.client.get("/tracker/stats")).json()

    async def until(self, **wanted: int) -> dict[str, int]:
        """Wait until the statistics say so."""
        async with asyncio.timeout(SECONDS):
            while True:
                found = await self.stats()
                if wanted.items() <= found.items():
                    return found
                await asyncio.sleep(0.01)


@asynccontextmanager
async def station(folder: Path, *, listed: bool = True, **limits: Any) -> AsyncGenerator[Station]:
    if listed:
        write_swarms(folder)
    given = settings(folder)
    fetcher = Fetcher(given, None, lambda: NOW)
    app = web.Application()
    add_tracker(app, given, fetcher, lambda: NOW, limits=Limits(**limits))
    async with TestClient(TestServer(app)) as client:
        here = Station(client, folder)
        if listed:
            await here.until(listed=3)
        yield here
    await fetcher.close()
