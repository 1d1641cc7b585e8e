"""TLS between servers on one machine: an authority of our own, and a proxy for the sidecar."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec
import trustme


class Tls(msgspec.Struct, frozen=True):
    """Files in PEM; the certificate is for `localhost`."""

    authority: Path
    certificate: Path
    key: Path


def make_tls(folder: Path) -> Tls:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    tls = Tls(folder / "authority.pem", folder / "certificate.pem", folder / "key.pem")
    authority.cert_pem.write_to_path(str(tls.authority))
    issued.cert_chain_pems[0].write_to_path(str(tls.certificate))
    issued.private_key_pem.write_to_path(str(tls.key))
    return tls


@contextlib.asynccontextmanager
async def terminated(tls: Tls, behind: asyncio.Future[int]) -> AsyncGenerator[int]:
    """A port whose TLS connections are handed on, in plain, to the port `behind`, byte by byte.

    They wait until that is known.
    """

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", await behind)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_relay(reader, inner_writer), _relay(inner_reader, writer))

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tls.certificate, tls.key)
    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one side ends; then both do, since TLS has no half-closed connections."""
    with contextlib.suppress(OSError):
        while some := await reader.read(65536):
            writer.write(some)
            await writer.drain()
    writer.close()
