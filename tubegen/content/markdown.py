"""Markdown to HTML: a pure function of the text, so that its result can be remembered.

Imported only where a text is new, since the library takes longer to load than an unchanged site to build.
"""

import re
from functools import cache
from typing import Any

import markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import AMP_SUBSTITUTE

from tubegen.content.markup import PLACEHOLDER, Markup

_ABSOLUTE = re.compile(rf"^(?:[a-z][a-z0-9+.-]*:|//|#|\?|{AMP_SUBSTITUTE})", re.IGNORECASE)
"""Links that need nothing done; the last are addresses of mail, which the library writes in entities."""

_EXTENSIONS = ("extra", "sane_lists", "admonition", "smarty")


def render(text: str) -> Markup:
    """Markdown to markup; headings begin at h2, since the page's title is its h1."""
    converter = _converter()
    converter.reset()
    return Markup.of(converter.convert(text))


@cache
def _converter() -> markdown.Markdown:
    return markdown.Markdown(extensions=[*_EXTENSIONS, _Site()], output_format="html")


class _Site(Extension):
    """What a page of a site needs of its texts."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 - the library's name
        md.treeprocessors.register(_Lower(md), "tubegen-headings", 1)
        md.treeprocessors.register(_Mark(md), "tubegen-links", 0)


class _Lower(Treeprocessor):
    """A page has one h1, its title: an author's `# Heading` becomes an h2, and so on down."""

    def run(self, root: Any) -> None:
        levels = sorted({int(e.tag[1]) for e in root.iter() if re.fullmatch(r"h[1-6]", str(e.tag))})
        for element in root.iter():
            if re.fullmatch(r"h[1-6]", str(element.tag)):
                element.tag = f"h{min(6, 2 + levels.index(int(element.tag[1])))}"


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
