"""Real and odd clips: each is presented right or refused by name and reason."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.media.test_presentation import check, show
from tubegen.config import MediaConfig
from tubegen.errors import MediaError
from tubegen.media.workshop import Workshop

ONE = MediaConfig(renditions=(120,), quality="draft")

PRESENTED: dict[str, dict[str, object]] = {
    "androidx_bbb_176x144_128kbps_15fps_h263.3gp": {"rate": (15, 1)},
    "androidx_bbb_800x640_768kbps_30fps_avc_2b_firstpts_10_sec.mp4": {"rate": (30, 1)},
    "androidx_bear-vp9-odd-dimensions.webm": {},
    "androidx_h265_with_metadata_track.mp4": {},
    "androidx_hdr10-av1.mp4": {"tonemap": "pq"},
    "androidx_hlg10-color-test.mp4": {"tonemap": "hlg"},
    "androidx_sample_missing_stsd.mp4": {},
    "androidx_sample_shorter_audio.mp4": {},
    "androidx_sample_with_ass_subtitles.mkv": {},
    "lpms_vertical-sample.ts": {},
    "nasa_13013_2video_2audio_movtext.mp4": {},
    "syn_120fps_360.mp4": {"rate": (60, 1)},
    "syn_anamorphic_720x576_sar64-45.mp4": {},
    "syn_bitflips.ts": {},
    "syn_hevc_noaudio.mp4": {"muxed": False},
    "syn_interlaced_720x_tff.mp4": {"deinterlace": True},
    "syn_odd_853x479_444.mp4": {},
    "syn_oneframe.mp4": {"frames": 1},
    "syn_onekeyframe.mp4": {},
    "syn_truncated_faststart.mp4": {},
    "syn_veryshort_0.2s.mp4": {},
    "syn_vfr_screen.mp4": {},
    "syn_vp9_opus.webm": {},
}

REFUSED = {
    "androidx_invalid-bitstream.webm": "its pictures cannot be decoded (vp9)",
    "androidx_bear-id3.mp3": "there is only sound in this file",
    "androidx_sample_eac3joc.mp4": "there is only sound in this file",
    "syn_audio_only.flac": "there is only sound in this file",
    "syn_audio_only.opus": "there is only sound in this file",
    "syn_random_bytes.mkv": "this is not a video that can be read",
    "syn_text_renamed.mp4": "this is a text file, not a video",
    "syn_truncated_no_moov.mp4": "this is not a video that can be read",
    "syn_zero_bytes.mp4": "the file is empty",
}


@pytest.mark.parametrize("name", PRESENTED)
def test_presented(name: str, shared_media: Path, workshops: Callable[..., Workshop]) -> None:
    shown = show(workshops("store", ONE), shared_media / name)
    expected = PRESENTED[name]
    assert {field: getattr(shown.plan, field) for field in expected} == expected
    check(shown)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, shared_media: Path, workshop: Workshop) -> None:
    with pytest.raises(MediaError) as caught:
        workshop.plan(shared_media / name)
    (problem,) = caught.value.problems
    assert problem.path == str(shared_media / name)
    assert problem.text.startswith(REFUSED[name])
    assert problem.hint


def test_a_small_picture_stays_small_and_a_long_one_is_upright(
    shared_media: Path, workshops: Callable[..., Workshop]
) -> None:
    workshop = workshops("store", MediaConfig(quality="draft"))
    sizes = {
        "androidx_bbb_176x144_128kbps_15fps_h263.3gp": (176, 144),
        "lpms_vertical-sample.ts": (16, 4000),
        "syn_anamorphic_720x576_sar64-45.mp4": (1024, 576),
        "androidx_hdr10-av1.mp4": (720, 1280),
    }
    for name, (width, height) in sizes.items():
        top = workshop.plan(shared_media / name).renditions[0]
        assert abs(top.width - width) <= width // 16 + 1
        assert abs(top.height - height) <= height // 16 + 1
