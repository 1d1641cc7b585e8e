"""Menus, chapters, previews, what is remembered, and what happens when the network misbehaves."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Browser, BrowserContext, expect

from tests.player.conftest import Player, Site


def item(player: Player, text: str):
    return player.page.locator("media-chrome-menu-item", has_text=text).locator("visible=true").first


def test_quality_can_be_chosen_and_is_remembered(
    playing: Player, open_player: Callable[..., Player], site: Site
) -> None:
    playing.open_settings("Quality")
    expect(playing.page.locator("media-rendition-menu media-chrome-menu-item")).to_have_text(
        ["360p", "240p", "Auto (240p)"]
    )
    item(playing, "360p").click()
    playing.until("video.videoHeight === 360")
    again = open_player()
    site.seen.clear()
    again.start()
    assert again.state("video.videoHeight") == 360
    assert not any(path.endswith("240p-0.m4s") for path in site.seen)


def test_automatic_quality_can_be_chosen_again(playing: Player) -> None:
    playing.open_settings("Quality")
    item(playing, "360p").click()
    playing.until("JSON.parse(localStorage['tubegen:preferences']).height === 360")
    playing.open_settings("Quality")
    item(playing, "Auto").click()
    playing.until("JSON.parse(localStorage['tubegen:preferences']).height === 0")


def test_automatic_quality_climbs(playing: Player) -> None:
    assert playing.state("video.videoHeight") == 240
    playing.until("video.videoHeight === 360", timeout=30_000)


def test_the_last_bandwidth_decides_the_first_rendition(player: Player) -> None:
    player.page.evaluate("localStorage['tubegen:preferences'] = JSON.stringify({ bandwidth: 5e6 })")
    player.page.reload()
    player.start()
    assert player.state("video.videoHeight") == 360


def test_speed_can_be_chosen_and_is_remembered(playing: Player, open_player: Callable[..., Player]) -> None:
    playing.open_settings("Speed")
    item(playing, "1.5×").click()
    playing.until("video.playbackRate === 1.5")
    again = open_player()
    again.start()
    assert again.state("video.playbackRate") == 1.5


def test_captions_can_be_chosen_and_are_remembered(
    playing: Player, open_player: Callable[..., Player]
) -> None:
    playing.open_settings("Captions")
    item(playing, "Français").click()
    playing.until(
        "[...video.textTracks].some((track) => track.language === 'fr' && track.mode === 'showing')"
    )
    playing.until(
        "[...video.textTracks].find((track) => track.mode === 'showing').activeCues[0]?.text === 'Mots à 0'"
    )
    again = open_player()
    again.start()
    again.until("[...video.textTracks].some((track) => track.language === 'fr' && track.mode === 'showing')")


def test_the_captions_button_takes_the_viewers_language(playing: Player) -> None:
    playing.hover()
    button = playing.page.get_by_role("switch", name="Captions")
    expect(button).to_have_attribute("aria-checked", "false")
    button.click()
    playing.until("[...video.textTracks].find((track) => track.mode === 'showing')?.language === 'en'")
    expect(button).to_have_attribute("aria-checked", "true")


def test_captions_keep_clear_of_the_controls(playing: Player) -> None:
    playing.hover()
    playing.until("Number(getComputedStyle(video).getPropertyValue('--player-covered')) > 40")
    playing.page.mouse.move(2, 2)
    playing.until("Number(getComputedStyle(video).getPropertyValue('--player-covered')) === 0")


def test_a_video_without_tracks_offers_no_menus_for_them(
    site: Site, open_player: Callable[..., Player]
) -> None:
    player = open_player(site.write("bare", tracks=False))
    player.start()
    player.open_settings()
    for name, shown in (
        ("captions-menu", False),
        ("playback-rate-menu", True),
        ("rendition-menu", True),
        ("chapters", False),
    ):
        expect(player.page.locator(f"media-settings-menu-item.{name}")).to_be_visible(visible=shown)
    expect(player.page.locator("media-captions-button")).to_be_hidden()
    assert not player.problems


def test_chapters_are_listed_marked_and_lead_there(playing: Player) -> None:
    playing.open_settings("Chapters")
    expect(playing.page.locator(".chapters media-chrome-menu-item")).to_have_text(
        ["0:00 The beginning", "0:08 Middle & more", "0:16 The end"]
    )
    item(playing, "The end").click()
    playing.at(16, tolerance=2)
    expect(playing.page.locator(".chapter")).to_have_text("The end")
    marks = "document.querySelector('.player').shadowRoot.querySelector('media-time-range').shadowRoot"
    assert playing.page.evaluate(f"{marks}.querySelectorAll('#segments-clipping rect').length") == 3


def test_choosing_the_current_chapter_begins_it_again(playing: Player) -> None:
    playing.seek(13)
    playing.open_settings("Chapters")
    item(playing, "Middle").click()
    playing.at(8, tolerance=2)


def test_the_time_line_previews_picture_chapter_and_time(playing: Player) -> None:
    playing.hover()
    box = playing.page.locator("media-time-range").bounding_box()
    assert box
    playing.page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    line = playing.page.locator("media-time-range")
    expect(line).to_have_attribute("mediapreviewchapter", "Middle & more")
    expect(line).to_have_attribute(
        "mediapreviewimage", f"{playing.page.url.split('/watch')[0]}/media/story.webp#xywh=0,90,160,90"
    )


def test_links_to_a_moment_seek_without_navigation(playing: Player) -> None:
    playing.pause()
    playing.page.evaluate("window.stayed = true")
    playing.page.locator("#to-nine").click()
    playing.playing()
    playing.at(9, tolerance=3)
    assert playing.page.evaluate("window.stayed && location.hash") == "#t=0m9s"
    playing.page.locator("#to-nine").click()
    playing.at(9, tolerance=3)


def test_playback_resumes_where_the_viewer_left(playing: Player, open_player: Callable[..., Player]) -> None:
    playing.seek(11)
    playing.pause()
    again = open_player()
    again.start()
    again.at(11, tolerance=3)
    expect(again.page.locator(".notice")).to_have_text("Resumed at 0:11")


def test_the_first_seconds_and_the_last_are_not_resumed(
    playing: Player, open_player: Callable[..., Player]
) -> None:
    for seconds in (3, 23.5):
        playing.seek(10)
        playing.pause()
        playing.until("localStorage['tubegen:positions'].length > 10")
        playing.seek(seconds)
        playing.page.evaluate("document.querySelector('video').play()")
        playing.pause()
        playing.until("localStorage['tubegen:positions'] === '{}'")


def test_positions_expire(player: Player) -> None:
    player.page.evaluate(
        "localStorage['tubegen:positions'] = JSON.stringify({ [JSON.parse(document.querySelector('video').dataset.player).id]:"
        " [12, Date.now() - 31 * 24 * 3600 * 1000] })"
    )
    player.page.reload()
    player.start()
    assert player.state("video.currentTime") < 6


def test_blocked_storage_changes_nothing(open_player: Callable[..., Player], context: BrowserContext) -> None:
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked') } })"
    )
    player = open_player()
    player.start()
    player.press(">")
    player.press("m")
    player.press("c")
    player.until("video.playbackRate === 1.25 && video.muted")
    player.pause()
    assert not player.problems


def test_volume_is_remembered(playing: Player, open_player: Callable[..., Player]) -> None:
    playing.page.evaluate("document.querySelector('video').volume = 0.3")
    playing.until("JSON.parse(localStorage['tubegen:preferences']).volume === 0.3")
    again = open_player()
    again.start()
    assert again.state("video.volume") == 0.3


def test_a_silent_network_falls_back_to_the_mp4_where_the_viewer_was(
    open_player: Callable[..., Player],
) -> None:
    player = open_player(fragment="#t=9")
    player.page.route("**/*.m4s", lambda route: None)
    player.start_button.click()
    player.until("video.currentSrc.endsWith('/web.mp4')", timeout=15_000)
    player.playing()
    assert player.state("video.currentTime") >= 8.5


def test_missing_playlists_fall_back_to_the_mp4(player: Player) -> None:
    player.page.route("**/*.m3u8", lambda route: route.fulfill(status=404))
    player.start()
    assert player.state("video.currentSrc").endswith("/web.mp4")
    player.open_settings()
    expect(player.page.locator(".rendition-menu")).to_be_hidden()


def test_segments_that_vanish_fall_back_to_the_mp4_where_the_viewer_was(player: Player) -> None:
    player.page.route(re.compile(r"p-[1-9]\.m4s$"), lambda route: route.fulfill(status=404))
    player.start()
    player.until("video.currentSrc.endsWith('/web.mp4')", timeout=60_000)
    player.until("video.currentTime > 4.2")


def test_when_nothing_plays_the_viewer_is_told_and_can_try_again(player: Player) -> None:
    player.page.route("**/media/*.m*", lambda route: route.fulfill(status=404))
    player.start_button.click()
    dialog = player.page.get_by_role("alertdialog", name="This video cannot be played")
    expect(dialog).to_be_visible()
    player.page.unroute("**/media/*.m*")
    dialog.get_by_role("button", name="Try again").click()
    player.playing()
    expect(dialog).to_be_hidden()


def test_full_screen_and_picture_in_picture_by_pointer(playing: Player) -> None:
    playing.hover()
    playing.page.locator("media-fullscreen-button").click()
    playing.until("document.fullscreenElement?.className === 'player'")
    playing.until("video.clientWidth === innerWidth && video.clientHeight === innerHeight")
    playing.page.locator("media-fullscreen-button").click()
    playing.until("!document.fullscreenElement")


def test_the_keys_of_the_system_and_of_headsets(
    context: BrowserContext, open_player: Callable[..., Player]
) -> None:
    context.add_init_script(
        """window.keys = {}; MediaSession.prototype.setActionHandler = (action, act) => { keys[action] = act };
        MediaSession.prototype.setPositionState = (state) => { window.told = state }"""
    )
    player = open_player()
    player.start()
    player.page.evaluate("keys.pause()")
    player.until("video.paused")
    player.page.evaluate("keys.seekto({ seekTime: 12 })")
    player.at(12, tolerance=0.1)
    player.page.evaluate("keys.seekforward({})")
    player.at(22, tolerance=0.1)
    player.page.evaluate("keys.seekbackward({ seekOffset: 20 })")
    player.at(2, tolerance=0.1)
    player.until("told.position === 2 && told.duration > 23 && told.playbackRate === 1")
    player.page.evaluate("keys.play()")
    player.playing()


def test_nothing_turns_unseen_while_the_film_plays(playing: Player) -> None:
    """A spinner that nobody sees would cost a tenth of a processor."""
    playing.page.wait_for_function(
        """() => {
          const within = (root) => [...root.querySelectorAll('*')].flatMap((one) =>
            [one, ...(one.shadowRoot ? within(one.shadowRoot) : [])]);
          return !within(document).some((one) =>
            one.getAnimations().some(({ playState }) => playState === 'running') ||
            (one.matches('svg:has(animate, animateTransform)') && one.getClientRects().length));
        }""",
        timeout=10_000,
    )


def test_the_system_knows_title_and_channel(playing: Player) -> None:
    assert playing.state("navigator.mediaSession.metadata.title") == "Test film"
    assert playing.state("navigator.mediaSession.metadata.artist") == "Test channel"


def test_a_click_on_the_picture_pauses(playing: Player) -> None:
    box = playing.page.locator("video").bounding_box()
    assert box
    playing.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
    playing.until("video.paused")


def test_a_double_click_fills_the_screen_and_goes_on_playing(playing: Player) -> None:
    box = playing.page.locator("video").bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 3
    playing.page.mouse.click(*middle)
    playing.until("video.paused")
    playing.page.mouse.click(*middle, click_count=2)
    playing.until("document.fullscreenElement?.className === 'player'")
    playing.playing()


def test_two_taps_at_a_side_jump_ten_seconds(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(site.write("film"))
    player = Player(page, [])
    player.start()
    player.pause()
    player.seek(2)
    box = page.locator("video").bounding_box()
    assert box
    right = box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.2
    page.touchscreen.tap(*right)
    page.touchscreen.tap(*right)
    player.at(12, tolerance=0.3)
    context.close()


def test_the_page_does_not_move_when_the_player_starts(player: Player) -> None:
    before = player.page.locator("h1").bounding_box()
    player.start()
    assert player.page.locator("h1").bounding_box() == before
