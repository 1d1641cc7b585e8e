"""The records that templates are given: the theme's whole API.

A template named `<kind>.html` sees four names: `site` (Site), `page` (PageInfo), `theme` (its parameters)
and one record of its own kind, named below. Nothing else: a page's key is the hash of exactly these records,
so whatever a template could show without being told would go stale.

Every link is written relative to the root of the site, without a leading slash (`watch/tide/`, `` is the
home page); templates pass it through `url()`, which makes it relative to the page, so that a site works in
any folder of any host and from a USB stick. `absolute()` gives the full address for feeds and previews.
Values of type `Html` hold markup made from the author's markdown; `|links` makes its links relative.
Durations are seconds; dates are `datetime.date` or aware `datetime.datetime`.
"""

import datetime as dt
from typing import TypeAlias

import msgspec

Html: TypeAlias = str
"""Trusted markup; links inside still need `|links`."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all records handed to templates."""


class Link(Record, frozen=True, kw_only=True):
    title: str
    url: str


class Image(Record, frozen=True, kw_only=True):
    """One picture in several sizes, largest first."""

    alt: str
    width: int
    height: int
    url: str
    """The largest size, as WebP."""
    srcset: tuple[tuple[str, int], ...] = ()
    """(url, width in pixels) of every WebP size."""
    jpeg: str = ""
    """The same picture as JPEG, for readers that know nothing newer."""
    preview: str = ""
    """A few blurred pixels of it as a `data:` URI, to be seen until it is there; never needs `url()`."""


class Card(Record, frozen=True, kw_only=True):
    """A video in a list."""

    title: str
    url: str
    image: Image
    duration: float
    date: dt.datetime
    description: str
    channel: Link
    language: str
    sensitive: bool
    warning: str


class ChannelCard(Record, frozen=True, kw_only=True):
    """A channel in a list."""

    title: str
    url: str
    description: str
    handle: str
    """Under which PeerTube follows it: `@tides@films.example`; empty where nothing can be followed."""
    avatar: Image | None
    count: int
    """How many videos it shows."""


class PlaylistCard(Record, frozen=True, kw_only=True):
    title: str
    url: str
    description: str
    image: Image | None
    """Of its first video."""
    count: int
    duration: float


class Site(Record, frozen=True, kw_only=True):
    """The same on every page."""

    title: str
    url: str
    """Absolute address of the home page, ending in a slash."""
    description: str
    language: str
    menu: tuple[Link, ...]
    """Pages that ask for a place in the menu, in their order."""
    channels: tuple[Link, ...]
    playlists: bool
    """Whether there is any playlist."""
    feed: str
    handle: str
    """Under which people follow the site from other servers: `@films@films.example`. Empty: they cannot."""
    generator: str
    """Name and version, for the footer and the feed."""


class PageInfo(Record, frozen=True, kw_only=True):
    """What a page tells about itself in its head."""

    kind: str
    """home, watch, channel, playlist, playlists, tag, tags, page, embed, missing."""
    title: str
    """Without the site's name."""
    url: str
    description: str
    language: str
    image: Image | None = None
    feeds: tuple[Link, ...] = ()
    noindex: bool = False
    structured: str = ""
    """schema.org JSON-LD, already escaped for a script element."""
    oembed: str = ""
    """Link of the oEmbed document of a watch page."""
    activity: str = ""
    """Address of what the page shows, as other servers are told it (ActivityPub): the post about a film, the site's
    or the channel's actor. Empty where there is none."""
    direction: str = "ltr"
    """ltr or rtl, after the page's language."""


class Pagination(Record, frozen=True, kw_only=True):
    """A long list cut into pages; links are empty at either end."""

    number: int
    count: int
    newer: str
    older: str


class Source(Record, frozen=True, kw_only=True):
    url: str
    media_type: str


class Track(Record, frozen=True, kw_only=True):
    language: str
    label: str
    url: str


class Chapter(Record, frozen=True, kw_only=True):
    start: float
    title: str


class Line(Record, frozen=True, kw_only=True):
    """The words of one caption."""

    start: float
    text: str


class Cue(Record, frozen=True, kw_only=True):
    """A paragraph of a transcript."""

    start: float
    text: str
    lines: tuple[Line, ...]
    """The same words as they were shown, so that a script can tell which are being spoken."""


class Transcript(Record, frozen=True, kw_only=True):
    """The captions of one language as text to read, cut where the speaker pauses."""

    language: str
    label: str
    cues: tuple[Cue, ...]


class Credit(Record, frozen=True, kw_only=True):
    name: str
    role: str
    url: str


class Licence(Record, frozen=True, kw_only=True):
    name: str
    url: str
    spdx: str


class Download(Record, frozen=True, kw_only=True):
    """The file offered for keeping."""

    url: str
    name: str
    """Proposed file name."""
    size: int
    """Bytes."""
    height: int


class Player(Record, frozen=True, kw_only=True):
    """All that the video element needs; the same on watch and embed pages."""

    poster: str
    preview: str
    """The poster's (see Image)."""
    width: int
    height: int
    sources: tuple[Source, ...]
    """The MP4 first: it plays everywhere without JavaScript."""
    captions: tuple[Track, ...]
    chapters: Track | None
    storyboard: str
    config: str
    """JSON for the player's script, for the `data-player` attribute. Its links are relative to the page."""
    boot: str
    """The script to put inline after the video."""
    module: str
    """Link of the player's module, for the `data-module` attribute of that script."""
    sharing: str
    """on, ask or off: whether the page shows the switch for sharing, and how it stands at first."""


class PlaylistPosition(Record, frozen=True, kw_only=True):
    """Where a video stands in a playlist that contains it."""

    playlist: Link
    number: int
    count: int
    previous: Link | None
    next: Link | None


class Video(Record, frozen=True, kw_only=True):
    """`video` in watch.html and embed.html, which is given less.

    An embed is a player alone: its `body`, `transcripts`, `playlists` and `more` are empty and its channel's
    count is 0, so that it stays as it is when other films come.
    """

    uuid: str
    title: str
    url: str
    embed_url: str
    description: str
    body: Html
    date: dt.datetime
    duration: float
    language: str
    channel: ChannelCard
    tags: tuple[Link, ...]
    category: str
    licence: Licence | None
    credits: tuple[Credit, ...]
    chapters: tuple[Chapter, ...]
    transcripts: tuple[Transcript, ...]
    sensitive: bool
    warning: str
    unlisted: bool
    download: Download | None
    player: Player
    playlists: tuple[PlaylistPosition, ...]
    more: tuple[Card, ...]
    """Others to watch: the rest of the channel, newest first."""


class Home(Record, frozen=True, kw_only=True):
    """`home` in home.html."""

    featured: Card | None
    """The newest video, on the first page only."""
    videos: tuple[Card, ...]
    channels: tuple[ChannelCard, ...]
    playlists: tuple[PlaylistCard, ...]
    pagination: Pagination


class Channel(Record, frozen=True, kw_only=True):
    """`channel` in channel.html."""

    title: str
    url: str
    description: str
    handle: str
    """As in ChannelCard."""
    body: Html
    avatar: Image | None
    banner: Image | None
    links: tuple[Link, ...]
    videos: tuple[Card, ...]
    playlists: tuple[PlaylistCard, ...]
    feed: str
    pagination: Pagination


class Playlist(Record, frozen=True, kw_only=True):
    """`playlist` in playlist.html."""

    title: str
    url: str
    description: str
    body: Html
    videos: tuple[Card, ...]
    duration: float


class Playlists(Record, frozen=True, kw_only=True):
    """`playlists` in playlists.html."""

    all: tuple[PlaylistCard, ...]


class Tag(Record, frozen=True, kw_only=True):
    """`tag` in tag.html."""

    name: str
    videos: tuple[Card, ...]
    pagination: Pagination
    feed: str


class TagCount(Record, frozen=True, kw_only=True):
    name: str
    url: str
    count: int


class Tags(Record, frozen=True, kw_only=True):
    """`tags` in tags.html."""

    all: tuple[TagCount, ...]


class Page(Record, frozen=True, kw_only=True):
    """`text` in page.html."""

    title: str
    body: Html


class Missing(Record, frozen=True, kw_only=True):
    """`missing` in missing.html, written as 404.html; all of its links are absolute paths."""

    videos: tuple[Card, ...]
