"""High dynamic range comes down with the colours that the recommendations give it."""

import statistics
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.media.conftest import Told
from tests.media.films import encode
from tests.media.tone import Colour, difference, from_709, linear, shown
from tubegen.config import MediaConfig
from tubegen.media.cache.cache import Cache
from tubegen.media.pipeline import MediaPipeline

CLIPS = {
    "androidx_hlg10-color-test.mp4": "hlg",
    "androidx_hdr10-av1.mp4": "pq",
    "androidx_sample_with_colr_mdcv_and_clli.mp4": "pq",
}

PEAK = 10.0
"""The light that becomes white, 1 being 100 cd/m²: what such films are mastered for, as a rule."""

WIDTH, HEIGHT = 48, 27


def cells(film: Path, size: str) -> list[Colour]:
    """The first frame in 48 by 27 cells, each the mean of its pixels, as 8-bit code values."""
    scale = (
        f"scale={size}:flags=bicubic,format=yuv444p16le,scale={WIDTH}:{HEIGHT}:flags=area,format=yuv444p16le"
    )
    raw = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(film), "-map", "0:V:0", "-frames:v", "1", "-vf", scale,
         "-f", "rawvideo", "-"], check=True, capture_output=True,
    ).stdout  # fmt: skip
    count = WIDTH * HEIGHT
    codes = memoryview(raw).cast("H")
    return [(codes[n] / 256, codes[n + count] / 256, codes[n + 2 * count] / 256) for n in range(count)]


def flat(colours: list[Colour]) -> list[int]:
    """Cells that look like all their neighbours: at edges, the mean of mapped colours is not the mapped mean."""
    around = [down * WIDTH + right for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return [
        n
        for n in range(WIDTH * HEIGHT)
        if 0 < n % WIDTH < WIDTH - 1
        and 0 < n // WIDTH < HEIGHT - 1
        and all(abs(a - b) < 4 for by in around for a, b in zip(colours[n], colours[n + by], strict=True))
    ]


@pytest.mark.parametrize("name", CLIPS)
def test_colours_after_tone_mapping(name: str, clip: Callable[[str], Path], tmp_path: Path) -> None:
    transfer = CLIPS[name]
    source = clip(name)
    media = MediaConfig(renditions=(180,), quality="archive")
    with MediaPipeline(Cache(tmp_path), media, Told()) as pipeline:
        plan = pipeline.plan(source)
        made = pipeline.make("film", source, plan)
        ours = pipeline.presentation_folder(plan) / made.download.name
        size = f"{made.download_size[0]}:{made.download_size[1]}"
        result = cells(ours, size)
    original = cells(source, size)
    apart = [
        difference(from_709(result[n]), shown(linear(original[n], transfer), PEAK)) for n in flat(original)
    ]
    assert len(apart) > 100
    assert statistics.median(apart) < 2
    assert max(apart) < 5


CODED = {
    "as it will be": "scale=out_color_matrix=bt709,format=yuv420p",
    "BT.601": "scale=out_color_matrix=bt601,format=yuv420p",
    "full range": "scale=out_color_matrix=bt709:out_range=full,format=yuv420p",
    "RGB": "format=rgb24",
}
_CODECS = {
    "as it will be": ["ffv1", "-colorspace", "bt709"],
    "BT.601": ["ffv1", "-colorspace", "smpte170m"],
    "full range": ["ffv1", "-colorspace", "bt709", "-color_range", "pc"],
    "RGB": ["qtrle"],
}
"""And their tags. A screen recorder writes RGB without any."""


@pytest.mark.parametrize("coded", CODED)
def test_a_colour_is_the_same_however_it_was_coded(coded: str, tmp_path: Path) -> None:
    source = tmp_path / ("source.mov" if coded == "RGB" else "source.mkv")
    red, green, blue = 200, 50, 100
    picture = f"color=c=0x{red:02x}{green:02x}{blue:02x}:size=1280x720:rate=25:duration=0.2"
    encode("-f", "lavfi", "-i", picture, "-vf", CODED[coded], "-c:v", *_CODECS[coded], str(source))
    with MediaPipeline(
        Cache(tmp_path / "cache"), MediaConfig(renditions=(720,), quality="draft"), Told()
    ) as pipeline:
        plan = pipeline.plan(source)
        made = pipeline.make("film", source, plan)
        found = cells(pipeline.presentation_folder(plan) / made.download.name, "1280:720")[500]
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    wanted = (
        16 + luma * 219 / 255,
        128 + (blue - luma) / 1.8556 * 224 / 255,
        128 + (red - luma) / 1.5748 * 224 / 255,
    )
    assert found == pytest.approx(wanted, abs=2)
