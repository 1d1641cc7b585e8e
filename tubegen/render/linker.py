"""Links of the site, made relative to the page that shows them."""

import posixpath
import re

from tubegen.config import SiteConfig, absolute


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


def _split(link: str) -> tuple[str, str, str]:
    match = re.match(r"^([^?#]*)([?#]?)(.*)$", link)
    assert match is not None
    return match[1], match[2], match[3]


def _base(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url).lstrip("/")
