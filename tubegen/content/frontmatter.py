"""Splits a markdown file into its front matter (YAML between `---`, TOML between `+++`) and its text."""

from pathlib import Path

from tubegen.content.model import Text
from tubegen.documents import read_text, read_toml, read_yaml
from tubegen.errors import Problems
from tubegen.schema import Table

_FENCES = {"---": read_yaml, "+++": read_toml}


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
