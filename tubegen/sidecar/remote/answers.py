"""What an answer to a GET means: whether it counts, where it sends us, whose word it is.

FetchError          something could not be had from another server
├── Gone            404 or 410: there is no such thing there
├── Unreachable     no connection, no name, no answer in time, 5xx, 429: it may do later
└── Unfit           not what was asked for, or an address that is not asked
"""

import aiohttp
from yarl import URL

from tubegen.origin import origin_of, same_origin
from tubegen.sidecar.model import ACTIVITY_JSON, Json

SHOWN = 200
"""Characters of a foreign address that go into a message."""
_URL_LENGTH = 2000
_ACTIVITY_STREAMS = "https://www.w3.org/ns/activitystreams"
_BUSY = frozenset({408, 425, 429})
"""Client errors that are none: the same request may do later."""


class FetchError(Exception):
    """The text says what could not be had and why."""


class Gone(FetchError):
    """404 or 410. `for_good`: 410, or a Tombstone says so; a server that is ill says 404 of everybody."""

    def __init__(self, text: str, *, for_good: bool = False) -> None:
        self.for_good = for_good
        super().__init__(text)


class Unreachable(FetchError):
    """Worth asking again later."""


class Unfit(FetchError):
    """Asking again gives the same."""


def address_of(url: str) -> str:
    """`url` in the form it is asked for, without fragment. Raises Unfit when it is none to be asked."""
    try:
        address = str(URL(url).with_fragment(None))
        origin_of(address)
    except (ValueError, TypeError) as error:
        raise Unfit(f"{url[:SHOWN]!r}: not an address to ask") from error
    if len(address) > _URL_LENGTH:
        raise Unfit(f"{url[:SHOWN]!r}…: the address is longer than {_URL_LENGTH}")
    return address


def vouched(document: Json, wanted: str, found: str) -> bool:
    """Whether the document is what its `id` says: the server of that id has handed it out, there.

    After a redirect both addresses will do, as long as no other server had a word in it.
    """
    try:
        name = address_of(str(document["id"]))
    except (KeyError, Unfit):
        return False
    return name in (wanted, found) and same_origin(name, found) and same_origin(name, wanted)


def other_name(document: Json, wanted: str) -> str:
    """The address under which a document says it is to be had, if that may be tried."""
    name = document.get("id")
    if not isinstance(name, str) or not same_origin(name, wanted):
        raise Unfit(f"{wanted}: the document there has another id")
    return address_of(name)


def redirect_of(url: str, response: aiohttp.ClientResponse) -> str | None:
    """Where a GET is sent on to. Raises Unfit when that would give TLS up."""
    if response.status not in (301, 302, 303, 307, 308):
        return None
    onward = location_of(url, response)
    if onward is None or (url.startswith("https:") and not onward.startswith("https:")):
        raise Unfit(f"{url}: redirected to where nobody is asked")
    return onward


def location_of(url: str, response: aiohttp.ClientResponse) -> str | None:
    try:
        return address_of(str(URL(url).join(URL(response.headers["Location"]))))
    except (KeyError, ValueError, Unfit):
        return None


def accept_status(url: str, status: int) -> None:
    """Raise what a status other than 200 means for somebody who wanted a document."""
    if status in (404, 410):
        raise Gone(f"{url}: {status}", for_good=status == 410)
    if status >= 500 or status in _BUSY:
        raise Unreachable(f"{url}: {status}")
    if status != 200:
        raise Unfit(f"{url}: {status}")


def is_activity_type(value: str) -> bool:
    """Whether a Content-Type is that of ActivityPub and no other (interop A-1, X-2)."""
    kind, *parameters = (part.strip() for part in value.split(";"))
    named = {
        name.strip().lower(): content.strip().strip('"')
        for name, _, content in (parameter.partition("=") for parameter in parameters)
    }
    if named.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        return False
    if kind.lower() == ACTIVITY_JSON:
        return True
    profiles = named.get("profile", "").split()
    return kind.lower() == "application/ld+json" and _ACTIVITY_STREAMS in profiles
