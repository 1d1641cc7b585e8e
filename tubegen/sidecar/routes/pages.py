"""Numbers of pages, as they stand in addresses: `1`, `2`, …"""

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
