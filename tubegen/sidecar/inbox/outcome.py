"""What came of an activity."""

from typing import Literal

import msgspec

What = Literal[
    "follow",
    "unfollow",
    "reply",
    "edit",
    "deletion",
    "reaction",
    "unreaction",
    "report",
    "block",
    "unblock",
    "departure",
    "refresh",
    "move",
    "quote",
    "forwarded",
    "repeated",
    "ignored",
]


class Outcome(msgspec.Struct, frozen=True):
    what: What
    wake: bool = False
    """Whether there is something new to deliver or to fetch."""


IGNORED = Outcome("ignored")
