"""What was published, and when: a text file beside the keys, which outlives the database.

    https://films.example/ap/n/811a5436-4916-4dbd-a1dc-5c880d6cc0c5 1800000000

A line for each film: its Note, and `published` of it in seconds since 1970. Lines are added once the database holds
the same, and never changed. So when an old copy of the database is put back, the films that came after it are
neither announced a second time nor given another date, which servers refuse (O-75, O-86).
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from tubegen.sidecar.activitypub.ids import Names

_FILE = "announced.txt"


class Announced:
    """The file in the folder of the keys; lines of another identity host are another site's."""

    def __init__(self, keys: Path, names: Names) -> None:
        self._file = keys / _FILE
        self._names = names
        self._line = re.compile(rf"{re.escape(names.note(''))}(\S+) (-?\d+)", re.ASCII)

    def read(self) -> dict[str, float]:
        """When each film was published, by UUID. Raises OSError when the file is there and cannot be read."""
        try:
            text = self._file.read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return {}
        # What stands behind the last line's end is half a line; it is written again, and later lines count.
        lines = (self._line.fullmatch(line) for line in text.split("\n")[:-1])
        return {line[1]: float(line[2]) for line in lines if line}

    def add(self, films: Mapping[str, float]) -> None:
        """Note films by UUID, as `read` gives them. Raises OSError when they cannot be noted."""
        if not films:
            return
        lines = "".join(f"{self._names.note(uuid)} {first:.0f}\n" for uuid, first in films.items())
        handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "wb") as out:
            torn = not (self._file.read_bytes() or b"\n").endswith(b"\n")  # by a crash
            out.write(b"\n" * torn + lines.encode())
            out.flush()
            os.fsync(out.fileno())
