"""A whole sidecar with its site, behind front servers that may spoil what they pass on."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import msgspec
from aiohttp import web

from tests.sidecar.documents import PAGES, video
from tests.sidecar.live.tls import Tls
from tests.sidecar.routes.served_site import build, settings
from tubegen import contract
from tubegen.sidecar.app import application, build_services
from tubegen.sidecar.settings import Settings

Request = Callable[[bytes, bytes], tuple[bytes, bytes]]
Answer = Callable[[str, bytes], bytes]


class Front(msgspec.Struct, frozen=True):
    """`request` changes head and body on their way in, `answer` (of a target) what comes back."""

    request: Request = lambda head, body: (head, body)
    answer: Answer = lambda _, whole: whole


@asynccontextmanager
async def listening(tls: Tls, front: Front, behind: asyncio.Future[int]) -> AsyncGenerator[int]:
    """A front server with TLS for `localhost`; its port. One request a connection."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await _pass(reader, writer, front, await behind)
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tls.certificate, tls.key)
    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, front: Front, port: int) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(int(header(head, b"content-length") or 0))
    target = head.split(b" ")[1].decode()
    head, body = front.request(head, body)
    inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        inner_writer.write(head + body)
        if header(head, b"upgrade"):
            await asyncio.gather(_relay(reader, inner_writer), _relay(inner_reader, writer))
        else:
            writer.write(front.answer(target, await inner_reader.read()))
            await writer.drain()
    finally:
        inner_writer.close()


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while some := await reader.read(65536):
            writer.write(some)
    writer.close()


def header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n")[1:]:
        found, _, value = line.partition(b":")
        if found.lower() == name:
            return value.strip()
    return b""


@asynccontextmanager
async def open_site(
    folder: Path, tls: Tls, front: Front, pages: Callable[[str], Front] | None = None
) -> AsyncGenerator[Settings]:
    """`pages` makes the site's own front server, where it is not that of the sidecar, whose address it gets."""
    behind: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    async with AsyncExitStack() as stack:
        base = f"https://localhost:{await stack.enter_async_context(listening(tls, front, behind))}"
        other = Front() if pages is None else pages(base)
        beside = await stack.enter_async_context(listening(tls, other, behind))
        write_site(folder, f"https://localhost:{beside}" if pages else base)
        here = settings(folder, base_url=base, serve=folder / "public")
        parts = await build_services(here, time.time)
        runner = web.AppRunner(application(parts.services), auto_decompress=False)
        try:
            await parts.synchroniser.synchronise()
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            behind.set_result(runner.addresses[0][1])
            yield here
        finally:
            await runner.cleanup()
            await parts.close()


def write_site(folder: Path, pages: str, *more: contract.VideoDocument) -> None:
    """One film with its media, and a page for people."""
    film = msgspec.json.decode(
        msgspec.json.encode(video()).replace(PAGES.encode(), pages.encode()), type=contract.VideoDocument
    )
    build(folder, (film, *more), url=f"{pages}/")
    media = folder / "public" / film.master.removeprefix(f"{pages}/").rpartition("/")[0]
    media.mkdir(parents=True, exist_ok=True)
    (media / "480p.m3u8").write_text('#EXTM3U\n#EXT-X-MAP:URI="init.m4s"\n#EXTINF:4,\n480p-0001.m4s\n')
    (media / "480p-0001.m4s").write_bytes(bytes(1000))
    (media / film.web.url.rpartition("/")[2]).write_bytes(bytes(1000))
    swarms = contract.Swarms(version=contract.VERSION, origins=(pages,), hashes=(), peertube=())
    (folder / "public/federation/swarms.json").write_bytes(msgspec.json.encode(swarms))
