"""What a site consists of, as its author wrote it. All records are immutable; all paths absolute."""

import datetime as dt
from pathlib import Path

import msgspec

from tubegen.config import Config, Credit, P2PMode
from tubegen.contract import Licence


class Cue(msgspec.Struct, frozen=True):
    """One caption: seconds from the start of the film."""

    start: float
    end: float
    text: str
    settings: str = ""
    """Placement, as WebVTT has it (`line:10% align:start`)."""


class Captions(msgspec.Struct, frozen=True, kw_only=True):
    """The captions of one language."""

    language: str
    path: Path
    cues: tuple[Cue, ...]


class Chapter(msgspec.Struct, frozen=True):
    """Where a part of the film begins, in seconds."""

    start: float
    title: str


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """Markdown and where it came from."""

    markdown: str
    path: Path
    line: int
    """Line of `path` on which the markdown begins."""


class Video(msgspec.Struct, frozen=True, kw_only=True):
    """A video: its one source file and all that is said about it."""

    slug: str
    channel: str
    source: Path
    title: str
    date: dt.datetime | None
    description: str
    body: Text
    tags: tuple[str, ...]
    language: str
    licence: Licence | None
    category: str
    credits: tuple[Credit, ...]
    chapters: tuple[Chapter, ...]
    """As the front matter has them; empty when the file's own should be used."""
    captions: tuple[Captions, ...]
    cover: Path | None
    cover_alt: str
    sensitive: bool
    warning: str
    unlisted: bool
    p2p: P2PMode
    download: bool
    playlists: tuple[str, ...]
    aliases: tuple[str, ...]
    uuid: str
    """Only when the front matter fixes it; otherwise tubegen.lock knows it."""

    @property
    def key(self) -> str:
        """Its name within the site, in tubegen.lock."""
        return f"{self.channel}/{self.slug}"


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    handle: str
    """User name on other servers; empty when the site does not federate."""
    title: str
    description: str
    body: Text
    language: str
    avatar: Path | None
    banner: Path | None
    links: tuple[tuple[str, str], ...]
    """(title, address)."""


class Playlist(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: str
    description: str
    body: Text
    language: str
    videos: tuple[str, ...]
    """Slugs in their order."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: str
    description: str
    body: Text
    language: str
    menu: bool
    order: int


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A video that is not published now: a draft, or one whose date is still to come."""

    slug: str
    title: str
    until: dt.datetime | None
    """None for a draft."""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in the folder that is to be published. Videos come newest first."""

    folder: Path
    config: Config
    channels: tuple[Channel, ...]
    videos: tuple[Video, ...]
    playlists: tuple[Playlist, ...]
    pages: tuple[Page, ...]
    held: tuple[Held, ...]
