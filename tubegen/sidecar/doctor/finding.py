"""What an examination finds."""

from typing import Literal

import msgspec

Grade = Literal["good", "weak", "bad"]
"""`weak` costs something; `bad` keeps somebody from following, or films from playing."""


class Finding(msgspec.Struct, frozen=True):
    grade: Grade
    text: str
    hint: str = ""
    """What to do; empty when all is good."""


def good(text: str) -> Finding:
    return Finding("good", text)


def weak(text: str, hint: str) -> Finding:
    return Finding("weak", text, hint)


def bad(text: str, hint: str) -> Finding:
    return Finding("bad", text, hint)
