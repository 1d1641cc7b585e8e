"""Markup that would cost a parser too much is recognised beforehand, and everyday posts are left alone."""

import re
import resource
import time

import nh3
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tubegen.sidecar.activitypub import sanitize
from tubegen.sidecar.activitypub.markup_bounds import MAX_DEPTH, MAX_LOOSE_TAGS, MAX_NODES, is_cheap

HOSTILE = {
    "formatting again in every paragraph": "<p>"
    + "".join(f"<b id={n}>" for n in range(1000))
    + "<p>x" * 2500,
    "the same, long": "<p>" + "".join(f"<b id={n}>" for n in range(2000)) + "<p>x" * 9_000,
    "lists in lists": "<ul><li>" * 16_000,
    "an end tag that a block keeps from ending": "<span><div></span></div>" * 40_000,
    "end tags hidden in attributes": "<p>" + '<b title="</b>">' * 1000 + "<p>x" * 5000,
    "end tags hidden in comments": "<b><!--</b>-->" * 1000 + "<p>x" * 5000,
    "end tags hidden by a marker": "<b>" * 90 + "<marquee>" + "</b>" * 90 + "</marquee>" + "<p>x" * 20_000,
    "attributes": "<a " + "a b c d e " * 20_000 + ">",
    "tags with many attributes": ("<a " + " ".join(f"x{n}" for n in range(300)) + ">x</a>") * 500,
    "tables": "<b><table>" * 3000,
    "links in links": "<a>" * 50_000,
    "annotations": "<ruby><rt>" * 10_000,
    "items that a list keeps from ending": "<ul></li><li>" * 10_000,
    "misnested": "<b><sub></b>" * 10_000,
    "paragraphs out of formatting": "<p><b>x</p>" * 20_000,
    "brackets": "<" * 500_000,
    "tags that never end": "<a" * 300_000,
    "entities": "&amp;" * 100_000,
}


@pytest.mark.parametrize("markup", HOSTILE.values(), ids=HOSTILE)
def test_hostile_markup_takes_no_time_and_no_memory(markup: str) -> None:
    before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    kept = sanitize.html(markup)
    seconds = time.process_time() - begin
    assert seconds < 0.2  # a few milliseconds, on a machine with other work to do
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # kilobytes
    assert len(kept.encode()) <= sanitize.MAX_BYTES


EVERYDAY = {
    "a reply": '<p><span class="h-card"><a href="https://films.example/@films" class="u-url mention">@<span>films'
    "</span></a></span> What a night!<br>And <em>what</em> <strong>light</strong>.</p>" * 10,
    "a long list": "<ul>" + "<li><p>An <b>item</b> with <code>code</code></p></li>" * 400 + "</ul>",
    "a list without end tags": "<ul>" + "<li>An item with <i>words</i>" * 500 + "</ul>",
    "paragraphs without end tags": "<p>Some words with <a href='https://a.example/?b=c&amp;d'>a link</a>."
    * 300,
    "code": "<pre><code>" + "if (a &lt; b) { c(); }\n" * 1000 + "</code></pre>",
    "quotations in each other": "<blockquote><p>Yes.</p>" * 40 + "</blockquote>" * 40,
    "annotations": "<p>" + "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>" * 300 + "</p>",
    "a table": "<table><tr><td>One</td><td><b>Two</b></td></tr></table>" * 20,
    "less than": "<p>I &lt;3 it, 2 < 3, a<b too</p>",
}


@pytest.mark.parametrize("markup", EVERYDAY.values(), ids=EVERYDAY)
def test_everyday_markup_is_left_to_the_parser(markup: str) -> None:
    assert is_cheap(markup)


def test_formatting_that_its_end_tag_does_not_reach_counts_as_open() -> None:
    around = "<div>" * 9 + "</b>" + "</div>" * 9
    assert not is_cheap("".join(f"<b id={n}>{around}" for n in range(MAX_DEPTH + 1)))
    assert is_cheap("".join(f"<b id={n}>{around}</b>" for n in range(5)))


TAGS = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "<a>",
        "</a>",
        "<ul>",
        "</ul>",
        "<li>",
        "</li>",
        "<div>",
        "</div>",
        "<span>",
        "</span>",
        "<h1>",
        "</h2>",
        "<pre>",
        "</pre>",
        "<dl>",
        "<dt>",
        "<dd>",
        "</dl>",
        "<br>",
        "</br>",
        "<ruby>",
        "<rt>",
        "</rt>",
        "</ruby>",
        "x",
        "<table>",
        "<td>",
        "</table>",
        "<!--",
        "-->",
        "<q t='</b>'>",
    ]
)


@given(st.lists(TAGS, max_size=12), st.lists(TAGS, max_size=12), st.integers(1, 300), st.integers(1, 600))
@example(before=[], again=["<q t='</b>'>"], first=1, second=MAX_LOOSE_TAGS)
@example(
    before=[], again=["<ul>", "</li>", "<li>"], first=1, second=600
)  # a list keeps its items from ending
def test_what_counts_as_cheap_has_few_elements_and_is_shallow(
    before: list[str], again: list[str], first: int, second: int
) -> None:
    """The parser's own tree is the judge: written out, it has no more start tags than were foreseen."""
    markup = "".join(before) * first + "".join(again) * second
    if not is_cheap(markup):
        return
    every_tag = {name for tag in re.findall(r"<([a-z0-9]+)", markup) for name in (tag, "tbody", "tr", "p")}
    tree = nh3.clean(markup, tags=every_tag, attributes={})
    depth = deepest = 0
    for end in re.findall(r"<(/?)(?!br|hr)[a-z0-9]+", tree):
        depth += -1 if end else 1
        deepest = max(deepest, depth)
    assert len(re.findall(r"<[a-z]", tree)) <= MAX_NODES + 1
    assert deepest <= max(2 * MAX_DEPTH, MAX_LOOSE_TAGS) + 10  # tags that are not plain are only counted
