"""Reads one video: its front matter, its captions, what it was handed down."""

import re
import uuid
from collections.abc import Iterable
from pathlib import Path

from tubegen.config import Defaults, read_shared
from tubegen.content.captions import read_captions
from tubegen.content.frontmatter import empty_document, read_document
from tubegen.content.model import Captions, Chapter, Video
from tubegen.content.scan import Found, length_fault, slugify
from tubegen.errors import Problems
from tubegen.schema import Table

_CLOCK = re.compile(r"^(?:(\d+):)?(\d{1,3}):(\d{2}(?:\.\d+)?)$|^(\d+(?:\.\d+)?)$")


def read_video(
    found: Found, channel: str, defaults: Defaults, problems: Problems
) -> tuple[Video | None, bool]:
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
            "title", title_of(found.slug if found.document.name == "index.md" else found.sources[0].stem)
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
        playlists=_playlists(table),
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
    if fault := length_fault(slug):
        if wanted:
            table.wrong("slug", fault, "write a shorter slug")
        else:
            problems.add(found.sources[0], 0, fault, "write slug: a-word in its front matter")
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
        title = " ".join(title.split())
        seconds = _clock(start)
        if seconds is None:
            place.wrong(key, f"'{start}' is not a time", 'write start: "1:23" (minutes:seconds) or "1:02:03"')
        elif not title:
            place.wrong(key, "this chapter has no title", 'write "1:23 Its title"')
        elif chapters and seconds <= chapters[-1].start:
            place.wrong(
                key,
                f"chapter '{title}' does not begin after the one above it",
                "put chapters in the order of time",
            )
        else:
            chapters.append(Chapter(seconds, title))
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


def _playlists(table: Table) -> tuple[str, ...]:
    titles = table.texts("playlists")
    for title in titles:
        name = slugify(title)
        if not name:
            table.wrong(
                "playlists",
                f"no address can be made of '{title}'",
                "write a title with letters or digits",
            )
        elif fault := length_fault(name):
            table.wrong("playlists", fault, "write a shorter title")
    return titles


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
        elif fault := length_fault(max(path.split("/"), key=lambda part: len(part.encode()))):
            table.wrong("aliases", fault, "write a shorter alias")
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


def title_of(name: str) -> str:
    """A title for what has none: its file name as words."""
    words = re.sub(r"[-_\x00-\x1f]+", " ", name).strip()
    return words[:1].upper() + words[1:]
