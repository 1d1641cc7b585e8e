"""Links from page to page, and numbers as people and machines read them."""

import datetime as dt
import json
import re
from urllib.parse import urljoin

import pytest
from babel import Locale, localedata
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.strategies import links
from tubegen.config import SiteConfig
from tubegen.render.environment import relative_links
from tubegen.render.formats import clock, file_size, for_script, iso_date, iso_duration
from tubegen.render.i18n import direction, language_name, long_date
from tubegen.render.linker import Linker

ROOTS = st.sampled_from(["https://a.example/", "https://a.example/films/", "http://localhost:8000/a/b/"])
TAILS = st.sampled_from(["", "", "#t=3", "?from=channel", "?a=b/../c#d"])


def as_page(link: str) -> str:
    """The file that answers at a link."""
    return link + "index.html" if not link or link.endswith("/") else link


@given(ROOTS, links(), links(), TAILS, st.booleans())
def test_a_link_means_the_same_as_its_full_address(
    root: str, page: str, link: str, tail: str, clean: bool
) -> None:
    assume(link or not tail.startswith("#"))  # a mark alone means the page it is on
    site = SiteConfig(title="A", url=root, clean_urls=clean)
    linker = Linker(site, as_page(page))
    full = root + (link if clean else as_page(link)) + tail
    assert urljoin(root + (page if clean else as_page(page)), linker.url(link + tail)) == full
    assert linker.absolute(link + tail) == root + link + tail


@given(ROOTS, links(), TAILS, st.text("abc/", max_size=12))
def test_a_rooted_link_is_right_from_any_address(root: str, link: str, tail: str, anywhere: str) -> None:
    assume(link or not tail.startswith("#"))
    linker = Linker(SiteConfig(title="A", url=root), "404.html", rooted=True)
    assert urljoin(urljoin(root, "/" + anywhere.lstrip("/")), linker.url(link + tail)) == root + link + tail


@given(
    links(), st.sampled_from(["https://b.example/x", "//b.example", "mailto:a@b.example", "#top", "data:,x"])
)
def test_addresses_of_others_pass_unchanged(page: str, link: str) -> None:
    assert Linker(SiteConfig(title="A", url="https://a.example/"), as_page(page)).url(link) == link


def test_links_in_markup_are_made_relative() -> None:
    linker = Linker(SiteConfig(title="A", url="https://a.example/"), "watch/tide/index.html")
    written = '<a href="tubegen-link:about/?a=1&amp;b=2">x</a> <a href="https://b.example/">y</a>'
    html = relative_links(written, linker.url)
    assert html == '<a href="../../about/?a=1&amp;b=2">x</a> <a href="https://b.example/">y</a>'


@given(st.integers(0, 400_000))
def test_clock_and_iso_duration_read_back(seconds: int) -> None:
    parts = [int(part) for part in clock(seconds).split(":")]
    assert sum(part * 60**power for power, part in enumerate(reversed(parts))) == seconds
    assert all(part < 60 for part in parts[1:])
    match = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", iso_duration(seconds))
    assert match
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    assert hours * 3600 + minutes * 60 + rest == max(1, seconds)


def test_numbers_for_people() -> None:
    assert [clock(s) for s in (0, 59.9, 60, 3599, 3600, 36_061)] == [
        "0:00",
        "0:59",
        "1:00",
        "59:59",
        "1:00:00",
        "10:01:01",
    ]
    assert [iso_duration(s) for s in (0.2, 83.4, 3600)] == ["PT1S", "PT1M23S", "PT1H"]
    sizes = [0, 999, 1000, 4_200_000, 42_000_000, 5 * 10**12]
    assert [file_size(size) for size in sizes] == ["0 B", "999 B", "1.0 kB", "4.2 MB", "42 MB", "5.0 TB"]
    assert iso_date(dt.date(2026, 1, 2)) == "2026-01-02"


@pytest.mark.parametrize("text", ["</script><b>", "<!-- <script>", "é \u2028"])
def test_json_stays_in_its_script_element(text: str) -> None:
    shown = for_script({"a": text})
    assert "<" not in shown
    assert json.loads(shown) == {"a": text}


def test_languages_in_their_own_words() -> None:
    assert [language_name(tag) for tag in ("en", "fr", "de-CH", "tlh")] == [
        "English",
        "Français",
        "Deutsch (Schweiz)",
        "tlh",
    ]
    assert [direction(tag) for tag in ("en", "ar", "he", "xx")] == ["ltr", "rtl", "rtl", "ltr"]
    for known in localedata.locale_identifiers():
        tag = known.replace("_", "-")
        assert direction(tag) == Locale.parse(known).text_direction, tag
    assert long_date(dt.date(2026, 11, 22), "de") == "22. November 2026"
