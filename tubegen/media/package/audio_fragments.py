"""Puts the samples of a sound-only MP4 into new fragments, one for each segment of the picture beside it."""

import struct
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from tubegen.media.package.boxes import Bytes, box
from tubegen.media.package.mp4 import Fragmented

_PLAIN = 0x02000000
"""Flags of a sample that no other is needed for (ISO/IEC 14496-12 §8.8.3.1)."""


def regrouped(data: Bytes, parts: Fragmented, starts: Sequence[float]) -> Iterator[tuple[bytes, float]]:
    """A `moof` with its `mdat`, and the seconds it lasts, for each of `starts`: the times, in seconds, at which
    segments begin. The nearest samples do. Raises ValueError when there are too few."""
    track = parts.tracks[0]
    runs = [run for fragment in parts.fragments for run in fragment.runs]
    durations = [ticks for run in runs for ticks in run.durations]
    sizes = [size for run in runs for size in run.sizes]
    offsets = [at for run in runs for at in accumulate(run.sizes[:-1], initial=run.start)]
    times = list(accumulate(durations, initial=0))
    edges = [*_nearest(times, [start * track.timescale for start in starts]), len(sizes)]
    for number, (first, end) in enumerate(pairwise(edges), 1):
        if first == end:
            raise ValueError(f"there is no sound for segment {number}")
        samples = [bytes(data[offsets[n] : offsets[n] + sizes[n]]) for n in range(first, end)]
        moof = _moof(number, track.number, times[first], sizes[first:end], durations[first:end])
        yield moof + box(b"mdat", *samples), (times[end] - times[first]) / track.timescale


def _nearest(times: Sequence[int], wanted: Sequence[float]) -> Iterator[int]:
    """The numbers of the samples that begin nearest to the wanted times, both ascending."""
    at = 0
    for time in wanted:
        while at + 2 < len(times) and abs(times[at + 1] - time) <= abs(times[at] - time):
            at += 1
        yield at


def _moof(number: int, track: int, time: int, sizes: Sequence[int], durations: Sequence[int]) -> bytes:
    """A movie fragment (§8.8.4), which the samples follow in an `mdat` with a short header."""
    usual = durations[0]
    alike = all(ticks == usual for ticks in durations)
    told = 0x201 if alike else 0x301
    table = sizes if alike else [value for pair in zip(durations, sizes, strict=True) for value in pair]
    tfhd = box(b"tfhd", struct.pack(">IIII", 0x20028, track, usual, _PLAIN))
    tfdt = box(b"tfdt", struct.pack(">IQ", 1 << 24, time))

    def whole(offset: int) -> bytes:
        trun = box(b"trun", struct.pack(f">IIi{len(table)}I", told, len(sizes), offset, *table))
        return box(b"moof", box(b"mfhd", struct.pack(">II", 0, number)), box(b"traf", tfhd, tfdt, trun))

    return whole(len(whole(0)) + 8)
