"""Reads the whole folder of a site into the model, and tells every mistake in it at once."""

import datetime as dt
import re
import uuid
from collections.abc import Iterable
from pathlib import Path

import msgspec

from tubegen.config import Config, Defaults, load_config, read_defaults, read_shared
from tubegen.content.captions import read_captions
from tubegen.content.frontmatter import empty_document, read_document
from tubegen.content.model import Captions, Channel, Chapter, Held, Page, Playlist, Site, Text, Video
from tubegen.content.scan import Found, FoundChannel, markdown_files, scan, slugify
from tubegen.errors import Problems
from tubegen.schema import Table, nearest, read_text, read_toml

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

_CLOCK = re.compile(r"^(?:(\d+):)?(\d{1,3}):(\d{2}(?:\.\d+)?)$|^(\d+(?:\.\d+)?)$")


def load_site(folder: Path, problems: Problems, *, now: dt.datetime, drafts: bool = False) -> Site:
    """The site in `folder` as it is to be published at `now`.

    `drafts` publishes drafts and videos with a later date too. Mistakes are noted in `problems`, and the
    site holds what could be read; InputError is raised only when there is no readable tubegen.toml.
    """
    config = load_config(folder, problems)
    found = scan(folder / "content", problems)
    channels: list[Channel] = []
    videos: list[Video] = []
    held: list[Held] = []
    places: list[tuple[str, Path]] = []
    addresses: dict[str, Path] = {}
    for entry in found:
        _claim(entry.name, entry.document.parent, addresses, problems)
        channel, defaults = _channel(entry, config, problems)
        channels.append(channel)
        for item in entry.videos:
            video, draft = _video(item, channel.name, defaults, problems)
            if video is None:
                continue
            places.append((video.slug, video.source))
            later = video.date is not None and video.date > now
            if (draft or later) and not drafts:
                held.append(Held(slug=video.slug, title=video.title, until=None if draft else video.date))
            else:
                videos.append(video)
    _report_doubles(places, problems)
    _report_double_ids(videos, problems)
    return Site(
        folder=folder,
        config=config,
        channels=tuple(channels),
        videos=tuple(sorted(videos, key=_newest_first)),
        playlists=_playlists(folder, config, videos, {slug for slug, _ in places}, problems),
        pages=_pages(folder, config, problems),
        held=tuple(held),
    )


def _channel(found: FoundChannel, config: Config, problems: Problems) -> tuple[Channel, Defaults]:
    exists = found.document.exists()
    table, body = (read_document if exists else empty_document)(found.document, problems)
    title = config.site.title if found.name == "main" else _title(found.document.parent.name)
    defaults = read_defaults(table.table("defaults"), config.defaults)
    channel = Channel(
        name=found.name,
        title=table.text("title", title),
        description=table.text("description"),
        body=body,
        language=table.language("language", defaults.language),
        avatar=_picture(table, "avatar", found.document.parent),
        banner=_picture(table, "banner", found.document.parent),
        links=_links(table),
    )
    table.done()
    return channel, defaults


def _video(found: Found, channel: str, defaults: Defaults, problems: Problems) -> tuple[Video | None, bool]:
    table, body = (read_document if found.document.exists() else empty_document)(found.document, problems)
    draft = table.flag("draft", False)
    if len(found.sources) != 1:
        names = ", ".join(source.name for source in found.sources)
        if found.sources:
            problems.add(
                found.folder,
                0,
                f"there are several videos in this folder ({names})",
                "give each a folder of its own",
            )
        elif not draft:
            problems.add(
                found.folder,
                0,
                "there is no video in this folder",
                "put one beside index.md, or write draft: true",
            )
        return None, draft
    shared = read_shared(table, defaults)
    if len(found.covers) > 1:
        problems.add(found.covers[1], 0, f"there is {found.covers[0].name} already", "keep one cover")
    video = Video(
        slug=_slug(table, found, problems),
        channel=channel,
        source=found.sources[0],
        title=table.text(
            "title", _title(found.slug if found.document.name == "index.md" else found.sources[0].stem)
        ),
        date=table.date("date"),
        description=table.text("description"),
        body=body,
        tags=shared.tags,
        language=shared.language,
        licence=shared.licence,
        category=shared.category,
        credits=shared.credits,
        chapters=_chapters(table),
        captions=_captions(found.captions, problems),
        cover=found.covers[0] if found.covers else None,
        cover_alt=table.text("cover_alt"),
        sensitive=shared.sensitive or bool(table.text("warning")),
        warning=shared.warning,
        unlisted=table.flag("unlisted", False),
        p2p=shared.p2p,
        download=shared.download,
        playlists=table.texts("playlists"),
        aliases=_aliases(table),
        uuid=_uuid(table),
    )
    table.done()
    return video, draft


def _slug(table: Table, found: Found, problems: Problems) -> str:
    wanted = table.text("slug")
    if wanted and wanted != slugify(wanted):
        table.wrong(
            "slug", f"'{wanted}' cannot stand in an address", f"write slug: {slugify(wanted) or 'a-word'}"
        )
        return found.slug
    slug = wanted or found.slug
    if not slug:
        problems.add(
            found.sources[0],
            0,
            "no address can be made of this name",
            "write slug: a-word in its front matter",
        )
    return slug


def _chapters(table: Table) -> tuple[Chapter, ...]:
    chapters: list[Chapter] = []
    for item in table.tables("chapters"):
        if isinstance(item, str):
            start, _, title = item.strip().partition(" ")
            place, key = table, "chapters"
        else:
            start, title = item.text("start"), item.text("title")
            item.done()
            place, key = item, ""
        seconds = _clock(start)
        if seconds is None:
            place.wrong(key, f"'{start}' is not a time", 'write start: "1:23" (minutes:seconds) or "1:02:03"')
        elif not title.strip():
            place.wrong(key, "this chapter has no title", 'write "1:23 Its title"')
        elif chapters and seconds <= chapters[-1].start:
            place.wrong(
                key,
                f"chapter '{title.strip()}' does not begin after the one above it",
                "put chapters in the order of time",
            )
        else:
            chapters.append(Chapter(seconds, title.strip()))
    return tuple(chapters)


def _clock(text: str) -> float | None:
    match = _CLOCK.match(text.strip())
    if not match:
        return None
    if match[4]:
        return float(match[4])
    seconds = float(match[3])
    return int(match[1] or 0) * 3600 + int(match[2]) * 60 + seconds if seconds < 60 else None


def _captions(paths: Iterable[Path], problems: Problems) -> tuple[Captions, ...]:
    by_language: dict[str, Captions] = {}
    for path in paths:
        captions = read_captions(path, problems)
        if captions is None:
            continue
        if other := by_language.get(captions.language.lower()):
            problems.add(
                path, 0, f"{other.path.name} has captions in this language already", "keep one of them"
            )
        by_language[captions.language.lower()] = captions
    return tuple(by_language[language] for language in sorted(by_language))


def _aliases(table: Table) -> tuple[str, ...]:
    aliases: list[str] = []
    for alias in table.texts("aliases"):
        path = alias.strip("/")
        if (
            not path
            or any(part in ("", ".", "..") for part in path.split("/"))
            or "\\" in path
            or ":" in path
        ):
            table.wrong("aliases", f"'{alias}' is not an address of this site", "write one such as old/name/")
        else:
            aliases.append(path + "/")
    return tuple(aliases)


def _uuid(table: Table) -> str:
    value = table.text("uuid")
    if not value:
        return ""
    try:
        parsed = uuid.UUID(value)
    except ValueError:
        parsed = None
    if parsed is None or parsed.version != 4:
        table.wrong(
            "uuid", f"'{value}' is not a UUID of version 4", "take the line out: tubegen gives the video one"
        )
        return ""
    return str(parsed)


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
            read_document(path, problems) if path.suffix == ".md" else _toml_document(path, problems)
        )
        slugs = table.texts("videos")
        for slug in slugs:
            if slug not in known:
                table.wrong("videos", f"there is no video '{slug}'", nearest(slug, known))
        name = slugify(path.stem)
        _claim(name, path, addresses, problems)
        playlists[name] = Playlist(
            name=name,
            title=table.text("title", _title(path.stem)),
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
            title=table.text("title", _title(path.stem)),
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


def _newest_first(video: Video) -> tuple[bool, float, str]:
    """Videos without a date come last; they get one when tubegen.lock first sees them."""
    return (video.date is None, -video.date.timestamp() if video.date else 0.0, video.slug)


def _title(name: str) -> str:
    """A title for what has none: its file name as words."""
    words = re.sub(r"[-_]+", " ", name).strip()
    return words[:1].upper() + words[1:]
