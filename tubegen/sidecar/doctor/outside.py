"""The site as a stranger's server or browser meets it: plain requests, nothing followed, nothing remembered."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import aiohttp
import msgspec
from yarl import URL

from tubegen import __version__
from tubegen.sidecar.remote.body import BadBody, read_body

T = TypeVar("T")

_SECONDS = 15
_BYTES = 4_000_000


class Unanswered(Exception):
    """No answer came; the text says from where and why."""


class Seen(msgspec.Struct, frozen=True):
    """An answer. `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """Content type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def read(self, shape: type[T]) -> T:
        """The JSON in the body; where there is none of this shape, what the shape is by itself."""
        try:
            return msgspec.json.decode(self.body, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return shape()


class Outside:
    """Made by `outside`."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def get(self, url: str, **headers: str) -> Seen:
        """Names of headers are written with `_` for `-`. Raises Unanswered."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._ask("GET", url, named, None)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Seen:
        """Raises Unanswered."""
        return await self._ask("POST", url, headers, body)

    async def upgrades(self, url: str, origin: str) -> int:
        """The status with which a WebSocket is answered; 101 when it is opened. Raises Unanswered."""
        try:
            async with (
                asyncio.timeout(_SECONDS),
                self._session.ws_connect(URL(url), origin=origin) as socket,
            ):
                await socket.close()
                return 101
        except aiohttp.WSServerHandshakeError as error:
            return error.status
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unanswered(f"{url}: {_why(error)}") from error

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Seen:
        try:
            async with (
                asyncio.timeout(_SECONDS),
                self._session.request(
                    method, URL(url), headers=headers, data=body, allow_redirects=False
                ) as answer,
            ):
                names = {name.lower(): value for name, value in answer.headers.items()}
                return Seen(answer.status, names, await read_body(answer, _BYTES))
        except (aiohttp.ClientError, BadBody, OSError, ValueError) as error:
            raise Unanswered(f"{url}: {_why(error)}") from error


@asynccontextmanager
async def outside(tls: ssl.SSLContext) -> AsyncGenerator[Outside]:
    """`tls` says which certificates hold."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=tls, force_close=True),
        headers={"User-Agent": f"tubegen/{__version__} doctor"},
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        yield Outside(session)


async def certificate_end(host: str, port: int, tls: ssl.SSLContext) -> float:
    """When the certificate of a host runs out, in seconds since 1970. Raises Unanswered, also when it does not hold."""
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=tls)
    except (OSError, ssl.SSLError) as error:
        raise Unanswered(f"{host}: {_why(error)}") from error
    found: dict[str, Any] = writer.get_extra_info("peercert") or {}
    writer.close()
    return ssl.cert_time_to_seconds(found["notAfter"])


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"nothing came within {_SECONDS} seconds"
    cause: Exception | None = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
    if isinstance(cause or error, ssl.SSLCertVerificationError):
        return f"the certificate does not hold: {getattr(cause or error, 'verify_message', '')}"
    return str(cause or error) or type(error).__name__
