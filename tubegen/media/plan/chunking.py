"""Divides a film into chunks, so that cores which encode them have nothing more to do at about the same time.

The same for all machines: chunks must be found again, whoever encodes them.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, pairwise

CHUNK_GOPS = 7
"""GOPs of 2 s in a chunk of a long film: few enough that its last chunks end together, and that a killed build loses
little; enough that they cost next to nothing."""

LEAST_CHUNK_GOPS = 3
"""In a chunk of a short film, on average."""

SHARES = (3, 3, 2, 2, 1, 1)
"""Work in the chunks of a film that is too short for more of them: however many cores there are up to four, the largest
come first and the smallest fill what is left."""

_ANY_FRAME = 0.6
"""What a frame costs whatever is to be seen in it, against its bytes in the source: measured on a film whose scenes
differ."""


def chunk_starts(gops: Sequence[int], frames: int, gop: int, weights: Sequence[float]) -> tuple[int, ...]:
    """The first frame of each chunk of a film of so many `frames`.

    `gops` are the frames that a chunk can begin with, `weights` how hard the frames from each on to the next are.
    `gop` is how many frames there are in 2 s, the measure of a chunk.
    """
    units = frames / gop
    count = min(
        len(gops), max(round(units / CHUNK_GOPS), min(len(SHARES), int(units) // LEAST_CHUNK_GOPS), 1)
    )
    if count > len(SHARES):
        return tuple(gops[round(n * len(gops) / count)] for n in range(count))
    shares = SHARES if count == len(SHARES) else (1,) * count
    done = list(accumulate(weights, initial=0.0))
    starts, at = [gops[0]], 0
    for number, share in enumerate(accumulate(shares[:-1]), 1):
        at = min(max(_nearest(done, done[-1] * share / sum(shares)), at + 1), len(gops) - count + number)
        starts.append(gops[at])
    return tuple(starts)


def gop_weights(second_bytes: Sequence[int], seconds: Sequence[float]) -> list[float]:
    """How hard it is to encode what lies between each of the times `seconds`, in seconds of the film, and the next.
    Where nothing is known of bytes, as hard as it is long."""
    usual = sum(second_bytes) / len(second_bytes) if second_bytes else 1.0
    return [
        _ANY_FRAME * usual * (end - first) + sum(second_bytes[max(0, int(first)) : max(0, int(end))])
        for first, end in pairwise(seconds)
    ]


def _nearest(done: Sequence[float], wanted: float) -> int:
    at = bisect_left(done, wanted)
    return at - 1 if at and wanted - done[at - 1] < done[min(at, len(done) - 1)] - wanted else at
