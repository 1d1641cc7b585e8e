"""Containers with bytes that were changed, lost or doubled: each is a film or one line, never more."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.media.films import encode
from tubegen.config import MediaConfig
from tubegen.errors import MediaError
from tubegen.media.cache.cache import Cache
from tubegen.media.pipeline import MediaPipeline
from tubegen.media.result import Presentation

CONTAINERS = {
    "mp4": ("-c:v", "mpeg4"),
    "mkv": ("-c:v", "mpeg4"),
    "ts": ("-c:v", "mpeg2video"),
    "avi": ("-c:v", "mjpeg"),
    "flv": ("-c:v", "flv1"),
    "mpg": ("-c:v", "mpeg1video"),
}
EACH = 5


class Deaf:
    def planned(self, name: str, frames: int, done: int) -> None: ...
    def advanced(self, name: str, frames: int) -> None: ...
    def finished(self, name: str) -> None: ...


def flip(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice([1, 8, 64])):
        data[dice.randrange(len(data))] = dice.randrange(256)


def flip_head(data: bytearray, dice: random.Random) -> None:
    for _ in range(4):
        data[dice.randrange(min(1000, len(data)))] = dice.randrange(256)


def huge(data: bytearray, dice: random.Random) -> None:
    """Numbers that are as large as they can be: sizes, counts, dimensions."""
    at = dice.randrange(min(2000, len(data)) - 4)
    data[at : at + 4] = b"\xff\xff\xff\xff"


def cut(data: bytearray, dice: random.Random) -> None:
    del data[dice.randrange(50, len(data)) :]


def splice(data: bytearray, dice: random.Random) -> None:
    start, end = sorted(dice.sample(range(len(data)), 2))
    data[dice.randrange(len(data)) : 0] = data[start:end]


MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (flip, flip_head, huge, cut, splice)


@pytest.mark.parametrize("container", CONTAINERS)
def test_it_is_a_film_or_one_line(container: str, tmp_path: Path) -> None:
    source = tmp_path / f"whole.{container}"
    picture = "testsrc=size=64x48:rate=25:duration=0.4"
    encode("-f", "lavfi", "-i", picture, *CONTAINERS[container], "-bitexact", str(source))
    whole = source.read_bytes()
    dice = random.Random(f"tubegen {container}")
    outcomes: list[object] = []
    media = MediaConfig(renditions=(120,), quality="draft", download=120)
    with MediaPipeline(Cache(tmp_path / "cache"), media, Deaf()) as pipeline:
        for number in range(EACH):
            data = bytearray(whole)
            MUTATIONS[number % len(MUTATIONS)](data, dice)
            film = tmp_path / f"{number}.{container}"
            film.write_bytes(data)
            try:
                outcomes.append(pipeline.make("film", film, pipeline.plan(film)))
            except MediaError as fault:
                (problem,) = fault.problems
                assert problem.path == str(film)
                assert problem.text
                assert problem.hint
                assert "\n" not in str(problem)
                outcomes.append(problem)
    assert len(outcomes) == EACH
    assert any(isinstance(outcome, Presentation) for outcome in outcomes)
    assert not any((tmp_path / "cache/scratch").iterdir())
