"""How a demand is written down and looked at."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
Rules = Mapping[str, Callable[[Json], object]]
"""What is demanded, in words → whether a document meets it. One that cannot even be looked at does not."""

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
ACTIVITYSTREAMS = "https://www.w3.org/ns/activitystreams"
PEM = "-----BEGIN PUBLIC KEY-----"


def complaints(rules: Rules, document: Json) -> list[str]:
    """The demands that `document` does not meet."""
    return [outgoing for outgoing, meets in rules.items() if not _met(meets, document)]


def _met(meets: Callable[[Json], object], document: Json) -> bool:
    try:
        return bool(meets(document))
    except (KeyError, TypeError, AttributeError, IndexError, ValueError):
        return False


def is_url(value: object) -> bool:
    """http(s), 3 to 2000 characters, a host with a dot (A-10)."""
    if not isinstance(value, str) or not 3 <= len(value) <= 2000 or any(c.isspace() for c in value):
        return False
    parts = urlsplit(value)
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "")


def host(address: str) -> str:
    return urlsplit(address).netloc


def same_host(*addresses: str) -> bool:
    return len({host(address) for address in addresses}) == 1


def is_time(value: object) -> bool:
    return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None


def time(value: str) -> datetime:
    return datetime.fromisoformat(value)


def is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_flag(value: object) -> bool:
    return isinstance(value, bool)


def are_urls(value: object) -> bool:
    return isinstance(value, list) and all(map(is_url, value))


def absent_or(document: Json, key: str, meets: Callable[[Any], object]) -> bool:
    return key not in document or bool(meets(document[key]))


def size(text: str) -> int:
    """As JavaScript counts."""
    return len(text.encode("utf-16-le")) // 2


def unique(values: Iterable[object]) -> bool:
    listed = list(values)
    return len(set(listed)) == len(listed)


def speaks_activitystreams(document: Json) -> bool:
    """The address stands in the context as it is (A-6)."""
    context = document["@context"]
    return context == ACTIVITYSTREAMS or (isinstance(context, list) and ACTIVITYSTREAMS in context)
