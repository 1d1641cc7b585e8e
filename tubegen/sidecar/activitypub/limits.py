"""How much of a stranger's JSON is taken, and what in it is taken for an attempt (interop X-4, X-9, X-16, X-25)."""

import math
from typing import Any, cast

from tubegen.sidecar.activitypub.parse import read_object, read_plain
from tubegen.sidecar.model import Json

MAX_BYTES = 1 << 20
MAX_STRING = 128 * 1024
"""Characters of one string."""
MAX_ITEMS = 2000
"""Members of one list or object."""

_OWN_NAMES = {"@id": "id", "@type": "type"}
"""What a context may make of JSON-LD's own words: ActivityStreams does exactly this."""


class Malformed(Exception):
    """No activity: answer with `status` (400 or 413) and `reason`."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(f"{status} {reason}")


def parse(body: bytes) -> Json:
    """The JSON object in `body`. Raises Malformed: 413 when it is too long, 400 for all else."""
    if len(body) > MAX_BYTES:
        raise Malformed(413, "the body is longer than 1 MiB")
    if (plain := read_plain(body)) and _is_within(*plain):
        return plain[0]
    try:
        document = read_object(body)
    except ValueError as error:
        raise Malformed(400, str(error)) from error
    check(document)
    return document


def _is_within(document: Json, written: bytes) -> bool:
    """Whether `check` would find nothing, as far as can be seen from what is written. Raises Malformed 400."""
    if written.count(b",") >= MAX_ITEMS or len(written) > MAX_STRING or b"\\u0000" in written:
        return False
    if written.count(b'"@context":') > 1:
        return False
    _check_context(document.get("@context"))
    return b'"@context":' not in written or "@context" in document


def check(document: Json) -> None:
    """See that a document keeps within the limits, all the way down. Raises Malformed 400."""
    level: list[Any] = [document]
    while level:
        level = [member for value in level for member in _members(value)]


def _members(value: Any) -> list[Any]:
    """What stands in `value`, once `value` itself has been looked at."""
    if isinstance(value, str):
        _check_string(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise Malformed(400, "a number is too large")
    elif isinstance(value, dict):
        members = cast(Json, value)
        _check_context(members.get("@context"))
        return [*_counted([*members]), *members.values()]
    elif isinstance(value, list):
        return _counted(cast(list[Any], value))
    return []


def _check_string(value: str) -> None:
    if len(value) > MAX_STRING:
        raise Malformed(400, "a string is too long")
    if "\x00" in value:
        raise Malformed(400, "a string holds a NUL")


def _counted(values: list[Any]) -> list[Any]:
    if len(values) > MAX_ITEMS:
        raise Malformed(400, "a list is too long")
    return values


def _check_context(context: Any) -> None:
    """No other name for `id` or `type`: a JSON-LD reader would take another member for them than we do."""
    if isinstance(context, str):
        return
    for part in cast(list[Any], context) if isinstance(context, list) else [context]:
        for term, meaning in cast(Json, part).items() if isinstance(part, dict) else ():
            known_as = cast(Json, meaning).get("@id") if isinstance(meaning, dict) else meaning
            if isinstance(known_as, str) and _OWN_NAMES.get(known_as, term) != term:
                raise Malformed(400, "a context gives @id or @type another name")
