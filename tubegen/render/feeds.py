"""Atom feeds (RFC 4287), the sitemap with videos, robots.txt."""

import datetime as dt
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from tubegen.config import SiteConfig, absolute
from tubegen.render.formats import rfc3339
from tubegen.render.library import Film, Library
from tubegen.render.output import Output, promised
from tubegen.render.views import download_name, poster, tag_link

ENTRIES = 30
_ATOM = "http://www.w3.org/2005/Atom"
_MEDIA = "http://search.yahoo.com/mrss/"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_VIDEO = "http://www.google.com/schemas/sitemap-video/1.1"

for _prefix, _uri in (("", _ATOM), ("media", _MEDIA), ("video", _VIDEO)):
    ET.register_namespace(_prefix, _uri)


def atom(library: Library, title: str, link: str, page: str, films: Sequence[Film]) -> Output:
    """The feed at `link` of the list that the page `page` shows. Its time is that of its newest film."""
    site = library.site.config.site
    films = films[:ENTRIES]
    feed = ET.Element(f"{{{_ATOM}}}feed", {"xml:lang": site.language})
    _text(feed, "id", absolute(site, link))
    _text(feed, "title", title)
    _text(
        feed,
        "updated",
        rfc3339(max((film.date for film in films), default=dt.datetime(2000, 1, 1, tzinfo=dt.UTC))),
    )
    ET.SubElement(
        feed, f"{{{_ATOM}}}link", rel="self", type="application/atom+xml", href=absolute(site, link)
    )
    ET.SubElement(feed, f"{{{_ATOM}}}link", rel="alternate", type="text/html", href=absolute(site, page))
    author = ET.SubElement(feed, f"{{{_ATOM}}}author")
    _text(author, "name", site.title)
    _text(author, "uri", site.url)
    for film in films:
        _entry(feed, library, film)
    return _document(link, feed)


def _entry(feed: ET.Element, library: Library, film: Film) -> None:
    site, video = library.site.config.site, film.video
    entry = ET.SubElement(feed, f"{{{_ATOM}}}entry", {"xml:lang": video.language})
    _text(entry, "id", f"urn:uuid:{film.uuid}")
    _text(entry, "title", video.title)
    _text(entry, "published", rfc3339(film.date))
    _text(entry, "updated", rfc3339(film.date))
    ET.SubElement(
        entry, f"{{{_ATOM}}}link", rel="alternate", type="text/html", href=absolute(site, film.page)
    )
    download = film.presentation.download
    address = absolute(site, film.media + download_name(film))
    ET.SubElement(
        entry, f"{{{_ATOM}}}link", rel="enclosure", type="video/mp4", href=address, length=str(download.size)
    )
    author = ET.SubElement(entry, f"{{{_ATOM}}}author")
    _text(author, "name", library.channel(video.channel).title)
    if video.licence and video.licence.url:
        ET.SubElement(entry, f"{{{_ATOM}}}link", rel="license", href=video.licence.url)
    for tag in video.tags:
        ET.SubElement(entry, f"{{{_ATOM}}}category", term=tag)
    _text(
        entry,
        "summary",
        video.warning or "sensitive" if video.sensitive else video.description or video.title,
    )
    group = ET.SubElement(entry, f"{{{_MEDIA}}}group")
    width, height = film.presentation.download_size
    ET.SubElement(
        group,
        f"{{{_MEDIA}}}content",
        url=address,
        type="video/mp4",
        medium="video",
        duration=str(round(film.presentation.duration)),
        width=str(width),
        height=str(height),
        fileSize=str(download.size),
    )
    if video.sensitive:
        ET.SubElement(group, f"{{{_MEDIA}}}rating").text = "adult"
    else:
        thumbnail = poster(film)
        ET.SubElement(
            group,
            f"{{{_MEDIA}}}thumbnail",
            url=absolute(site, thumbnail.jpeg),
            width=str(thumbnail.width),
            height=str(thumbnail.height),
        )


def sitemap(library: Library, pages: Iterable[str]) -> Output:
    """Every page that may be found, by its link; watch pages with their video."""
    site = library.site.config.site
    films = {film.page: film for film in library.listed}
    root = ET.Element(f"{{{_SITEMAP}}}urlset")
    for link in pages:
        url = ET.SubElement(root, f"{{{_SITEMAP}}}url")
        ET.SubElement(url, f"{{{_SITEMAP}}}loc").text = absolute(site, link)
        film = films.get(link)
        if film and not film.video.sensitive:  # a search engine would show its poster
            _sitemap_video(url, site, film)
    return _document("sitemap.xml", root, _SITEMAP)


def _sitemap_video(url: ET.Element, site: SiteConfig, film: Film) -> None:
    video = ET.SubElement(url, f"{{{_VIDEO}}}video")
    fields = (
        ("thumbnail_loc", absolute(site, poster(film).jpeg)),
        ("title", film.video.title),
        ("description", film.video.description or film.video.title),
        ("content_loc", absolute(site, film.media + download_name(film))),
        ("player_loc", absolute(site, film.embed)),
        ("duration", str(max(1, round(film.presentation.duration)))),
        ("publication_date", rfc3339(film.date)),
    )
    for name, value in fields:
        ET.SubElement(video, f"{{{_VIDEO}}}{name}").text = value
    for tag in film.video.tags[:32]:
        ET.SubElement(video, f"{{{_VIDEO}}}tag").text = tag


def robots(site: SiteConfig) -> bytes:
    return f"User-agent: *\nAllow: /\n\nSitemap: {absolute(site, 'sitemap.xml')}\n".encode()


def tag_feed(tag: str) -> str:
    return f"{tag_link(tag)}feed.xml"


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}{name}").text = text


def _document(path: str, root: ET.Element, namespace: str | None = None) -> Output:
    """`namespace` is the one without a prefix, where it is not Atom's; no element may have plain attributes then.

    Only promised, by all that is in the tree: writing XML costs more than the rest of an unchanged build.
    """

    def make() -> bytes:
        ET.indent(root)
        text = ET.tostring(root, encoding="utf-8", default_namespace=namespace)
        return b'<?xml version="1.0" encoding="utf-8"?>\n' + text + b"\n"

    return promised(path, [(node.tag, node.attrib, node.text, len(node)) for node in root.iter()], make)
