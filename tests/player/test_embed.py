"""Embeds: what their address asks for, and the page around them that commands them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.player.conftest import LONG, Player, Site


@pytest.fixture
def embed(site: Site, open_player: Callable[..., Player]) -> Callable[[str], Player]:
    return lambda query: open_player(site.write("embed"), query)


@pytest.mark.parametrize(("value", "seconds"), [("12", 12), ("0m9s", 9), ("0:07", 7)])
def test_start(embed, value: str, seconds: float) -> None:
    player = embed(f"?start={value}")
    player.start()
    player.at(seconds, tolerance=3)


def test_nonsense_starts_at_the_beginning(embed) -> None:
    player = embed("?start=soon&lang=xx&captions=xx&controls=maybe")
    player.start()
    assert player.state("video.currentTime") < 6
    assert not player.problems


def test_a_link_to_a_moment_wins_over_the_address(embed) -> None:
    player = embed("?start=3#t=12")
    player.start()
    player.at(12, tolerance=3)


def test_autoplay(embed) -> None:
    embed("?autoplay=1&muted=1").playing()


@pytest.mark.parametrize("query", ["", "?autoplay=0", "?noautoplay=1", "?autoplayer"])
def test_nothing_plays_unasked(embed, query: str) -> None:
    player = embed(query)
    player.page.wait_for_load_state("networkidle")
    expect(player.start_button).to_be_visible()
    assert player.state("video.paused")


def test_muted_for_once(embed) -> None:
    player = embed("?muted=1")
    player.start()
    player.until("video.muted")
    player.page.evaluate("document.querySelector('video').volume = 0.5")
    player.until("JSON.parse(localStorage['tubegen:preferences']).volume === 0.5")
    assert not player.state("JSON.parse(localStorage['tubegen:preferences']).muted")


def test_speed_and_an_end_for_once(embed) -> None:
    player = embed("?start=3&end=5&rate=1.5")
    player.start()
    assert player.state("video.playbackRate") == 1.5
    player.until("video.paused")
    assert 5 <= player.state("video.currentTime") < 6
    assert "speed" not in player.state("JSON.parse(localStorage['tubegen:preferences'])")
    player.press("k")
    player.playing()
    player.until("video.currentTime > 5.5")


@pytest.mark.parametrize("value", ["fast", "-1", "0", "1e9"])
def test_no_speed_that_cannot_be(embed, value: str) -> None:
    player = embed(f"?rate={value}")
    player.start()
    assert 0 < player.state("video.playbackRate") <= 4
    assert not player.problems


def test_loop(embed) -> None:
    player = embed("?loop=1")
    player.start()
    player.open_settings()
    expect(player.page.get_by_role("menuitemcheckbox", name="Repeat")).to_be_checked()
    player.until("video.loop")


def test_without_controls_keys_and_the_picture_still_work(embed) -> None:
    player = embed("?controls=0")
    player.start()
    player.hover()
    expect(player.page.locator(".bar")).to_be_hidden()
    box = player.page.locator("video").bounding_box()
    assert box
    player.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
    player.until("video.paused")
    player.press("k")
    player.playing()
    assert player.state("getComputedStyle(video).getPropertyValue('--player-covered')") in ("0", "")


def test_captions_for_once(embed) -> None:
    player = embed("?captions=fr")
    player.start()
    player.until("[...video.textTracks].find((track) => track.mode === 'showing')?.language === 'fr'")
    assert not player.state("JSON.parse(localStorage['tubegen:preferences'] ?? '{}').captions")


@pytest.fixture
def languages(site: Site) -> dict[str, str]:
    """As the generator writes them."""
    words = {"direction": "rtl", "strings": {"settings": "الإعدادات", "off": "معطّل"}}
    (site.root / "assets" / "words-ar.json").write_text(json.dumps(words), "utf-8")
    return {"ar": "../../assets/words-ar.json", "he": "../../assets/nothing.json"}


def test_the_language_of_the_controls(
    site: Site, open_player: Callable[..., Player], languages: dict[str, str]
) -> None:
    player = open_player(site.write("embed-lang", data={"languages": languages}), "?lang=ar-EG")
    player.start()
    player.hover()
    expect(player.page.get_by_role("button", name="الإعدادات")).to_be_visible()
    expect(player.page.locator(".player")).to_have_attribute("dir", "rtl")
    assert player.page.locator(".bar").evaluate("(bar) => getComputedStyle(bar).direction") == "ltr"


def test_words_that_are_not_there_leave_the_page_s(
    site: Site, open_player: Callable[..., Player], languages: dict[str, str]
) -> None:
    player = open_player(site.write("embed-lang", data={"languages": languages}), "?lang=he")
    player.start()
    player.hover()
    expect(player.page.get_by_role("button", name="settings")).to_be_visible()


PARENT = """<!doctype html><html lang="en"><title>Around</title>
<iframe id="film" title="Film" width="800" height="450" allow="autoplay"></iframe><script>
const frame = document.querySelector('iframe'), waiting = new Map(); let last = 0;
window.heard = [];
addEventListener('message', ({ source, data }) => {
  if (source !== frame.contentWindow || data?.tubegen !== 1) return;
  if (data.event) heard.push(data); else { waiting.get(data.id)(data); waiting.delete(data.id); }
});
window.call = (method, value) => new Promise((done) => {
  waiting.set(++last, done); frame.contentWindow.postMessage({ tubegen: 1, id: last, method, value }, '*');
});
</script></html>"""


class Around:
    """A page of somebody else with the embed in it."""

    def __init__(self, page: Page, address: str, sandbox: str | None) -> None:
        self.page = page
        if sandbox is not None:
            page.evaluate("(words) => { frame.sandbox = words }", sandbox)
        page.evaluate("(address) => { frame.src = address }", address)

    def call(self, method: str, value: object = None) -> Any:
        answer = self.page.evaluate("([m, v]) => call(m, v)", [method, value])
        assert "error" not in answer, answer
        return answer["value"]

    def hears(self, event: str, condition: str = "true") -> None:
        self.page.wait_for_function(
            f"heard.some(({{ event, value }}) => event === '{event}' && ({condition}))", timeout=LONG
        )


@pytest.fixture
def around(context: BrowserContext, site: Site) -> Callable[[str], Around]:
    (site.root / "around.html").write_text(PARENT, "utf-8")
    address = site.write("embed")

    def open_(query: str = "?api=1", sandbox: str | None = None) -> Around:
        page = context.new_page()
        page.goto(f"{site.address.replace('127.0.0.1', 'localhost')}/around.html")
        return Around(page, address + query, sandbox)

    return open_


def test_an_embed_says_when_it_is_ready_and_how_long_it_is(around: Callable[..., Around]) -> None:
    page = around()
    page.hears("ready", "value.duration === 24 && !value.playing && value.time === 0")
    assert page.call("getDuration") == 24
    assert page.call("isPlaying") is False


def test_commands_and_events(around: Callable[..., Around]) -> None:
    page = around()
    page.hears("ready")
    page.call("play")
    page.hears("play")
    page.hears("timeupdate", "value.time > 0.3 && value.playing")
    assert page.call("isPlaying") is True
    page.call("seek", 12)
    page.hears("seeked", "Math.abs(value.time - 12) < 1")
    page.call("pause")
    page.hears("pause")
    assert page.call("getCurrentTime") == pytest.approx(12, abs=4)
    page.call("setVolume", 0.25)
    page.hears("volumechange", "value.volume === 0.25")
    page.call("setMuted", True)
    page.hears("volumechange", "value.muted")
    page.call("setPlaybackRate", 1.5)
    page.hears("ratechange", "value.rate === 1.5")
    assert (page.call("getVolume"), page.call("getPlaybackRate")) == (0.25, 1.5)
    assert sorted(page.call("getResolutions")) == [240, 360]
    page.call("setResolution", 360)
    page.call("setCaptions", "fr")
    assert {c["language"]: c["shown"] for c in page.call("getCaptions")} == {"fr": True, "en": False}
    page.call("seek", 23.6)
    page.call("play")
    page.hears("ended")


MASTODON = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-forms"
KEPT_FROM = """for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
  Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError') } })"""


@pytest.mark.parametrize("kept", [True, False], ids=["may keep", "may keep nothing"])
def test_it_plays_in_the_sandbox_of_a_timeline(
    context: BrowserContext, around: Callable[..., Around], kept: bool
) -> None:
    """O-40: as Mastodon's card asks for it, and where the browser lets an embed keep nothing."""
    if not kept:
        context.add_init_script(KEPT_FROM)
    page = around("?autoplay=1&auto_play=1&muted=1&api=1", MASTODON)
    page.hears("timeupdate", "value.time > 0 && value.playing")


@pytest.mark.parametrize(
    ("method", "value"),
    [("explode", None), ("constructor", None), ("seek", "far"), ("seek", None), ("setVolume", {"a": 1})],
)
def test_wrong_commands_are_answered_and_change_nothing(
    around: Callable[..., Around], method: str, value: object
) -> None:
    page = around()
    page.hears("ready")
    answer = page.page.evaluate("([m, v]) => call(m, v)", [method, value])
    assert answer["error"]
    assert page.call("getCurrentTime") == 0


def test_an_embed_that_was_not_asked_to_keeps_to_itself(around: Callable[..., Around]) -> None:
    page = around("?muted=1&autoplay=1")
    frame = page.page.frame_locator("#film")
    expect(frame.locator("media-controller")).to_be_visible()
    page.page.evaluate("frame.contentWindow.postMessage({ tubegen: 1, id: 1, method: 'pause' }, '*')")
    frame.locator("video").evaluate("(v) => new Promise((done) => v.addEventListener('timeupdate', done))")
    assert page.page.evaluate("heard") == []
    assert not frame.locator("video").evaluate("(v) => v.paused")


def test_only_the_page_around_is_heard(around: Callable[..., Around]) -> None:
    page = around()
    page.hears("ready")
    page.call("setVolume", 0.5)
    frame = page.page.frame_locator("#film").locator("video")
    frame.evaluate("postMessage({ tubegen: 1, id: 1, method: 'setVolume', value: 0 }, '*')")
    assert page.call("getVolume") == 0.5


def test_a_page_that_nobody_holds_listens_to_nobody(embed) -> None:
    player = embed("?api=1")
    player.start()
    player.page.evaluate("postMessage({ tubegen: 1, id: 1, method: 'pause' }, '*')")
    player.page.evaluate("new Promise((done) => setTimeout(done))")
    assert not player.state("video.paused")


def test_airplay_gets_a_playlist_beside_a_managed_media_source(
    context: BrowserContext, open_player: Callable[..., Player]
) -> None:
    context.add_init_script("window.ManagedMediaSource = window.MediaSource")
    player = open_player()
    player.start()
    source = player.page.locator("video source[type='application/x-mpegURL']")
    expect(source).to_have_attribute("src", f"{player.page.url.split('/watch')[0]}/media/master.m3u8")
    assert not player.state("video.disableRemotePlayback")
