"""The boxes that an MP4 is made of (ISO/IEC 14496-12 §4.2)."""

import struct
from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec

Bytes: TypeAlias = bytes | memoryview


class Box(msgspec.Struct, frozen=True):
    """A box by its four letters; `start` and `end` enclose its content, `head` is where its header begins."""

    kind: bytes
    head: int
    start: int
    end: int


def boxes(data: Bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes between two offsets, one after the other. Raises ValueError where they do not add up."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = fields(">I4s", data, start)
        header = 8
        if size == 1:
            (size,) = fields(">Q", data, start + 8)
            header = 16
        size = size or end - start
        if size < header or start + size > end:
            raise ValueError(f"a box {kind!r} of {size} bytes at {start} does not fit")
        yield Box(kind, start, start + header, start + size)
        start += size


def find(data: Bytes, path: str, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Every box at `path`, such as `moov/trak/mdia/mdhd`."""
    kind, _, rest = path.partition("/")
    for box in boxes(data, start, end):
        if box.kind == kind.encode():
            yield from find(data, rest, box.start, box.end) if rest else [box]


def first(data: Bytes, path: str, start: int = 0, end: int | None = None) -> Box:
    """Raises ValueError when there is none."""
    for box in find(data, path, start, end):
        return box
    raise ValueError(f"there is no {path}")


def fields(form: str, data: Bytes, at: int) -> tuple[Any, ...]:
    """What `struct` reads there. Raises ValueError when the data end before."""
    try:
        return struct.unpack_from(form, data, at)
    except struct.error:
        raise ValueError(f"it ends within a box at {at}") from None


def box(kind: bytes, *content: bytes) -> bytes:
    """A box to write."""
    return struct.pack(">I4s", 8 + sum(map(len, content)), kind) + b"".join(content)
