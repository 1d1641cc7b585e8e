"""Reads the boxes of a fragmented MP4 (ISO/IEC 14496-12), as far as cutting it into segments needs."""

import struct
from collections.abc import Iterator
from typing import Any

import msgspec

_CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mvex"}


class Box(msgspec.Struct, frozen=True):
    """A box by its four letters; `start` and `end` enclose its content, `head` is where its header begins."""

    kind: bytes
    head: int
    start: int
    end: int


class Fragment(msgspec.Struct, frozen=True, kw_only=True):
    """A `moof` and the `mdat` that belongs to it."""

    start: int
    end: int
    frames: int
    """Samples of the video track."""
    duration: float
    """Seconds of the video track."""
    begins_with_key: bool


class Fragmented(msgspec.Struct, frozen=True, kw_only=True):
    """Where the parts of a fragmented file lie."""

    init_end: int
    """The init segment is everything before this offset."""
    fragments: tuple[Fragment, ...]
    codecs: tuple[str, ...]
    """RFC 6381, as in `avc1.64001f`, `mp4a.40.2`."""
    edit_lists: bool


def boxes(data: bytes | memoryview, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes between two offsets, one after the other. Raises ValueError where they do not add up."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = _fields(">I4s", data, start)
        header = 8
        if size == 1:
            (size,) = _fields(">Q", data, start + 8)
            header = 16
        size = size or end - start
        if size < header or start + size > end:
            raise ValueError(f"a box {kind!r} of {size} bytes at {start} does not fit")
        yield Box(kind, start, start + header, start + size)
        start += size


def find(data: bytes | memoryview, path: str, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Every box at `path`, such as `moov/trak/mdia/mdhd`."""
    kind, _, rest = path.partition("/")
    for box in boxes(data, start, end):
        if box.kind == kind.encode():
            yield from find(data, rest, box.start, box.end) if rest else [box]


def _first(data: bytes | memoryview, path: str, start: int, end: int) -> Box:
    for box in find(data, path, start, end):
        return box
    raise ValueError(f"there is no {path}")


def _fields(form: str, data: bytes | memoryview, at: int) -> tuple[Any, ...]:
    try:
        return struct.unpack_from(form, data, at)
    except struct.error:
        raise ValueError(f"it ends within a box at {at}") from None


def read_fragmented(data: bytes | memoryview) -> Fragmented:
    """Raises ValueError when `data` is no fragmented MP4 with a video track."""
    video_id, timescale, codecs = 0, 1, list[str]()
    for trak in find(data, "moov/trak"):
        track = _track(data, trak)
        codecs.append(track[2])
        if track[2].startswith("avc1"):
            video_id, timescale = track[0], track[1]
    if not video_id:
        raise ValueError("no H.264 track")
    fragments: list[Fragment] = []
    init_end = 0
    moof: Box | None = None
    for box in boxes(data):
        if box.kind == b"moof":
            init_end = init_end or box.head
            moof = box
        elif box.kind == b"mdat" and moof:
            fragments.append(_fragment(data, moof, box, video_id, timescale))
            moof = None
    if not fragments:
        raise ValueError("no fragments")
    edits = next(find(data, "moov/trak/edts"), None) is not None
    return Fragmented(init_end=init_end, fragments=tuple(fragments), codecs=tuple(codecs), edit_lists=edits)


def _track(data: bytes | memoryview, trak: Box) -> tuple[int, int, str]:
    """Track id, timescale, codec."""
    tkhd = _first(data, "tkhd", trak.start, trak.end)
    mdhd = _first(data, "mdia/mdhd", trak.start, trak.end)
    track_id = _after_times(data, tkhd)
    timescale = _after_times(data, mdhd)
    if not timescale:
        raise ValueError("a track without a clock")
    stsd = _first(data, "mdia/minf/stbl/stsd", trak.start, trak.end)
    entry = next(boxes(data, stsd.start + 8, stsd.end), None)
    if entry is None:
        raise ValueError("a track without a codec")
    if entry.kind == b"avc1":
        avcc = _first(data, "avcC", entry.start + 78, entry.end)
        return track_id, timescale, "avc1." + bytes(data[avcc.start + 1 : avcc.start + 4]).hex()
    return (
        track_id,
        timescale,
        "mp4a.40.2" if entry.kind == b"mp4a" else entry.kind.decode("ascii", "replace"),
    )


def _after_times(data: bytes | memoryview, box: Box) -> int:
    """The field that follows the two times at the head of `tkhd` and `mdhd`, long ones in version 1."""
    (version,) = _fields(">B", data, box.start)
    (value,) = _fields(">I", data, box.start + (20 if version else 12))
    return value


def _fragment(data: bytes | memoryview, moof: Box, mdat: Box, video_id: int, timescale: int) -> Fragment:
    for traf in find(data, "traf", moof.start, moof.end):
        tfhd = _first(data, "tfhd", traf.start, traf.end)
        flags, track_id = _fields(">II", data, tfhd.start)
        if track_id != video_id:
            continue
        usual, usual_flags = _track_defaults(data, tfhd, flags & 0xFFFFFF)
        frames, ticks, key = 0, 0, False
        for trun in find(data, "trun", traf.start, traf.end):
            count, run_ticks, first_flags = _run(data, trun, usual)
            key = key or (not frames and not (usual_flags if first_flags is None else first_flags) & 0x10000)
            frames += count
            ticks += run_ticks
        return Fragment(
            start=moof.head, end=mdat.end, frames=frames, duration=ticks / timescale, begins_with_key=key
        )
    raise ValueError("a fragment without picture")


def _track_defaults(data: bytes | memoryview, tfhd: Box, flags: int) -> tuple[int, int]:
    """Default sample duration and flags (§8.8.7)."""
    at = tfhd.start + 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
    duration = sample_flags = 0
    if flags & 8:
        (duration,) = _fields(">I", data, at)
        at += 4
    at += 4 if flags & 0x10 else 0
    if flags & 0x20:
        (sample_flags,) = _fields(">I", data, at)
    return duration, sample_flags


def _run(data: bytes | memoryview, trun: Box, usual: int) -> tuple[int, int, int | None]:
    """Number of samples, their duration in ticks, flags of the first when given (§8.8.8)."""
    flags, count = _fields(">II", data, trun.start)
    flags &= 0xFFFFFF
    at = trun.start + 8 + (4 if flags & 1 else 0)
    first: int | None = None
    if flags & 4:
        (first,) = _fields(">I", data, at)
        at += 4
    width = 4 * sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
    if first is None and flags & 0x400:
        (first,) = _fields(">I", data, at + 4 * sum(bool(flags & bit) for bit in (0x100, 0x200)))
    if not flags & 0x100:
        return count, count * usual, first
    ticks = sum(_fields(">I", data, at + n * width)[0] for n in range(count))
    return count, ticks, first
