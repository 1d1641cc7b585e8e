"""All files of the site, in one list: the whole of what the build has to write."""

import hashlib
import html
import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from tubegen import __version__
from tubegen.config import SiteConfig, absolute
from tubegen.errors import Problems
from tubegen.media.package.hls import content_name
from tubegen.render import feeds, structured
from tubegen.render.catalogue import catalogue_outputs
from tubegen.render.i18n import Catalogue, read_strings
from tubegen.render.library import Film, Library, Pictures, channel_link
from tubegen.render.linker import Linker
from tubegen.render.links import Links, Memo
from tubegen.render.output import Output, linked, made, promised
from tubegen.render.pages import SITE_FEED, PageSpec, pages, tags
from tubegen.render.player import player_outputs, track_outputs
from tubegen.render.playlists import hls_outputs
from tubegen.render.swarms import swarms_output
from tubegen.render.theme import Theme
from tubegen.render.views import download_name, film_name
from tubegen.render.words import theme_languages, words_files

if TYPE_CHECKING:
    from tubegen.render.environment import Templates

_CSS_LINK = re.compile(r"""url\(\s*(['"]?)([^'")]+)\1\s*\)""")


def render_site(
    library: Library, theme: Theme, *, memo: Memo, digest: Callable[[Path], str], problems: Problems
) -> list[Output]:
    """Every file of the site. `memo` remembers rendered markdown between builds; `digest` that of files.

    Broken links and addresses that two files claim are noted in `problems`.
    """
    site = library.site.config.site
    assets, asset_files = _assets(theme)

    @cache
    def strings(language: str) -> Catalogue:
        return read_strings(theme.folders("i18n"), language)

    @cache
    def templates() -> "Templates":
        from tubegen.render.environment import Templates  # jinja2, which an unchanged site does not need

        return Templates(theme, site, assets, strings)

    links = Links(library.site, memo, digest, problems)
    words_links, words = words_files(theme_languages(theme.folders("i18n")), strings)
    specs = list(pages(library, links.html, strings, words_links))
    common = (_renderer(), theme.digest, dict(theme.parameters), assets, site)
    outputs = [
        *(_page(spec, templates, common) for spec in specs),
        *asset_files,
        *player_outputs(),
        *words,
        *links.outputs(),
        *(output for film in library.films for output in _film(library, film)),
        *_pictures(library),
        *_feeds(library),
        *catalogue_outputs(library, links.html),
        swarms_output(library),
        *_aliases(library),
        feeds.sitemap(library, (spec.link for spec in specs if spec.listed)),
        made("robots.txt", feeds.robots(site)),
        made("_headers", HEADERS_FILE),
        made(".nojekyll", b""),
    ]
    _report_doubles(outputs, library, problems)
    return outputs


def _page(spec: PageSpec, templates: "Callable[[], Templates]", common: object) -> Output:
    def make() -> bytes:
        return templates().render(spec.template, spec.path, spec.language, spec.records, rooted=spec.rooted)

    return promised(spec.path, (common, spec), make)


def _film(library: Library, film: Film) -> list[Output]:
    download = film.presentation.download.name
    named = {download: download_name(film)}
    oembed = json.dumps(structured.oembed(library, film), ensure_ascii=False, indent=1).encode() + b"\n"
    return [
        *(
            linked(film.media + named.get(f.name, f.name), film.folder / f.name)
            for f in film.presentation.files
        ),
        *hls_outputs(film),
        *track_outputs(film),
        *_social(film),
        *(linked(film.extras + f.name, film.poster.folder / f.name) for f in film.poster.picture.files),
        made(f"{film.page}oembed.json", oembed),
    ]


def _social(film: Film) -> Iterable[Output]:
    """The MP4 for posts, where it is another than the film's own."""
    if film.social and film.social.attachment.file != film.presentation.download:
        name = film.social.attachment.file.name
        yield linked(film.media + film_name(film, name), film.social.folder / name)


def _pictures(library: Library) -> Iterable[Output]:
    for found in (library.avatars, library.banners):
        for name, pictures in found.items():
            yield from _picture(channel_link(name), pictures)


def _picture(base: str, pictures: Pictures) -> Iterable[Output]:
    return (linked(base + file.name, pictures.folder / file.name) for file in pictures.picture.files)


def _feeds(library: Library) -> Iterable[Output]:
    title = library.site.config.site.title
    yield feeds.atom(library, title, SITE_FEED, "", library.listed)
    for channel in library.site.channels:
        base = channel_link(channel.name)
        films = [film for film in library.listed if film.video.channel == channel.name]
        yield feeds.atom(library, f"{channel.title} · {title}", f"{base}feed.xml", base, films)
    for slug, (tag, films) in tags(library).items():
        yield feeds.atom(library, f"{tag} · {title}", feeds.tag_feed(tag), f"tags/{slug}/", films)


def _aliases(library: Library) -> Iterable[Output]:
    site = library.site.config.site
    for film in library.films:
        for alias in film.video.aliases:
            path = f"{alias}index.html"
            yield made(path, _redirect(site, Linker(site, path).url(film.page), film).encode())


def _redirect(site: SiteConfig, link: str, film: Film) -> str:
    title, address = html.escape(film.video.title), html.escape(link)
    return f"""\
<!DOCTYPE html>
<html lang="{site.language}">
<head>
  <meta charset="utf-8">
  <title>{title}</title>
  <meta http-equiv="refresh" content="0; url={address}">
  <link rel="canonical" href="{html.escape(absolute(site, film.page))}">
</head>
<body>
  <p><a href="{address}">{title}</a></p>
</body>
</html>
"""


def _assets(theme: Theme) -> tuple[dict[str, str], list[Output]]:
    """The theme's assets under names that tell their content; style sheets with their links corrected."""
    links: dict[str, str] = {}
    outputs: list[Output] = []
    sheets = [name for name in theme.assets if name.endswith(".css")]
    for name in [n for n in theme.assets if n not in sheets] + sheets:
        file = theme.assets[name]
        data = file.read_bytes()
        if name in sheets:
            data = _CSS_LINK.sub(lambda match: _css_link(match, links), data.decode()).encode()
        stem, suffix = name.removesuffix(file.suffix), file.suffix
        links[name] = "assets/" + content_name(stem, data, suffix)
        outputs.append(made(links[name], data))
    return links, outputs


def _css_link(match: re.Match[str], links: dict[str, str]) -> str:
    target = links.get(match[2])
    return f'url("{target.removeprefix("assets/")}")' if target else match[0]


@cache
def _renderer() -> str:
    """Tells the version of the code that makes pages, so that none is left as an older one made it."""
    total = hashlib.blake2b(__version__.encode(), digest_size=16)
    here = Path(__file__).parent
    for file in sorted([*here.glob("*.py"), *(here.parent / "content").glob("*.py")]):
        total.update(file.read_bytes())
    return total.hexdigest()


def _report_doubles(outputs: list[Output], library: Library, problems: Problems) -> None:
    """Two files at one address, or one where another needs a folder: an alias or a page took what is taken."""
    paths = {output.path for output in outputs}
    owners = {f"{alias}index.html": film for film in library.films for alias in film.video.aliases}
    seen: set[str] = set()
    for output in outputs:
        owner = owners.get(output.path)
        under_a_file = owner and any(str(above) in paths for above in PurePosixPath(output.path).parents)
        if output.path in seen or under_a_file:
            place = owner.video.body.path if owner else library.site.folder / "tubegen.toml"
            problems.add(place, 0, f"the address {output.path} is taken", "choose another")
        seen.add(output.path)


HEADERS_FILE = b"""\
/media/*
  Access-Control-Allow-Origin: *
  Cache-Control: public, max-age=31536000, immutable
/media/*/master.m3u8
  ! Cache-Control
  Cache-Control: public, max-age=60
/assets/*
  Access-Control-Allow-Origin: *
  Cache-Control: public, max-age=31536000, immutable
/files/*
  Cache-Control: public, max-age=31536000, immutable
"""
"""Netlify's and Cloudflare Pages' form; other hosts ignore the file."""
