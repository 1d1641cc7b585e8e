"""Playlists and their figures."""

import math

from hypothesis import given
from hypothesis import strategies as st

from tests.media.films import window_rates
from tubegen.media.package.hls import content_name
from tubegen.media.package.media_playlist import Part, media_playlist, peak_rate

PLAYLIST = """\
#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="720p-init.mp4"
#EXTINF:2.002000,
720p-0001.m4s
#EXTINF:4.004000,
720p-0002.m4s
#EXTINF:1.334667,
720p-0003.m4s
#EXT-X-ENDLIST
"""

INIT = Part(name="720p-init.mp4", start=None, size=900)


def segments(*pairs: tuple[float, int]) -> tuple[Part, ...]:
    return tuple(
        Part(name=f"720p-{n:04}.m4s", start=None, size=size, duration=duration)
        for n, (duration, size) in enumerate(pairs, 1)
    )


def target(durations: list[float]) -> int:
    """RFC 8216 §4.3.3.1: no EXTINF, rounded to the nearest integer, may be above it."""
    return max(1, *(math.floor(duration + 0.5) for duration in durations))


def test_a_media_playlist() -> None:
    assert media_playlist(INIT, segments((2.002, 1), (4.004, 1), (1.334667, 1))) == PLAYLIST


@given(st.lists(st.tuples(st.floats(0.01, 12), st.integers(1, 10_000_000)), min_size=1, max_size=12))
def test_the_peak_is_that_of_rfc_8216(pairs: list[tuple[float, int]]) -> None:
    durations, sizes = [d for d, _ in pairs], [s for _, s in pairs]
    rates = window_rates(sizes, durations, target(durations))
    found = peak_rate(segments(*pairs))
    assert all(found >= rate * (1 - 1e-9) for rate in rates)
    assert found <= max(rates) * (1 + 1e-9) + 1


@given(st.lists(st.sampled_from([0.5, 1.5, 2.5, 3.5, 4.5, 2.0, 4.0]), min_size=1, max_size=6))
def test_no_segment_is_longer_than_the_target(durations: list[float]) -> None:
    playlist = media_playlist(INIT, segments(*((duration, 1) for duration in durations)))
    assert f"#EXT-X-TARGETDURATION:{target(durations)}\n" in playlist


def test_a_name_has_128_bits_of_the_content() -> None:
    # printf abc | sha256sum: ba7816bf 8f01cfea 414140de 5dae2223 …
    assert content_name("x", b"abc", ".m4s") == "x.ungWv48Bz-pBQUDeXa4iIw.m4s"
