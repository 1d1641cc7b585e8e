"""Viewers of one film who give each other its parts, and all that may go wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.player.conftest import CLIP_SECONDS as SECONDS
from tests.player.swarm.hosts import SILENT, lying
from tests.player.swarm.stage import CONNECTIONS, LIAR, SAYS_NO, SAYS_YES, Built, Stage, perform, publish

NO_WEBRTC = "delete window.RTCPeerConnection; delete window.webkitRTCPeerConnection;"
NO_HASHES = "Object.defineProperty(crypto, 'subtle', { value: undefined });"
LATER = re.compile(r"-000[34]\.")
CELLULAR = "Object.defineProperty(navigator, 'connection', { value: { type: 'cellular' } });"
SAVE_DATA = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } });"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Iterator[Built]:
    with publish(tmp_path_factory.mktemp("swarm"), clip) as built:
        yield built


@pytest.fixture
def stage(crowd: Browser, built: Built) -> Iterator[Stage]:
    with perform(crowd, built) as stage:
        yield stage


def test_viewers_give_each_other_the_film(stage: Stage) -> None:
    first, second = stage.two()
    for viewer in (first, second):
        viewer.at_end(SECONDS, hurry=False)
    traffic = second.traffic()
    assert traffic.received > 0.3 * stage.copy / 1e6
    assert first.traffic().given == pytest.approx(traffic.received, abs=0.2)
    assert stage.host.media() < 1.7 * stage.copy
    assert stage.mirror.media() == 0
    assert second.appended() <= stage.genuine()
    assert not first.problems + second.problems


def test_who_is_alone_takes_each_segment_once(stage: Stage) -> None:
    viewer = stage.come()
    viewer.start()
    viewer.has_it_all()
    assert stage.host.media() == stage.copy


@pytest.mark.parametrize("scripts", [(NO_WEBRTC,), (NO_HASHES,), (SAYS_NO,), (CELLULAR,), (SAVE_DATA,)])
def test_who_cannot_or_does_not_want_plays_without_others(stage: Stage, scripts: tuple[str, ...]) -> None:
    viewer = stage.come(*scripts)
    viewer.start()
    viewer.playing()
    viewer.has_it_all()
    assert viewer.ask("video.src").startswith("blob:")
    assert not any("/peers-" in path for path in stage.host.sent), "what is not wanted is not fetched"
    assert not viewer.problems


def test_mobile_data_is_shared_when_the_viewer_says_so(stage: Stage) -> None:
    viewer = stage.come(CELLULAR, SAYS_YES)
    viewer.start()
    viewer.playing()
    assert any("/peers-" in path for path in stage.host.sent)


def test_without_a_tracker_the_film_plays_to_its_end(stage: Stage) -> None:
    stage.meeting.kill()
    viewer = stage.come()
    viewer.start()
    viewer.at_end(SECONDS)
    assert viewer.ask("video.src").startswith("blob:")


def test_a_tracker_that_is_killed_stops_nobody(stage: Stage) -> None:
    first, second = stage.two()
    second.until("video.currentTime > 4")
    stage.meeting.kill()
    for viewer in (first, second):
        viewer.at_end(SECONDS)
    assert second.traffic().received > 0


def test_a_segment_that_is_missing_everywhere_ends_in_the_mp4(stage: Stage) -> None:
    for host in (stage.host, stage.mirror):
        host.fault = lambda path, _: 404 if "-0004." in path else None
    viewer = stage.come()
    viewer.start()
    viewer.playing()
    viewer.ask("video.playbackRate = 3")
    viewer.until("video.currentSrc.includes('.mp4') && video.currentTime > 11", timeout=120_000)
    viewer.at_end(SECONDS)


@pytest.mark.slow
def test_peers_that_are_stuck_are_left_for_the_same_stream_without_them(stage: Stage) -> None:
    """A library that never answers: nothing arrives, nothing fails."""
    viewer = stage.come(
        "window.fetch = new Proxy(fetch, { apply: (real, self, given) => given[0] instanceof Request"
        " ? new Promise(() => {}) : Reflect.apply(real, self, given) });"
    )
    viewer.start()
    viewer.until_told("without other viewers")
    viewer.has_it_all()
    assert viewer.ask("video.src").startswith("blob:")


def test_who_lies_is_not_believed_and_never_met_again_whoever_offers(stage: Stage) -> None:
    liar = stage.come(LIAR, CONNECTIONS)
    liar.start()
    liar.until("video.currentTime > 3")
    viewer = stage.come(CONNECTIONS)
    viewer.start()
    viewer.until_told("left alone")
    for one in (liar, viewer):
        one.until("inState('connected') === 0")
    for one in (liar, viewer):
        closed = viewer.ask("inState('closed')")
        one.ask("announce()")
        viewer.until(f"inState('closed') > {closed}")
        assert viewer.ask("inState('connected')") == liar.ask("inState('connected')") == 0
    viewer.at_end(SECONDS)
    assert viewer.traffic().viewers == 0
    assert 0 < viewer.traffic().received < 1.5, "one piece is enough to know"
    assert viewer.appended() <= stage.genuine()
    assert not any("without other viewers" in text for text in viewer.told), "nothing was stuck"
    assert not viewer.problems


def test_a_mirror_takes_over_in_the_middle(stage: Stage) -> None:
    stage.host.fault = lambda path, _: 503 if LATER.search(path) else None
    viewer = stage.come()
    viewer.start()
    viewer.has_it_all()
    assert stage.mirror.media() > 0
    assert viewer.ask("video.src").startswith("blob:")
    assert viewer.appended() <= stage.genuine()


@pytest.mark.parametrize("wish", [SAYS_YES, SAYS_NO])
def test_a_silent_host_is_left_for_a_mirror(stage: Stage, wish: str) -> None:
    stage.host.fault = lambda path, _: SILENT if LATER.search(path) else None
    viewer = stage.come(wish)
    viewer.start()
    viewer.has_it_all()
    assert stage.mirror.media() > 0
    assert viewer.ask("video.src").startswith("blob:")


@pytest.mark.parametrize("wish", [SAYS_YES, SAYS_NO])
def test_a_mirror_that_lies_is_not_believed(stage: Stage, wish: str) -> None:
    stage.mirror.fault = lying
    stage.host.fault = lambda path, _: 503 if "-0003." in path else None
    viewer = stage.come(wish)
    viewer.start()
    viewer.until_told("promises")
    stage.host.fault = None
    viewer.has_it_all()
    asked = [path for path, _ in stage.mirror.asked if path.endswith(".m4s")]
    assert 1 <= len(asked) <= 2, (
        "two may be under way when the first is found false; a liar is not asked again"
    )
    assert viewer.ask("video.src").startswith("blob:")
    assert viewer.appended() <= stage.genuine()


@pytest.mark.slow
def test_the_switch_is_remembered_and_works_while_playing(stage: Stage) -> None:
    viewer = stage.come()
    switch = viewer.page.locator("[data-sharing]").get_by_role("switch", name="Share with other viewers")
    expect(switch).to_be_checked()
    expect(switch).to_have_accessible_description(re.compile("can see your IP address"))
    switch.focus()
    viewer.page.keyboard.press("Space")
    expect(switch).not_to_be_checked()
    viewer.page.reload()
    expect(switch).not_to_be_checked()
    viewer.start()
    viewer.until("video.currentTime > 1")
    assert not any("/peers-" in path for path in stage.host.sent)
    switch.check()
    viewer.until("video.currentTime > 3 && !video.paused")
    assert any("/peers-" in path for path in stage.host.sent)
    viewer.open_figures()
    expect(viewer.page.locator("dialog").get_by_role("switch")).to_be_checked()
    viewer.page.locator("dialog").get_by_role("switch").uncheck()
    expect(switch).not_to_be_checked()
    viewer.until("localStorage['tubegen:sharing'] === 'false'")
    assert not viewer.problems


def test_an_embed_shares_only_when_the_viewer_says_so(stage: Stage) -> None:
    viewer = stage.come()
    viewer.page.goto(f"{stage.host.address}embed/film/")
    expect(viewer.page.locator("[data-sharing]")).to_have_count(0)
    viewer.start()
    viewer.until("video.currentTime > 1")
    assert not any("/peers-" in path for path in stage.host.sent)
    viewer.open_figures()
    viewer.page.get_by_role("switch", name="Share with other viewers").check()
    viewer.until("video.currentTime > 2 && !video.paused")
    assert any("/peers-" in path for path in stage.host.sent)
