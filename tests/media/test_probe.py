"""What is read of a source before it is touched: its rate, and what it certainly is not."""

import os
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tubegen.errors import MediaError
from tubegen.media.probe import STEADY_RATES, _rate, refuse_at_sight


def grid(rate: Fraction, frames: int, digits: int = 6) -> list[float]:
    """Times of frames as ffprobe prints them, to the microsecond or, for Matroska, to the millisecond."""
    return [round(float(n / rate), digits) for n in range(frames)]


@pytest.mark.parametrize("rate", STEADY_RATES, ids=str)
@pytest.mark.parametrize("digits", [6, 3], ids=["microseconds", "milliseconds"])
def test_a_steady_film_has_its_own_rate(rate: Fraction, digits: int) -> None:
    assert _rate(grid(rate, 500, digits), {}) == rate


@given(st.sampled_from(STEADY_RATES), st.floats(-0.0004, 0.0004), st.integers(50, 400))
def test_clocks_that_run_a_little_wrong_change_nothing(rate: Fraction, drift: float, frames: int) -> None:
    times = [time * (1 + drift) for time in grid(rate, frames)]
    assert _rate(times, {}) == rate


def test_a_film_with_a_hole_keeps_its_rate() -> None:
    times = [time for n, time in enumerate(grid(Fraction(30), 300)) if not 100 <= n < 160]
    assert _rate(times, {}) == Fraction(30)


def test_a_slow_film_keeps_its_whole_number_of_frames() -> None:
    assert _rate(grid(Fraction(15), 100), {}) == Fraction(15)
    assert _rate(grid(Fraction(1), 20), {}) == Fraction(1)


@pytest.mark.parametrize(("said", "rate"), [("25/1", 25), ("30000/1001", Fraction(30000, 1001)), ("0/0", 25)])
def test_a_single_frame_believes_the_header(said: str, rate: Fraction) -> None:
    assert _rate([0.0], {"avg_frame_rate": said}) == rate


@given(st.lists(st.floats(0, 10_000), min_size=1, max_size=60))
def test_any_times_have_a_rate(times: list[float]) -> None:
    assert _rate(sorted(times), {}) >= 1


def refusal(path: Path, head: bytes) -> str:
    path.write_bytes(head)
    with pytest.raises(MediaError) as caught:
        refuse_at_sight(path)
    (problem,) = caught.value.problems
    assert problem.path == str(path)
    assert problem.hint
    return problem.text


def test_refusals_at_sight(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    assert refusal(film, b"") == "the file is empty"
    assert "Git LFS pointer" in refusal(film, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    assert refusal(film, "Überraschung: nur Text\n".encode() * 200) == "this is a text file, not a video"
    assert refusal(film, ("a" + "ü" * 1023).encode()) == "this is a text file, not a video"


@given(text=st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1).filter(str.strip))
def test_every_text_is_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    refusal(tmp_path_factory.getbasetemp() / "text.mp4", text.encode())


@pytest.mark.parametrize("head", [b"\0" * 2000, b"\0\0\0\x20ftypisom", b"\x1aE\xdf\xa3\xff\xfe"])
def test_what_may_be_a_film_is_left_to_ffprobe(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "film.mp4").write_bytes(head)
    refuse_at_sight(tmp_path / "film.mp4")


def test_what_is_no_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    pipe, gone = tmp_path / "pipe.mp4", tmp_path / "gone.mp4"
    os.mkfifo(pipe)
    os.write(os.open(pipe, os.O_RDWR), b"text" * 256)
    gone.symlink_to("nowhere.mp4")
    with pytest.raises(MediaError, match=r"pipe.mp4: this is not a file"):
        refuse_at_sight(pipe)
    with pytest.raises(MediaError, match=r"gone.mp4: cannot be read: no such file"):
        refuse_at_sight(gone)
