"""An inbox on loopback, spoken to byte by byte, and the people who write to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any, cast

import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection

from tests.sidecar.domain.scene import NOW, SITE, TIDE, publish, someone
from tests.sidecar.stores import address_in
from tubegen.sidecar.inbox.limits import Limits
from tubegen.sidecar.inbox.queue import MOST, InboxQueue
from tubegen.sidecar.inbox.receive import inbox
from tubegen.sidecar.inbox.worker import InboxWorker
from tubegen.sidecar.model import Incoming, LocalKey, RemoteActor, RemoteKey, Site
from tubegen.sidecar.remote.answers import Gone
from tubegen.sidecar.services import Services
from tubegen.sidecar.settings import Settings
from tubegen.sidecar.signatures.errors import KeyFault, KeyGone
from tubegen.sidecar.signatures.sign import sign
from tubegen.sidecar.store.database import PATIENCE, Database, open_database
from tubegen.sidecar.store.inbox_queue import Backlog


class Town:
    """Actors and keys that can be had, in place of `remote.Remote`. `asked` is what was asked for."""

    def __init__(
        self, actors: Iterable[RemoteActor] = (), keys: Mapping[str, RemoteKey] | None = None
    ) -> None:
        self.actors = {actor.uri: actor for actor in actors}
        self.keys = dict(keys or {})
        self.trouble: type[KeyFault] | None = None
        self.asked: list[str] = []
        self.askers: list[str] = []
        self.forgotten: list[str] = []

    async def actor(self, uri: str, *, fresh: bool = False, asker: str = "") -> RemoteActor:
        if uri not in self.actors:
            raise Gone(uri)
        return self.actors[uri]

    def forget(self, uri: str) -> None:
        self.forgotten.append(uri)

    async def key(self, key_id: str, *, fresh: bool = False, asker: str = "") -> RemoteKey:
        self.asked.append(key_id)
        self.askers.append(asker)
        if self.trouble:
            raise self.trouble(key_id)
        if key_id not in self.keys:
            raise KeyGone(key_id)
        return self.keys[key_id]


class Reply(msgspec.Struct, frozen=True):
    status: int
    headers: dict[str, str]
    text: str


class Station:
    """What runs. `now` and `site` may be set; `is_idle`: what is acknowledged waits in the inbox queue."""

    def __init__(self, database: Database, town: Town, site: Site | None, most: Backlog) -> None:
        self.database = database
        self.town = town
        self.site = site
        self.now = NOW
        self.is_idle = False
        self.wake = asyncio.Event()
        self.inbox_queue = InboxQueue(database, lambda: self.now, most=most)
        self.port = 0

    async def raw(self, *pieces: bytes) -> Reply:
        """Send bytes, read the answer to the end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        finally:
            writer.close()
        first, *lines = head.decode("latin-1").rstrip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        text = (
            await reader.read(int(headers.get("content-length", 0))) if headers.get("content-length") else b""
        )
        return Reply(int(first.split(" ")[1]), headers, text.decode())

    async def send(self, request: Incoming) -> Reply:
        """The answer, once what it acknowledges is processed."""
        answer = await self.raw(wire(request))
        if answer.status == 202 and not self.is_idle:
            await self.work_in()
        return answer

    async def work_in(self) -> None:
        """All that waits."""
        while await self.inbox_worker().turn():
            pass

    def inbox_worker(self) -> InboxWorker:
        """A new one: it has not failed at anything yet."""
        return InboxWorker(
            self.database,
            lambda: self.site,
            actors=self.town,
            clock=lambda: self.now,
            arrived=self.inbox_queue.arrived,
            wake=self.wake,
        )

    async def tell(self, actor: RemoteActor, type: str, object: Any, **fields: Any) -> Reply:  # noqa: A002
        """An activity, signed by its actor."""
        return await self.send(signed(actor, activity(actor, type, object, **fields), now=self.now))

    async def read(self, work: Callable[[Connection], Any]) -> Any:
        return await self.database.read(work)


def activity(actor: RemoteActor, type: str, object: Any, **fields: Any) -> bytes:  # noqa: A002
    told = {"id": f"{actor.uri}#{type}", "type": type, "actor": actor.uri, "object": object} | fields
    return msgspec.json.encode(told)


def signed(
    actor: RemoteActor, body: bytes, *, now: float = NOW, key_id: str = "", **headers: str
) -> Incoming:
    """A request to the shared inbox."""
    key = LocalKey(key_id or actor.key_id, _private(), "")
    sent = sign(key, "POST", f"{SITE.names.base}/ap/inbox", body, now=now) | headers
    return Incoming("POST", "/ap/inbox", tuple(sent.items()), body)


def wire(request: Incoming) -> bytes:
    """The request as bytes, its length added where it is missing."""
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    if "content-length" not in {name.lower() for name, _ in request.headers}:
        lines.append(f"Content-Length: {len(request.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body


def townsfolk(*actors: RemoteActor) -> Town:
    """They all sign with one key."""
    keys = {actor.key_id: RemoteKey(actor.key_id, actor.uri, _private().public_key()) for actor in actors}
    return Town([msgspec.structs.replace(actor, key_pem=_pem()) for actor in actors], keys)


@cache
def _private() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def _pem() -> str:
    return _private().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@asynccontextmanager
async def station(
    folder: Path,
    town: Town | None = None,
    *,
    site: Site = SITE,
    videos: Iterable[str] = (TIDE,),
    limits: Limits | None = None,
    networks: Iterable[str] = (),
    routes: Callable[[Services], list[web.RouteDef]] | None = None,
    patience: float = PATIENCE,
    most: Backlog = MOST,
) -> AsyncIterator[Station]:
    """An inbox at every path, or the given `routes`."""
    database = open_database(address_in(folder), patience=patience)
    here = Station(database, town or townsfolk(someone()), site, most)
    for uuid in videos:
        await database.write(lambda connection, uuid=uuid: publish(connection, uuid))
    services = Services(
        settings=Settings(
            base_url=site.names.base,
            catalogue="",
            database="",
            keys=folder,
            private_networks=tuple(map(ip_network, networks)),
        ),
        clock=lambda: here.now,
        database=database,
        fetcher=cast(Any, None),
        remote=here.town,
        keyring=cast(Any, None),
        site=lambda: here.site,
        inbox_queue=here.inbox_queue,
        wake=here.wake,
    )
    app = web.Application()
    app.add_routes(
        routes(services) if routes else [web.post("/{path:.*}", inbox(services, limits or Limits()))]
    )
    runner = web.AppRunner(app, auto_decompress=False, lingering_time=1)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    here.port = cast(Any, runner.addresses[0])[1]
    try:
        yield here
    finally:
        await runner.cleanup()
        database.close()


Work = Callable[[Station], Awaitable[None]]
