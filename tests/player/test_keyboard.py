"""Every key, where keys must not work, and menus without a pointer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.player.conftest import Player, Site


def focused(player: Player) -> str:
    return player.page.evaluate(
        "(() => { let e = document.activeElement; while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;"
        " return e.id || e.getAttribute('value') || e.textContent.trim().split('\\n')[0] || e.localName })()"
    )


@pytest.fixture
def paused(playing: Player) -> Player:
    """Nothing has the focus."""
    playing.pause()
    playing.seek(12)
    playing.page.evaluate("document.activeElement.blur()")
    return playing


@pytest.mark.parametrize("key", ["k", " ", "K"])
def test_play_and_pause(paused: Player, key: str) -> None:
    paused.press(key)
    paused.until("!video.paused")
    paused.press(key)
    paused.until("video.paused")


@pytest.mark.parametrize(
    ("key", "seconds"),
    [("j", 2), ("l", 22), ("ArrowLeft", 7), ("ArrowRight", 17), ("0", 0), ("5", 12), ("9", 21.6)],
)
def test_seeking_from_anywhere(paused: Player, key: str, seconds: float) -> None:
    paused.press(key)
    paused.at(seconds, tolerance=0.2)


@pytest.mark.parametrize(("key", "seconds"), [("Home", 0), ("End", 24)])
def test_ends_with_the_focus_in_the_player(paused: Player, key: str, seconds: float) -> None:
    paused.page.locator("media-mute-button").focus()
    paused.press(key)
    paused.at(seconds, tolerance=0.2)


def test_volume_with_the_focus_in_the_player(paused: Player) -> None:
    paused.page.locator("media-mute-button").focus()
    paused.press("ArrowDown")
    paused.press("ArrowDown")
    paused.until("video.volume === 0.9")
    paused.press("ArrowUp")
    paused.until("video.volume === 0.95")


def test_mute(paused: Player) -> None:
    paused.press("m")
    paused.until("video.muted")
    paused.press("m")
    paused.until("!video.muted")


def test_captions(paused: Player) -> None:
    paused.press("c")
    paused.until(
        "[...video.textTracks].some((track) => track.kind === 'captions' && track.mode === 'showing')"
    )
    paused.press("c")
    paused.until("[...video.textTracks].every((track) => track.mode !== 'showing')")


def test_full_screen(paused: Player) -> None:
    paused.press("f")
    paused.until("document.fullscreenElement?.className === 'player'")
    paused.press("ArrowDown")
    paused.until("video.volume === 0.95")
    paused.press("f")
    paused.until("!document.fullscreenElement")


def test_picture_in_picture_is_asked_for(paused: Player) -> None:
    paused.page.evaluate(
        "HTMLVideoElement.prototype.requestPictureInPicture = async () => { window.asked = true }"
    )
    paused.press("i")
    paused.until("window.asked")


def test_speed(paused: Player) -> None:
    paused.press(">")
    paused.until("video.playbackRate === 1.25")
    expect(paused.page.locator(".notice")).to_have_text("1.25×")
    paused.press("<")
    paused.press("<")
    paused.until("video.playbackRate === 0.75")


def test_single_frames_only_when_paused(paused: Player) -> None:
    for key, picture in ((".", 301), (".", 302), (",", 301), (",", 300), (",", 299)):
        paused.press(key)
        paused.until(f"Math.floor(video.currentTime * 25) === {picture} && !video.seeking")


def test_single_frames_are_those_of_the_film(site: Site, open_player: Callable[..., Player]) -> None:
    player = open_player(site.write("film", data={"rate": 12.5}), fragment="#t=4")
    player.start()
    player.pause()
    player.seek(4)
    player.press(".")
    player.until("Math.floor(video.currentTime * 12.5) === 51 && !video.seeking")


def test_help_opens_closes_and_can_switch_page_keys_off(paused: Player) -> None:
    paused.press("?")
    dialog = paused.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    paused.press("k")
    assert paused.state("video.paused"), "keys belong to the open dialog"
    dialog.get_by_role("checkbox").uncheck()
    paused.press("Escape")
    expect(dialog).to_be_hidden()
    paused.page.evaluate("document.activeElement.blur()")
    paused.press("l")
    assert paused.state("video.currentTime") == 12
    paused.page.locator("media-mute-button").focus()
    paused.press("ArrowLeft")
    paused.at(7, tolerance=0.2)


@pytest.mark.parametrize("key", ["k", "j", "m", "0", " "])
def test_keys_typed_into_the_page_are_left_alone(paused: Player, key: str) -> None:
    paused.page.locator("#search").focus()
    paused.press(key)
    expect(paused.page.locator("#search")).to_have_value(key)
    assert paused.state("video.paused && !video.muted && video.currentTime === 12")


@pytest.mark.parametrize("key", ["Control+k", "Alt+ArrowLeft", "Meta+l", "Control+0"])
def test_keys_with_modifiers_are_left_alone(paused: Player, key: str) -> None:
    paused.page.evaluate(
        "addEventListener('keydown', (event) => { window.taken = event.defaultPrevented; event.preventDefault() })"
    )
    paused.press(key)
    assert paused.state("video.paused && video.currentTime === 12 && !window.taken")


@pytest.mark.parametrize("key", ["ArrowDown", "End"])
def test_the_page_keeps_its_scroll_keys(paused: Player, key: str) -> None:
    paused.press(key)
    paused.until("scrollY > 0")
    assert paused.state("video.volume === 1 && video.currentTime === 12")


def test_space_scrolls_when_the_player_is_out_of_sight(paused: Player) -> None:
    paused.page.evaluate("scrollTo(0, 900)")
    paused.until("scrollY >= 500 && video.getBoundingClientRect().bottom < 200")
    before = paused.state("scrollY")
    paused.press(" ")
    paused.until(f"scrollY > {before} || scrollY + innerHeight >= document.documentElement.scrollHeight - 2")
    assert paused.state("video.paused")


def test_space_on_a_focused_button_presses_that_button(paused: Player) -> None:
    paused.page.locator("media-mute-button").focus()
    paused.press(" ")
    paused.until("video.muted")
    assert paused.state("video.paused")


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_quality_menu_by_keyboard_alone(paused: Player, motion) -> None:
    paused.page.emulate_media(reduced_motion=motion)
    paused.page.locator("media-settings-menu-button").focus()
    paused.press("Enter")
    paused.page.wait_for_function(
        "document.querySelector('.player').shadowRoot.activeElement?.classList.contains('captions-menu')"
    )
    paused.press("ArrowDown")
    paused.press("ArrowDown")
    assert paused.page.evaluate(
        "document.querySelector('.player').shadowRoot.activeElement.classList.contains('rendition-menu')"
    )
    paused.press("Enter")
    paused.page.wait_for_function(
        "document.querySelector('.player').shadowRoot.querySelector('media-rendition-menu').matches(':focus-within')"
    )
    assert focused(paused) == "360"
    assert paused.state("video.currentTime") == 12
    paused.press("Enter")
    paused.until("JSON.parse(localStorage['tubegen:preferences']).height === 360")


def test_keys_in_the_menu_pass_over_what_is_not_there(site: Site, open_player: Callable[..., Player]) -> None:
    player = open_player(site.write("bare", tracks=False))
    player.start()
    player.page.locator("media-settings-menu-button").focus()
    player.press("Enter")
    for name in ("Speed", "Quality", "Repeat", "Picture in picture", "Statistics"):
        item = player.page.locator("media-settings-menu-item", has_text=name).first
        if item.is_visible():
            expect(item).to_be_focused()
            player.press("ArrowDown")
    expect(player.page.locator(".help-item")).to_be_focused()


def test_escape_closes_the_menu_and_returns_the_focus(paused: Player) -> None:
    paused.page.locator("media-settings-menu-button").focus()
    paused.press("Enter")
    paused.page.wait_for_function(
        "document.querySelector('.player').shadowRoot.activeElement?.classList.contains('captions-menu')"
    )
    paused.press("Escape")
    expect(paused.page.locator("media-settings-menu")).to_be_hidden()
    assert focused(paused) == "settings-button"


def test_the_help_entry_of_the_menu_by_keyboard(paused: Player) -> None:
    paused.page.locator("media-settings-menu-button").focus()
    paused.press("Enter")
    paused.page.wait_for_function(
        "document.querySelector('.player').shadowRoot.activeElement?.classList.contains('captions-menu')"
    )
    paused.press("End")
    paused.press("Enter")
    expect(paused.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_tab_walks_through_the_controls(paused: Player) -> None:
    paused.page.locator(".buttons media-play-button").focus()
    seen = []
    for _ in range(5):
        paused.press("Tab")
        seen.append(
            paused.page.evaluate("document.querySelector('.player').shadowRoot.activeElement.localName")
        )
    assert seen == [
        "media-mute-button",
        "media-volume-range",
        "media-captions-button",
        "media-settings-menu-button",
        "media-pip-button",
    ]


def test_arrows_on_the_time_line_step_by_five_seconds(paused: Player) -> None:
    paused.page.locator("media-time-range").locator("input").focus()
    paused.press("ArrowRight")
    paused.at(17, tolerance=0.2)
