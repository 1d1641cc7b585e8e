"""The jinja2 environment: a theme's templates with the functions and filters they may use."""

import datetime as dt
import json
import posixpath
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from tubegen.config import SiteConfig, absolute
from tubegen.content.markdown import PLACEHOLDER
from tubegen.render.i18n import Catalogue, long_date, read_strings
from tubegen.render.theme import Theme

_PLACED = re.compile(re.escape(PLACEHOLDER) + r"([^\"']*)")


class Linker:
    """Makes links from one page of the site."""

    def __init__(self, site: SiteConfig, page: str, *, rooted: bool = False) -> None:
        self._site = site
        self._page = page
        self._rooted = rooted
        """Links from the root of the host: for the page that answers at any address."""

    def url(self, link: str) -> str:
        """A link of the site, made relative to the page; addresses of others pass unchanged."""
        if re.match(r"^(?:[a-z][a-z0-9+.-]*:|//|#)", link, re.IGNORECASE):
            return link
        path, mark, rest = _split(link)
        if self._rooted:
            return posixpath.join("/", _base(self._site.url), path) + mark + rest
        if not self._site.clean_urls and (not path or path.endswith("/")):
            path += "index.html"
        if path == self._page and mark:
            return mark + rest
        folder = posixpath.dirname(self._page)
        relative = posixpath.relpath(path or ".", folder or ".")
        if path.endswith("/") or not path:
            relative += "/"
        return relative + mark + rest

    def absolute(self, link: str) -> str:
        """The full address of a link of the site."""
        return absolute(self._site, link)


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

    def __init__(self, theme: Theme, site: SiteConfig, assets: Mapping[str, str]) -> None:
        self._theme = theme
        self._site = site
        self._assets = assets
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
        self.strings = cache(self._strings)

    def render(
        self, template: str, page: str, language: str, records: Mapping[str, object], *, rooted: bool = False
    ) -> bytes:
        """The page at the path `page` of the site (`watch/tide/index.html`)."""
        linker = Linker(self._site, page, rooted=rooted)
        strings = self.strings(language)

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

    def _strings(self, language: str) -> Catalogue:
        return read_strings(self._theme.folders("i18n"), language)


def clock(seconds: float) -> str:
    """`1:23`, `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def iso_duration(seconds: float) -> str:
    """ISO 8601: `PT1M23S`."""
    minutes, rest = divmod(max(1, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "H"), (minutes, "M"), (rest, "S"))
    return "PT" + "".join(f"{value}{unit}" for value, unit in parts if value)


def iso_date(moment: dt.date) -> str:
    """RFC 3339."""
    return moment.isoformat()


def file_size(size: int) -> str:
    """`4.2 MB`, in the thousands that file managers count in."""
    amount, units = float(size), ["B", "kB", "MB", "GB", "TB"]
    while amount >= 1000 and len(units) > 1:
        amount /= 1000
        units.pop(0)
    return f"{amount:.0f} {units[0]}" if amount >= 10 or units[0] == "B" else f"{amount:.1f} {units[0]}"


def for_script(value: object) -> str:
    """JSON that may stand inside a script element."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _split(link: str) -> tuple[str, str, str]:
    match = re.match(r"^([^?#]*)([?#]?)(.*)$", link)
    assert match is not None
    return match[1], match[2], match[3]


def _base(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url).lstrip("/")
