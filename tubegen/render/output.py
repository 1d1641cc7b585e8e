"""What rendering gives to the build: every file of the site, most of them only promised.

An output has a key that tells its content: when the last build wrote the same key to the same path, its
bytes are never made.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the site; exactly one of `make` and `source` is set."""

    path: str
    """Relative to the root of the site, with `/`."""
    key: bytes
    """Equal keys, equal bytes."""
    make: Callable[[], bytes] | None = None
    source: Path | None = None
    """A finished file to link to."""


def made(path: str, data: bytes) -> Output:
    """A file whose bytes are here already."""
    return Output(path=path, key=hashlib.blake2b(data, digest_size=16).digest(), make=lambda: data)


def promised(path: str, parts: object, make: Callable[[], bytes]) -> Output:
    """A file that is made from `parts` and nothing else."""
    key = hashlib.blake2b(msgspec.msgpack.encode(parts, enc_hook=_plain), digest_size=16).digest()
    return Output(path=path, key=key, make=make)


def linked(path: str, source: Path) -> Output:
    """A file of the cache, whose name there tells its content; or an author's file with its digest in `path`."""
    return Output(
        path=path, key=hashlib.blake2b(str(source).encode(), digest_size=16).digest(), source=source
    )


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} cannot be part of a key")
