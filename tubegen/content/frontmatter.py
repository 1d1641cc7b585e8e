"""Splits a markdown file into its front matter (YAML between `---`, TOML between `+++`) and its text."""

from pathlib import Path

from tubegen.content.model import Text
from tubegen.errors import Problems
from tubegen.schema import Table, read_toml, read_yaml

_FENCES = {"---": read_yaml, "+++": read_toml}


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


def read_document(path: Path, problems: Problems) -> tuple[Table, Text]:
    """Front matter and text of `path`. Both are empty where something is wrong (noted in `problems`)."""
    text = read_text(path, problems)
    table, body, line = _split(text, path, problems) if text is not None else (None, "", 1)
    return table or Table({}, path=path, problems=problems, line=1), Text(markdown=body, path=path, line=line)


def empty_document(path: Path, problems: Problems) -> tuple[Table, Text]:
    """What `read_document` gives for a file that does not exist and need not."""
    return Table({}, path=path, problems=problems), Text(markdown="", path=path, line=1)


def _split(text: str, path: Path, problems: Problems) -> tuple[Table | None, str, int]:
    lines = text.split("\n")
    fence = lines[0].rstrip()
    if fence not in _FENCES:
        return None, text, 1
    for number, line in enumerate(lines[1:], 2):
        if line.rstrip() == fence:
            table = _FENCES[fence]("\n".join(lines[1 : number - 1]), path, problems, first_line=2)
            return table, "\n".join(lines[number:]), number + 1
    problems.add(
        path, 1, "the front matter that begins here has no end", f"close it with a line of its own: {fence}"
    )
    return None, "", 1
