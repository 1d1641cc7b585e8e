"""Where the decoder enters a source to begin in its middle: what is decoded ahead of a chunk is work for nothing."""

from bisect import bisect_right
from collections.abc import Sequence

from tubegen.media.source.packets import StreamPackets

INDEXED = frozenset(["3g2", "matroska", "avi"])
"""Containers, as the probe names them, in which a seek finds the key frame before a time. Others, such as MPEG-TS,
are entered anywhere, and show nothing until the next key frame."""

_REORDERED = 0.5
"""Seconds between decoding a frame and showing it, at most: indices tell of the one or the other."""

_PAST = 0.2
"""Seconds after a key frame at which it is found: for some containers ffmpeg seeks to 0.13 s before what it is told."""

_TICK = 0.001
"""Seconds within which two times are the same: no frame is as short."""

_BLIND = 4.0
"""Seconds by which a seek may miss where there is no index."""

_DENSE = 1.0
"""Seconds between key frames, on average, below which it is not worth knowing them."""


def random_access_points(track: StreamPackets, end: float) -> tuple[float, ...]:
    """Times of the key frames of a film that is over at `end`; none where they are so dense that any will do."""
    times = sorted(track.times[n] for n in track.keys)
    return tuple(times) if times and end - times[0] >= _DENSE * len(times) else ()


def seek_time(container: str, keys: Sequence[float], longest: float, time: float) -> float:
    """Where to seek in a source so that all frames from `time` on are decoded, and few before it.

    `keys` are its `entries`, if they are known; `longest` is the longest stretch without a key frame, in seconds.
    """
    number = bisect_right(keys, time + _TICK)
    key = keys[number - 1] if number else None
    if container not in INDEXED:
        return (time - longest if key is None else key) - _BLIND
    late = keys[number] - _REORDERED - _TICK if number < len(keys) else time
    if key is None or late < key + _PAST:
        return time - _REORDERED
    return min(max(time, key + _PAST), late)
