"""Reads a fragmented MP4 (ISO/IEC 14496-12 §8.8), as far as cutting it into segments and checking it needs."""

from collections.abc import Iterator

import msgspec

from tubegen.media.package.boxes import Box, Bytes, boxes, fields, find, first
from tubegen.media.package.codecs import codec_name

_NOT_SYNC = 0x10000


class Samples(msgspec.Struct, frozen=True):
    """A run of samples that lie end to end."""

    start: int
    """Offset of the first."""
    sizes: tuple[int, ...]
    durations: tuple[int, ...]
    """In ticks of the track."""
    begins_with_key: bool
    delay: int
    """Ticks from decoding the first to showing it."""


class Fragment(msgspec.Struct, frozen=True, kw_only=True):
    """A `moof` and the `mdat` that belongs to it; what it tells of samples is the main track's."""

    start: int
    end: int
    runs: tuple[Samples, ...]
    duration: float
    """Seconds."""

    @property
    def frames(self) -> int:
        """Samples, which are pictures where the main track shows any."""
        return sum(len(run.sizes) for run in self.runs)

    @property
    def begins_with_key(self) -> bool:
        return self.runs[0].begins_with_key

    @property
    def key_end(self) -> int:
        """Where its first sample ends."""
        return self.runs[0].start + self.runs[0].sizes[0]


class Track(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    timescale: int
    """Ticks in a second."""
    codec: str
    """RFC 6381, as in `avc1.64001f`, `mp4a.40.2`."""
    video: bool
    start: float
    """When its first sample is shown or heard, in seconds."""
    duration: float
    """Of all samples, in seconds."""
    end: float
    """When the last is over by the fragments' own clock, which counts from decoding the first: other than
    `duration` when there is a hole between fragments."""


class Fragmented(msgspec.Struct, frozen=True, kw_only=True):
    """Where the parts of a fragmented file lie."""

    init_end: int
    """The init segment is everything before this offset."""
    fragments: tuple[Fragment, ...]
    tracks: tuple[Track, ...]
    """The main one first: the first that shows pictures, or else the first."""
    edit_lists: bool

    @property
    def codecs(self) -> tuple[str, ...]:
        return tuple(track.codec for track in self.tracks)


class _Head(msgspec.Struct, frozen=True):
    """What `moov` tells of a track: defaults are those of `trex` (§8.8.3)."""

    number: int
    timescale: int
    codec: str
    video: bool
    duration: int
    size: int
    flags: int


class _Clock(msgspec.Struct):
    """A track's samples as they are counted."""

    start: int | None = None
    ticks: int = 0
    end: int = 0


def read_fragmented(data: Bytes) -> Fragmented:
    """Raises ValueError when `data` is no fragmented MP4, or one that is not whole."""
    heads = sorted(_heads(data), key=lambda head: not head.video)
    if not heads:
        raise ValueError("no track")
    clocks = {head.number: _Clock() for head in heads}
    fragments: list[Fragment] = []
    init_end = 0
    moof: Box | None = None
    for box in boxes(data):
        if box.kind == b"moof":
            init_end = init_end or box.head
            moof = box
        elif box.kind == b"mdat" and moof:
            fragments.append(_fragment(data, moof, box, heads, clocks))
            moof = None
    if not fragments:
        raise ValueError("no fragments")
    return Fragmented(
        init_end=init_end,
        fragments=tuple(fragments),
        tracks=tuple(_track(head, clocks[head.number]) for head in heads),
        edit_lists=next(find(data, "moov/trak/edts"), None) is not None,
    )


def _track(head: _Head, clock: _Clock) -> Track:
    return Track(
        number=head.number,
        timescale=head.timescale,
        codec=head.codec,
        video=head.video,
        start=(clock.start or 0) / head.timescale,
        duration=clock.ticks / head.timescale,
        end=clock.end / head.timescale,
    )


def _heads(data: Bytes) -> Iterator[_Head]:
    usual = {
        track: values
        for _, track, _, *values in (fields(">6I", data, box.start) for box in find(data, "moov/mvex/trex"))
    }
    for trak in find(data, "moov/trak"):
        number = _after_times(data, first(data, "tkhd", trak.start, trak.end))
        timescale = _after_times(data, first(data, "mdia/mdhd", trak.start, trak.end))
        if not timescale:
            raise ValueError("a track without a clock")
        handler = first(data, "mdia/hdlr", trak.start, trak.end)
        stsd = first(data, "mdia/minf/stbl/stsd", trak.start, trak.end)
        entry = next(boxes(data, stsd.start + 8, stsd.end), None)
        if entry is None:
            raise ValueError("a track without a codec")
        duration, size, flags = usual.get(number, (0, 0, 0))
        yield _Head(
            number=number,
            timescale=timescale,
            codec=codec_name(data, entry),
            video=bytes(data[handler.start + 8 : handler.start + 12]) == b"vide",
            duration=duration,
            size=size,
            flags=flags,
        )


def _after_times(data: Bytes, box: Box) -> int:
    """The field that follows the two times at the head of `tkhd` and `mdhd`, long ones in version 1."""
    (version,) = fields(">B", data, box.start)
    (value,) = fields(">I", data, box.start + (20 if version else 12))
    return value


def _fragment(data: Bytes, moof: Box, mdat: Box, heads: list[_Head], clocks: dict[int, _Clock]) -> Fragment:
    """One fragment; the clocks go on by what is in it."""
    found: dict[int, tuple[Samples, ...]] = {}
    for traf in find(data, "traf", moof.start, moof.end):
        number, time, runs = _samples(data, traf, moof, heads)
        if any(run.start < mdat.start or run.start + sum(run.sizes) > mdat.end for run in runs):
            raise ValueError("samples lie outside of their fragment")
        clock = clocks[number]
        if clock.start is None and runs:
            clock.start = time + runs[0].delay
        ticks = sum(sum(run.durations) for run in runs)
        clock.ticks += ticks
        clock.end = time + ticks
        found[number] = (*found.get(number, ()), *runs)
    main = heads[0]
    runs = found.get(main.number, ())
    if not runs:
        raise ValueError("a fragment without picture" if main.video else "a fragment without sound")
    ticks = sum(sum(run.durations) for run in runs)
    return Fragment(start=moof.head, end=mdat.end, runs=runs, duration=ticks / main.timescale)


def _samples(data: Bytes, traf: Box, moof: Box, heads: list[_Head]) -> tuple[int, int, tuple[Samples, ...]]:
    """Number of the track, time of decoding the first sample, and runs with something in them."""
    tfhd = first(data, "tfhd", traf.start, traf.end)
    flags, number = fields(">II", data, tfhd.start)
    head = next((head for head in heads if head.number == number), None)
    if head is None:
        raise ValueError("a fragment of a track that there is not")
    if flags & 1 or not flags & 0x20000:
        raise ValueError("a fragment whose offsets count from elsewhere")
    usual = _defaults(data, tfhd, flags & 0xFFFFFF, head)
    tfdt = first(data, "tfdt", traf.start, traf.end)
    (version,) = fields(">B", data, tfdt.start)
    (time,) = fields(">Q" if version else ">I", data, tfdt.start + 4)
    at, runs = moof.end + 8, list[Samples]()
    for trun in find(data, "trun", traf.start, traf.end):
        run = _run(data, trun, moof, at, usual)
        if run.sizes:
            runs.append(run)
        at = run.start + sum(run.sizes)
    return number, time, tuple(runs)


def _defaults(data: Bytes, tfhd: Box, flags: int, head: _Head) -> tuple[int, int, int]:
    """Duration, size and flags of a sample that are not told with it (§8.8.7)."""
    at = tfhd.start + 8 + (4 if flags & 2 else 0)
    values = [head.duration, head.size, head.flags]
    for place, bit in enumerate((0x8, 0x10, 0x20)):
        if flags & bit:
            (values[place],) = fields(">I", data, at)
            at += 4
    return values[0], values[1], values[2]


def _run(data: Bytes, trun: Box, moof: Box, after: int, usual: tuple[int, int, int]) -> Samples:
    """The samples of a `trun` (§8.8.8), which begin at `after` when it does not say where."""
    flags, count = fields(">II", data, trun.start)
    version, at = flags >> 24, trun.start + 8
    start, first_flags = after, None
    if flags & 1:
        start = moof.head + fields(">i", data, at)[0]
        at += 4
    if flags & 4:
        (first_flags,) = fields(">I", data, at)
        at += 4
    told = [bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800)]
    if at + 4 * sum(told) * count > trun.end or count > len(data):
        raise ValueError(f"{count} samples do not fit into their box")
    numbers = fields(f">{sum(told) * count}I", data, at)

    def column(place: int, otherwise: int) -> tuple[int, ...]:
        if not told[place]:
            return (otherwise,) * count
        return numbers[sum(told[:place]) :: sum(told)]

    durations, sizes = column(0, usual[0]), column(1, usual[1])
    if first_flags is None:
        first_flags = next(iter(column(2, usual[2])), 0)
    delay = next(iter(column(3, 0)), 0)
    return Samples(
        start=start,
        sizes=sizes,
        durations=durations,
        begins_with_key=not first_flags & _NOT_SYNC,
        delay=delay - (1 << 32) if version and delay >> 31 else delay,
    )
