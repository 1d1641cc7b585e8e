"""Viewers of a film whose rendition is one file: its ranges, and who is to blame for each of them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.player.swarm.hosts import Host
from tests.player.swarm.stage import LIAR, Built, Stage, perform, publish

DRIPS = """
const waiting = [];
const give = RTCDataChannel.prototype.send;
window.drips = false;
RTCDataChannel.prototype.send = function (data) {
  if (drips && (data.byteLength > 20000 || waiting.some(([channel]) => channel === this))) waiting.push([this, data]);
  else give.call(this, data);
};
const next = () => {
  const [channel, data] = waiting.shift() ?? [];
  if (channel?.readyState === 'open') give.call(channel, data);
};
setInterval(next, MS);
window.flow = () => {
  drips = false;
  while (waiting.length) next();
};
"""
"""Gives a piece every MS milliseconds, for as long as it is told to: the slower of two is in the middle of a segment when the
other has given a whole one."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Iterator[Built]:
    with publish(tmp_path_factory.mktemp("ranges"), clip, layout="single") as built:
        yield built


@pytest.fixture
def stage(crowd: Browser, built: Built) -> Iterator[Stage]:
    with perform(crowd, built) as stage:
        yield stage


def rendition(stage: Stage) -> Path:
    (path,) = (path for path in stage.public.rglob("360p.*.mp4"))
    return path


def genuine(stage: Stage) -> set[str]:
    """The init segment and all ranges, as the viewer tells what has gone into the decoder."""
    file = rendition(stage)
    hashes = json.loads((file.parent / "segments-sha256.json").read_text("utf-8"))[file.name]
    init = file.read_bytes()[: min(int(part.split("-")[0]) for part in hashes)]
    digests = [hashlib.sha256(init).digest(), *map(bytes.fromhex, hashes.values())]
    return {base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=") for digest in digests}


def ranges_sent(host: Host, name: str) -> int:
    return sum(size for path, size in host.sent.items() if path.endswith(name))


def test_who_lies_is_left_alone_and_who_does_not_stays(stage: Stage) -> None:
    honest, liar = stage.come(DRIPS.replace("MS", "600")), stage.come(DRIPS.replace("MS", "400"), LIAR)
    for one in (honest, liar):
        one.start()
        one.playing()
        one.ask("video.playbackRate = 3")
        one.has_it_all()
    for one in (honest, liar):
        one.ask("drips = true")
    viewer = stage.come()
    viewer.start()
    viewer.playing()
    viewer.ask("video.pause()")  # what is not urgent is not asked of hosts
    viewer.until_told("left alone")
    honest.ask("flow()")
    viewer.ask("(video.play(), video.playbackRate = 3)")
    viewer.has_it_all()
    assert viewer.traffic().viewers == 1
    assert sum("left alone" in text for text in viewer.told) == 1
    assert viewer.appended() <= genuine(stage)
    assert not any("without other viewers" in text for text in viewer.told)
    assert not viewer.problems


def test_a_mirror_takes_over_in_the_middle(stage: Stage) -> None:
    name = rendition(stage).name

    def tired(path: str, _: bytes) -> int | None:
        return 503 if path.endswith(name) and ranges_sent(stage.host, name) > 300_000 else None

    stage.host.fault = tired
    viewer = stage.come()
    viewer.start()
    viewer.has_it_all()
    assert ranges_sent(stage.mirror, name) > 0
    assert viewer.ask("video.src").startswith("blob:")
    assert viewer.appended() <= genuine(stage)
    assert not any("without other viewers" in text for text in viewer.told)
