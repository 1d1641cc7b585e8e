"""Real and odd clips: each is presented as its row here says, or refused by name and reason."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from tests import clips
from tests.fixtures import MEDIA
from tests.media.conftest import Told
from tests.media.films import ffprobe
from tubegen.config import MediaConfig
from tubegen.errors import MediaError
from tubegen.media.cache.cache import Cache
from tubegen.media.pipeline import MediaPipeline

SMALL = MediaConfig(renditions=(120,), quality="draft")


class Row(msgspec.Struct, frozen=True):
    """What is to come out of a clip."""

    shape: float
    """Width to height, upright and of square pixels."""
    seconds: float
    rate: float
    sounds: tuple[str, ...] = ()
    """Languages, the first to be heard first."""
    texts: tuple[str, ...] = ()
    chapters: tuple[str, ...] = ()
    tonemap: str = ""
    deinterlaced: bool = False
    left_out: tuple[str, ...] = ()


WIDE = 16 / 9
NTSC = 30000 / 1001
MARKS = ("Opening", "The meadow", "Butterfly")

PRESENTED = {
    "androidx_bbb_176x144_128kbps_15fps_h263.3gp": Row(176 / 144, 1, 15),
    "androidx_bbb_800x640_768kbps_30fps_avc_2b_firstpts_10_sec.mp4": Row(800 / 640 * 1137 / 800, 4, 30),
    "androidx_bear-vp9-odd-dimensions.webm": Row(161 / 121, 1.001, NTSC),
    "androidx_h265_with_metadata_track.mp4": Row(1 / WIDE, 0.1, NTSC, ("en",)),
    "androidx_hdr10-av1.mp4": Row(1 / WIDE, 4.238, NTSC, ("en",), tonemap="pq"),
    "androidx_hlg10-color-test.mp4": Row(WIDE, 0.3, 30, ("en",), tonemap="hlg"),
    "androidx_sample_av1.mp4": Row(1.5, 1.001, NTSC, ("",)),
    "androidx_sample_missing_stsd.mp4": Row(
        1.5, 1.001, NTSC, left_out=("a track of sound (its codec is not known)",)
    ),
    "androidx_sample_shorter_audio.mp4": Row(4 / 3, 1.2, 60, ("",)),
    "androidx_sample_with_ass_subtitles.mkv": Row(1.5, 1, 30, ("",), ("",)),
    "androidx_sample_with_colr_mdcv_and_clli.mp4": Row(WIDE, 1.001, 60000 / 1001, ("",), tonemap="pq"),
    "androidx_sample_with_increasing_timestamps_320w_240h_5s.mp4": Row(4 / 3, 5, 60, ("en",)),
    "lpms_missing-sei-and-pes.ts": Row(WIDE, 1.2, 10),
    "lpms_vertical-sample.ts": Row(16 / 4000, 1, 30),
    "nasa_13013_2video_2audio_movtext.mp4": Row(WIDE, 13.013, NTSC, ("en", "en"), ("en", "en")),
    "pd_the_last_man_on_earth.mp4": Row(WIDE, 14.08, NTSC, ("",)),
    "120fps_360.mp4": Row(WIDE, 3, 60, ("",)),
    "2audio_2movtext_chapters.mp4": Row(WIDE, 7.76, 25, ("en", "fr"), ("en", "fr"), MARKS),
    "anamorphic_720x576_sar64-45.mp4": Row(WIDE, 4, 25, ("",)),
    "ass_srt_chapters_51.mkv": Row(WIDE, 7.68, 25, ("",), ("en", "fr"), MARKS),
    "audio_shorter.mp4": Row(WIDE, 5, 25, ("",)),
    "bbb_bitflips.ts": Row(WIDE, 4.02, 25, ("",)),  # its sound begins a tenth of a second before it
    "hevc_noaudio.mp4": Row(WIDE, 3, 25),
    "interlaced_720_tff.mp4": Row(WIDE, 4, 25, ("",), deinterlaced=True),
    "odd_853x479_444.mp4": Row(853 / 479 * 7664 / 7677, 3, 25, ("",)),
    "oneframe.mp4": Row(WIDE, 0.04, 25),
    "onekeyframe.mp4": Row(WIDE, 7, 25, ("",)),
    "bbb_truncated_faststart.mp4": Row(WIDE, 2.56, 25, ("",)),
    "veryshort_0.2s.mp4": Row(WIDE, 0.2, 25, ("",)),
    "vfr_screen.mp4": Row(WIDE, 5.92, 25, ("",)),
    "vp9_opus.webm": Row(WIDE, 2.92, 25, ("",)),
}

SOUND_ALONE = {
    "androidx_bear-id3.mp3": (2.83, ("Chapter title", "chap2")),
    "androidx_sample_eac3joc.mp4": (2.05, ()),
    "audio_only.flac": (7.68, ()),
    "audio_only.opus": (7.68, ()),
}

REFUSED = {
    "androidx_invalid-bitstream.webm": "its pictures cannot be decoded (vp9)",
    "random_bytes.mkv": "this is not a video that can be read",
    "text_renamed.mp4": "this is a text file, not a video",
    "truncated_no_moov.mp4": "this is not a video that can be read",
    "zero_bytes.mp4": "the file is empty",
    "pd_the_last_man_on_earth.srt": "this is a text file, not a video",
    "pd_the_last_man_on_earth.vtt": "this is a text file, not a video",
}

ELSEWHERE = {"androidx_sample_with_pgs_subtitles.mkv", "README.md", "LICENSE-Apache-2.0.txt"}
"""The clip has 30 pictures within a twentieth of a second, and is there for what the author is told
(tests/assemble/test_embedded.py)."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MediaPipeline]:
    """One for all clips."""
    with MediaPipeline(Cache(tmp_path_factory.mktemp("odd")), SMALL, Told()) as pipeline:
        yield pipeline


def test_every_clip_has_its_row() -> None:
    recorded = {path.name for path in MEDIA.iterdir()}
    assert recorded | clips.MADE == {*PRESENTED, *SOUND_ALONE, *REFUSED, *ELSEWHERE}


@pytest.mark.parametrize("name", PRESENTED)
def test_presented(name: str, clip: Callable[[str], Path], shop: MediaPipeline) -> None:
    row, source = PRESENTED[name], clip(name)
    found, plan = shop.probe(source), shop.plan(source)
    assert tuple(sound.language for sound in found.audio_streams) == row.sounds
    assert tuple(text.language for text in found.text_streams) == row.texts
    assert found.left_out == row.left_out
    assert (plan.tonemap, plan.deinterlace) == (row.tonemap, row.deinterlaced)
    assert plan.content == "film"

    made = shop.make("film", source, plan)
    assert tuple(chapter.title for chapter in made.chapters) == row.chapters
    said = ffprobe(shop.presentation_folder(plan) / made.download.name, "-show_streams", "-count_packets")
    film = next(stream for stream in said["streams"] if stream["codec_type"] == "video")
    assert film.get("sample_aspect_ratio", "1:1") == "1:1"
    assert not any("rotation" in side for side in film.get("side_data_list", [])), (
        "nothing is left to be turned"
    )
    # an even number of pixels, sixteen at least: both sides are rounded
    assert film["width"] / film["height"] == pytest.approx(
        row.shape, rel=2 / min(film["width"], film["height"])
    )
    assert film["pix_fmt"] == "yuv420p"
    assert float(film["duration"]) == pytest.approx(row.seconds, abs=1 / row.rate + 0.001)
    assert int(film["nb_read_packets"]) == pytest.approx(row.seconds * row.rate, abs=1.01)
    assert (len(said["streams"]) > 1) == bool(row.sounds)


@pytest.mark.parametrize("name", SOUND_ALONE)
def test_sound_alone(name: str, clip: Callable[[str], Path], shop: MediaPipeline) -> None:
    """It becomes a film of one picture: its cover, or its waveform."""
    seconds, chapters = SOUND_ALONE[name]
    source = clip(name)
    found, plan = shop.probe(source), shop.plan(source)
    assert found.video is None
    assert (found.cover is not None) == (name == "androidx_bear-id3.mp3")
    made = shop.make("film", source, plan)
    assert tuple(chapter.title for chapter in made.chapters) == chapters
    assert (made.width, made.height, made.audio) == (854, 480, True)
    said = ffprobe(shop.presentation_folder(plan) / made.download.name, "-show_streams")
    film, sound = said["streams"]
    assert film["codec_name"] == "h264"
    assert sound["channels"] == 2
    assert float(sound["duration"]) == pytest.approx(seconds, abs=1 / 2 + 0.05)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, clip: Callable[[str], Path], shop: MediaPipeline) -> None:
    with pytest.raises(MediaError) as caught:
        shop.plan(clip(name))
    (problem,) = caught.value.problems
    assert problem.path == str(clip(name))
    assert problem.text.startswith(REFUSED[name])
    assert problem.hint


def test_a_small_picture_stays_small_and_a_long_one_is_upright(
    clip: Callable[[str], Path], tmp_path: Path
) -> None:
    pipeline = MediaPipeline(Cache(tmp_path), MediaConfig(quality="draft"), Told())
    sizes = {
        "androidx_bbb_176x144_128kbps_15fps_h263.3gp": (176, 144),
        "lpms_vertical-sample.ts": (16, 4000),
        "anamorphic_720x576_sar64-45.mp4": (1024, 576),
        "androidx_hdr10-av1.mp4": (720, 1280),
    }
    for name, (width, height) in sizes.items():
        top = pipeline.plan(clip(name)).renditions[0]
        assert abs(top.width - width) <= width // 16 + 1
        assert abs(top.height - height) <= height // 16 + 1
