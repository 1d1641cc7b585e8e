"""Reads tables that people write (TOML files, front matter) and says exactly what is wrong, and where.

A `Table` is one such table with the line of every key. Its methods take a key out and check it; a mistake is
noted in the run's `Problems` and a default is returned, so that reading goes on and all mistakes are told at
once. `done()` reports the keys that nobody asked for.
"""

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import yaml

from tubegen.errors import Problems

T = TypeVar("T")

_TOML_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_TOML_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_TOML_WORDS = re.compile(
    r"""\#[^\n]* | \"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*'""",
    re.DOTALL | re.VERBOSE,
)
_LANGUAGE = re.compile(
    r"^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*$"
)

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

    def __contains__(self, key: str) -> bool:
        return key in self._values

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

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        value = self.take(key)
        if value is None:
            if required:
                self.problems.add(
                    self.path, self._line, f"'{key}' is missing", f'write {key}{self._sign} "…"'
                )
            return default
        if isinstance(value, str):
            return value.strip()
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

    def choice(self, key: str, default: str, allowed: Iterable[str], *, what: str = "") -> str:
        """One of `allowed`; the message proposes the nearest spelling."""
        value = self.text(key, default)
        allowed = list(allowed)
        if value == default or value in allowed:
            return value
        self.wrong(key, f"'{value}' is not {what or f'a value of {key}'}", nearest(value, allowed))
        return default

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts, without doubles; a single text counts as a list of one."""
        value = self.take(key)
        if value is None:
            return default
        items: list[object] = [value] if isinstance(value, str) else cast("list[object]", value)
        if not isinstance(items, list) or not all(isinstance(item, (str, int, float)) for item in items):  # pyright: ignore[reportUnnecessaryIsInstance]
            self.wrong(key, f"'{key}' must be a list of texts", f'write {key}{self._sign} ["one", "two"]')
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
        return [
            item
            if isinstance(item, str)
            else self._below(f"{key}[{n}]", cast("dict[str, object]", item), self.line(key))
            for n, item in enumerate(items)
        ]

    def done(self, *, also: Sequence[str] = ()) -> None:
        """Report every key that was not asked for, with the nearest one that was."""
        known = [*self._asked, *also]
        for key in self._values:
            if key not in known:
                self.wrong(key, f"'{key}' is not known here", nearest(key, known))

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
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in url)


def read_text(path: Path, problems: Problems) -> str | None:
    """The file as text; None (and a problem) when it cannot be read or is not UTF-8."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = path.read_bytes()[: fault.start].count(b"\n") + 1
        problems.add(path, line, "this is not UTF-8 text", "save the file as UTF-8")
    except OSError as fault:
        problems.add(
            path, 0, f"cannot be read: {(fault.strerror or 'unknown fault').lower()}", "check its permissions"
        )
    return None


def read_toml(text: str, path: Path, problems: Problems, *, first_line: int = 1) -> Table | None:
    """Parse TOML that begins at `first_line` of `path`; None (and a problem) when it is not TOML."""
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as fault:
        said = re.match(r"(.*?) \(at (?:line (\d+), column \d+|end of document)\)", str(fault))
        line = int(said[2]) if said and said[2] else text.count("\n") + 1
        problems.add(
            path,
            first_line + line - 1,
            f"this is not TOML: {_lower(said[1] if said else str(fault))}",
            'write key = "value"',
        )
        return None
    lines = _toml_lines(text, first_line)
    return Table(values, path=path, problems=problems, lines=lines, line=first_line, sign=" =")


def read_yaml(text: str, path: Path, problems: Problems, *, first_line: int = 1) -> Table | None:
    """Parse a YAML mapping that begins at `first_line` of `path`; None (and a problem) when it is none."""
    try:
        loader: Any = _Loader(text)
        node: Any = loader.get_single_node()
        values: object = loader.construct_document(node) if node else {}
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line if fault.problem_mark else 0
        problems.add(
            path,
            first_line + line,
            f"this is not YAML: {_lower(fault.problem or 'unreadable')}",
            "write key: value; put text with a colon in quotation marks",
        )
        return None
    except yaml.YAMLError as fault:
        problems.add(
            path, first_line, f"this is not YAML: {_lower(str(fault).splitlines()[0])}", "write key: value"
        )
        return None
    except (ValueError, LookupError, AttributeError, RecursionError):
        problems.add(
            path, first_line, "this is not YAML: a value is not what its !!tag says", "write key: value"
        )
        return None
    if not isinstance(values, dict):
        problems.add(
            path, first_line, "the front matter is not a list of keys and values", "write key: value"
        )
        return None
    named = {str(key): value for key, value in cast("dict[object, object]", values).items()}
    return Table(named, path=path, problems=problems, lines=_yaml_lines(node, first_line), line=first_line)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML 1.1 but for what surprises authors: `yes` and `no` stay words, and dates are read by `Table.date`."""


_GUESSED = tuple(f"tag:yaml.org,2002:{kind}" for kind in ("bool", "int", "float", "timestamp"))


def _word_resolvers() -> dict[str, list[tuple[str, Any]]]:
    table = {
        first: [(tag, pattern) for tag, pattern in pairs if tag not in _GUESSED]
        for first, pairs in cast(
            "dict[str, list[tuple[str, Any]]]", yaml.SafeLoader.yaml_implicit_resolvers
        ).items()  # pyright: ignore[reportUnknownMemberType]
    }
    for first in "tTfF":
        table.setdefault(first, []).append(
            ("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"))
        )
    for first in "-+0123456789":
        # 1:30 is a time of day to YAML 1.1 and 010 is eight: both are what the author wrote
        table.setdefault(first, []).append(("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$")))
        table.setdefault(first, []).append(("tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+\.[0-9]+$")))
    return table


_Loader.yaml_implicit_resolvers = _word_resolvers()


def _yaml_lines(root: Any, first_line: int) -> dict[tuple[str, ...], int]:
    lines: dict[tuple[str, ...], int] = {}
    seen: set[int] = set()

    def walk(node: Any, where: tuple[str, ...]) -> None:
        if id(node) in seen:
            return  # an alias, perhaps of what it stands in
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            for key, value in cast("list[tuple[Any, Any]]", node.value):
                place = (*where, str(key.value))
                lines[place] = first_line + key.start_mark.line
                walk(value, place)
        elif isinstance(node, yaml.SequenceNode) and where:
            for n, item in enumerate(cast("list[Any]", node.value)):
                place = (*where[:-1], f"{where[-1]}[{n}]")
                lines[place] = first_line + item.start_mark.line
                walk(item, place)

    walk(root, ())
    return lines


def _toml_lines(text: str, first_line: int) -> dict[tuple[str, ...], int]:
    """Where keys stand: tomllib keeps no positions, and headers and keys begin lines of their own."""
    lines: dict[tuple[str, ...], int] = {}
    section: tuple[str, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    text = _TOML_WORDS.sub(lambda words: "\n" * words[0].count("\n") or words[0], text)
    for number, line in enumerate(text.split("\n"), first_line):
        if header := _TOML_HEADER.match(line):
            section = _toml_names(header[1])
            if line.lstrip().startswith("[["):
                counts[section] = counts.get(section, -1) + 1
                lines.setdefault(section, number)
                section = (*section[:-1], f"{section[-1]}[{counts[section]}]")
            lines.setdefault(section, number)
        elif key := _TOML_KEY.match(line):
            names = _toml_names(key[1])
            for depth in range(1, len(names) + 1):
                lines.setdefault((*section, *names[:depth]), number)
    return lines


def _toml_names(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", dotted))


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


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
