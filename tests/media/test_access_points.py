"""Entering a source in its middle: never after a key frame that is needed, and at the last one where that is known."""

from bisect import bisect_right
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tubegen.media.source.access_points import INDEXED, random_access_points, seek_time
from tubegen.media.source.packets import StreamPackets

gaps = st.lists(st.floats(0.04, 12), min_size=1, max_size=40)


def landed(keys: list[float], sought: float, reordered: float, early: float) -> int:
    """Which key frame ffmpeg's seek finds in an index of times of decoding, `early` seconds before what it was told."""
    return max(0, bisect_right([key - reordered for key in keys], sought - early) - 1)


@given(
    gaps=gaps,
    time=st.floats(0, 200),
    reordered=st.floats(0, 0.5),
    early=st.sampled_from([0.0, 3 / 23]),
    known=st.booleans(),
    container=st.sampled_from(sorted(INDEXED)),
)
def test_no_frame_is_missed(
    gaps: list[float], time: float, reordered: float, early: float, known: bool, container: str
) -> None:
    keys = list(accumulate(gaps, initial=0.0))
    sought = seek_time(container, keys if known else (), max(gaps), time)
    assert keys[landed(keys, sought, reordered, early)] <= time + 0.001


@given(gaps=st.lists(st.floats(0.71, 12), min_size=2), reordered=st.floats(0, 0.5), data=st.data())
def test_decoding_begins_at_the_last_key_frame(
    gaps: list[float], reordered: float, data: st.DataObject
) -> None:
    keys = list(accumulate(gaps, initial=0.0))
    last = data.draw(st.integers(0, len(gaps) - 1))
    time = data.draw(st.floats(keys[last], keys[last + 1] - 0.01))
    for early in (0.0, 3 / 23):
        assert landed(keys, seek_time("matroska", keys, max(gaps), time), reordered, early) == last


@pytest.mark.parametrize(("known", "sought"), [((0.0, 9.0, 20.0), 5.0), ((), 4.0)])
def test_containers_without_an_index_are_entered_far_ahead(known: tuple[float, ...], sought: float) -> None:
    assert seek_time("mpegts", known, 10.0, 18.0) == sought


def test_dense_key_frames_are_not_told() -> None:
    every_frame, every_gop = StreamPackets(), StreamPackets()
    for n in range(100):
        every_frame.add(n / 25, 1 / 25, 1000, key=True, hidden=False)
        every_gop.add(n / 25, 1 / 25, 1000, key=n % 50 == 0, hidden=False)
    assert random_access_points(every_frame, 4.0) == ()
    assert random_access_points(every_gop, 4.0) == (0.0, 2.0)
