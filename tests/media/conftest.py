"""A pipeline of its own for each test, and records to plan from."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tubegen.config import MediaConfig
from tubegen.media.cache.cache import Cache
from tubegen.media.pipeline import MediaPipeline
from tubegen.media.source.probe import AudioStream, Probe, VideoStream

SMALL = MediaConfig(renditions=(180, 120), quality="draft", download=120)


class Told:
    """What a pipeline tells of its progress, as a list."""

    def __init__(self) -> None:
        self.events: list[tuple[str, ...] | tuple[str, str, int] | tuple[str, str, int, int]] = []

    def planned(self, name: str, frames: int, done: int) -> None:
        self.events.append(("planned", name, frames, done))

    def advanced(self, name: str, frames: int) -> None:
        self.events.append(("advanced", name, frames))

    def finished(self, name: str) -> None:
        self.events.append(("finished", name))


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden", default=False))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def pipelines(tmp_path: Path, told: Told) -> Iterator[Callable[..., MediaPipeline]]:
    """Opens pipelines on caches of this test, by name."""
    opened: list[MediaPipeline] = []

    def new(cache: str = "cache", media: MediaConfig = SMALL) -> MediaPipeline:
        opened.append(MediaPipeline(Cache(tmp_path / cache), media, told))
        return opened[-1]

    yield new
    for pipeline in opened:
        pipeline.__exit__(None, None, None)


@pytest.fixture
def pipeline(pipelines: Callable[..., MediaPipeline]) -> MediaPipeline:
    return pipelines()


PAL = Probe(
    sha256="0" * 64,
    container="mpegts",
    video=VideoStream(
        index=0,
        width=1920,
        height=1080,
        sar=(1, 1),
        rotation=0,
        rate=(25, 1),
        start=0.0,
        end=150.0,
        declared_duration=150.0,
        interlaced=False,
        hdr="",
        matrix="bt709",
        full_range=False,
        longest_gop=2.0,
        codec="h264",
        profile="High",
        level=41,
        pixel_format="yuv420p",
        bit_rate=6_000_000,
        primaries="bt709",
        closed_gops=tuple(range(0, 3750, 50)),
        random_access_points=tuple(2.0 * n for n in range(75)),
    ),
    audio_streams=(
        AudioStream(
            index=1, start=0.0, end=150.0, codec="aac", channels=2, language="", title="", default=True
        ),
    ),
    text_streams=(),
    chapters=(),
    cover=None,
)
"""Two and a half minutes of 1080p25."""


@pytest.fixture
def pal() -> Probe:
    return PAL
