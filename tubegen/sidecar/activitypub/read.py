"""Activities as they come in: every shape that real servers send becomes one record.

A property may be a string, an object with an `id`, or a list of either; Public has three spellings (I-20).
Terms keep their plain names: nothing is expanded, no context is fetched.
"""

from datetime import UTC, datetime
from typing import Any, cast

import msgspec

from tubegen.origin import origin_of
from tubegen.sidecar.activitypub.ids import PUBLIC
from tubegen.sidecar.activitypub.limits import Malformed, parse
from tubegen.sidecar.model import Json

__all__ = [
    "Activity",
    "Malformed",
    "activity",
    "addressed",
    "each",
    "first_id",
    "ids",
    "kind",
    "read",
    "text",
    "time",
]

MAX_ID = 2048
"""Bytes of an id: more would not fit into an index of PostgreSQL."""
MAX_WORD = 100
"""Characters of a type."""

_PUBLIC = frozenset({PUBLIC, "as:Public", "Public"})


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """Something that an actor says it did. Not believed before its signature is."""

    id: str
    type: str
    actor: str
    objects: tuple[str, ...]
    """Ids of what it is about: one, but for a Flag."""
    object: Json | None
    """What it is about, where that is embedded."""
    raw: Json

    @property
    def object_id(self) -> str:
        """Empty when it names no object."""
        return self.objects[0] if self.objects else ""

    @property
    def to(self) -> frozenset[str]:
        """With Public spelt out, and so `cc`."""
        return addressed(self.raw, "to")

    @property
    def cc(self) -> frozenset[str]:
        return addressed(self.raw, "cc")

    @property
    def updated(self) -> float | None:
        """Seconds since 1970, of the object before the activity."""
        return time((self.object or {}).get("updated")) or time(self.raw.get("updated"))


def read(body: bytes, *, plain_http: bool = False) -> Activity:
    """The activity in a request's body. `plain_http`: ids may begin with `http://` (a test bench).

    Raises Malformed with the status to answer: 413 over 1 MiB, 400 for all else: JSON that is not strict, no type,
    an id or actor that is no https address, or an id on another server than the actor's (X-22).
    """
    return activity(parse(body), plain_http=plain_http)


def activity(document: Json, *, plain_http: bool = False) -> Activity:
    """As `read`, of JSON already parsed."""
    uri, actor = first_id(document.get("id")), first_id(document.get("actor"))
    if _origin("id", uri, plain_http) != _origin("actor", actor, plain_http):
        raise Malformed(400, "the id is on another server than the actor")
    return Activity(
        id=uri,
        type=kind(document),
        actor=actor,
        objects=ids(document.get("object")),
        object=_embedded(document.get("object")),
        raw=document,
    )


def kind(document: Json) -> str:
    """The `type`, the first of several. Raises Malformed when there is none."""
    found = next(iter(each(document.get("type"))), None)
    if not isinstance(found, str) or not 0 < len(found) <= MAX_WORD:
        raise Malformed(400, "there is no type")
    return found


def ids(value: Any) -> tuple[str, ...]:
    """The ids in a property, in their order, each once; what is no id is passed over."""
    if isinstance(value, str):
        return (value,) if _fits(value) else ()
    found = (cast(Json, member).get("id") if isinstance(member, dict) else member for member in each(value))
    return tuple(dict.fromkeys(uri for uri in found if isinstance(uri, str) and _fits(uri)))


def _fits(uri: str) -> bool:
    if not 0 < len(uri) <= MAX_ID:
        return False
    return uri.isascii() or len(uri.encode(errors="surrogatepass")) <= MAX_ID


def first_id(value: Any) -> str:
    """The first of `ids`, or an empty string."""
    if isinstance(value, str):
        return value if _fits(value) else ""
    return next(iter(ids(value)), "")


def each(value: Any) -> list[Any]:
    """The members of a list; anything else is a list of one."""
    return cast(list[Any], value) if isinstance(value, list) else [value]


def addressed(document: Json, field: str) -> frozenset[str]:
    """To whom a document is addressed by `to` or `cc`."""
    return frozenset(PUBLIC if uri in _PUBLIC else uri for uri in ids(document.get(field)))


def text(value: Any) -> str:
    """A string, or an empty one."""
    return value if isinstance(value, str) else ""


def time(value: Any) -> float | None:
    """An RFC 3339 time as seconds since 1970, taken for UTC when it names no zone; None when it is none."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _embedded(value: Any) -> Json | None:
    """The object in a property, alone or in a list of one."""
    alone, *others = each(value) or [None]
    return cast(Json, alone) if isinstance(alone, dict) and not others else None


def _origin(name: str, uri: str, plain_http: bool) -> tuple[str, str]:
    """Raises Malformed unless `uri` is an address of a server that may be spoken with."""
    try:
        origin = origin_of(uri)
    except ValueError as error:
        raise Malformed(400, f"the {name} is no address") from error
    if origin[0] == "http" and not plain_http:
        raise Malformed(400, f"the {name} does not begin with https://")
    return origin
