"""Films of the sample site, watched to their end."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page


@pytest.mark.parametrize("height", [144, 240])
@pytest.mark.parametrize("slug", ["how-a-video-travels", "fireflies"])
def test_every_rendition_plays_to_its_end(page: Page, address: str, slug: str, height: int) -> None:
    """By hls.js alone, at high speed, so that it is this rendition that plays."""
    segments: list[str] = []
    page.on(
        "request", lambda r: segments.append(r.url.rsplit("/", 1)[-1]) if r.url.endswith(".m4s") else None
    )
    page.goto(f"{address}watch/{slug}/")
    if slug == "fireflies":
        page.locator("summary").first.click()
    page.evaluate("height => localStorage.setItem('tubegen:preferences', JSON.stringify({height}))", height)
    page.locator(".player-start").click()
    page.wait_for_function("document.querySelector('video').currentTime > 0.5")
    page.evaluate(
        """() => { const v = document.querySelector('video');
            v.muted = true; v.playbackRate = 8; window.stalls = 0;
            v.addEventListener('waiting', () => window.stalls++);
            window.ended = new Promise(done => v.addEventListener('ended', () => done(v.currentTime))); }"""
    )
    duration = page.evaluate("document.querySelector('video').duration")
    assert page.evaluate("window.ended") == pytest.approx(duration, abs=0.1)
    assert page.evaluate("document.querySelector('video').src.startsWith('blob:')"), "the MP4 took over"
    assert segments


def test_plays_without_javascript(browser: Browser, address: str) -> None:
    """The first source of the plain element is a file that the browser plays at once."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "watch/how-a-video-travels/")
    with page.expect_request(lambda r: r.url.endswith(".mp4")):
        page.locator("video").evaluate("v => { v.muted = true; void v.play(); }")
    assert page.locator("video[controls]").count() == 1
    assert page.locator(".player-start").count() == 0
    context.close()


def test_plays_from_the_file_system(browser: Browser, sample: Path) -> None:
    """As from a USB stick: no server, no module scripts."""
    page = browser.new_page()
    page.goto(f"file://{sample}/watch/how-a-video-travels/index.html")
    page.set_default_timeout(30_000)
    page.evaluate("() => { const v = document.querySelector('video'); v.muted = true; void v.play(); }")
    page.wait_for_function("document.querySelector('video').currentTime > 0.3")
    assert page.locator("video[controls]").count() == 1
    page.close()
