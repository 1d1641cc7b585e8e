"""The jinja2 environment: a theme's templates with the functions and filters they may use."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

import jinja2
from markupsafe import Markup

from tubegen.config import SiteConfig
from tubegen.content.markup import PLACEHOLDER
from tubegen.render.formats import clock, file_size, iso_date, iso_duration
from tubegen.render.i18n import Catalogue, long_date
from tubegen.render.linker import Linker
from tubegen.render.theme import Theme

_PLACED = re.compile(re.escape(PLACEHOLDER) + r"([^\"']*)")


def relative_links(html: str, url: Callable[[str], str]) -> Markup:
    """Markup from markdown, with its links made relative to the page."""
    return Markup(_PLACED.sub(lambda match: url(match[1]), html))  # noqa: S704 - the author's own words


@jinja2.pass_context
def _links(context: jinja2.runtime.Context, html: str) -> Markup:
    return relative_links(html, context["url"])


@jinja2.pass_context
def _date(context: jinja2.runtime.Context, moment: dt.date) -> str:
    return long_date(moment, context["t"].language)


class Templates:
    """Renders records with a theme. Templates are compiled when they are first needed, and once."""

    def __init__(
        self, theme: Theme, site: SiteConfig, assets: Mapping[str, str], strings: Callable[[str], Catalogue]
    ) -> None:
        self._theme = theme
        self._site = site
        self._assets = assets
        self._strings = strings
        loaders: list[jinja2.BaseLoader] = [jinja2.FileSystemLoader(theme.folders("templates"))]
        named = {name: jinja2.FileSystemLoader(folder / "templates") for name, folder in theme.layers}
        self._environment = jinja2.Environment(
            loader=jinja2.ChoiceLoader([*loaders, jinja2.PrefixLoader(named)]),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        filters: dict[str, Any] = {
            "duration": clock,
            "clock": clock,
            "isoduration": iso_duration,
            "isodate": iso_date,
            "filesize": file_size,
            "links": _links,
            "date": _date,
        }
        self._environment.filters.update(filters)

    def render(
        self, template: str, page: str, language: str, records: Mapping[str, object], *, rooted: bool = False
    ) -> bytes:
        """The page at the path `page` of the site (`watch/tide/index.html`)."""
        linker = Linker(self._site, page, rooted=rooted)
        strings = self._strings(language)

        def asset(name: str) -> str:
            return linker.url(self._assets[name])

        given: dict[str, Any] = {
            **records,
            "theme": self._theme.parameters,
            "url": linker.url,
            "absolute": linker.absolute,
            "asset": asset,
            "t": strings,
        }
        return self._environment.get_template(template).render(given).encode()
