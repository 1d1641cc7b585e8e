"""A film that is encoded in chunks is the film that is encoded in one: no frame twice, none missing."""

import re
import subprocess
from collections.abc import Callable
from concurrent.futures import Future
from itertools import pairwise
from pathlib import Path

import pytest

from tests.media.conftest import Told
from tests.media.films import TONE, X264, Playlist, encode, ffprobe, numbered, numbers
from tubegen.config import MediaConfig
from tubegen.media.encode.chunks import ChunkDone, ChunkRequest
from tubegen.media.encode.engine.local import Local
from tubegen.media.pipeline import MediaPipeline
from tubegen.media.plan import chunking
from tubegen.media.presentation import make

ONE = MediaConfig(renditions=(240,), quality="draft")
FRAMES = 25 * 21


def play(pipeline: MediaPipeline, source: Path, path: Path, chunks: int) -> Path:
    """The film as its segments make it; it must have come out of so many chunks."""
    plan = pipeline.plan(source)
    assert len(plan.chunks) == chunks
    made, folder = pipeline.make("film", source, plan), pipeline.presentation_folder(plan)
    playlist = Playlist.read(folder / made.renditions[0].playlist)
    parts = [playlist.init, *(name for name, _ in playlist.segments)]
    path.write_bytes(b"".join((folder / name).read_bytes() for name in parts))
    return path


@pytest.mark.parametrize(
    ("container", "options"),
    [
        ("mp4", ["-g", "60", "-bf", "2"]),
        ("mkv", ["-g", "300", "-bf", "2"]),
        ("ts", ["-g", "60", "-bf", "2"]),
        ("ts", ["-g", "300"]),
        ("mp4", ["-g", "50", "-bf", "3", "-b_strategy", "0"]),
        ("mkv", ["-g", "50", "-bf", "3", "-b_strategy", "0"]),
        ("mov", ["-bf", "2", "-force_key_frames", "3.96,4.04,7.92,12,12.04,15.5,16.04"]),
        ("avi", ["-g", "12", "-c:v", "mpeg4", "-q:v", "2"]),
        ("ts", ["-g", "50", "-bf", "16", "-b_strategy", "0"]),
    ],
    ids=[
        "mp4",
        "mkv with few key frames",
        "ts",
        "ts with few key frames",
        "mp4 with key frames at the seams",
        "mkv with key frames at the seams",
        "mov with key frames around the seams",
        "avi with many key frames",
        "ts decoded far ahead",
    ],
)
def test_no_frame_is_lost_or_doubled_at_a_seam(
    container: str,
    options: list[str],
    pipelines: Callable[..., MediaPipeline],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = numbered(tmp_path / f"source.{container}", FRAMES, *options)
    monkeypatch.setattr(chunking, "CHUNK_GOPS", 2)
    played = play(pipelines("many", ONE), source, tmp_path / "many.mp4", chunks=5)
    assert numbers(played) == list(range(FRAMES))


def test_a_long_hold_over_a_seam_stays_as_long(
    pipelines: Callable[..., MediaPipeline], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A screen recorder writes no frame while nothing moves, here for ten seconds."""
    hold = ["-vf", "select='not(between(n,60,310))'", "-vsync", "vfr"]
    source = numbered(tmp_path / "source.mkv", FRAMES, *hold)
    monkeypatch.setattr(chunking, "CHUNK_GOPS", 2)
    played = play(pipelines("many", ONE), source, tmp_path / "many.mp4", chunks=5)
    assert numbers(played) == [59 if 60 <= n <= 310 else n for n in range(FRAMES)]


@pytest.mark.parametrize("frames", [1, 130], ids=["a single one", "after many"])
@pytest.mark.parametrize("container", ["mp4", "mkv", "ts"])
def test_the_last_picture_is_held_while_the_sound_goes_on(
    container: str,
    frames: int,
    pipelines: Callable[..., MediaPipeline],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture, source = numbered(tmp_path / "picture.mp4", frames), tmp_path / f"source.{container}"
    encode("-i", str(picture), "-f", "lavfi", "-i", f"{TONE}:duration=21", "-c:v", "copy", str(source))
    monkeypatch.setattr(chunking, "CHUNK_GOPS", 2)
    played = play(pipelines("held", ONE), source, tmp_path / "held.mp4", chunks=5)
    seen = numbers(played)
    assert len(seen) == pytest.approx(FRAMES, abs=2), "the sound is filled up to a whole packet"
    assert seen == [*range(frames), *[frames - 1] * (len(seen) - frames)]


@pytest.mark.parametrize(
    ("sound", "seconds"),
    [("sine=duration=3.3", 3), ("sine=duration=5,asetpts='PTS+gte(T,4)*60/TB'", 4)],
    ids=["for a moment", "for a second, and once more when the clock was wrong"],
)
def test_the_picture_is_not_held_for_what_nobody_misses(
    sound: str, seconds: float, pipelines: Callable[..., MediaPipeline], tmp_path: Path
) -> None:
    picture, source = numbered(tmp_path / "picture.mp4", 75), tmp_path / "source.mkv"
    copied = ["-c:v", "copy", "-c:a", "pcm_s16le", "-copyts"]
    encode("-i", str(picture), "-f", "lavfi", "-i", sound, *copied, str(source))
    assert pipelines("held", ONE).plan(source).duration == pytest.approx(seconds, abs=0.1)


def test_chunks_of_another_order_of_decoding_keep_the_beat(
    pipelines: Callable[..., MediaPipeline], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a strobe no frame is decoded ahead of its showing, in calmer light two are; every frame lasts as long as any
    other for all that."""
    picture = "testsrc2=size=320x180:rate=25:duration=10,negate=enable='between(t,4,5.99)*mod(n,2)'"
    source = tmp_path / "source.mp4"
    encode("-f", "lavfi", "-i", picture, *X264, str(source))
    monkeypatch.setattr(chunking, "CHUNK_GOPS", 1)
    monkeypatch.setattr(chunking, "LEAST_CHUNK_GOPS", 1)
    played = play(pipelines("many", MediaConfig(renditions=(240,))), source, tmp_path / "many.mp4", chunks=5)
    packets = ffprobe(played, "-show_entries", "packet=duration,dts")["packets"]
    assert {packet["duration"] for packet in packets} == {packets[0]["duration"]}
    assert {b["dts"] - a["dts"] for a, b in pairwise(packets)} == {packets[0]["duration"]}


def test_chunks_look_like_the_whole(
    pipelines: Callable[..., MediaPipeline], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source.mp4"
    encode("-f", "lavfi", "-i", "testsrc=size=320x180:rate=30000/1001:duration=25", *X264, str(source))
    with monkeypatch.context() as uncut:
        uncut.setattr(chunking, "CHUNK_GOPS", 30)
        uncut.setattr(chunking, "LEAST_CHUNK_GOPS", 30)
        whole = play(pipelines("one", ONE), source, tmp_path / "one.mp4", chunks=1)
    monkeypatch.setattr(chunking, "CHUNK_GOPS", 1)
    cut = play(pipelines("many", ONE), source, tmp_path / "many.mp4", chunks=12)
    command = ["ffmpeg", "-v", "error", "-i", str(whole), "-i", str(cut), "-lavfi", "psnr=stats_file=-"]
    said = subprocess.run([*command, "-f", "null", "-"], capture_output=True, text=True, check=True).stdout
    likeness = [float(value) for value in re.findall(r"psnr_avg:(\S+)", said)]
    assert len(likeness) == pipelines("one", ONE).plan(source).frames
    assert min(likeness) >= 30


def test_the_hardest_chunks_come_first(
    pipelines: Callable[..., MediaPipeline], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source.mp4"
    picture = "testsrc2=size=320x180:rate=25:duration=12,noise=alls=40:allf=t:enable='gt(t,6)'"
    encode("-f", "lavfi", "-i", picture, *X264, str(source))
    monkeypatch.setattr(chunking, "CHUNK_GOPS", 1)
    pipeline, asked = pipelines("cache", ONE), list[int]()

    class Noting(Local):
        def chunk(self, request: ChunkRequest, told: Callable[[int], None]) -> "Future[ChunkDone]":
            asked.append(request.number)
            return super().chunk(request, told)

    engine, plan = Noting(pipeline.ffmpeg), pipeline.plan(source)
    make("film", source, pipeline.probe(source), plan, "files", cache=pipeline.cache, ffmpeg=pipeline.ffmpeg,
         engine=engine, progress=Told())  # fmt: skip
    engine.close()
    assert sorted(asked) == list(range(6))
    assert set(asked[:3]) == {3, 4, 5}
