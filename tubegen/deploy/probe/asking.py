"""Plain requests to a site: nothing followed, nothing remembered, nothing unpacked."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import aiohttp
import msgspec
from yarl import URL

from tubegen import __version__

_SECONDS = 20
_BYTES = 64_000_000
"""The largest answer that is read; a segment of the largest rendition is smaller by far."""


class Unanswered(Exception):
    """No answer came; the text says from where and why."""


class Answer(msgspec.Struct, frozen=True):
    """What a host answered. `headers` have lower-case names."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """Without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Asking:
    """Made by `asking`."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def get(self, url: str, *, limit: int = _BYTES, **headers: str) -> Answer:
        """The answer to a GET, at most `limit` bytes of it; names of headers are written with `_` for `-`.

        Raises Unanswered."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            async with (
                asyncio.timeout(_SECONDS),
                self._session.get(URL(url), headers=named, allow_redirects=False) as answer,
            ):
                body = bytearray()
                async for block in answer.content.iter_chunked(1 << 16):
                    body += block
                    if len(body) >= limit:
                        break
                names = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(url, answer.status, names, bytes(body[:limit]))
        except (aiohttp.ClientError, OSError, ValueError) as fault:
            raise Unanswered(f"{url}: {_reason(fault)}") from fault


@asynccontextmanager
async def asking() -> AsyncGenerator[Asking]:
    """Requests as a browser's, with its patience."""
    async with aiohttp.ClientSession(
        headers={"User-Agent": f"tubegen/{__version__} check"},
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        yield Asking(session)


def _reason(fault: Exception) -> str:
    if isinstance(fault, TimeoutError):
        return f"nothing came within {_SECONDS} seconds"
    cause: Exception | None = getattr(fault, "certificate_error", None) or getattr(fault, "os_error", None)
    if isinstance(cause or fault, ssl.SSLCertVerificationError):
        return f"the certificate does not hold: {getattr(cause or fault, 'verify_message', '')}"
    return str(cause or fault) or type(fault).__name__
