"""A film that came out wrong is not called finished."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from tests.media.films import TONE, X264, encode
from tubegen.media.audio_track import AudioTrack
from tubegen.media.encode.graphs import FRAGMENTED
from tubegen.media.ffmpeg.program import Ffmpeg, FfmpegError
from tubegen.media.package import hls, verify
from tubegen.media.rendition import Rendition
from tubegen.media.result import Layout

PICTURE = Rendition(name="180p", codec="h264", video_range="SDR", width=320, height=180)
SOUND = AudioTrack(name="sound", language="", title="", channels=2, default=True)
FRAMES = 125


def film(path: Path, *options: str, tone: bool = True, seconds: float = 5) -> Path:
    inputs = ["-f", "lavfi", "-i", f"testsrc2=size=320x180:rate=25:duration={seconds}"]
    inputs += ["-f", "lavfi", "-i", f"{TONE}:duration={seconds}"] if tone else []
    encode(
        *inputs, *X264, "-g", "50", "-c:a", "aac", *options, "-movflags", FRAGMENTED["movflags"], str(path)
    )
    return path


def cut(path: Path, layout: Layout = "files", like: hls.Cut | None = None) -> hls.Cut:
    return hls.cut(path, path.parent, PICTURE, (25, 1), layout, like)


def speech(path: Path, seconds: float, like: hls.Cut) -> hls.SoundCut:
    encode(
        *(
            "-f",
            "lavfi",
            "-i",
            f"{TONE}:duration={seconds}",
            "-c:a",
            "aac",
            "-movflags",
            FRAGMENTED["movflags"],
            str(path),
        )
    )
    return hls.cut_sound(path, path.parent, SOUND, "files", like)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> hls.Cut:
    return cut(film(tmp_path_factory.mktemp("verify") / "film.mp4"))


def test_a_good_film_passes(good: hls.Cut, tmp_path: Path) -> None:
    verify.check_times([good], [speech(tmp_path / "sound.mp4", 5, good)], FRAMES, (25, 1))


def test_frames_are_counted(good: hls.Cut) -> None:
    with pytest.raises(ValueError, match="180p has 125 frames instead of 126"):
        verify.check_times([good], [], FRAMES + 1, (25, 1))


def test_sound_must_last_as_long(good: hls.Cut, tmp_path: Path) -> None:
    short = speech(tmp_path / "sound.mp4", 4.8, good)
    with pytest.raises(ValueError, match=r"sound lasts 4\.8\d\d s instead of 5\.000 s"):
        verify.check_times([good], [short], FRAMES, (25, 1))


def test_muxed_sound_must_last_as_long(tmp_path: Path) -> None:
    short = cut(film(tmp_path / "film.mp4", "-af", "atrim=end=4.5"))
    with pytest.raises(ValueError, match=r"the sound of 180p lasts 4\.5\d\d s"):
        verify.check_times([short], [], FRAMES, (25, 1))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"start": 0.08}, "180p begins at 0.080 s instead of 0"),
        ({"end": 5.04}, "180p has holes in it: 0.040 s"),
    ],
)
def test_times_go_from_nought_without_a_hole(good: hls.Cut, change: dict[str, float], said: str) -> None:
    track = msgspec.structs.replace(good.parts.tracks[0], **change)
    parts = msgspec.structs.replace(good.parts, tracks=(track, *good.parts.tracks[1:]))
    with pytest.raises(ValueError, match=said):
        verify.check_times([msgspec.structs.replace(good, parts=parts)], [], FRAMES, (25, 1))


def test_segments_must_begin_together(good: hls.Cut) -> None:
    first, second = good.segments
    moved = (
        msgspec.structs.replace(first, duration=first.duration + 0.04),
        msgspec.structs.replace(second, duration=second.duration - 0.04),
    )
    other = msgspec.structs.replace(good, segments=moved)
    with pytest.raises(ValueError, match=r"segment 2 of 180p begins at 2\.040 s instead of 2\.000 s"):
        verify.check_times([good, other], [], FRAMES, (25, 1))


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.mark.parametrize("layout", ["files", "single"])
@pytest.mark.parametrize("damaged", ["", "first", "last"])
def test_both_ends_must_be_decodable(
    layout: Layout, damaged: str, pool: ThreadPoolExecutor, tmp_path: Path
) -> None:
    made = cut(film(tmp_path / "film.mp4"), layout)
    (work := tmp_path / "work").mkdir()
    if not damaged:
        verify.check_ends(Ffmpeg(), [made], [], tmp_path, work, pool)
        return
    segment = made.segments[0 if damaged == "first" else -1]
    path = tmp_path / segment.name
    data = bytearray(path.read_bytes())
    middle = (segment.start or 0) + segment.size * 3 // 4
    data[middle : middle + 2000] = bytes(2000)
    path.write_bytes(data)
    with pytest.raises(FfmpegError):
        verify.check_ends(Ffmpeg(), [made], [], tmp_path, work, pool)
