"""Every page of the site with the records its template gets."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from tubegen import __version__
from tubegen.content.model import Channel, Page, Playlist
from tubegen.content.scan import slugify
from tubegen.contract import group_id, note_id, person_id
from tubegen.render import context as c
from tubegen.render import structured, views
from tubegen.render.feeds import tag_feed
from tubegen.render.i18n import Catalogue, direction
from tubegen.render.library import Film, Library, channel_link, playlist_link
from tubegen.render.player import player_record

SITE_FEED = "feed.xml"


class PageSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A page before it is rendered: all that its bytes depend on, but for the theme."""

    path: str
    template: str
    records: Mapping[str, msgspec.Struct]
    language: str
    rooted: bool = False
    listed: bool = True
    """Whether the sitemap names it."""

    @property
    def link(self) -> str:
        return self.path.removesuffix("index.html")


def site_record(library: Library) -> c.Site:
    config = library.site.config.site
    return c.Site(
        title=config.title,
        url=config.url,
        description=config.description,
        language=config.language,
        menu=tuple(c.Link(title=page.title, url=f"{page.name}/") for page in library.site.pages if page.menu),
        channels=tuple(c.Link(title=ch.title, url=channel_link(ch.name)) for ch in library.site.channels),
        playlists=bool(library.site.playlists),
        feed=SITE_FEED,
        handle=library.handle(library.site.config.federation.handle),
        generator=f"tubegen {__version__}",
    )


def tags(library: Library) -> dict[str, tuple[str, list[Film]]]:
    """By slug: the tag as first written, and its films. Tags that differ only in case are one.

    No others have the same slug: the readers refuse them.
    """
    found: dict[str, tuple[str, list[Film]]] = {}
    for film in library.listed:
        for tag in film.video.tags:
            slug = slugify(tag)
            if slug:
                _, films = found.setdefault(slug, (tag, []))
                if film not in films[-1:]:
                    films.append(film)
    return dict(sorted(found.items()))


def pages(
    library: Library,
    to_html: views.ToHtml,
    strings: Callable[[str], Catalogue],
    words_links: Mapping[str, str],
) -> Iterator[PageSpec]:
    """All pages of the site. `words_links`: the player's words, a file for each language."""
    site = site_record(library)
    yield from _home(library, site)
    for film in library.films:
        yield from _film(library, film, site, to_html, strings, words_links)
    for channel in library.site.channels:
        yield from _channel(library, channel, site, to_html)
    yield from _playlists(library, site, to_html)
    yield from _tags(library, site)
    for page in library.site.pages:
        yield _page(page, site, to_html)
    yield _missing(library, site)


def _info(
    site: c.Site,
    kind: str,
    url: str,
    title: str,
    *,
    description: str = "",
    language: str = "",
    image: c.Image | None = None,
    feeds: tuple[c.Link, ...] = (),
    noindex: bool = False,
    structured: str = "",
    oembed: str = "",
    activity: str = "",
) -> c.PageInfo:
    """In the site's language and with the site's feed, unless the page has its own."""
    language = language or site.language
    return c.PageInfo(
        kind=kind,
        title=title,
        url=url,
        description=description,
        language=language,
        image=image,
        feeds=feeds or (c.Link(title=site.title, url=site.feed),),
        noindex=noindex,
        structured=structured,
        oembed=oembed,
        activity=activity,
        direction=direction(language),
    )


def _spec(link: str, template: str, site: c.Site, info: c.PageInfo, **records: msgspec.Struct) -> PageSpec:
    return PageSpec(
        path=f"{link}index.html",
        template=template,
        records={"site": site, "page": info, **records},
        language=info.language,
        listed=not info.noindex,
    )


def _home(library: Library, site: c.Site) -> Iterator[PageSpec]:
    federation = library.site.config.federation
    for link, films, pagination in views.paginate(library.listed, "", library.site.config.site):
        first = pagination.number == 1
        cards = _cards(library, films)
        featured = cards[0] if first and cards else None
        home = c.Home(
            featured=featured,
            videos=cards[1:] if featured else cards,
            channels=tuple(views.channel_card(library, ch) for ch in library.site.channels) if first else (),
            playlists=tuple(views.playlist_card(library, p) for p in library.site.playlists) if first else (),
            pagination=pagination,
        )
        picture = featured.image if featured and not featured.sensitive else None
        info = _info(
            site,
            "home",
            link,
            site.title,
            description=site.description,
            image=picture,
            noindex=not first,
            activity=person_id(federation.base_url, federation.handle) if first and site.handle else "",
        )
        yield _spec(link, "home.html", site, info, home=home)


def _film(
    library: Library,
    film: Film,
    site: c.Site,
    to_html: views.ToHtml,
    strings: Callable[[str], Catalogue],
    words_links: Mapping[str, str],
) -> Iterator[PageSpec]:
    video = film.video
    image = None if video.sensitive else views.poster(film)
    base = library.site.config.federation.base_url

    def player(link: str, *, embed: bool) -> c.Player:
        # The interface around a film is in the site's language; the film's own words are marked with theirs.
        words = strings(site.language)
        return player_record(library, film, f"{link}index.html", words, words_links, embed=embed)

    shown = views.video(library, film, player(film.page, embed=False), to_html)
    small = views.embedded(shown, player(film.embed, embed=True))
    for link, kind, record in ((film.page, "watch", shown), (film.embed, "embed", small)):
        embed = kind == "embed"
        info = _info(
            site,
            kind,
            film.page,
            video.title,
            description=video.description,
            image=image,
            noindex=embed or video.unlisted,
            feeds=_feeds(site, library, video.channel),
            structured="" if embed else structured.video_object(library, film),
            oembed="" if embed else f"{film.page}oembed.json",
            activity="" if embed or not site.handle or video.unlisted else note_id(base, film.uuid),
        )
        yield _spec(link, f"{kind}.html", site, info, video=record)


def _feeds(site: c.Site, library: Library, channel: str) -> tuple[c.Link, ...]:
    own = c.Link(title=library.channel(channel).title, url=f"{channel_link(channel)}feed.xml")
    return (own, c.Link(title=site.title, url=site.feed))


def _channel(library: Library, channel: Channel, site: c.Site, to_html: views.ToHtml) -> Iterator[PageSpec]:
    base = channel_link(channel.name)
    federation = library.site.config.federation
    films = [film for film in library.listed if film.video.channel == channel.name]
    avatar, banner = library.avatars.get(channel.name), library.banners.get(channel.name)
    for link, some, pagination in views.paginate(films, base, library.site.config.site):
        first = pagination.number == 1
        record = c.Channel(
            title=channel.title,
            url=base,
            description=channel.description,
            handle=library.handle(channel.handle),
            body=to_html(channel.body) if first else "",
            avatar=views.image(avatar, base) if avatar else None,
            banner=views.image(banner, base) if banner else None,
            links=tuple(c.Link(title=title, url=url) for title, url in channel.links),
            videos=_cards(library, some),
            playlists=_own_playlists(library, channel) if first else (),
            feed=f"{base}feed.xml",
            pagination=pagination,
        )
        info = _info(
            site,
            "channel",
            link,
            channel.title,
            description=channel.description,
            image=record.banner or record.avatar,
            language=channel.language,
            feeds=_feeds(site, library, channel.name),
            noindex=not first,
            activity=group_id(federation.base_url, channel.handle) if first and channel.handle else "",
        )
        yield _spec(link, "channel.html", site, info, channel=record)


def _own_playlists(library: Library, channel: Channel) -> tuple[c.PlaylistCard, ...]:
    """Playlists that show nothing but this channel's films."""
    return tuple(
        views.playlist_card(library, playlist)
        for playlist in library.site.playlists
        if {film.video.channel for film in views.playlist_films(library, playlist)} == {channel.name}
    )


def _playlists(library: Library, site: c.Site, to_html: views.ToHtml) -> Iterator[PageSpec]:
    for playlist in library.site.playlists:
        yield _playlist(library, playlist, site, to_html)
    if library.site.playlists:
        every = c.Playlists(all=tuple(views.playlist_card(library, p) for p in library.site.playlists))
        yield _spec(
            "playlists/", "playlists.html", site, _info(site, "playlists", "playlists/", ""), playlists=every
        )


def _playlist(library: Library, playlist: Playlist, site: c.Site, to_html: views.ToHtml) -> PageSpec:
    films = views.playlist_films(library, playlist)
    card = views.playlist_card(library, playlist)
    record = c.Playlist(
        title=playlist.title,
        url=playlist_link(playlist.name),
        description=playlist.description,
        body=to_html(playlist.body),
        videos=_cards(library, films),
        duration=card.duration,
    )
    info = _info(
        site,
        "playlist",
        record.url,
        playlist.title,
        description=playlist.description,
        image=card.image,
        language=playlist.language,
    )
    return _spec(record.url, "playlist.html", site, info, playlist=record)


def _tags(library: Library, site: c.Site) -> Iterator[PageSpec]:
    found = tags(library)
    for tag, films in found.values():
        base = views.tag_link(tag)
        feeds = (
            c.Link(title=f"{tag} · {site.title}", url=tag_feed(tag)),
            c.Link(title=site.title, url=site.feed),
        )
        for link, some, pagination in views.paginate(films, base, library.site.config.site):
            record = c.Tag(name=tag, videos=_cards(library, some), pagination=pagination, feed=tag_feed(tag))
            info = _info(site, "tag", link, tag, feeds=feeds, noindex=pagination.number > 1)
            yield _spec(link, "tag.html", site, info, tag=record)
    if found:
        counts = tuple(
            c.TagCount(name=tag, url=views.tag_link(tag), count=len(films)) for tag, films in found.values()
        )
        yield _spec("tags/", "tags.html", site, _info(site, "tags", "tags/", ""), tags=c.Tags(all=counts))


def _page(page: Page, site: c.Site, to_html: views.ToHtml) -> PageSpec:
    link = f"{page.name}/"
    text = c.Page(title=page.title, body=to_html(page.body))
    info = _info(site, "page", link, page.title, description=page.description, language=page.language)
    return _spec(link, "page.html", site, info, text=text)


def _missing(library: Library, site: c.Site) -> PageSpec:
    record = c.Missing(videos=_cards(library, library.listed[:6]))
    info = _info(site, "missing", "404.html", "", noindex=True)
    return PageSpec(
        path="404.html",
        template="missing.html",
        records={"site": site, "page": info, "missing": record},
        language=info.language,
        rooted=True,
        listed=False,
    )


def _cards(library: Library, films: Sequence[Film]) -> tuple[c.Card, ...]:
    return tuple(views.card(library, film) for film in films)
