"""Other servers on this machine: people with keys who follow, like and reply, and inboxes that remember."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.sidecar.delivery.zoo import KEY
from tests.sidecar.domain.scene import someone
from tests.sidecar.inbox.station import activity
from tubegen.sidecar.activitypub.ids import Names
from tubegen.sidecar.model import LocalKey, RemoteActor
from tubegen.sidecar.signatures.sign import sign

_PEM = KEY.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class Neighbours:
    """Every address in 127.0.0.0/8 is a server of its own, with one `fan`. All fans share a key."""

    def __init__(self, names: Names, clock: Callable[[], float]) -> None:
        self.got: dict[tuple[str, str], list[bytes]] = {}
        """The bodies that came for each host and activity id."""
        self.changed = asyncio.Event()
        self._names = names
        self._clock = clock
        self._port = 0
        self._session = aiohttp.ClientSession()

    def fan(self, number: int) -> RemoteActor:
        host = f"127.9.{number // 250}.{1 + number % 250}:{self._port}"
        here = f"http://{host}"
        return someone(
            "fan",
            host,
            uri=f"{here}/users/fan",
            inbox=f"{here}/users/fan/inbox",
            shared_inbox=f"{here}/inbox",
            key_id=f"{here}/users/fan#main-key",
        )

    async def tell(self, port: int, number: int, kind: str, about: Any) -> int:
        """A fan's activity to a sidecar on this machine: the status, or 0 when there is none."""
        fan = self.fan(number)
        body = activity(fan, kind, about)
        inbox = self._names.shared_inbox
        headers = sign(LocalKey(fan.key_id, KEY.private, ""), "POST", inbox, body, now=self._clock())
        try:
            async with self._session.post(
                f"http://127.0.0.1:{port}/ap/inbox", data=body, headers=headers
            ) as answer:
                return answer.status
        except aiohttp.ClientError:
            return 0

    async def _actor(self, request: web.Request) -> web.Response:
        here = f"http://{request.host}"
        document = {
            "id": f"{here}/users/fan",
            "type": "Person",
            "preferredUsername": "fan",
            "inbox": f"{here}/users/fan/inbox",
            "endpoints": {"sharedInbox": f"{here}/inbox"},
            "publicKey": {
                "id": f"{here}/users/fan#main-key",
                "owner": f"{here}/users/fan",
                "publicKeyPem": _PEM,
            },
        }
        return web.json_response(document, content_type="application/activity+json")

    async def _inbox(self, request: web.Request) -> web.Response:
        body = await request.read()
        told = msgspec.json.decode(body)
        self.got.setdefault((request.host, told["id"]), []).append(body)
        self.changed.set()
        return web.Response(status=202)

    @asynccontextmanager
    async def at_home(self) -> AsyncGenerator[None]:
        app = web.Application()
        app.add_routes([web.get("/users/fan", self._actor), web.post("/{path:.*}", self._inbox)])
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "0.0.0.0", 0, backlog=1024).start()
        self._port = int(re.findall(r"\d+", str(runner.addresses[0]))[-1])
        try:
            yield
        finally:
            await self._session.close()
            await runner.cleanup()


@asynccontextmanager
async def neighbours(names: Names, clock: Callable[[], float]) -> AsyncGenerator[Neighbours]:
    there = Neighbours(names, clock)
    async with there.at_home():
        yield there
