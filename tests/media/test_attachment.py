"""The MP4 that goes with a post: the best that fits, whole, and made once."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from tests.media.conftest import Told
from tests.media.films import decoded, encode, ffprobe, film, named_by_content, numbered, numbers, top_boxes
from tubegen.config import MediaConfig
from tubegen.media.cache.cache import Cache
from tubegen.media.package.attachment import own_film, smaller
from tubegen.media.pipeline import MediaPipeline
from tubegen.media.plan.plan import Plan
from tubegen.media.rendition import PackagedRendition
from tubegen.media.result import MediaFile, Presentation

LADDER = MediaConfig(renditions=(180, 120, 90), quality="draft", download=180)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("attached") / "film.mp4")


@pytest.fixture(scope="module")
def encoded(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache in which the source is ready."""
    cache = tmp_path_factory.mktemp("encoded")
    with MediaPipeline(Cache(cache), LADDER, Told()) as pipeline:
        present(pipeline, source)
    return cache


@pytest.fixture
def pipeline(pipelines: Callable[..., MediaPipeline], encoded: Path, tmp_path: Path) -> MediaPipeline:
    """On a copy of that cache."""
    shutil.copytree(encoded, tmp_path / "cache")
    return pipelines(media=LADDER)


def present(pipeline: MediaPipeline, source: Path) -> tuple[Plan, Presentation]:
    plan = pipeline.plan(source)
    return plan, pipeline.make("film", source, plan)


def test_the_film_s_own_mp4_when_it_fits(pipeline: MediaPipeline, source: Path) -> None:
    plan, made = present(pipeline, source)
    found = pipeline.attachment(plan, made, made.download.size)
    assert found
    attachment, folder = found
    assert (attachment.file, folder) == (made.download, pipeline.presentation_folder(plan))
    assert (attachment.width, attachment.height) == (320, 180)


def test_else_the_largest_rendition_that_does(pipeline: MediaPipeline, source: Path) -> None:
    plan, made = present(pipeline, source)
    middle = made.renditions[1]
    found = pipeline.attachment(plan, made, made.download.size - 1)
    assert found
    attachment, folder = found
    path = folder / attachment.file.name
    assert (attachment.width, attachment.height) == (middle.width, middle.height)
    assert path.stat().st_size == attachment.file.size < made.download.size
    assert named_by_content(path)
    assert sorted(file.name for file in folder.iterdir()) == sorted([attachment.file.name, "record.json"])
    kinds = top_boxes(path)
    assert kinds.index("moov") < kinds.index("mdat")
    assert "moof" not in kinds
    said = ffprobe(path, "-show_format", "-show_streams", "-count_packets")
    assert [stream["codec_name"] for stream in said["streams"]] == ["h264", "aac"]
    assert int(said["streams"][0]["nb_read_packets"]) == plan.frames
    assert float(said["format"]["duration"]) == pytest.approx(made.duration, abs=2 * 1024 / 48000)
    assert float(said["format"]["start_time"]) == pytest.approx(0, abs=1024 / 48000)


def test_no_frame_is_lost_on_the_way_and_sound_stays_as_it_was(
    pipeline: MediaPipeline, tmp_path: Path
) -> None:
    silent = numbered(tmp_path / "silent.mp4", 130, "-vf", "scale=320:180:flags=neighbor")
    source = tmp_path / "film.mp4"
    encode(
        "-i",
        str(silent),
        "-f",
        "lavfi",
        "-i",
        "sine=duration=5.2",
        "-c:v",
        "copy",
        "-c:a",
        "aac",
        str(source),
    )
    plan, made = present(pipeline, source)
    found = pipeline.attachment(plan, made, made.download.size - 1)
    assert found
    path = found[1] / found[0].file.name
    assert numbers(path) == list(range(130))
    own = pipeline.presentation_folder(plan) / made.download.name
    assert decoded(path, "-map", "0:a", "-c", "copy", kind="adts") == decoded(
        own, "-map", "0:a", "-c", "copy", kind="adts"
    )


def test_nothing_when_even_the_smallest_is_too_large(pipeline: MediaPipeline, source: Path) -> None:
    plan, made = present(pipeline, source)
    assert pipeline.attachment(plan, made, 1000) is None


def test_it_is_made_once(
    pipeline: MediaPipeline,
    pipelines: Callable[..., MediaPipeline],
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan, made = present(pipeline, source)
    first = pipeline.attachment(plan, made, made.download.size - 1)
    again = pipelines(media=LADDER)
    monkeypatch.setattr(again.ffmpeg, "run", lambda *_, **__: pytest.fail("ffmpeg ran again"))
    assert again.attachment(plan, made, made.download.size - 1) == first


def test_it_is_the_same_wherever_it_is_made(pipelines: Callable[..., MediaPipeline], source: Path) -> None:
    names: set[str] = set()
    for cache in ("one", "two"):
        pipeline = pipelines(cache, LADDER)
        plan, made = present(pipeline, source)
        found = pipeline.attachment(plan, made, made.download.size - 1)
        assert found
        names.add(found[0].file.name)
    assert len(names) == 1


def rendition(side: int, size: int) -> PackagedRendition:
    return PackagedRendition(
        name=f"{side}p",
        codec="h264",
        video_range="SDR",
        width=side * 16 // 9,
        height=side,
        rate=(25, 1),
        codecs="",
        bandwidth=0,
        average=0,
        playlist="",
        iframes="",
        iframe_bandwidth=0,
        size=size,
    )


def test_frames_larger_than_full_hd_are_left_to_the_page(pipeline: MediaPipeline, source: Path) -> None:
    _, real = present(pipeline, source)
    sizes = {2160: 900, 1440: 800, 1080: 700, 480: 300}
    made = msgspec.structs.replace(
        real,
        renditions=tuple(rendition(side, size) for side, size in reversed(sizes.items())),
        download=MediaFile("film-2160p.mp4", 900),
        download_size=(3840, 2160),
    )
    assert own_film(made, 1000) is None
    assert [r.name for r in smaller(made, 1000)] == ["1080p", "480p"]
    assert [r.name for r in smaller(made, 500)] == ["480p"]


@pytest.mark.parametrize(
    ("size", "thumbnail"), [("1280x720", (320, 180)), ("640x640", (320, 320)), ("200x100", None)]
)
def test_a_cover_has_a_small_jpeg_too(
    pipeline: MediaPipeline, tmp_path: Path, size: str, thumbnail: tuple[int, int] | None
) -> None:
    cover = tmp_path / "cover.png"
    encode("-f", "lavfi", "-i", f"testsrc=size={size}:rate=1:duration=1", "-frames:v", "1", str(cover))
    picture, folder = pipeline.cover(cover)
    assert {file.name for file in picture.files} == set(os.listdir(folder)) - {"record.json"}
    assert picture.preview.startswith("data:image/webp;base64,")
    assert len(picture.preview) <= 200
    small = picture.thumbnail
    assert (small and (small.width, small.height)) == thumbnail
    if small:
        with Image.open(folder / small.name) as made:
            assert (made.format, made.size) == ("JPEG", thumbnail)
    assert pipeline.picture(cover, "avatar")[0].thumbnail is None


def test_a_poster_from_the_film_has_one(pipelines: Callable[..., MediaPipeline], tmp_path: Path) -> None:
    pipeline = pipelines(media=MediaConfig(renditions=(360,), quality="draft", download=360))
    source = film(tmp_path / "film.mp4", picture="testsrc2=size=640x360:rate=25", seconds=1)
    plan, _ = present(pipeline, source)
    picture, _ = pipeline.poster(plan)
    assert picture.thumbnail
    assert (picture.thumbnail.width, picture.thumbnail.height) == (320, 180)


def test_a_silent_film_is_attached_with_a_track_of_silence(pipeline: MediaPipeline, tmp_path: Path) -> None:
    """O-61: without one, Mastodon shows a looping moving picture (O-23)."""
    plan, made = present(pipeline, film(tmp_path / "film.mp4", tone=""))
    found = pipeline.attachment(plan, made, made.download.size * 2)
    assert found
    attachment, folder = found
    assert (attachment.width, attachment.height) == made.download_size
    said = ffprobe(folder / attachment.file.name, "-show_streams", "-count_packets")
    assert [stream["codec_name"] for stream in said["streams"]] == ["h264", "aac"]
    assert int(said["streams"][0]["nb_read_packets"]) == plan.frames
    assert float(said["streams"][1]["duration"]) == pytest.approx(made.duration, abs=2 * 1024 / 48000)
