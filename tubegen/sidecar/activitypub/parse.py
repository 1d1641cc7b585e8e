"""JSON of strangers, read strictly: what two readers could take for two things is refused (interop X-4, X-25).

Nothing here knows JSON-LD. A document that would mean something else after its processing is refused too.
"""

import json
import re
from contextlib import suppress
from typing import Any, NoReturn, cast

import msgspec

from tubegen.sidecar.model import Json

_DEPTH = 32
_PARTS = 20_000
"""Of members and brackets: the largest activity seen of a real server has 373, a full list here 2,000. Parsing a
megabyte of them holds up everybody for a third of a second."""
_REARRANGING = frozenset({"@graph", "@included", "@reverse"})
"""Words by which a JSON-LD processor finds other statements than stand there for us."""
_MOVING = re.compile(rb'"@(?:graph|included|reverse)"')
_SURROGATES = (b"\\ud", b"\\uD")
"""How halves of characters are written: raw UTF-8 has none."""
_SHORT = 1 << 16
"""Bytes. Whatever is longer is looked at closely, beginning with its number of parts."""
_OTHERWISE_SPELT = re.compile(rb"\\u(?:00(?:20|22|3[aA])|[dD])")
"""A space, a quotation mark or a colon that will not be written so again, or half a character."""


def read_plain(body: bytes) -> tuple[Json, bytes] | None:
    """As `read_object`, and the object as it would be written anew; None for a body that only that can judge.

    What real servers send gets by without a look at each of its parts. In what is written anew no name stands twice,
    so whatever did is missing there, and with it a `":`. Those within texts are as many before and after.
    """
    if len(body) > _SHORT or _OTHERWISE_SPELT.search(body):
        return None
    with suppress(ValueError, RecursionError, OverflowError, msgspec.MsgspecError):
        document = msgspec.json.decode(body)
        written = msgspec.json.encode(document)
        flat = written.count(b"{") + written.count(b"[") <= _DEPTH
        if (
            flat
            and isinstance(document, dict)
            and not _MOVING.search(written)
            and _names(body) == _names(written)
        ):
            return cast(Json, document), written
    return None


def _names(text: bytes) -> int:
    """How many names are in it, and what in its texts looks like their ends."""
    return text.translate(None, b" \t\n\r").count(b'":')


def read_object(body: bytes) -> Json:
    """The JSON object in `body`.

    Raises ValueError, with a short reason, when it is no object, not UTF-8, of more than 20,000 parts, nested
    deeper than 32, holds a name twice, NaN or Infinity, half a surrogate pair, or rearranging words of JSON-LD
    outside its `@context`.
    """
    if sum(map(body.count, (b"[", b"{", b","))) > _PARTS:
        raise ValueError("the JSON has too many parts")
    try:
        value = _DECODER.decode(body.decode())
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise ValueError("the text is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(value, dict):
        raise ValueError("the JSON is not an object")
    document = cast(Json, value)
    _walk(document, halves=any(map(body.__contains__, _SURROGATES)))
    return document


def _once(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the JSON holds a name twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError("the JSON holds a number that is none")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)


def _walk(document: Json, *, halves: bool) -> None:
    """Level by level, so that depth costs no stack. `halves`: whether there may be half a character somewhere."""
    level: list[Any] = [document]
    for _ in range(_DEPTH):
        below: list[Any] = []
        for value in level:
            members = _checked(cast(Json, value)) if isinstance(value, dict) else value
            if halves and not all(map(_storable, members)):
                raise ValueError("the JSON holds half a character")
            below += [member for member in members if isinstance(member, (dict, list))]
        if not below:
            return
        level = below
    raise ValueError("the JSON is nested too deeply")


def _checked(members: Json) -> list[Any]:
    """The values to look at. What `@context` defines is not read by anybody here."""
    if not _REARRANGING.isdisjoint(members):
        raise ValueError("the JSON-LD would have to be processed")
    return [value for name, value in members.items() if name != "@context"]


def _storable(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
