"""Where a site is deployed to: one small interface, one module for each kind of host."""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple, Protocol

from tubegen.errors import InputError, TubegenError
from tubegen.headers import Headers


class Stored(NamedTuple):
    """A file as a target lists it."""

    path: str
    size: int
    md5: str
    """Hexadecimal, where the target says so; else empty."""


class Conflict(TubegenError):
    """Somebody else wrote what was to be replaced."""

    exit_code = 2


class TargetRefused(InputError):
    """The target denies what a deploy needs: a key, a bucket, room. The problem says the remedy."""


class Unreachable(TubegenError):
    """The target does not answer, or fails; it was tried again. Trying later may help."""

    exit_code = 2


class Target(Protocol):
    """Files under names. Every method raises TargetRefused, or Unreachable when trying again may help.

    Paths have slashes and are relative to what the target's address names.
    """

    address: str
    """For people; without passwords."""
    slots: int
    """How many requests at once."""

    async def read(self, path: str) -> tuple[bytes, str] | None:
        """The content of `path` and its version; None when there is none."""
        ...

    async def write(self, path: str, source: str | bytes, headers: Headers) -> None:
        """Replace `path` at once by `source`, the name of a file here or what it holds: whoever reads meanwhile gets
        the old or the new."""
        ...

    async def write_if(self, path: str, data: bytes, headers: Headers, version: str | None) -> str:
        """The same if `path` still has `version`, or does not exist when it is None; returns the new version.

        Raises Conflict."""
        ...

    async def copy(self, source: str, path: str, headers: Headers) -> bool:
        """Make `path` hold what `source` holds; False when there is no `source`."""
        ...

    async def delete(self, paths: Sequence[str]) -> None:
        """Remove `paths`; those that do not exist are fine."""
        ...

    def list(self, prefix: str = "") -> AsyncIterator[Stored]:
        """Every file whose path begins with the folder `prefix`, which ends in a slash."""
        ...

    async def close(self) -> None: ...
