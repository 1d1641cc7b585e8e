"""Accessibility as axe-core and measurements see it, on wide and narrow screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.player.conftest import LONG, Player, Site

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


AXE = Path(__file__).parent.parent / "browser" / "node_modules" / "axe-core" / "axe.min.js"


def violations(player: Player) -> list[str]:
    if not player.page.evaluate("'axe' in window"):
        player.page.evaluate(AXE.read_text("utf-8"))
    # Nothing may be half faded in while colours are compared.
    player.page.wait_for_function(
        "!document.getAnimations().some((a) => a.playState === 'running') && !document.querySelector('.player')"
        ".shadowRoot?.getAnimations?.().some((a) => a.playState === 'running')"
    )
    found: dict[str, Any] = player.page.evaluate("(rules) => axe.run('.player', { runOnly: rules })", RULES)
    assert found["passes"]
    return [
        f"{v['id']}: {node['html'][:120]}: {node['failureSummary']}"
        for v in found["violations"]
        for node in v["nodes"]
    ]


@pytest.fixture(
    params=[(1280, 800, False), (360, 740, True), (320, 640, False)], ids=["wide", "phone", "narrow"]
)
def sized(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[Player]:
    width, height, touch = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=touch, is_mobile=touch, locale="en-GB"
    )
    context.set_default_timeout(LONG)
    page = context.new_page()
    page.goto(site.write("film"))
    yield Player(page, [])
    context.close()


def test_no_violations_before_the_start_while_paused_and_with_menus_open(sized: Player) -> None:
    assert violations(sized) == []
    sized.start()
    sized.pause()
    assert violations(sized) == []
    menu = sized.page.locator("media-settings-menu")
    for submenu in ("", "Captions", "Speed", "Quality", "Chapters"):
        sized.open_settings(*([submenu] if submenu else []))
        assert violations(sized) == [], submenu
        sized.hover()
        sized.page.locator("media-settings-menu-button").click()
        expect(menu).to_be_hidden()


def test_no_violations_in_the_help(player: Player) -> None:
    player.start()
    player.pause()
    player.press("?")
    assert violations(player) == []


def test_no_violations_in_the_error(player: Player) -> None:
    player.page.route("**/media/*.m*", lambda route: route.fulfill(status=404))
    player.start_button.click()
    expect(player.page.get_by_role("alertdialog")).to_be_visible()
    assert violations(player) == []


def test_controls_stay_inside_the_player_and_are_large_enough(sized: Player) -> None:
    sized.start()
    sized.pause()
    sized.hover()
    frame = sized.page.locator(".player").bounding_box()
    assert frame
    boxes = sized.page.locator(".buttons [role=button]:visible, .buttons [role=switch]:visible").all()
    assert len(boxes) >= 5
    for button in boxes:
        box = button.bounding_box()
        assert box
        assert box["width"] >= 44
        assert box["height"] >= 44
        assert box["x"] >= frame["x"]
        assert box["x"] + box["width"] <= frame["x"] + frame["width"] + 0.5
    line = sized.page.locator("media-time-range").bounding_box()
    assert line
    assert line["height"] >= 24
    assert sized.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_menus_stay_inside_the_player(sized: Player) -> None:
    sized.start()
    sized.pause()
    sized.open_settings("Speed")
    frame = sized.page.locator(".player").bounding_box()
    expect(sized.page.locator("media-playback-rate-menu")).to_be_visible()
    menu = sized.page.locator("media-settings-menu").bounding_box()
    assert frame
    assert menu
    assert menu["x"] >= frame["x"] - 0.5
    assert menu["y"] >= frame["y"] - 0.5
    assert menu["x"] + menu["width"] <= frame["x"] + frame["width"] + 0.5


def test_the_last_entry_of_the_menu_can_be_reached(sized: Player) -> None:
    sized.start()
    sized.pause()
    sized.open_settings()
    sized.page.locator(".figures-item").click()
    dialog = sized.page.get_by_role("dialog", name="Statistics")
    expect(dialog).to_be_visible()
    assert dialog.evaluate("(dialog) => dialog.scrollTop === 0"), "it begins at its beginning"
    assert violations(sized) == []


def test_narrow_players_offer_picture_in_picture_in_the_menu(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(site.write("film"))
    player = Player(page, [])
    player.start()
    expect(page.locator("media-pip-button")).to_be_hidden()
    page.evaluate("HTMLVideoElement.prototype.requestPictureInPicture = async () => { window.asked = true }")
    player.open_settings("Picture in picture")
    player.until("window.asked")
    expect(page.locator("media-settings-menu")).to_be_hidden()
    context.close()


def test_right_to_left_pages_keep_the_time_line(site: Site, open_player: Callable[..., Player]) -> None:
    player = open_player(site.write("rtl", language="ar", direction="rtl"))
    player.start()
    player.pause()
    play = player.page.locator(".buttons media-play-button").bounding_box()
    full = player.page.locator("media-fullscreen-button").bounding_box()
    assert play
    assert full
    assert play["x"] < full["x"]
    assert player.page.locator(".bar").evaluate("(bar) => getComputedStyle(bar).direction") == "ltr"
    player.open_settings("Speed")
    assert (
        player.page.locator("media-settings-menu").evaluate("(menu) => getComputedStyle(menu).direction")
        == "rtl"
    )


def test_focus_is_visible(player: Player) -> None:
    player.start()
    player.pause()
    player.page.locator("media-time-range").locator("input").focus()
    player.press("Tab")
    shadow = player.page.locator(".buttons media-play-button").evaluate(
        "(button) => getComputedStyle(button).boxShadow"
    )
    assert "inset" in shadow


def test_forced_colours_get_an_outline(player: Player) -> None:
    player.page.emulate_media(forced_colors="active")
    player.start()
    player.pause()
    player.page.locator("media-time-range").locator("input").focus()
    player.press("Tab")
    style = player.page.locator(".buttons media-play-button").evaluate(
        "(button) => getComputedStyle(button).outlineStyle"
    )
    assert style == "solid"


def test_the_words_come_from_the_page(site: Site, open_player: Callable[..., Player]) -> None:
    strings = {
        "play": "Lire",
        "pause": "Pause",
        "settings": "Réglages",
        "speed": "Vitesse",
        "normal": "Normale",
        "mute": "Couper le son",
    }
    player = open_player(site.write("french", strings=strings, language="fr"))
    player.start()
    player.hover()
    expect(player.page.get_by_role("button", name="Couper le son")).to_be_visible()
    player.page.get_by_role("button", name="Réglages").click()
    expect(player.page.get_by_role("menuitem", name="Vitesse Normale")).to_be_visible()


def test_themes_set_the_accent(player: Player) -> None:
    player.page.add_style_tag(content=".player { --player-accent: rgb(1, 2, 3) }")
    player.start()
    bar = "document.querySelector('.player').shadowRoot.querySelector('media-time-range').shadowRoot.querySelector('#progress')"
    assert player.page.evaluate(f"getComputedStyle({bar}).background").startswith("rgb(1, 2, 3)")
