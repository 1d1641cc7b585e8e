"""All that the sidecar asks of other servers goes through here.

Every URL may have been written by an enemy. So: TLS and port 443 unless the owner has named an exception, no
connection into private networks, redirects by hand and few, every body read in pieces up to a limit after
decompression, and a deadline over the whole (interop X-30 to X-36). Documents are believed only where they
come from: their `id` must be the address they were fetched at.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver
from yarl import URL

from tubegen import __version__
from tubegen.origin import same_origin
from tubegen.sidecar.activitypub.parse import read_object
from tubegen.sidecar.model import Json, LocalKey, Scheme
from tubegen.sidecar.remote.addresses import AddressClass, Forbidden, guarded_sockets, plain_http_allowed
from tubegen.sidecar.remote.answers import (
    SHOWN,
    FetchError,
    Gone,
    Unfit,
    Unreachable,
    accept_status,
    address_of,
    is_activity_type,
    location_of,
    other_name,
    redirect_of,
    vouched,
)
from tubegen.sidecar.remote.body import BadBody, read_body
from tubegen.sidecar.remote.resolver import Resolver
from tubegen.sidecar.settings import Clock, Settings
from tubegen.sidecar.signatures.sign import sign

__all__ = ["Answer", "FetchError", "Fetcher", "Gone", "Response", "Unfit", "Unreachable"]

_GET_SECONDS = 10
_POST_SECONDS = 15
_FILE_SECONDS = 30
_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 5
_DOCUMENT_BYTES = 1_000_000
_ANSWER_BYTES = 64_000
_REDIRECTS = 3

Body = bytes
SignAgain = Callable[[str], Mapping[str, str]]


class Answer(msgspec.Struct, frozen=True):
    """What a server says to a POST."""

    status: int
    retry_after: float | None = None
    """Seconds to wait, if it names any."""
    text: str = ""
    """At most 64 kB; empty when it was more, or broke off."""
    date: float | None = None
    """The server's clock."""


class Response(msgspec.Struct, frozen=True):
    """A file from a web server. `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Fetcher:
    """A client for one running sidecar; `key` is the instance actor's, which signs every GET (interop S-41).
    Without one it fetches but the site's own files, by `bytes`.

    Sockets are opened at first use, inside the running loop.
    """

    def __init__(
        self,
        settings: Settings,
        key: LocalKey | None,
        clock: Clock,
        *,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._settings = settings
        self._key = key
        self._clock = clock
        # What strangers make us ask for must not keep deliveries from finding their way.
        self._resolvers = {method: resolver or Resolver() for method in ("GET", "POST")}
        self._sessions: dict[tuple[AddressClass, str], aiohttp.ClientSession] = {}

    async def get(self, url: str) -> Json:
        """The ActivityPub document at `url`, its fragment left aside.

        Its `id` is that address, or one of the same origin that was then fetched instead. Raises FetchError:
        Gone, Unreachable or Unfit.
        """
        async with _within(url, _GET_SECONDS):
            wanted = address_of(url)
            if same_origin(wanted, self._settings.base_url):
                raise Unfit(f"{wanted}: that is this site itself")
            document, found = await self._document(wanted)
            if not vouched(document, wanted, found):
                wanted = other_name(document, wanted)
                document, found = await self._document(wanted)
                if not vouched(document, wanted, found):
                    raise Unfit(f"{wanted}: the document there has another id")
            return document

    async def post(
        self, url: str, body: Body, headers: Mapping[str, str], *, sign_again: SignAgain | None = None
    ) -> Answer:
        """Send `body` with its signed `headers`; any answer is returned, whatever its status.

        A 307 or 308 within the same origin is followed with the headers that `sign_again` makes for it.
        Raises Unreachable when no answer comes and Unfit when the address is not one to post to.
        """
        async with _within(url, _POST_SECONDS):
            url = address_of(url)
            for _ in range(_REDIRECTS):
                async with await self._request("POST", url, headers, body) as response:
                    onward = location_of(url, response) if response.status in (307, 308) else None
                    if sign_again is None or onward is None or not same_origin(url, onward):
                        return await self._answer(response)
                url, headers = onward, sign_again(onward)
            async with await self._request("POST", url, headers, body) as response:
                return await self._answer(response)

    async def bytes(self, url: str, *, headers: Mapping[str, str], limit: int) -> Response:
        """A file of a web server that the owner has named, unsigned: 200 or 304.

        Plain http will do within a network named as an exception. Raises as `get`; Unfit when it has more
        than `limit` bytes.
        """
        async with _within(url, _FILE_SECONDS):
            url = address_of(url)
            for _ in range(_REDIRECTS + 1):
                async with await self._request("GET", url, headers, house=True) as response:
                    if (onward := redirect_of(url, response)) is None:
                        if response.status != 304:
                            accept_status(url, response.status)
                        names = {name.lower(): value for name, value in response.headers.items()}
                        return Response(response.status, names, await read_body(response, limit))
                url = onward
            raise Unfit(f"{url}: redirected more than {_REDIRECTS} times")

    async def close(self) -> None:
        """Let go of all connections."""
        for session in self._sessions.values():
            await session.close()
        for resolver in self._resolvers.values():
            await resolver.close()

    async def _document(self, url: str) -> tuple[Json, str]:
        """What stands at `url`, and the address it was found at after redirects."""
        for _ in range(_REDIRECTS + 1):
            async with await self._signed_get(url) as response:
                if (onward := redirect_of(url, response)) is None:
                    accept_status(url, response.status)
                    if not is_activity_type(response.headers.get("Content-Type", "")):
                        raise Unfit(f"{url}: not of an ActivityPub type")
                    body = await read_body(response, _DOCUMENT_BYTES)
                    try:
                        return read_object(body), url
                    except ValueError as error:
                        raise Unfit(f"{url}: {error}") from error
            url = onward
        raise Unfit(f"{url}: redirected more than {_REDIRECTS} times")

    async def _signed_get(self, url: str) -> aiohttp.ClientResponse:
        """On 401 the signature is tried in the other ways that servers expect it (interop S-3, S-8)."""
        ways: list[tuple[str, Scheme]] = [(url, "cavage"), (url, "rfc9421")]
        if "?" in url:
            ways.insert(1, (url.partition("?")[0], "cavage"))
        for signed, scheme in ways[:-1]:
            response = await self._get_signed_as(url, signed, scheme)
            if response.status != 401:
                return response
            response.close()
        return await self._get_signed_as(url, *ways[-1])

    async def _get_signed_as(self, url: str, signed: str, scheme: Scheme) -> aiohttp.ClientResponse:
        if self._key is None:
            raise Unfit(f"{url}: there is no key to sign with")
        headers = sign(self._key, "GET", signed, None, now=self._clock(), scheme=scheme)
        return await self._request("GET", url, headers)

    async def _request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Body | None = None,
        *,
        house: bool = False,
    ) -> aiohttp.ClientResponse:
        session = self._session(self._address_class(url, house), method)
        return await session.request(method, URL(url), headers=headers, data=body, allow_redirects=False)

    def _address_class(self, url: str, house: bool) -> AddressClass:
        if url.startswith("https:"):
            return AddressClass.SECURE
        address_class = AddressClass.PRIVATE_NETWORKS if house else AddressClass.LOOPBACK
        if not plain_http_allowed(address_class, self._settings.private_networks):
            raise Unfit(f"{url}: only https is spoken")
        return address_class

    def _session(self, address_class: AddressClass, method: str) -> aiohttp.ClientSession:
        if (address_class, method) not in self._sessions:
            self._sessions[address_class, method] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    socket_factory=guarded_sockets(address_class, self._settings.private_networks),
                    resolver=self._resolvers[method],
                    # made here, not at the start: reading the system's authorities takes its time
                    ssl=ssl.create_default_context(),
                    limit=0,  # those who ask have limits of their own
                ),
                headers={
                    "User-Agent": f"tubegen/{__version__} (+{self._settings.base_url}/)",
                    "Accept-Encoding": "gzip",
                },
                timeout=aiohttp.ClientTimeout(total=None, connect=_CONNECT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                read_bufsize=2**16,
            )
        return self._sessions[address_class, method]

    async def _answer(self, response: aiohttp.ClientResponse) -> Answer:
        date = _http_date(response.headers.get("Date", ""))
        return Answer(response.status, self._retry_after(response), await _text(response), date)

    def _retry_after(self, response: aiohttp.ClientResponse) -> float | None:
        value = response.headers.get("Retry-After", "").strip()
        if value.isascii() and value.isdecimal():
            return float(value[:9])
        date = _http_date(value)
        return None if date is None else max(0.0, date - self._clock())


@asynccontextmanager
async def _within(url: str, seconds: float) -> AsyncGenerator[None]:
    """A deadline over all that is done for `url`, and one family of errors for all that can go wrong."""
    where = url[:SHOWN]
    try:
        async with asyncio.timeout(seconds):
            yield
    except BadBody as error:
        raise Unfit(f"{where}: {error}") from error
    except TimeoutError as error:
        raise Unreachable(f"{where}: no answer in time") from error
    except aiohttp.InvalidURL as error:
        raise Unfit(f"{where!r}: not an address") from error
    except aiohttp.ClientResponseError as error:
        raise Unfit(f"{where}: the answer is not proper HTTP") from error
    except aiohttp.ClientConnectorCertificateError as error:
        raise Unreachable(f"{where}: its certificate does not hold") from error
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, Forbidden):
            raise Unfit(f"{where}: {error.os_error}") from error
        raise Unreachable(f"{where}: {error.os_error.strerror or 'no connection'}") from error
    except (aiohttp.ClientError, OSError) as error:
        raise Unreachable(f"{where}: the connection broke") from error


async def _text(response: aiohttp.ClientResponse) -> str:
    """What comes with the status of a POST. However it ends, the status holds."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            return (await read_body(response, _ANSWER_BYTES)).decode(errors="replace")
    except (BadBody, aiohttp.ClientError, OSError):
        return ""


def _http_date(value: str) -> float | None:
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return None
