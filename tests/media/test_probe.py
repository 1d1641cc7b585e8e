"""What is read of a source before it is touched: its rate, and what it certainly is not."""

import os
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tubegen.errors import MediaError
from tubegen.media.ffmpeg.program import Ffmpeg
from tubegen.media.ffmpeg.refusals import unreadable
from tubegen.media.source.frame_grid import STEADY_RATES, frame_rate
from tubegen.media.source.non_videos import refuse_non_video
from tubegen.media.source.probe import probe


def grid(rate: Fraction, frames: int, digits: int = 6) -> list[float]:
    """Times of frames as ffprobe prints them, to the microsecond or, for Matroska, to the millisecond."""
    return [round(float(n / rate), digits) for n in range(frames)]


@pytest.mark.parametrize("rate", [*STEADY_RATES, Fraction(100, 3), Fraction(37, 2)], ids=str)
@pytest.mark.parametrize("digits", [6, 3], ids=["microseconds", "milliseconds"])
def test_a_steady_film_has_its_own_rate(rate: Fraction, digits: int) -> None:
    assert frame_rate(grid(rate, 500, digits)) == rate


@given(st.sampled_from(STEADY_RATES), st.floats(-0.0004, 0.0004), st.integers(50, 400))
def test_clocks_that_run_a_little_wrong_change_nothing(rate: Fraction, drift: float, frames: int) -> None:
    times = [time * (1 + drift) for time in grid(rate, frames)]
    assert frame_rate(times) == rate


def test_a_film_with_a_hole_keeps_its_rate() -> None:
    times = [time for n, time in enumerate(grid(Fraction(30), 300)) if not 100 <= n < 160]
    assert frame_rate(times) == Fraction(30)


@given(st.sampled_from(STEADY_RATES), st.integers(60, 400), st.data())
def test_a_film_that_lacks_a_frame_keeps_its_rate(rate: Fraction, frames: int, data: st.DataObject) -> None:
    times = grid(rate, frames)
    del times[data.draw(st.integers(1, frames - 2))]
    assert frame_rate(times) == rate


def test_a_slow_film_keeps_its_whole_number_of_frames() -> None:
    assert frame_rate(grid(Fraction(15), 100)) == Fraction(15)
    assert frame_rate(grid(Fraction(1), 20)) == Fraction(1)


@pytest.mark.parametrize(("said", "rate"), [("25/1", 25), ("30000/1001", Fraction(30000, 1001)), ("0/0", 25)])
def test_a_single_frame_believes_the_header(said: str, rate: Fraction) -> None:
    assert frame_rate([0.0], said) == rate


@given(st.lists(st.floats(0, 10_000), min_size=1, max_size=60))
def test_any_times_have_a_rate(times: list[float]) -> None:
    assert frame_rate(sorted(times)) >= 1


def refusal(path: Path, head: bytes) -> str:
    path.write_bytes(head)
    with pytest.raises(MediaError) as caught:
        refuse_non_video(path)
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
    refuse_non_video(tmp_path / "film.mp4")


def test_what_is_no_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    pipe, gone = tmp_path / "pipe.mp4", tmp_path / "gone.mp4"
    os.mkfifo(pipe)
    os.write(os.open(pipe, os.O_RDWR), b"text" * 256)
    gone.symlink_to("nowhere.mp4")
    with pytest.raises(MediaError, match=r"pipe.mp4: this is not a file"):
        refuse_non_video(pipe)
    with pytest.raises(MediaError, match=r"gone.mp4: cannot be read: no such file"):
        refuse_non_video(gone)


@pytest.mark.parametrize(
    "head",
    [
        b"#EXTM3U\n#EXT-X-VERSION:3\n",
        b"ffconcat version 1.0\nfile a.mp4\n",
        b"\xef\xbb\xbf<?xml version='1.0'?><MPD/>",
    ],
)
def test_playlists_are_refused_by_name(head: bytes, tmp_path: Path) -> None:
    assert refusal(tmp_path / "film.mp4", head) == "this is a playlist, which only tells where a video is"


def test_what_is_encrypted_is_said_to_be() -> None:
    said = "[mov @ 0x1] hit EOF while reading sub-sample encryption info\n[mov @ 0x1] error reading header"
    assert unreadable(Path("film.mp4"), said).problems[0].text == "it is encrypted (DRM)"


class Pieces:
    """Makes small films of the pieces that ffmpeg has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name: str, *options: str, seconds: float = 1, size: str = "64x48") -> Path:
        path = self.folder / name
        film = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d={seconds}"]
        tone = ["-f", "lavfi", "-i", f"sine=d={seconds}"]
        command = ["ffmpeg", "-v", "error", "-y", *film, *tone, *options, f"file:{path}"]
        subprocess.run(command, check=True)
        return path


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Pieces:
    return Pieces(tmp_path_factory.mktemp("pieces"))


@pytest.fixture(scope="module")
def tools() -> Ffmpeg:
    return Ffmpeg()


def told(tools: Ffmpeg, source: Path) -> str:
    with pytest.raises(MediaError) as caught:
        probe(tools, source, "")
    (problem,) = caught.value.problems
    assert problem.path == str(source)
    assert problem.hint
    return problem.text


def test_what_another_demuxer_knows_is_refused_by_what_it_is(
    tools: Ffmpeg, pieces: Pieces, tmp_path: Path
) -> None:
    assert told(tools, pieces("a.gif", "-an")) == "this is an animated picture"
    assert told(tools, pieces("a.png", "-frames:v", "1")) == "this is a picture, not a video"
    # what is hidden from the first look: a playlist with a byte in it that no text has
    playlist = tmp_path / "film.mp4"
    playlist.write_bytes(b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n/etc/passwd\n\0")
    assert told(tools, playlist) == "this is a playlist, which only tells where a video is"


def test_the_film_is_what_moves_even_beside_a_larger_still(tools: Ffmpeg, pieces: Pieces) -> None:
    source = pieces(
        "a.mp4", "-filter_complex", "[0]split[a][b];[a]scale=640:480,trim=end_frame=1[c]",
        "-map", "[c]", "-map", "[b]", "-map", "1", "-c:v", "mpeg4",
    )  # fmt: skip
    film = probe(tools, source, "").video
    assert film is not None
    assert (film.index, film.width) == (1, 64)


def test_the_sound_of_the_film_comes_before_what_is_said_about_it(tools: Ffmpeg, pieces: Pieces) -> None:
    source = pieces(
        "a.mkv", "-map", "0", "-map", "1", "-map", "1", "-map", "1", "-c:v", "mpeg4", "-c:a", "aac",
        "-metadata:s:a:0", "language=eng", "-disposition:a:0", "default+comment",
        "-metadata:s:a:1", "language=fre", "-disposition:a:1", "0",
        "-metadata:s:a:2", "language=ger", "-metadata:s:a:2", "title=Wie  im\tKino", "-disposition:a:2", "0",
    )  # fmt: skip
    sounds = probe(tools, source, "").audio_streams
    assert [(s.index, s.language, s.title, s.default) for s in sounds] == [
        (2, "fr", "", False),
        (1, "en", "Commentary", True),
        (3, "de", "Wie im Kino", False),
    ]


def test_sound_alone_is_read_with_its_cover(tools: Ffmpeg, pieces: Pieces) -> None:
    source = pieces(
        "a.mp3", "-map", "1", "-map", "0", "-frames:v", "1", "-c:v", "mjpeg", "-disposition:v", "attached_pic"
    )
    found = probe(tools, source, "")
    assert found.video is None
    assert found.cover == 1
    assert found.audio_streams[0].end == pytest.approx(1, abs=0.1)


def keys(tools: Ffmpeg, source: Path) -> tuple[int, ...]:
    film = probe(tools, source, "").video
    assert film is not None
    assert film.bit_rate > 0
    return film.closed_gops


def test_closed_gops_of_a_steady_film_are_known_by_their_first_frames(tools: Ffmpeg, pieces: Pieces) -> None:
    x264 = ("-an", "-c:v", "libx264", "-g", "10", "-bf", "2", "-sc_threshold", "0")
    closed, opened = "open-gop=0", "open-gop=1:b-adapt=0"
    assert keys(tools, pieces("closed.mp4", *x264, "-x264-params", closed)) == (0, 10, 20)
    assert keys(tools, pieces("closed.mkv", *x264, "-x264-params", closed)) == (0, 10, 20)
    assert keys(tools, pieces("open.mp4", *x264, "-x264-params", opened)) == (), (
        "no frame leads, none is an IDR"
    )
    assert keys(tools, pieces("leading.mp4", *x264, "-g", "11", "-x264-params", opened)) == ()
    dropped = ("-vf", "select=not(eq(n\\,12))", "-vsync", "vfr")
    assert keys(tools, pieces("hole.mp4", *x264, *dropped, "-x264-params", closed)) == ()


def test_a_frame_that_is_shown_long_lasts_as_long_as_file_and_header_say(
    tools: Ffmpeg, pieces: Pieces
) -> None:
    slides = (
        "-an",
        "-vf",
        "select=lt(n\\,2)+eq(n\\,50),setpts=if(eq(N\\,2)\\,50\\,N)/25/TB",
        "-vsync",
        "vfr",
    )
    source = pieces(
        "slides.mp4", *slides, "-c:v", "libx264", "-bf", "0", "-video_track_timescale", "25", seconds=4
    )
    film = probe(tools, source, "").video
    assert film is not None
    assert film.end == pytest.approx(film.declared_duration, abs=0.05)


def test_a_clock_that_was_set_anew_is_refused(tools: Ffmpeg, pieces: Pieces, tmp_path: Path) -> None:
    one = pieces("one.ts", "-c:v", "mpeg2video", "-output_ts_offset", "0")
    other = pieces("other.ts", "-c:v", "mpeg2video", "-output_ts_offset", "1000")
    both = tmp_path / "both.ts"
    both.write_bytes(one.read_bytes() + other.read_bytes())
    assert told(tools, both).startswith("its clock jumps 999 s ahead at 1 s")


def test_pyav_tells_what_ffprobe_tells(tools: Ffmpeg, pieces: Pieces, tmp_path: Path) -> None:
    words = tmp_path / "words.srt"
    words.write_text("1\n00:00:00,100 --> 00:00:00,900\nWords\n")
    marks = tmp_path / "marks.txt"
    marks.write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/10\nSTART=2\nEND=8\ntitle=A mark\n")
    x264 = ("-c:v", "libx264", "-g", "10", "-c:a", "aac")
    extras = ("-i", str(words), "-i", str(marks), "-map", "0", "-map", "1", "-map", "2", "-map_chapters", "3")
    colours = (
        "-color_primaries",
        "bt709",
        "-color_trc",
        "bt709",
        "-colorspace",
        "bt709",
        "-color_range",
        "tv",
    )
    plain = pieces("plain.mp4", *x264, *colours, "-metadata:s:a", "language=fre")
    turned = pieces.folder / "turned.mp4"
    turn = ["-c", "copy", "-metadata:s:v", "rotate=90", str(turned)]
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(plain), *turn], check=True)
    clips = [
        plain,
        turned,
        pieces("told.mkv", *extras, *x264, "-c:s", "srt", "-metadata:s:s", "title=Words"),
        pieces("old.ts", "-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-c:a", "mp2"),
        pieces("tone.flac", "-map", "1"),
    ]
    other = Ffmpeg()
    other.ffprobe = None
    for clip in clips:
        assert probe(other, clip, "") == probe(tools, clip, "")
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0\0\0\x20ftypisom")
    for refused in (broken, pieces("moving.gif", "-an")):
        assert told(other, refused) == told(tools, refused)
