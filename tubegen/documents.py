"""Turns TOML and YAML text into a `Table` that knows the line of every key.

Neither tomllib nor PyYAML's constructors keep positions: TOML's are found by looking at the text again, YAML's
in its node tree.
"""

import re
import tomllib
from pathlib import Path
from typing import Any, cast

import yaml

from tubegen.errors import Problems
from tubegen.schema import Table

_TOML_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_TOML_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_TOML_WORDS = re.compile(
    r"""\#[^\n]* | \"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*'""",
    re.DOTALL | re.VERBOSE,
)


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


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
