"""Reads the whole folder of a site into the model, and tells every mistake in it at once."""

import datetime as dt
from pathlib import Path

import msgspec

from tubegen.config import FILE, Config, Defaults, load_config, read_defaults, read_user_name
from tubegen.content.frontmatter import empty_document, read_document
from tubegen.content.handles import Named, user_names
from tubegen.content.model import Channel, Held, Page, Playlist, Site, Text, Video
from tubegen.content.scan import FoundChannel, length_fault, markdown_files, scan, slugify
from tubegen.content.video import read_video, title_of
from tubegen.documents import read_text, read_toml
from tubegen.errors import Problems
from tubegen.schema import Table, nearest

RESERVED = frozenset(
    [
        "assets",
        "channels",
        "embed",
        "federation",
        "files",
        "media",
        "playlists",
        "tags",
        "watch",
        "ap",
        "tracker",
    ]
)
"""First parts of addresses that a page of the author's may not take."""


def load_site(folder: Path, problems: Problems, *, now: dt.datetime, drafts: bool = False) -> Site:
    """The site in `folder` as it is to be published at `now`.

    `drafts` publishes drafts and videos with a later date too. Mistakes are noted in `problems`, and the
    site holds what could be read; InputError is raised only when there is no readable tubegen.toml.
    """
    config = load_config(folder, problems)
    found = scan(folder / "content", problems)
    channels: list[Channel] = []
    named: list[Named] = []
    videos: list[Video] = []
    held: list[Held] = []
    places: list[tuple[str, Path]] = []
    addresses: dict[str, Path] = {}
    tags = [(config.defaults.tags, folder / FILE)]
    for entry in found:
        _claim(entry.name, entry.document.parent, addresses, problems)
        channel, name, defaults = _channel(entry, config, problems)
        channels.append(channel)
        named.append(name)
        tags.append((defaults.tags, entry.document))
        for item in entry.videos:
            video, draft = read_video(item, channel.name, defaults, problems)
            if video is None:
                continue
            tags.append((video.tags, video.body.path))
            places.append((video.slug, video.source))
            later = video.date is not None and video.date > now
            if (draft or later) and not drafts:
                held.append(Held(slug=video.slug, title=video.title, until=None if draft else video.date))
            else:
                videos.append(video)
    _report_doubles(places, problems)
    _report_double_ids(videos, problems)
    _report_tags(tags, problems)
    return Site(
        folder=folder,
        config=config,
        channels=_with_handles(channels, named, config, problems),
        videos=tuple(sorted(videos, key=_newest_first)),
        playlists=_playlists(folder, config, videos, {slug for slug, _ in places}, problems),
        pages=_pages(folder, config, problems),
        held=tuple(held),
    )


def _channel(found: FoundChannel, config: Config, problems: Problems) -> tuple[Channel, Named, Defaults]:
    exists = found.document.exists()
    table, body = (read_document if exists else empty_document)(found.document, problems)
    title = config.site.title if found.name == "main" else title_of(found.document.parent.name)
    defaults = read_defaults(table.table("defaults"), config.defaults)
    channel = Channel(
        name=found.name,
        handle="",
        title=table.text("title", title),
        description=table.text("description"),
        body=body,
        language=table.language("language", defaults.language),
        avatar=_picture(table, "avatar", found.document.parent),
        banner=_picture(table, "banner", found.document.parent),
        links=_links(table),
    )
    name = Named(
        folder=found.document.parent,
        document=found.document if exists else found.document.parent,
        line=table.line("handle"),
        wish=read_user_name(table, "handle"),
        apart=found.apart,
    )
    table.done()
    return channel, name, defaults


def _with_handles(
    channels: list[Channel], named: list[Named], config: Config, problems: Problems
) -> tuple[Channel, ...]:
    """The channels with their user names, which they need only where the site federates."""
    if not config.federation.handle:
        return tuple(channels)
    handles = user_names(config.federation.handle, named, problems)
    return tuple(
        msgspec.structs.replace(channel, handle=handle)
        for channel, handle in zip(channels, handles, strict=True)
    )


def _picture(table: Table, key: str, folder: Path) -> Path | None:
    name = table.text(key)
    if not name:
        return None
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        table.wrong(key, f"there is no picture '{name}' in this folder", "put it there, or correct the name")
        return None
    return path


def _links(table: Table) -> tuple[tuple[str, str], ...]:
    links: list[tuple[str, str]] = []
    for item in table.tables("links"):
        if isinstance(item, str):
            table.wrong("links", "a link has a title and an address", 'write {title: "…", url: "https://…"}')
            continue
        links.append((item.text("title", required=True), item.address("url", required=True)))
        item.done()
    return tuple(links)


def _playlists(
    folder: Path, config: Config, videos: list[Video], known: set[str], problems: Problems
) -> tuple[Playlist, ...]:
    published = {video.slug for video in videos}
    playlists: dict[str, Playlist] = {}
    addresses: dict[str, Path] = {}
    for path in markdown_files(folder / "playlists", problems, (".md", ".toml")):
        table, body = (
            read_document(path, problems) if path.suffix.lower() == ".md" else _toml_document(path, problems)
        )
        slugs = table.texts("videos")
        for slug in slugs:
            if slug not in known:
                table.wrong("videos", f"there is no video '{slug}'", nearest(slug, known))
        name = slugify(path.stem)
        _claim(name, path, addresses, problems)
        playlists[name] = Playlist(
            name=name,
            title=table.text("title", title_of(path.stem)),
            description=table.text("description"),
            body=body,
            language=table.language("language", config.site.language),
            videos=tuple(slug for slug in slugs if slug in published),
        )
        table.done()
    for video in sorted(videos, key=_newest_first, reverse=True):
        for title in video.playlists:
            name = slugify(title)
            listed = playlists.get(name) or _implied(name, title, video, config)
            playlists[name] = _with(listed, video.slug)
    return tuple(playlists[name] for name in sorted(playlists))


def _implied(name: str, title: str, video: Video, config: Config) -> Playlist:
    """A playlist that only its videos speak of."""
    body = Text(markdown="", path=video.body.path, line=0)
    return Playlist(
        name=name, title=title, description="", body=body, language=config.site.language, videos=()
    )


def _with(playlist: Playlist, slug: str) -> Playlist:
    if slug in playlist.videos:
        return playlist
    return msgspec.structs.replace(playlist, videos=(*playlist.videos, slug))


def _toml_document(path: Path, problems: Problems) -> tuple[Table, Text]:
    text = read_text(path, problems)
    table = read_toml(text, path, problems) if text is not None else None
    return table or Table({}, path=path, problems=problems), Text(markdown="", path=path, line=1)


def _pages(folder: Path, config: Config, problems: Problems) -> tuple[Page, ...]:
    pages: list[Page] = []
    addresses: dict[str, Path] = {}
    for path in markdown_files(folder / "pages", problems):
        table, body = read_document(path, problems)
        name = slugify(path.stem)
        _claim(name, path, addresses, problems)
        if name in RESERVED or name in ("index", "404"):
            problems.add(
                path, 0, f"'{name}' is an address tubegen needs itself", "give the file another name"
            )
        page = Page(
            name=name,
            title=table.text("title", title_of(path.stem)),
            description=table.text("description"),
            body=body,
            language=table.language("language", config.site.language),
            menu=table.flag("menu", True),
            order=table.whole("order", 100, least=0, most=10_000),
        )
        table.done()
        pages.append(page)
    return tuple(sorted(pages, key=lambda page: (page.order, page.title.casefold(), page.name)))


def _claim(name: str, path: Path, taken: dict[str, Path], problems: Problems) -> None:
    """Note when a text of a kind has no address, or the same as another of its kind."""
    if not name:
        problems.add(path, 0, "no address can be made of this name", "give it a name with letters or digits")
    elif fault := length_fault(name):
        problems.add(path, 0, fault, "give it a shorter name")
    elif (other := taken.setdefault(name, path)) != path:
        problems.add(
            path,
            0,
            f"the address {name}/ is taken by {problems.show(other)}",
            "give one of them another name",
        )


def _report_doubles(places: list[tuple[str, Path]], problems: Problems) -> None:
    """Addresses of videos do not name their channel, so no two may have the same slug."""
    first: dict[str, Path] = {}
    for slug, place in places:
        if slug in first:
            problems.add(
                place,
                0,
                f"the address watch/{slug}/ is taken by {problems.show(first[slug])}",
                "rename one of them, or write slug: another-word in its front matter",
            )
        first.setdefault(slug, place)


def _report_double_ids(videos: list[Video], problems: Problems) -> None:
    first: dict[str, Video] = {}
    for video in videos:
        if video.uuid and first.setdefault(video.uuid, video) is not video:
            other = problems.show(first[video.uuid].body.path)
            problems.add(
                video.body.path,
                1,
                f"the uuid is that of {other}",
                "take the line out: tubegen gives the video one",
            )


def _report_tags(written: list[tuple[tuple[str, ...], Path]], problems: Problems) -> None:
    """Each tag once, where it is first written: too long for an address, or at that of another."""
    first: dict[str, str] = {}
    told: set[str] = set()
    for tags, place in written:
        for tag in tags:
            slug, word = slugify(tag), tag.casefold()
            if not slug or word in told:
                continue
            told.add(word)
            if fault := length_fault(slug):
                problems.add(place, 0, fault, "write a shorter tag")
            elif slug in first:
                problems.add(
                    place,
                    0,
                    f"the tag '{tag}' has the address of '{first[slug]}'",
                    "name one of them in other words",
                )
            first.setdefault(slug, tag)


def _newest_first(video: Video) -> tuple[bool, float, str]:
    """Videos without a date come last; they get one when tubegen.lock first sees them."""
    return (video.date is None, -video.date.timestamp() if video.date else 0.0, video.slug)
