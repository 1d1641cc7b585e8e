"""What happens before the viewer watches, and at the moment they start."""

from __future__ import annotations

from collections.abc import Callable

import brotli
import pytest
from playwright.sync_api import Browser, BrowserContext, Route, expect

from tests.player.conftest import DIST, Player, Site


def scripts(site: Site) -> list[str]:
    return [path for path in site.seen if path.endswith(".js")]


def media(site: Site) -> list[str]:
    return [path for path in site.seen if path.endswith((".m3u8", ".m4s", ".mp4"))]


def test_nothing_but_the_boot_runs_before_the_viewer_comes_near(
    site: Site, open_player: Callable[..., Player]
) -> None:
    site.seen.clear()
    player = open_player()
    player.page.wait_for_load_state("networkidle")
    assert scripts(site) == []
    assert media(site) == []


def test_the_boot_is_under_a_kilobyte_compressed(site: Site) -> None:
    assert len(brotli.compress(site.boot.encode())) <= 1024


def test_everything_for_play_stays_small(site: Site) -> None:
    assert sum(len(brotli.compress((DIST / name).read_bytes())) for name in site.manifest["files"]) <= 195_000


def test_without_javascript_the_browser_plays_the_mp4(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.write("film"))
    video = page.locator("video")
    expect(video).to_have_attribute("controls", "")
    expect(page.locator(".player-start")).to_have_count(0)
    expect(video.locator("source").first).to_have_attribute("type", "video/mp4")
    context.close()


def test_a_page_opened_as_a_file_is_left_alone(context: BrowserContext, site: Site) -> None:
    site.write("film")
    page = context.new_page()
    page.goto((site.root / "watch" / "film" / "index.html").as_uri())
    expect(page.locator("video")).to_have_attribute("controls", "")
    expect(page.locator(".player-start")).to_have_count(0)


def test_the_start_button_has_a_name_and_a_large_target(player: Player) -> None:
    button = player.page.get_by_role("button", name="Play: Test film")
    box = button.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 44
    assert not player.state("video.controls")


def test_the_start_button_speaks_the_page_language(site: Site, open_player: Callable[..., Player]) -> None:
    player = open_player(site.write("french", strings={"play": "Lire"}, language="fr"))
    expect(player.page.get_by_role("button", name="Lire: Test film")).to_be_visible()


def test_a_click_plays_hls(player: Player) -> None:
    player.start()
    assert player.state("video.src").startswith("blob:")
    expect(player.start_button).to_have_count(0)
    assert not player.problems


def test_the_pointer_on_its_way_fetches_player_and_first_segment(site: Site, player: Player) -> None:
    site.seen.clear()
    with player.page.expect_response("**/240p-0.m4s"):
        player.page.locator(".player").hover()
    player.page.wait_for_load_state("networkidle")
    assert any("engine" in path for path in scripts(site))
    assert any("upgrade" in path for path in scripts(site))
    assert not any("360p" in path for path in media(site)), "only the rendition that starts is fetched"
    assert player.state("video.paused && !video.src")
    site.seen.clear()
    player.start()
    assert not any(path.endswith("240p-0.m4s") for path in site.seen), (
        "the engine finds the segment in the cache"
    )


def test_save_data_fetches_no_media_ahead(
    site: Site, open_player: Callable[..., Player], context: BrowserContext
) -> None:
    context.add_init_script("Object.defineProperty(navigator, 'connection', { value: { saveData: true } })")
    player = open_player()
    site.seen.clear()
    with player.page.expect_response("**/engine-*.js"):
        player.page.locator(".player").hover()
    player.page.wait_for_load_state("networkidle")
    assert media(site) == []


def test_a_click_before_the_player_has_arrived_waits_visibly(player: Player, site: Site) -> None:
    held: list[Route] = []
    player.page.route(f"**/{site.manifest['module']}", lambda route: held.append(route))
    with player.page.expect_request(f"**/{site.manifest['module']}"):
        player.start_button.click()
    expect(player.start_button).to_have_attribute("aria-busy", "true")
    for route in held:
        route.continue_()
    player.playing()


@pytest.mark.parametrize("broken", ["missing", "throws"])
def test_a_broken_player_gives_native_controls_back_and_plays_the_mp4(
    site: Site, open_player: Callable[..., Player], broken: str
) -> None:
    (site.root / "assets" / "throws.js").write_text("throw new Error('broken')")
    player = open_player(site.write(broken, module=f"{broken}.js"))
    player.start()
    assert player.state("video.controls")
    assert player.state("video.currentSrc").endswith("/web.mp4")
    expect(player.start_button).to_have_count(0)


def test_a_broken_player_found_while_hovering_leaves_the_start_button_to_the_click(
    site: Site, open_player: Callable[..., Player]
) -> None:
    player = open_player(site.write("missing", module="missing.js"))
    with player.page.expect_event("response", lambda response: response.url.endswith("/missing.js")):
        player.page.locator(".player").hover()
    expect(player.start_button).to_be_visible()
    assert player.state("video.paused")
    player.start()
    assert player.state("video.controls")


def test_a_missing_engine_still_plays_the_mp4_with_our_controls(player: Player) -> None:
    player.page.route("**/engine-*.js", lambda route: route.abort())
    player.start()
    assert player.state("video.currentSrc").endswith("/web.mp4")
    expect(player.page.locator("media-controller")).to_be_visible()


def test_starting_by_keyboard_moves_the_focus_to_the_players_play_button(player: Player) -> None:
    player.press("Tab")
    expect(player.start_button).to_be_focused()
    player.press("Enter")
    player.playing()
    focused = player.page.evaluate("document.querySelector('.player').shadowRoot.activeElement?.localName")
    assert focused == "media-play-button"


def test_browsers_without_media_source_get_the_mp4_and_no_engine(
    site: Site, open_player: Callable[..., Player], context: BrowserContext
) -> None:
    context.add_init_script(
        "delete window.MediaSource; delete window.ManagedMediaSource;"
        "HTMLMediaElement.prototype.canPlayType = (type) => (type.includes('mpegurl') ? '' : 'maybe')"
    )
    player = open_player()
    site.seen.clear()
    player.start()
    assert player.state("video.currentSrc").endswith("/web.mp4")
    assert not any("engine" in path for path in scripts(site))


def test_browsers_with_native_hls_fall_back_to_the_mp4_when_it_fails(
    site: Site, open_player: Callable[..., Player], context: BrowserContext
) -> None:
    context.add_init_script(
        "delete window.MediaSource; delete window.ManagedMediaSource;"
        "HTMLMediaElement.prototype.canPlayType = () => 'maybe';"
    )
    player = open_player()
    player.page.route("**/master.m3u8", lambda route: route.fulfill(status=404))
    player.start()
    assert player.state("video.currentSrc").endswith("/web.mp4")


@pytest.mark.parametrize(
    ("fragment", "seconds"), [("#t=12", 12), ("#t=0m9s", 9), ("#t=7.5,20", 7.5), ("#t=0:00:15", 15)]
)
def test_the_address_says_where_to_start(
    open_player: Callable[..., Player], fragment: str, seconds: float
) -> None:
    player = open_player(fragment=fragment)
    player.start()
    player.at(seconds)


def test_a_link_to_a_moment_starts_the_player(player: Player) -> None:
    player.page.locator("#to-twelve").click()
    player.playing()
    player.at(12, tolerance=3)


def test_the_built_files_are_those_of_the_manifest(site: Site) -> None:
    files = {path.name for path in DIST.glob("*.js")}
    assert files == set(site.manifest["files"])
    assert "hls.js" in (DIST / "THIRD_PARTY.txt").read_text()


def test_a_broken_player_leaves_later_clicks_to_the_browsers_controls(
    site: Site, open_player: Callable[..., Player]
) -> None:
    player = open_player(site.write("missing", module="missing.js"))
    player.start()
    box = player.page.locator("video").bounding_box()
    assert box
    player.until("video.currentTime > 1")  # sooner, the browser would take it for a double click
    player.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
    player.until("video.paused")
