"""How a film is divided into chunks: so that cores end together."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tubegen.media.plan.chunking import LEAST_CHUNK_GOPS, SHARES, chunk_starts, gop_weights

weights = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=400)


@given(weights)
@example([0.01] * 10 + [1e6] + [0.01] * 19)
def test_chunks_begin_at_gops_and_none_is_empty(weights: list[float]) -> None:
    gops = range(0, 50 * len(weights), 50)
    starts = chunk_starts(gops, 50 * len(weights), 50, weights)
    assert starts[0] == 0
    assert set(starts) <= set(gops)
    assert all(before < after for before, after in pairwise(starts))


@given(st.integers(1, 400))
def test_chunks_are_neither_many_nor_long(seconds: int) -> None:
    gops = range(0, 25 * seconds, 50)
    starts = chunk_starts(gops, 25 * seconds, 50, [50.0] * len(gops))
    assert len(starts) <= max(1, seconds / (2 * LEAST_CHUNK_GOPS))
    longest = max(after - before for before, after in pairwise((*starts, 25 * seconds)))
    assert longest <= 25 * 2 * 12


@pytest.mark.parametrize("cores", [2, 3, 4])
def test_cores_end_a_short_film_together(cores: int) -> None:
    """A minute whose first third is three times as hard; each core takes the hardest chunk that is left."""
    hard = [3.0] * 10 + [1.0] * 20
    starts = chunk_starts(range(0, 1500, 50), 1500, 50, hard)
    assert len(starts) == len(SHARES)
    done = dict(zip(range(0, 1501, 50), accumulate(hard, initial=0.0), strict=True))
    work = sorted((done[end] - done[first] for first, end in pairwise((*starts, 1500))), reverse=True)
    busy = [0.0] * cores
    for chunk in work:
        busy[busy.index(min(busy))] += chunk
    assert max(busy) <= 1.08 * sum(hard) / cores


def test_a_frame_costs_something_even_where_nothing_is_to_be_seen() -> None:
    still, moving = gop_weights((0, 0, 1000, 1000), (0.0, 2.0, 4.0))
    assert 0 < still < moving < 5 * still
    assert gop_weights((), (0.0, 2.0, 6.0)) == [1.2, 2.4]
