"""Names of pages, as they stand in addresses: numbers, `1`, `2`, …, or behind what they begin."""

import re
from typing import overload

PER_PAGE = 20
_LAST = 100_000


def number(text: str) -> int | None:
    """The page that `text` names; None when it is no number of a page."""
    if text.isascii() and text.isdecimal() and len(text) <= 6 and not text.startswith("0"):
        return int(text) if int(text) <= _LAST else None
    return None


@overload
def token(page: int) -> str: ...
@overload
def token(page: int, count: int, per_page: int = PER_PAGE) -> str | None: ...
def token(page: int, count: int | None = None, per_page: int = PER_PAGE) -> str | None:
    """How a page is named; with the `count` of all items, None when the page would be empty."""
    return None if count is not None and (page - 1) * per_page >= count else str(page)


_PLACE = re.compile(r"(-?\d{1,12})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.ASCII)


def behind(first: float, uuid: str) -> str:
    """Names the page that begins behind the video of this time, in whole seconds, and UUID."""
    return f"{first:.0f}-{uuid}"


def place(text: str) -> tuple[float, str] | None:
    """What `behind` was given; None when `text` is no such name."""
    found = _PLACE.fullmatch(text)
    return (float(found[1]), found[2]) if found else None
