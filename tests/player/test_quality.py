"""The quality may be chosen before anything is played, and what is fetched ahead is what then plays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.player.conftest import Player, Site
from tests.player.test_looks import violations

HEIGHT = "JSON.parse(localStorage['tubegen:preferences']).height"


def choice(player: Player):
    return player.page.get_by_role("combobox", name="Quality")


def test_a_quality_chosen_before_playing_is_the_one_that_plays(
    site: Site, player: Player, open_player: Callable[..., Player]
) -> None:
    site.seen.clear()
    expect(choice(player).locator("option")).to_have_text(["Quality: Auto", "360p", "240p"])
    assert violations(player) == []
    choice(player).click()
    player.press("Escape")
    with player.page.expect_response("**/360p-0.m4s"):
        choice(player).select_option("360p")
    assert player.state("video.paused && !video.src"), "choosing is not starting"
    player.start()
    assert player.state("video.videoHeight") == 360
    expect(choice(player)).to_have_count(0)
    player.open_settings()
    expect(player.page.get_by_role("menuitem", name="Quality 360p")).to_be_visible()
    again = open_player()
    expect(choice(again)).to_have_value("360")
    choice(again).select_option("Quality: Auto")
    again.start()
    again.until(f"{HEIGHT} === 0")


def test_a_quality_chosen_by_keyboard(player: Player) -> None:
    player.press("Tab")
    player.press("Tab")
    expect(choice(player)).to_be_focused()
    player.press("ArrowDown")
    expect(choice(player)).to_have_value("360")
    player.press("Shift+Tab")
    player.press("Enter")
    player.playing()
    assert player.state("video.videoHeight") == 360
    assert player.page.evaluate(HEIGHT) == 360


def test_the_choice_needs_no_storage(context: BrowserContext, open_player: Callable[..., Player]) -> None:
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked') } })"
    )
    player = open_player()
    choice(player).select_option("360p")
    player.start()
    assert player.state("video.videoHeight") == 360


@pytest.mark.parametrize("sizes", [[], [(640, 360)]], ids=["unknown", "one"])
def test_without_a_choice_none_is_offered(
    site: Site, open_player: Callable[..., Player], sizes: list[tuple[int, int]]
) -> None:
    player = open_player(site.write("sizes", data={"sizes": sizes}))
    expect(player.start_button).to_be_visible()
    expect(choice(player)).to_have_count(0)


def test_an_embed_without_controls_offers_none(site: Site, open_player: Callable[..., Player]) -> None:
    player = open_player(site.write("film"), fragment="?controls=0")
    expect(player.start_button).to_be_visible()
    expect(choice(player)).to_have_count(0)


@pytest.mark.parametrize(
    ("moment", "remembered", "segments"),
    [
        ("", "{}", {"240p-0.m4s", "init-240p.mp4"}),
        ("#t=3.99", "{}", {"240p-0.m4s", "init-240p.mp4"}),
        ("#t=4", "{}", {"240p-1.m4s", "init-240p.mp4"}),
        ("#t=19.9", '{"bandwidth":5000000}', {"360p-4.m4s", "init-360p.mp4"}),
        ("#t=9", '{"height":360}', {"360p-2.m4s", "init-360p.mp4"}),
    ],
)
def test_what_is_fetched_ahead_is_what_plays(
    site: Site, player: Player, moment: str, remembered: str, segments: set[str]
) -> None:
    player.page.evaluate(f"localStorage['tubegen:preferences'] = '{remembered}'")
    player.page.goto(site.write("film") + moment)
    player.page.reload()
    first = next(name for name in segments if name.endswith(".m4s"))
    player.page.locator(".player").hover()
    player.page.wait_for_function(
        "(names) => names.every((name) => performance.getEntriesByType('resource').some((entry) => entry.name.endsWith(name)))",
        arg=list(segments),
    )
    used = player.page.evaluate_handle(
        """() => { const used = []; const open = XMLHttpRequest.prototype.open;
        XMLHttpRequest.prototype.open = function (method, url, ...rest) {
          used.push(String(url)); return open.call(this, method, url, ...rest) };
        const ask = window.fetch; window.fetch = (what, ...rest) => { used.push(what.url ?? String(what)); return ask(what, ...rest) };
        return used }"""
    )
    ahead = set(player.page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)"))
    ahead = {name.rsplit("/", 1)[-1] for name in ahead if "/media/" in name} - {"poster.webp"}
    assert ahead == {"master.m3u8", f"{first.split('-')[0]}.m3u8", *segments}
    player.start()
    asked = [name.rsplit("/", 1)[-1] for name in used.json_value() if "/media/" in name]
    assert set(asked[:4]) == ahead, "each once, and in the order of need"
