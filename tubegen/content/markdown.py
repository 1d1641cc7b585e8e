"""Markdown to HTML, in two steps: the text alone (pure, so that it can be remembered), then its links.

Links stay as the author wrote them until the whole site is known: `../tide/index.md`, `still.jpg`.
"""

import html
import re
from collections.abc import Callable
from typing import Any

import markdown
import msgspec
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import AMP_SUBSTITUTE

PLACEHOLDER = "tubegen-link:"
"""Begins every link to another place of the site in rendered markup."""

_PLACED = re.compile(re.escape(PLACEHOLDER) + r'([^"]*)"')
_ABSOLUTE = re.compile(rf"^(?:[a-z][a-z0-9+.-]*:|//|#|\?|{AMP_SUBSTITUTE})", re.IGNORECASE)
"""Links that need nothing done; the last are addresses of mail, which the library writes in entities."""
_EXTENSIONS = ["extra", "sane_lists", "admonition", "smarty"]


class Markup(msgspec.Struct, frozen=True):
    """Rendered markdown whose inner links wait to be resolved."""

    html: str
    links: tuple[str, ...]
    """Every inner link in it, as written, in order, without doubles."""


class _Mark(Treeprocessor):
    """Marks inner links, so that they can be found again in the finished HTML."""

    def run(self, root: Any) -> None:
        for element in root.iter():
            name = {"a": "href", "img": "src", "source": "src", "video": "src"}.get(element.tag)
            link = element.get(name) if name else None
            if name and link and not _ABSOLUTE.match(link):
                element.set(name, PLACEHOLDER + link)
            if element.tag == "img":
                element.set("loading", "lazy")


class _Links(Extension):
    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 - the library's name
        md.treeprocessors.register(_Mark(md), "tubegen-links", 0)


def render(text: str) -> Markup:
    """Markdown to markup; headings begin at h2, since the page's title is its h1."""
    converter = _converter()
    converter.reset()
    body = converter.convert(text)
    links = dict.fromkeys(html.unescape(link) for link in _PLACED.findall(body))
    return Markup(body, tuple(links))


def resolve(markup: Markup, target: Callable[[str], str]) -> str:
    """The HTML with each inner link replaced by what `target` makes of it (a link from the site's root).

    The result's links still begin with the placeholder: the page that shows them makes them relative.
    """

    def replace(match: re.Match[str]) -> str:
        return f'{PLACEHOLDER}{html.escape(target(html.unescape(match[1])))}"'

    return _PLACED.sub(replace, markup.html)


_shared: list[markdown.Markdown] = []


def _converter() -> markdown.Markdown:
    if not _shared:
        _shared.append(
            markdown.Markdown(extensions=[*_EXTENSIONS, _Links(), _Headings()], output_format="html")
        )
    return _shared[0]


class _Lower(Treeprocessor):
    """A page has one h1, its title: an author's `# Heading` becomes an h2, and so on down."""

    def run(self, root: Any) -> None:
        levels = sorted({int(e.tag[1]) for e in root.iter() if re.fullmatch(r"h[1-6]", str(e.tag))})
        for element in root.iter():
            if re.fullmatch(r"h[1-6]", str(element.tag)):
                element.tag = f"h{min(6, 2 + levels.index(int(element.tag[1])))}"


class _Headings(Extension):
    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 - the library's name
        md.treeprocessors.register(_Lower(md), "tubegen-headings", 1)
