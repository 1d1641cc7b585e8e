"""Viewers of a film with two languages: the sound has segments of its own, and a swarm of its own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.player.swarm.stage import CONNECTIONS, Built, Stage, make_clip, perform, publish

SECONDS = 10


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    clip = tmp_path_factory.mktemp("languages") / "clip.mp4"
    make_clip(clip, SECONDS, "eng", "fra")
    with publish(tmp_path_factory.mktemp("sounds"), clip) as built:
        yield built


@pytest.fixture
def stage(crowd: Browser, built: Built) -> Iterator[Stage]:
    with perform(crowd, built) as stage:
        yield stage


def segments(stage: Stage, kind: str) -> list[Path]:
    """Of the picture (`360p`) or of a sound."""
    return list(stage.public.rglob(f"{kind}-0*.m4s"))


def shared(stage: Stage, kind: str) -> list[Path]:
    """What its host has given once, to two viewers."""
    asked = Counter(path.rpartition("/")[2] for path, _ in stage.host.asked)
    return [path for path in segments(stage, kind) if asked[path.name] == 1]


def liar_about(files: Iterable[Path]) -> str:
    """Gives others something else than these segments, and all others as they are."""
    ends = [path.read_bytes()[-16:].hex() for path in files]
    return f"""
const ends = new Set({json.dumps(ends)});
const send = RTCDataChannel.prototype.send;
RTCDataChannel.prototype.send = function (data) {{
  const bytes = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength).slice();
  const end = Array.from(bytes.subarray(-16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (ends.has(end)) bytes[bytes.length - 1] ^= 1;
  send.call(this, bytes);
}};
"""


def test_picture_and_sound_are_given_each_other(stage: Stage) -> None:
    first, second = stage.two()
    second.has_it_all()
    assert {
        path.name.split(".")[1] for kind in ("360p", "sound-en") for path in segments(stage, kind)
    } <= second.appended()
    assert shared(stage, "360p")
    assert shared(stage, "sound-en")
    assert not shared(stage, "sound-fr")
    assert first.traffic().viewers == second.traffic().viewers == 1, "though they meet twice"
    assert second.appended() <= stage.genuine()
    assert not first.problems + second.problems


def test_who_lies_about_the_sound_is_not_asked_for_it_again(stage: Stage) -> None:
    liar = stage.come(liar_about(segments(stage, "sound-en")), CONNECTIONS)
    liar.start()
    liar.until("video.currentTime > 3")
    viewer = stage.come(CONNECTIONS)
    viewer.start()
    viewer.until_told("left alone")
    viewer.until("inState('connected') === 1")
    closed, met = viewer.ask("inState('closed')"), viewer.ask("met")
    liar.ask("announce()")
    viewer.until(f"inState('closed') > {closed}")
    viewer.at_end(SECONDS)
    assert viewer.ask("met") == met
    assert shared(stage, "360p"), "what he says of the picture is true"
    assert viewer.appended() <= stage.genuine()
    assert not any("without other viewers" in text for text in viewer.told)
    assert not viewer.problems
