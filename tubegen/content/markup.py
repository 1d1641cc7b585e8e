"""Rendered markdown whose inner links wait to be resolved: they stay as the author wrote them until the whole
site is known (`../tide/index.md`, `still.jpg`)."""

import html
import re
from collections.abc import Callable

import msgspec

PLACEHOLDER = "tubegen-link:"
"""Begins every link to another place of the site in rendered markup."""

_PLACED = re.compile(re.escape(PLACEHOLDER) + r'([^"]*)"')


class Markup(msgspec.Struct, frozen=True):
    """HTML made from markdown."""

    html: str
    links: tuple[str, ...]
    """Every inner link in it, as written, in order, without doubles."""

    @classmethod
    def of(cls, body: str) -> "Markup":
        """From HTML in which inner links begin with the placeholder."""
        return cls(body, tuple(dict.fromkeys(html.unescape(link) for link in _PLACED.findall(body))))


def place(body: str, link: Callable[[str], str]) -> str:
    """Finished HTML: what `resolve` gives, with its inner links as `link` writes them."""
    return _PLACED.sub(lambda match: f'{html.escape(link(html.unescape(match[1])))}"', body)


def resolve(markup: Markup, target: Callable[[str], str]) -> str:
    """The HTML with each inner link replaced by what `target` makes of it (a link from the site's root).

    The result's links still begin with the placeholder: the page that shows them makes them relative.
    """

    def replace(match: re.Match[str]) -> str:
        return f'{PLACEHOLDER}{html.escape(target(html.unescape(match[1])))}"'

    return _PLACED.sub(replace, markup.html)
