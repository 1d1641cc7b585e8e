"""Texts, cut down for others (O-72)."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sidecar import documents
from tests.sidecar.activitypub.worlds import videos
from tubegen.sidecar.activitypub.prose import clipped, escaped, length, plain, told
from tubegen.sidecar.model import Published

ALLOWED = {"p", "br", "a", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote"}


def shown(html: str, *, description: str = "", text: int = 700, markup: int = 8000) -> str:
    return told(documents.video(html=html, description=description), text=text, markup=markup)


class Balance(HTMLParser):
    """Which tags there are, and whether each is closed where it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@given(videos(), st.integers(0, 900), st.integers(40, 3000))
@settings(deadline=None)
def test_html_stays_whole_small_and_within_the_list(video: Published, text: int, markup: int) -> None:
    html = told(video.document, text=text, markup=markup)
    balance = Balance()
    balance.feed(html)
    balance.close()
    assert balance.open == []
    assert balance.tags <= ALLOWED
    assert balance.attributes <= {"href"}
    assert length(html) <= markup


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h2 id=a>Part</h2>\n<p>one\n two</p>", "<p><strong>Part</strong></p><p>one two</p>"),
        ("<p><img src='https://a.example/i.png'></p><p>x</p>", "<p>x</p>"),
        ("<ul>\n<li>one</li>\n</ul>", "<ul><li>one</li></ul>"),
        ("<pre><code class=x>a\n  b</code></pre>", "<pre><code>a\n  b</code></pre>"),
        ("<script>alert(1)</script><p onclick=x>y</p>", "<p>y</p>"),
        ('<p><a href="javascript:x">y</a></p>', "<p>y</p>"),
        ('<p><a href="https://a.example/?a=1&amp;b">y</a></p>',) * 2,
        ("<table><tr><td>a</td><td>b</td></tr></table>", "<p>a b </p>"),
        ("<p>a &lt; b &amp; c</p>",) * 2,
        ("<p>\x00a\x1b</p>", "<p>a</p>"),
        ("", ""),
    ],
)
def test_what_becomes_of_tags(html: str, expected: str) -> None:
    assert shown(html) == expected


def test_a_cut_is_marked_and_closed() -> None:
    assert shown("<p>one <em>two three four</em></p><p>five</p>", text=12) == "<p>one <em>two thr…</em></p>"
    assert shown("<p>one</p><p>two</p>", text=3) == "<p>one</p><p>…</p>"


def test_a_description_is_not_said_twice() -> None:
    assert shown("<p>A <em>calm</em> sea.</p>", description="A calm sea.") == "<p>A <em>calm</em> sea.</p>"
    assert shown("<p>More.</p>", description="A & b.") == "<p>A &amp; b.</p><p>More.</p>"
    assert shown("<p>More.</p>", description="Words " * 300, text=20) == "<p>Words Words Words…</p>"


@given(st.text(max_size=80), st.integers(0, 60))
def test_clipped_text_fits_and_is_a_beginning(text: str, limit: int) -> None:
    cut = clipped(text, limit)
    assert length(cut) <= limit
    assert cut == text or text.startswith(cut.removesuffix("…"))
    assert length(escaped(text, limit)) <= limit


def test_plain_is_one_clean_line() -> None:
    assert plain(" a\n\tb\x00\x85 c ") == "a b c"
