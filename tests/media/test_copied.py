"""A source that already is what its largest rendition should be becomes it, byte for byte of its pictures."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.media.films import Playlist, decoded, film
from tests.media.test_presentation import check_files, check_rates, check_storyboard, show, whole
from tubegen.config import MediaConfig
from tubegen.media.pipeline import MediaPipeline

MEDIA = MediaConfig(renditions=(180, 120), quality="draft", download=120)
LIKE_OURS = (
    *("-profile:v", "high", "-bf", "2", "-g", "40", "-keyint_min", "13", "-b:v", "200k", "-maxrate", "250k"),
    *("-bufsize", "250k", "-flags", "+cgop", "-colorspace", "bt709", "-color_trc", "bt709"),
    *("-color_primaries", "bt709", "-force_key_frames", "0,1.2,3.1"),
)


@pytest.fixture(scope="module", params=["25", "30", "30000/1001"])
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds whose key frames lie where an encoder found them good."""
    path = tmp_path_factory.mktemp("source") / "source.mp4"
    return film(path, *LIKE_OURS, picture=f"testsrc2=size=320x180:rate={request.param}", seconds=6)


def pictures(path: Path) -> list[bytes]:
    """A digest of every decoded picture."""
    lines = decoded(path, "-map", "0:v", "-vsync", "0", kind="framemd5").splitlines()
    return [line.rpartition(b",")[2] for line in lines if not line.startswith(b"#")]


def test_the_largest_rendition_is_the_source_itself(
    source: Path, pipelines: Callable[..., MediaPipeline], tmp_path: Path
) -> None:
    shown = show(pipelines(media=MEDIA), source)
    assert [r.remuxed for r in shown.plan.renditions] == [True, False]
    assert shown.plan.frames == shown.plan.chunks[-1][1] == len(pictures(source))
    check_files(shown)
    check_storyboard(shown)
    for rendition in shown.made.renditions:
        check_rates(shown, rendition)
    assert pictures(whole(shown, tmp_path / "whole.mp4")) == pictures(source)


def test_all_renditions_are_cut_at_the_sources_key_frames(
    source: Path, pipelines: Callable[..., MediaPipeline], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where chunks meet."""
    monkeypatch.setattr("tubegen.media.plan.chunking.CHUNK_GOPS", 1)
    shown = show(pipelines(media=MEDIA), source)
    assert len(shown.plan.chunks) > 1
    assert len({end - start for start, end in pairwise(shown.plan.gop_starts)}) > 1
    small, large = (
        [seconds for _, seconds in Playlist.read(shown.folder / r.playlist).segments]
        for r in shown.made.renditions
    )
    assert small == large
    assert sum(small) == pytest.approx(shown.plan.duration, abs=1e-4)


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        (["-g", "250", "-keyint_min", "250"], 10),
        (["-pix_fmt", "yuv444p", "-profile:v", "high444"], 2),
        (
            [
                "-b:v",
                "4M",
                "-minrate",
                "4M",
                "-maxrate",
                "4M",
                "-bufsize",
                "1M",
                "-x264-params",
                "nal-hrd=cbr",
            ],
            2,
        ),
        (["-colorspace", "smpte170m"], 2),
        (["-g", "4", "-keyint_min", "4"], 2),
        (["-flags", "-cgop", "-x264-params", "open-gop=1:scenecut=0", "-g", "40", "-bf", "3"], 6),
    ],
    ids=["few key frames", "4:4:4", "many bits", "other colours", "many key frames", "open GOPs"],
)
def test_others_are_encoded(
    options: list[str], seconds: int, pipelines: Callable[..., MediaPipeline], tmp_path: Path
) -> None:
    path = film(tmp_path / "source.mp4", *LIKE_OURS[:-2], *options, seconds=seconds)
    plan = pipelines(media=MEDIA).plan(path)
    assert not plan.renditions[0].remuxed
    assert not plan.gop_starts
