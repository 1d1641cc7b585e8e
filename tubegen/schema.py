"""Checks tables that people write (TOML files, front matter) and says exactly what is wrong, and where.

A `Table` is one such table with the line of every key (`documents.py` makes it from text). Its methods take a key out and check it; a mistake is
noted in the run's `Problems` and a default is returned, so that reading goes on and all mistakes are told at
once. `done()` reports the keys that nobody asked for.
"""

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import urlsplit

from tubegen.errors import Problems
from tubegen.origin import ascii_name

T = TypeVar("T")

_LANGUAGE = re.compile(
    r"^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*$"
)

_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 (§2.2) cannot hold, and the carriage return, which it does not keep."""

Lines = Mapping[tuple[str, ...], int]
"""Line of each key, by its path from the root of the document."""


class Table:
    """One table of a document; see the module."""

    def __init__(
        self,
        values: Mapping[str, object],
        *,
        path: Path,
        problems: Problems,
        lines: Lines | None = None,
        where: tuple[str, ...] = (),
        line: int = 0,
        sign: str = ":",
    ) -> None:
        self.path = path
        self.problems = problems
        self._values = values
        self._lines = lines or {}
        self._where = where
        self._line = line
        self._sign = sign
        self._asked: set[str] = set()

    def line(self, key: str = "") -> int:
        """Where `key` stands; the table's own line without a key."""
        place = (*self._where, key) if key else self._where
        return self._lines.get(place, self._line)

    def wrong(self, key: str, text: str, hint: str = "") -> None:
        """Note that the value of `key` is wrong."""
        self.problems.add(self.path, self.line(key), text, hint)

    def take(self, key: str) -> object:
        """The raw value, or None; for kinds of value that only one place knows."""
        self._asked.add(key)
        return self._values.get(key)

    def names(self) -> tuple[str, ...]:
        """Every key of the table, for those whose names the author chooses; none counts as asked for."""
        return tuple(self._values)

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        value = self.take(key)
        if value is None:
            if required:
                self.problems.add(
                    self.path, self._line, f"'{key}' is missing", f'write {key}{self._sign} "…"'
                )
            return default
        if isinstance(value, str):
            return value.strip() if self._can_be_shown(key, value) else default
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)  # a film called 1984 needs no quotation marks
        self.wrong(
            key,
            f"'{key}' must be text, not {_kind(value)}",
            f'put it in quotation marks: {key}{self._sign} "…"',
        )
        return default

    def flag(self, key: str, default: bool) -> bool:
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        self.wrong(key, f"'{key}' must be true or false, not {_show(value)}", "write true or false")
        return default

    def whole(self, key: str, default: int, *, least: int, most: int) -> int:
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.wrong(
            key, f"'{key}' must be a whole number, not {_show(value)}", f"write one from {least} to {most}"
        )
        return default

    def number(self, key: str, default: float, *, least: float, most: float) -> float:
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.wrong(key, f"'{key}' must be a number, not {_show(value)}", f"write one from {least} to {most}")
        return default

    def choice(self, key: str, default: str, allowed: Iterable[str], *, what: str = "") -> str:
        """One of `allowed`; the message proposes the nearest spelling."""
        value = self.text(key, default)
        allowed = list(allowed)
        if value == default or value in allowed:
            return value
        self.wrong(key, f"'{value}' is not {what or f'a value of {key}'}", nearest(value, allowed))
        return default

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts, without doubles; a single text counts as a list of one, unless a comma makes it doubtful."""
        value = self.take(key)
        if value is None:
            return default
        items: list[object] = [value] if isinstance(value, str) else cast("list[object]", value)
        if not isinstance(items, list) or not all(isinstance(item, (str, int, float)) for item in items):  # pyright: ignore[reportUnnecessaryIsInstance]
            self.wrong(key, f"'{key}' must be a list of texts", f'write {key}{self._sign} ["one", "two"]')
            return default
        if isinstance(value, str) and "," in value:
            parts = ", ".join(f'"{part.strip()}"' for part in value.split(",") if part.strip())
            self.wrong(key, f"'{key}' is one text with a comma in it", f"write {key}{self._sign} [{parts}]")
            return default
        if not self._can_be_shown(key, *items):
            return default
        return tuple(dict.fromkeys(str(item).strip() for item in items if str(item).strip()))

    def numbers(self, key: str, default: tuple[int, ...], *, least: int, most: int) -> tuple[int, ...]:
        value = self.take(key)
        if value is None:
            return default
        items: list[object] = cast("list[object]", value) if isinstance(value, list) else []
        numbers = [i for i in items if isinstance(i, int) and not isinstance(i, bool) and least <= i <= most]
        if numbers and len(numbers) == len(items):
            return tuple(dict.fromkeys(numbers))
        self.wrong(
            key,
            f"'{key}' must be a list of whole numbers from {least} to {most}",
            f"write {key}{self._sign} {list(default)}",
        )
        return default

    def date(self, key: str) -> dt.datetime | None:
        """A date or a date with time; without a zone it is taken as UTC."""
        value = self.take(key)
        if value is None:
            return None
        moment: object = value
        if isinstance(value, str):
            try:
                moment = dt.datetime.fromisoformat(value.strip())
            except ValueError:
                moment = None
        if isinstance(moment, dt.date) and not isinstance(moment, dt.datetime):
            moment = dt.datetime(moment.year, moment.month, moment.day)
        if isinstance(moment, dt.datetime):
            return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        self.wrong(
            key,
            f"{_show(value)} is not a date",
            f"write {key}{self._sign} 2026-03-31 or {key}{self._sign} 2026-03-31T18:00:00+02:00",
        )
        return None

    def language(self, key: str, default: str) -> str:
        """A BCP 47 tag."""
        value = self.text(key, default)
        if value == default or is_language(value):
            return value
        self.wrong(key, f"'{value}' is not a language", "write a BCP 47 tag such as en, pt-BR or zh-Hant")
        return default

    def address(self, key: str, default: str = "", *, required: bool = False) -> str:
        """An absolute http or https URL."""
        value = self.text(key, default, required=required)
        if value == default or is_address(value):
            return value
        self.wrong(key, f"'{value}' is not a web address", f'write {key}{self._sign} "https://…"')
        return default

    def table(self, key: str) -> "Table":
        """The table under `key`; an empty one when there is none."""
        value = self.take(key)
        if value is not None and not isinstance(value, dict):
            self.wrong(key, f"'{key}' must be a table, not {_kind(value)}", f"write its keys below [{key}]")
            value = None
        return self._below(key, cast("dict[str, object]", value or {}), self.line(key))

    def tables(self, key: str) -> "list[Table | str]":
        """A list whose items are tables, or texts that the caller knows to read."""
        value = self.take(key)
        if value is None:
            return []
        items = cast("list[object]", value)
        if not isinstance(items, list) or not all(isinstance(item, (str, dict)) for item in items):  # pyright: ignore[reportUnnecessaryIsInstance]
            self.wrong(
                key,
                f"'{key}' must be a list",
                f"write each of {key} on a line of its own that begins with a dash",
            )
            return []
        if not self._can_be_shown(key, *items):
            return []
        return [
            item
            if isinstance(item, str)
            else self._below(f"{key}[{n}]", cast("dict[str, object]", item), self.line(key))
            for n, item in enumerate(items)
        ]

    def done(self) -> None:
        """Report every key that was not asked for, with the nearest one that was."""
        for key in self._values:
            if key not in self._asked:
                self.wrong(key, f"'{key}' is not known here", nearest(key, self._asked))

    def _can_be_shown(self, key: str, *values: object) -> bool:
        """Note a control character in the texts among `values`: feeds with one in it are no XML."""
        for value in values:
            if isinstance(value, str) and (found := _UNSHOWN.search(value)):
                code = f"U+{ord(found[0]):04X}"
                self.wrong(key, f"'{key}' has a character that cannot be shown ({code})", "take it out")
                return False
        return True

    def _below(self, key: str, values: dict[str, object], line: int) -> "Table":
        return Table(
            values,
            path=self.path,
            problems=self.problems,
            lines=self._lines,
            where=(*self._where, key),
            line=self._lines.get((*self._where, key), line),
            sign=self._sign,
        )


def is_language(tag: str) -> bool:
    """Whether `tag` is a well-formed BCP 47 tag (RFC 5646 §2.1, without extensions)."""
    return bool(_LANGUAGE.match(tag))


def is_address(url: str) -> bool:
    """Whether `url` is an absolute http or https URL with a host."""
    try:
        parts = urlsplit(url)
        _ = parts.port, ascii_name(parts.hostname or "")
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in url)


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the spelling in `known` that was probably meant, or all there are."""
    known = list(known)
    near = difflib.get_close_matches(word.lower(), [k.lower() for k in known], n=1, cutoff=0.6)
    if near:
        return f"did you mean '{next(k for k in known if k.lower() == near[0])}'?"
    names = sorted(known)
    return (
        f"write one of: {', '.join(names[:24])}{' …' if len(names) > 24 else ''}" if names else "take it out"
    )


def _kind(value: object) -> str:
    kinds: dict[type, str] = {
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "a table",
    }
    return kinds.get(type(value), "a date" if isinstance(value, (dt.date, dt.time)) else type(value).__name__)


def _show(value: object) -> str:
    return f"'{value}'" if isinstance(value, (str, int, float, dt.date)) else _kind(value)
