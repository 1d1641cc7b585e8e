"""Everything that can go wrong on purpose.

    TubegenError             a fault of ours or of the machine               exit code 1
    ├── InputError           what the user wrote or gave is wrong            exit code 2
    │   └── MediaError       one source file cannot become a video           exit code 2
    ├── ToolMissing          ffmpeg or another program is not installed      exit code 2
    ├── DiskFull             nothing more can be written                     exit code 2
    └── Busy                 another build holds the lock of this site       exit code 2

Every error carries its `Problem`s, each a single line a person can act on:
`path:line: what is wrong; what to write instead`.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec


class Problem(msgspec.Struct, frozen=True, order=True):
    """One mistake, where it stands and what to do about it."""

    path: str
    line: int
    """1-based; 0 when the mistake concerns the file as a whole."""
    text: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        sentence = f"{self.text}; {self.hint}" if self.hint else self.text
        return f"{place}: {sentence}" if place else sentence


class TubegenError(Exception):
    """Base of all errors that tubegen raises knowingly."""

    exit_code = 1

    def __init__(self, *problems: Problem) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> "tuple[object, ...]":
        """So that it arrives whole when another process raised it, whatever its own arguments are."""
        return _revived, (type(self), self.problems)


def _revived(kind: type[TubegenError], problems: tuple[Problem, ...]) -> TubegenError:
    fault = kind.__new__(kind)
    TubegenError.__init__(fault, *problems)
    return fault


class InputError(TubegenError):
    """The site as its author wrote it cannot be built."""

    exit_code = 2


class MediaError(InputError):
    """A source file is not a video that can be published."""


class ToolMissing(TubegenError):
    """A program that the work needs is not installed."""

    exit_code = 2


class DiskFull(TubegenError):
    """The file system has no room left."""

    exit_code = 2


class Busy(TubegenError):
    """Another process works on the same site."""

    exit_code = 2


class Problems:
    """Gathers the mistakes of a run, so that they are told all together.

    Paths are shown as the user would type them: relative to `base`.
    """

    def __init__(self, base: Path) -> None:
        self.base = base
        self.found: list[Problem] = []

    def __bool__(self) -> bool:
        return bool(self.found)

    def add(self, path: Path, line: int, text: str, hint: str = "") -> None:
        """Note that `path` (absolute, or relative to the site) has a mistake in `line`."""
        self.found.append(Problem(self.show(path), line, text, hint))

    def extend(self, problems: Iterable[Problem]) -> None:
        self.found.extend(problems)

    def show(self, path: Path) -> str:
        return str(path.relative_to(self.base)) if path.is_relative_to(self.base) else str(path)

    def relative(self, problem: Problem) -> Problem:
        """The same with its path as it is shown."""
        return (
            msgspec.structs.replace(problem, path=self.show(Path(problem.path))) if problem.path else problem
        )

    def raise_if_any(self) -> None:
        """Raise InputError with all that was found."""
        if self.found:
            raise InputError(*self.found)
