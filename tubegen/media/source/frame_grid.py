"""The grid that the frames of a film lie on: found from their times, since headers lie."""

from collections import Counter
from fractions import Fraction
from itertools import pairwise

from tubegen.media.source.packets import StreamPackets

_TICK = 1e-6
"""Seconds: what times are rounded to."""

_OFF_GRID = 0.002
"""Seconds that a frame may be beside the grid of a steady film: Matroska counts in milliseconds."""

_ALIKE = Fraction(1, 500)
"""By how much a clock may be wrong."""

STEADY_RATES = tuple(
    Fraction(n, d)
    for n, d in (
        (12000, 1001),
        (12, 1),
        (25, 2),
        (15000, 1001),
        (15, 1),
        (24000, 1001),
        (24, 1),
        (25, 1),
        (30000, 1001),
        (30, 1),
        (48, 1),
        (50, 1),
        (60000, 1001),
        (60, 1),
        (120, 1),
    )
)


def frame_rate(times: list[float], said: str = "") -> Fraction:
    """Frames per second from the distances between the times of frames, in their order: the commonest, where they
    are not all alike. A single frame has no distance, and believes what is `said` of it, such as `25/1`."""
    gaps = [after - before for before, after in pairwise(times) if after - before > _TICK / 2]
    if not gaps:
        return _standard(Fraction(said.replace("/0", "/1") or 25) or Fraction(25), steady=True)
    commonest = Counter(round(gap, 3) for gap in gaps).most_common(1)[0][0]
    alike = [gap for gap in gaps if abs(gap - commonest) < 0.0021]
    typical = sum(alike) / len(alike) if alike else sum(gaps) / len(gaps)
    steady = len(alike) >= 0.98 * len(gaps) and max(gaps) < 2.5 * typical
    if steady:  # where one is missing, its gap is that of two
        typical = sum(gaps) / sum(max(1, round(gap / typical)) for gap in gaps)
    return _standard(Fraction(1 / typical).limit_denominator(100_000), steady)


def _standard(rate: Fraction, steady: bool) -> Fraction:
    """The nearest rate that films have, or that steady ones may have, such as 33 1/3; any other becomes a whole
    number of frames per second."""
    near = min(STEADY_RATES, key=lambda r: abs(r - rate) / r)
    if abs(near - rate) / near < _ALIKE:
        return near
    near = rate.limit_denominator(3)
    if steady and near > 1 and abs(near - rate) / near < _ALIKE:
        return near
    return Fraction(max(1, round(rate)))


def closed_gops(track: StreamPackets, rate: Fraction) -> tuple[int, ...]:
    """Numbers of the frames at which its GOPs begin, on the grid of `rate`.

    None when a frame is beside the grid, missing, doubled or hidden by an edit list; or when a GOP has frames that
    are shown before its key frame, and so need pictures of the GOP before.
    """
    if track.hidden or not track.keys or track.keys[0]:
        return ()
    times = sorted(track.times)
    start = times[0]
    if any(abs(time - start - float(n / rate)) > _OFF_GRID for n, time in enumerate(times)):
        return ()
    starts = [track.times[n] for n in track.keys]
    ends = [*track.keys[1:], len(track.times)]
    if any(
        min(track.times[first:end]) < start
        for start, first, end in zip(starts, track.keys, ends, strict=True)
    ):
        return ()
    return tuple(round((time - start) * rate) for time in starts)
