"""What a deploy has sent already, on this machine: one that was killed goes on where it was."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class Journal:
    """Lines of `sha256 path` below a line that says onto which manifest they build."""

    def __init__(self, file: TextIO, sent: frozenset[str]) -> None:
        self._file = file
        self._sent = sent

    def has(self, sha256: str, path: str) -> bool:
        """Whether this very file is at the target since the manifest was read."""
        return f"{sha256} {path}" in self._sent

    def add(self, sha256: str, path: str) -> None:
        """Note that a file arrived. It is known after a kill, at latest after the next one."""
        self._file.write(f"{sha256} {path}\n")
        self._file.flush()


@contextmanager
def open_journal(path: Path, base: str) -> Generator[Journal]:
    """The journal in the file `path` of a deploy onto the manifest version `base`; another's is begun anew.

    It is removed when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        lines = path.read_text("utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        lines = []
    if not lines or lines[0] != base:
        path.write_text(base + "\n", "utf-8")
        lines = []
    with path.open("a", encoding="utf-8") as file:
        file.write("\n")  # what a kill cut off stays a line of its own, and is none of ours
        yield Journal(file, frozenset(lines[1:]))
    path.unlink()
