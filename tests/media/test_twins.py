"""Renditions in other codecs beside those that everything plays."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.media.films import Playlist, encode, ffprobe, film
from tests.media.test_copied import LIKE_OURS
from tests.media.test_presentation import Shown, check_files, show
from tubegen.config import MediaConfig
from tubegen.errors import InputError
from tubegen.media.pipeline import MediaPipeline
from tubegen.media.rendition import PackagedRendition

MEDIA = MediaConfig(renditions=(720, 120), quality="draft")
PICTURE = "testsrc2=size=1280x720:rate=25"


@pytest.fixture
def current_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ffmpeg of the wheel, whose SVT-AV1 is a fast one."""
    import imageio_ffmpeg

    monkeypatch.setenv("TUBEGEN_FFMPEG", imageio_ffmpeg.get_ffmpeg_exe())


def starts(shown: Shown, rendition: PackagedRendition) -> list[float]:
    return [seconds for _, seconds in Playlist.read(shown.folder / rendition.playlist).segments]


def joined(shown: Shown, rendition: PackagedRendition, path: Path) -> Path:
    playlist = Playlist.read(shown.folder / rendition.playlist)
    parts = [playlist.init, *(name for name, _ in playlist.segments)]
    path.write_bytes(b"".join((shown.folder / name).read_bytes() for name in parts))
    return path


@pytest.mark.parametrize("copied", [False, True], ids=["encoded", "beside a copy"])
def test_upper_renditions_come_in_av1_too(
    copied: bool,
    current_ffmpeg: None,
    pipelines: Callable[..., MediaPipeline],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In chunks; cut at the same times as H.264, wherever the source's key frames are."""
    monkeypatch.setattr("tubegen.media.plan.chunking.CHUNK_GOPS", 1)
    options = [*LIKE_OURS, "-b:v", "900k", "-maxrate", "1M"] if copied else []
    source = film(tmp_path / "source.mp4", *options, picture=PICTURE, seconds=4)
    shown = show(pipelines(media=MEDIA), source)
    check_files(shown)
    small, large, modern = shown.made.renditions
    assert [r.name for r in (small, large, modern)] == ["120p", "720p", "720p-av1"]
    assert shown.plan.renditions[0].remuxed == copied
    assert modern.codecs.startswith("av01.0.")
    assert modern.codecs.endswith(",mp4a.40.2")
    assert starts(shown, small) == starts(shown, large) == starts(shown, modern)
    said = ffprobe(joined(shown, modern, tmp_path / "modern.mp4"), "-show_streams", "-count_frames")
    video = next(s for s in said["streams"] if s["codec_type"] == "video")
    assert (video["codec_name"], video["nb_read_frames"]) == ("av1", "100")
    assert (video["width"], video["height"]) == (1280, 720)


def test_a_slow_av1_encoder_is_not_asked(pipeline: MediaPipeline, tmp_path: Path) -> None:
    """Unless its site insists."""
    source = film(tmp_path / "source.mp4", picture=PICTURE, seconds=1)
    pipeline.media = MEDIA
    if pipeline.abilities.svt_av1_version < (2,):
        assert not any(r.codec == "av1" for r in pipeline.plan(source).renditions)
    pipeline.media = MediaConfig(renditions=(720, 120), av1="off")
    assert not any(r.codec == "av1" for r in pipeline.plan(source).renditions)


def test_high_dynamic_range_is_kept_on_request(
    pipelines: Callable[..., MediaPipeline], tmp_path: Path
) -> None:
    source = tmp_path / "source.mp4"
    bright = ["-pix_fmt", "yuv420p10le", "-color_trc", "arib-std-b67", "-color_primaries", "bt2020"]
    x265 = [
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-x265-params",
        "log-level=error",
        "-colorspace",
        "bt2020nc",
    ]
    encode("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=3", *bright, *x265, str(source))
    media = MediaConfig(renditions=(180, 120), quality="draft", hdr=True, av1="off")
    pipeline = pipelines(media=media)
    if not pipeline.abilities.x265:
        pytest.skip("this ffmpeg has no x265")
    shown = show(pipeline, source)
    check_files(shown)
    assert [(r.name, r.video_range) for r in shown.made.renditions] == [
        ("120p", "SDR"), ("180p", "SDR"), ("180p-hevc", "HLG"),
    ]  # fmt: skip
    bright_one = shown.made.renditions[2]
    assert bright_one.codecs.startswith("hvc1.2.")
    said = ffprobe(joined(shown, bright_one, tmp_path / "bright.mp4"), "-show_streams", "-count_frames")
    video = said["streams"][0]
    assert (video["pix_fmt"], video["color_transfer"]) == ("yuv420p10le", "arib-std-b67")
    assert video["nb_read_frames"] == "75"


def test_what_this_ffmpeg_cannot_do_is_told_at_once(pipeline: MediaPipeline, tmp_path: Path) -> None:
    pipeline._abilities = msgspec.structs.replace(pipeline.abilities, svt_av1="")
    pipeline.media = MediaConfig(av1="on")
    with pytest.raises(InputError, match=r'tubegen.toml: av1 = "on" needs SVT-AV1'):
        pipeline.plan(film(tmp_path / "source.mp4", seconds=1))
