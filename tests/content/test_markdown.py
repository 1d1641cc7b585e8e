"""Markdown becomes HTML whose inner links can be found again."""

import pytest

from tubegen.content.markdown import render
from tubegen.content.markup import PLACEHOLDER, resolve


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# A\n\n## B\n", ["h2", "h3"]),
        ("### A\n\n##### B\n\n### C\n", ["h2", "h3", "h2"]),
        ("A\n===\n\nB\n---\n", ["h2", "h3"]),
        ("# A\n\n## B\n\n### C\n\n#### D\n\n##### E\n\n###### F\n", ["h2", "h3", "h4", "h5", "h6", "h6"]),
    ],
)
def test_headings_begin_below_the_title(text: str, levels: list[str]) -> None:
    html = render(text).html
    assert [part[:2] for part in html.split("<")[1:] if part[0] == "h"] == levels


def test_inner_links_are_marked_and_others_left_alone() -> None:
    markup = render(
        "[a](../b/index.md#t=1) ![p](p.jpg) [c](https://c.example/) [d](#d) <m@x.example> [a](../b/index.md#t=1)"
    )
    assert markup.links == ("../b/index.md#t=1", "p.jpg")
    assert 'href="https://c.example/"' in markup.html
    assert 'href="#d"' in markup.html
    assert 'loading="lazy"' in markup.html


def test_resolving_escapes_for_html() -> None:
    markup = render("[a](b.md?x=1&y=2)")
    assert markup.links == ("b.md?x=1&y=2",)
    assert resolve(markup, lambda link: f"c/{link}").count(f'href="{PLACEHOLDER}c/b.md?x=1&amp;y=2"') == 1


def test_one_text_says_nothing_about_the_next() -> None:
    first = render("[a][x]\n\n[x]: https://x.example/\n\nA[^1]\n\n[^1]: Note")
    again = render("[a][x]")
    assert 'href="https://x.example/"' in first.html
    assert again.html == "<p>[a][x]</p>"
