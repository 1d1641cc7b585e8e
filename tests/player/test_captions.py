"""The look of captions is the viewer's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.player.conftest import Player, Site
from tests.player.test_looks import violations


def rule(player: Player) -> str:
    return player.page.evaluate(
        "[...document.querySelectorAll('style')].map((s) => s.textContent).find((t) => t.startsWith('video::cue'))"
    )


@pytest.fixture
def dialog(playing: Player):
    playing.pause()
    playing.open_settings("Look of captions")
    return playing.page.get_by_role("dialog", name="Look of captions")


def test_the_look_is_chosen_applied_and_remembered(
    playing: Player, dialog, open_player: Callable[..., Player]
) -> None:
    assert rule(playing) == "video::cue{}"
    dialog.get_by_label("Size").select_option("Large")
    dialog.get_by_label("Colour").select_option("Yellow")
    dialog.get_by_label("Background").select_option("Black")
    assert rule(playing) == "video::cue{font-size:135%;color:#ff0;background:#000}"
    again = open_player()
    again.start()
    assert rule(again) == "video::cue{font-size:135%;color:#ff0;background:#000}"


def test_the_usual_look_leaves_the_systems_own(playing: Player, dialog) -> None:
    dialog.get_by_label("Letters").select_option("Serif")
    assert rule(playing) == "video::cue{font-family:serif}"
    dialog.get_by_label("Letters").select_option("As usual")
    assert rule(playing) == "video::cue{}"


def test_the_dialog_by_keyboard(playing: Player) -> None:
    playing.pause()
    playing.page.locator("media-settings-menu-button").focus()
    playing.press("Enter")
    playing.page.locator(".look-item").focus()
    playing.press("Enter")
    dialog = playing.page.get_by_role("dialog", name="Look of captions")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    playing.press("Shift+Tab")
    playing.press("ArrowDown")
    playing.press("Escape")
    expect(dialog).to_be_hidden()
    assert rule(playing) == "video::cue{font-family:sans-serif}"


def test_axe_finds_nothing_in_the_dialog(playing: Player, dialog) -> None:
    expect(dialog).to_be_visible()
    assert violations(playing) == []


def test_the_words_change_on_the_screen(playing: Player, dialog) -> None:
    playing.page.evaluate("[...document.querySelector('video').textTracks][0].mode = 'showing'")
    dialog.get_by_label("Size").select_option("Very large")
    dialog.get_by_label("Colour").select_option("Green")
    playing.press("Escape")
    before = playing.page.locator("video").screenshot()
    playing.page.evaluate("localStorage.clear()")
    playing.page.evaluate(
        "document.querySelectorAll('style').forEach((s) => s.textContent.startsWith('video::cue') && s.remove())"
    )
    assert playing.page.locator("video").screenshot() != before


def test_a_video_without_captions_offers_no_look(site: Site, open_player: Callable[..., Player]) -> None:
    player = open_player(site.write("bare", tracks=False))
    player.start()
    player.open_settings()
    expect(player.page.locator(".look-item")).to_be_hidden()
