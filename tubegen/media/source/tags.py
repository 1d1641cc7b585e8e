"""What containers say of their tracks: language, title, what a track is for. Strangers wrote it."""

from typing import Any

from tubegen.schema import is_language

_NO_LANGUAGE = frozenset(["und", "mul", "mis", "zxx", "qaa"])
"""Codes of ISO 639-2 that name no language."""

_LONGEST_TITLE = 200


def disposed(stream: dict[str, Any], *names: str) -> bool:
    """Whether the stream is flagged as any of `names`, as ffmpeg calls them (`default`, `forced`, `comment` …)."""
    return any(stream.get("disposition", {}).get(name) for name in names)


def tags(thing: dict[str, Any]) -> dict[str, str]:
    """The tags of a stream or a chapter by lower-case name: containers write them as they like."""
    return {str(name).lower(): str(value) for name, value in thing.get("tags", {}).items()}


def title(thing: dict[str, Any]) -> str:
    """Its title on one line."""
    return one_line(tags(thing).get("title", ""))


def one_line(text: str) -> str:
    """`text` without control characters, on one line, of 200 characters at most."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_LONGEST_TITLE]


def language(stream: dict[str, Any]) -> str:
    """The language as BCP 47, from a code of ISO 639-2 (`fre`) or from BCP 47 itself; empty when it is not said."""
    tag = tags(stream).get("language", "").replace("_", "-")
    code, _, rest = tag.partition("-")
    if not is_language(tag) or code.lower() in _NO_LANGUAGE:
        return ""
    from babel.core import get_global

    short = str(get_global("language_aliases").get(code.lower(), code.lower())).replace("_", "-")
    return f"{short}-{rest}" if rest else short
