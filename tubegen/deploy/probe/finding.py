"""One thing that a probe found."""

from typing import Literal

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """What was looked at, how it stands, and what mends it."""

    grade: Literal["good", "weak", "bad"]
    """Weak: it plays, but costs speed, money or reach. Bad: something does not work for somebody."""
    text: str
    hint: str = ""
