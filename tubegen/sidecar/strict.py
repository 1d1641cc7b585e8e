"""JSON of strangers, read strictly: what two readers could take for two things is refused (interop X-4, X-25).

Nothing here knows JSON-LD. A document that would mean something else after its processing is refused too.
"""

import json
from typing import Any, NoReturn, cast

from tubegen.sidecar.model import Json

_DEPTH = 32
_PARTS = 20_000
"""Of members and brackets: the largest activity seen of a real server has 373, a full list here 2,000. Parsing a
megabyte of them holds up everybody for a third of a second."""
_REARRANGING = frozenset({"@graph", "@included", "@reverse"})
"""Words by which a JSON-LD processor finds other statements than stand there for us."""


def read_object(body: bytes) -> Json:
    """The JSON object in `body`.

    Raises ValueError, with a short reason, when it is no object, not UTF-8, of more than 20,000 parts, nested
    deeper than 32, holds a name twice, NaN or Infinity, half a surrogate pair, or rearranging words of JSON-LD
    outside its `@context`.
    """
    if sum(map(body.count, (b"[", b"{", b","))) > _PARTS:
        raise ValueError("the JSON has too many parts")
    try:
        value = json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise ValueError("the text is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(value, dict):
        raise ValueError("the JSON is not an object")
    document = cast(Json, value)
    _walk(document)
    return document


def _once(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the JSON holds a name twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError("the JSON holds a number that is none")


def _walk(document: Json) -> None:
    """Level by level, so that depth costs no stack."""
    level: list[Any] = [document]
    for _ in range(_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += _checked(cast(Json, value))
            elif isinstance(value, list):
                below += cast(list[Any], value)
            elif isinstance(value, str) and not _storable(value):
                raise ValueError("the JSON holds half a character")
        if not below:
            return
        level = below
    raise ValueError("the JSON is nested too deeply")


def _checked(members: Json) -> list[Any]:
    """The values to look at next. What `@context` defines is not read by anybody here."""
    if _REARRANGING & members.keys():
        raise ValueError("the JSON-LD would have to be processed")
    return [value for name, value in members.items() if name != "@context"]


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
