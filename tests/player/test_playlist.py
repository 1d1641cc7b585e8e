"""Going on with the next video of a playlist."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.player.conftest import Player, Site
from tests.player.test_looks import violations


@pytest.fixture
def player(site: Site, open_player: Callable[..., Player]) -> Player:
    for name in ("best", "sea"):
        for place in (1, 3):
            site.write(f"{name}-{place}")
    return open_player(site.write("series", playlists=("best", "sea")))


@pytest.fixture
def paused(player: Player) -> Player:
    player.start()
    player.pause()
    player.page.evaluate("document.activeElement.blur()")
    return player


def finish(player: Player) -> None:
    player.seek(23.7)
    player.page.evaluate("document.querySelector('video').play()")
    player.until("video.ended")


def panel(player: Player):
    return player.page.get_by_role("group", name="Next")


def test_the_end_offers_the_next_video_and_waits(paused: Player) -> None:
    finish(paused)
    expect(panel(paused)).to_contain_text("best three")
    expect(panel(paused)).not_to_contain_text("Starts in")
    assert violations(paused) == []
    paused.seek(3)
    expect(panel(paused)).to_be_hidden()


def test_the_offer_leads_there_and_plays(paused: Player) -> None:
    finish(paused)
    panel(paused).get_by_role("button", name="Play now").click()
    paused.page.wait_for_url("**/watch/best-3/#list=best&autoplay")
    paused.playing()


def test_the_switch_plays_the_next_video_by_itself(paused: Player) -> None:
    paused.open_settings()
    item = paused.page.get_by_role("menuitemcheckbox", name="Play the next video by itself")
    expect(item).not_to_be_checked()
    item.click()
    paused.until("JSON.parse(localStorage['tubegen:preferences']).playNext === true")
    finish(paused)
    expect(panel(paused)).to_contain_text("Starts in")
    paused.page.wait_for_url("**/watch/best-3/#list=best&autoplay", timeout=20_000)
    paused.playing()


def test_the_countdown_can_be_called_off_by_keyboard(player: Player) -> None:
    player.page.evaluate("localStorage['tubegen:preferences'] = JSON.stringify({ playNext: true })")
    player.start()
    player.page.locator(".buttons media-play-button").focus()
    finish(player)
    expect(panel(player)).to_contain_text("Starts in 8 s")
    expect(panel(player).get_by_role("button", name="Play now")).to_be_focused()
    player.press("Tab")
    expect(panel(player).get_by_role("button", name="Cancel")).to_be_focused()
    player.press("Escape")
    expect(panel(player)).to_be_hidden()
    player.page.clock.install()
    player.page.clock.fast_forward(20_000)
    assert player.page.url.endswith("/watch/series/")


@pytest.mark.parametrize(("key", "place"), [("N", 3), ("P", 1)])
def test_keys_for_the_next_and_the_previous(paused: Player, key: str, place: int) -> None:
    paused.press(f"Shift+{key}")
    paused.page.wait_for_url(f"**/watch/best-{place}/#list=best&autoplay")


def test_the_letter_alone_is_no_key(paused: Player) -> None:
    paused.press("n")
    paused.press("m")
    paused.until("video.muted")
    assert paused.page.url.endswith("/watch/series/")


def test_the_button_of_the_controls(paused: Player) -> None:
    paused.hover()
    paused.page.get_by_role("button", name="Next: best three").click()
    paused.page.wait_for_url("**/watch/best-3/#list=best&autoplay")


def test_the_list_the_viewer_came_from_goes_on(site: Site, open_player: Callable[..., Player]) -> None:
    player = open_player(site.write("series", playlists=("best", "sea")), fragment="#list=sea&t=9")
    player.start()
    player.at(9, tolerance=3)
    player.hover()
    expect(player.page.get_by_role("button", name="Next: sea three")).to_be_visible()


def test_a_video_of_no_list_offers_nothing(open_player: Callable[..., Player]) -> None:
    player = open_player()
    player.start()
    finish(player)
    expect(panel(player)).to_be_hidden()
    expect(player.page.locator(".next-button")).to_be_hidden()
    player.open_settings()
    expect(player.page.locator(".next-item")).to_be_hidden()
    assert not player.problems
