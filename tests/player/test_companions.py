"""What lives beside the player: the transcript, the links to share, theatre; and repeating."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.player.conftest import Player, Site
from tests.player.test_looks import violations


@pytest.fixture
def player(site: Site, open_player: Callable[..., Player]) -> Player:
    return open_player(site.write("companions", companions=True))


@pytest.fixture
def paused(player: Player) -> Player:
    player.start()
    player.pause()
    player.page.evaluate("document.activeElement.blur()")
    return player


def spoken(player: Player):
    return player.page.locator("[data-t][aria-current]")


def test_the_transcript_marks_what_is_being_spoken(paused: Player) -> None:
    paused.page.locator("summary", has_text="English").click()
    for seconds, words in ((9, "Words at 8."), (13, "Words at 12."), (1, "Words at 0.")):
        paused.seek(seconds)
        expect(spoken(paused)).to_have_text(words)


def test_the_transcript_keeps_the_spoken_words_in_sight_and_the_page_where_it_is(paused: Player) -> None:
    paused.page.locator("summary", has_text="English").click()
    before = paused.state("scrollY")
    paused.seek(21)
    paused.until(
        "(() => { const box = document.querySelector('[data-transcript]').getBoundingClientRect();"
        " const line = document.querySelector('[aria-current]').getBoundingClientRect();"
        " return line.top >= box.top && line.bottom <= box.bottom })()"
    )
    assert paused.state("scrollY") == before


def test_whoever_reads_elsewhere_is_left_alone(paused: Player) -> None:
    paused.seek(1)
    paused.page.locator("summary", has_text="English").click()
    text = paused.page.locator("[data-transcript]")
    text.dispatch_event("wheel")
    paused.seek(21)
    expect(spoken(paused)).to_have_text("Words at 20.")
    assert text.evaluate("(e) => e.scrollTop") == 0


def test_a_click_on_words_leads_there(paused: Player) -> None:
    paused.page.locator("summary", has_text="English").click()
    paused.page.get_by_text("Words at 16.").click()
    paused.playing()
    paused.at(16, tolerance=3)


def test_marking_words_does_not_seek(paused: Player) -> None:
    paused.page.locator("summary", has_text="English").click()
    paused.seek(13)
    line = paused.page.get_by_text("Words at 12.")
    line.scroll_into_view_if_needed()
    box = line.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    paused.page.mouse.move(box["x"] + 2, middle)
    paused.page.mouse.down()
    paused.page.mouse.move(box["x"] + 60, middle, steps=4)
    paused.page.mouse.up()
    assert paused.page.evaluate("getSelection().toString()").startswith("Words")
    assert paused.state("video.paused && video.currentTime === 13")


def test_the_transcript_by_keyboard(paused: Player) -> None:
    paused.page.locator("summary", has_text="English").focus()
    paused.press("Enter")
    for _ in range(2):
        paused.press("Tab")
    paused.press("Enter")
    paused.playing()
    assert paused.page.evaluate("location.hash") == "#t=4"


def test_a_moment_can_be_shared(paused: Player) -> None:
    link, code = paused.page.get_by_label("Link"), paused.page.get_by_label("Code")
    paused.seek(13)
    box = paused.page.get_by_role("checkbox", name="Start at 0:13")
    box.focus()
    paused.press(" ")
    expect(link).to_have_value("https://films.example/watch/film/#t=13")
    expect(code).to_have_value('<iframe src="https://films.example/embed/film/?start=13" title="Film">')
    paused.seek(20)
    expect(paused.page.get_by_role("checkbox", name="Start at 0:13")).to_be_checked()
    expect(link).to_have_value("https://films.example/watch/film/#t=13")
    paused.page.get_by_role("checkbox").click()
    expect(link).to_have_value("https://films.example/watch/film/")
    expect(code).to_have_value('<iframe src="https://films.example/embed/film/" title="Film">')
    expect(paused.page.get_by_role("checkbox", name="Start at 0:20")).not_to_be_checked()


def test_a_focused_link_is_marked_whole(paused: Player) -> None:
    paused.page.get_by_label("Link").focus()
    assert paused.page.evaluate("getSelection().toString()") == "https://films.example/watch/film/"


def test_moments_are_offered_only_by_a_player_that_runs(player: Player) -> None:
    expect(player.page.locator("[data-share-time]")).to_be_hidden()


def test_theatre_by_key_and_pointer_is_remembered(
    paused: Player, open_player: Callable[..., Player], site: Site
) -> None:
    stage = paused.page.locator("[data-theatre]")
    paused.press("t")
    expect(stage).to_have_attribute("data-theatre", "on")
    again = open_player(site.write("companions", companions=True))
    again.start()
    expect(again.page.locator("[data-theatre]")).to_have_attribute("data-theatre", "on")
    again.hover()
    button = again.page.get_by_role("button", name="Theatre")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(again.page.locator("[data-theatre]")).to_have_attribute("data-theatre", "off")
    expect(button).to_have_attribute("aria-pressed", "false")


def test_pages_without_a_stage_offer_no_theatre(open_player: Callable[..., Player]) -> None:
    player = open_player()
    player.start()
    player.hover()
    expect(player.page.locator(".theatre-button")).to_be_hidden()
    player.page.evaluate("document.activeElement.blur()")
    player.press("t")
    assert not player.problems


def test_repeating_by_key_and_menu(paused: Player) -> None:
    paused.press("r")
    paused.until("video.loop")
    expect(paused.page.locator(".notice")).to_have_text("Repeat: On")
    paused.open_settings()
    item = paused.page.get_by_role("menuitemcheckbox", name="Repeat")
    expect(item).to_be_checked()
    item.click()
    paused.until("!video.loop")
    paused.open_settings()
    expect(item).not_to_be_checked()
    assert violations(paused) == []
    item.focus()
    paused.press("Enter")
    paused.until("video.loop")
    expect(item).to_be_checked()


def test_repeating_begins_again_at_the_end(paused: Player) -> None:
    paused.press("r")
    paused.seek(23.3)
    paused.press("k")
    paused.until("video.currentTime < 5 && !video.paused")


def test_axe_finds_nothing_beside_the_player(paused: Player) -> None:
    paused.page.locator("summary", has_text="English").click()
    paused.seek(9)
    assert violations(paused) == []
