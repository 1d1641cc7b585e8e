"""A server that answers byte by byte what a test tells it to, over TLS on loopback."""

import asyncio
import functools
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tubegen.sidecar.model import LocalKey
from tubegen.sidecar.remote.fetch import Fetcher
from tubegen.sidecar.settings import Settings

NOW = 1_800_000_000.0
HERE = "https://films.example"


LOOPBACK = "127.0.0.0/8"


class Asked(NamedTuple):
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Page = bytes | Callable[[Asked], bytes] | Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


class Peer:
    """`pages` by path; `asked` is what came in, in its order; `base` is its address."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.base = ""
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []

    def url(self, path: str) -> str:
        return self.base + path

    def document(self, path: str, **fields: Any) -> dict[str, Any]:
        """Serve an ActivityPub document whose id is where it stands, unless `id` is among the fields."""
        document = {"id": self.url(path), **fields}
        self.pages[path] = reply(document)
        return document

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = head[0].split(" ")
            headers = {
                name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            asked = Asked(method, target, headers, body)
            self.asked.append(asked)
            page = self.pages.get(target, self.pages.get(target.partition("?")[0], reply({}, status=404)))
            if isinstance(page, bytes):
                writer.write(page)
            elif isinstance(answer := page(asked) if _takes_one(page) else page(asked, writer), bytes):  # type: ignore[call-arg]
                writer.write(answer)
            else:
                await answer
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def _takes_one(page: Callable[..., Any]) -> bool:
    return not asyncio.iscoroutinefunction(page)


def reply(body: Any, status: int = 200, kind: str = "application/activity+json", **headers: str) -> bytes:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [
        f"HTTP/1.1 {status} -",
        f"Content-Type: {kind}",
        f"Content-Length: {len(raw)}",
        "Connection: close",
    ]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


def to(location: str, status: int = 302) -> bytes:
    return reply(b"", status, Location=location)


class Names(AbstractResolver):
    """Every name is at the next of `addresses`, in turn."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = list(addresses) or ["127.0.0.1"]
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        address = self._addresses[self.asked % len(self._addresses)]
        self.asked += 1
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
        ]

    async def close(self) -> None:
        pass


@functools.cache
def instance_key() -> LocalKey:
    private = rsa.generate_private_key(65537, 2048)
    return LocalKey(f"{HERE}/ap/instance#main-key", private, pem(private))


def pem(private: Any) -> str:
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def settings(*networks: str) -> Settings:
    return Settings(
        base_url=HERE,
        catalogue="",
        database="",
        keys=Path(),
        private_networks=tuple(ip_network(network) for network in networks),
    )


def fetcher(*networks: str, names: AbstractResolver | None = None) -> Fetcher:
    return Fetcher(settings(*networks), instance_key(), lambda: NOW, resolver=names or Names())


class Bench:
    """A CA that the fetchers made meanwhile trust, and peers with certificates of it."""

    def __init__(self, ca: trustme.CA) -> None:
        self.ca = ca
        self.servers: list[asyncio.Server] = []

    async def peer(
        self, name: str = "peer.example", *, tls: bool = True, certificate: trustme.LeafCert | None = None
    ) -> Peer:
        peer = Peer(name)
        context = None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            (certificate or self.ca.issue_cert(name)).configure_cert(context)
        server = await asyncio.start_server(peer.serve, "127.0.0.1", 0, ssl=context)
        self.servers.append(server)
        port = server.sockets[0].getsockname()[1]
        peer.base = f"{'https' if tls else 'http'}://{name}:{port}"
        return peer


@functools.cache
def authority() -> trustme.CA:
    return trustme.CA()


@asynccontextmanager
async def bench(monkeypatch: Any, tmp_path: Path) -> AsyncIterator[Bench]:
    ca = authority()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    room = Bench(ca)
    try:
        yield room
    finally:
        for server in room.servers:
            server.close()


async def fails(awaitable: Awaitable[Any], kind: type[Exception], words: str | None = None) -> None:
    with pytest.raises(kind, match=words):
        await awaitable
