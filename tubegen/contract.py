"""The federation catalogue: the one thing the generator and the sidecar share.

`tubegen build` writes it to `federation/` in the output; the sidecar reads it from that folder or over
https. `federation/index.json` is a `Catalogue`; each of its entries names a `VideoDocument`, a JSON file
at `federation/videos/<uuid>.json`, by the SHA-256 of its bytes, so that a reader fetches only what changed.
`federation/swarms.json` holds the `Swarms` of viewers that the tracker lets meet.

Readers ignore unknown fields and refuse a `version` they do not know. Times are RFC 3339 in UTC, durations
are seconds, sizes bytes, URLs absolute. Unlisted videos are never in it, nor drafts:
only a site built with drafts, which is for its author's eyes, names those too.

The names of categories and licences are here because both sides need them: the author writes a name, a
PeerTube server expects its own number (packages/core-utils constants, ids 1-18 and 1-7). So are the ids that
pages name: other servers keep them for ever.
"""

import msgspec

VERSION = 1


def person_id(base: str, handle: str) -> str:
    """The site's Person on other servers. `base` is the identity host, without a slash at the end."""
    return f"{base}/ap/u/{handle}"


def group_id(base: str, handle: str) -> str:
    """A channel's Group."""
    return f"{base}/ap/c/{handle}"


def note_id(base: str, uuid: str) -> str:
    """The Person's post about a video."""
    return f"{base}/ap/n/{uuid}"


CATEGORIES: dict[str, int] = {
    "Music": 1,
    "Films": 2,
    "Vehicles": 3,
    "Art": 4,
    "Sports": 5,
    "Travels": 6,
    "Gaming": 7,
    "People": 8,
    "Comedy": 9,
    "Entertainment": 10,
    "News & Politics": 11,
    "How To": 12,
    "Education": 13,
    "Activism": 14,
    "Science & Technology": 15,
    "Animals": 16,
    "Kids": 17,
    "Food": 18,
}
"""Name of a category → PeerTube's number for it."""


class Licence(msgspec.Struct, frozen=True):
    """A licence by its SPDX identifier, https://spdx.org/licenses/."""

    spdx: str
    name: str
    url: str = ""
    peertube: int | None = None
    """PeerTube's number for it: only the Creative Commons family has one."""


def _creative_commons(code: str, name: str, peertube: int) -> dict[str, Licence]:
    url = f"https://creativecommons.org/licenses/{code.lower()}"
    return {
        f"CC-{code}-{version}": Licence(
            f"CC-{code}-{version}", f"{name} {version}", f"{url}/{version}/", peertube
        )
        for version in ("1.0", "2.0", "2.5", "3.0", "4.0")
    }


LICENCES: dict[str, Licence] = {
    **_creative_commons("BY", "Creative Commons Attribution", 1),
    **_creative_commons("BY-SA", "Creative Commons Attribution-ShareAlike", 2),
    **_creative_commons("BY-ND", "Creative Commons Attribution-NoDerivatives", 3),
    **_creative_commons("BY-NC", "Creative Commons Attribution-NonCommercial", 4),
    **_creative_commons("BY-NC-SA", "Creative Commons Attribution-NonCommercial-ShareAlike", 5),
    **_creative_commons("BY-NC-ND", "Creative Commons Attribution-NonCommercial-NoDerivatives", 6),
    "CC0-1.0": Licence(
        "CC0-1.0", "Creative Commons Zero 1.0", "https://creativecommons.org/publicdomain/zero/1.0/", 7
    ),
    "CC-PDM-1.0": Licence(
        "CC-PDM-1.0", "Public Domain Mark 1.0", "https://creativecommons.org/publicdomain/mark/1.0/", 7
    ),
    "LAL-1.3": Licence("LAL-1.3", "Free Art License 1.3", "https://artlibre.org/licence/lal/en/"),
    "GFDL-1.3-or-later": Licence(
        "GFDL-1.3-or-later", "GNU Free Documentation License 1.3", "https://www.gnu.org/licenses/fdl-1.3.html"
    ),
    "MIT": Licence("MIT", "MIT License", "https://opensource.org/license/mit"),
    "AGPL-3.0-or-later": Licence(
        "AGPL-3.0-or-later",
        "GNU Affero General Public License 3.0",
        "https://www.gnu.org/licenses/agpl-3.0.html",
    ),
}
"""The licences a front matter may name; any other is written as `LicenseRef-…`, as SPDX has it."""


class File(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file of the site that other servers link to."""

    url: str
    media_type: str
    size: int = 0
    width: int = 0
    height: int = 0


class RenditionFile(msgspec.Struct, frozen=True, kw_only=True):
    """One rendition of the HLS presentation that every player plays: H.264 in standard dynamic range. Servers that
    list files by their height want one of each."""

    name: str
    playlist: str
    width: int
    height: int
    fps: float
    bandwidth: int
    """Peak segment rate in bits per second."""
    size: int


class CaptionFile(msgspec.Struct, frozen=True, kw_only=True):
    language: str
    label: str
    url: str


class ChapterMark(msgspec.Struct, frozen=True, kw_only=True):
    start: float
    title: str


class TagEntry(msgspec.Struct, frozen=True):
    """A tag as the author wrote it, and the page that lists what carries it."""

    name: str
    page: str


class Storyboard(msgspec.Struct, frozen=True, kw_only=True):
    """A sprite of small stills, row by row, one every `interval` seconds."""

    url: str
    tile_width: int
    tile_height: int
    columns: int
    rows: int
    interval: float


class VideoDocument(msgspec.Struct, frozen=True, kw_only=True):
    """All that a federated server is told of a video."""

    uuid: str
    slug: str
    channel: str
    title: str
    description: str
    body: str
    """The long description as the markdown the author wrote."""
    html: str
    """The same, rendered; the links that markdown makes are absolute."""
    published: str
    tags: tuple[TagEntry, ...]
    language: str
    licence: Licence | None
    category: str
    sensitive: bool
    warning: str
    duration: float
    page: str
    embed: str
    master: str
    """The HLS master playlist; its URL is the swarm id."""
    segments_sha256: str
    renditions: tuple[RenditionFile, ...]
    web: File
    """The faststart MP4. Its basename carries the UUID: PeerTube wants names unique in its whole database."""
    social: File | None
    """An MP4 small enough to be attached to a post on a microblog: `web` itself where that is at most
    `attach_max`, else a smaller rendition in a file of its own, with the UUID in its basename too. None when
    even the smallest is too big, and when the site does not federate."""
    poster: File
    thumbnail: File | None
    """The poster again as a small JPEG, 280 to 400 pixels wide; None when the poster is narrower than that."""
    storyboard: Storyboard | None
    captions: tuple[CaptionFile, ...]
    chapters: tuple[ChapterMark, ...]
    p2p: str
    download: bool


class ChannelEntry(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    """Part of the address of its page; `main` for the films of a site without channel folders."""
    handle: str
    """User name of the channel's Group: `[a-z0-9_]{1,30}`, unlike that of every other channel and of the
    site's Person. Empty when the site does not federate."""
    title: str
    description: str
    page: str
    avatar: File | None
    banner: File | None


class VideoEntry(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    document: str
    """Path of the VideoDocument, relative to the folder of `index.json`."""
    sha256: str


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """`federation/index.json`."""

    version: int
    title: str
    description: str
    url: str
    language: str
    handle: str
    """User name of the site's Person: `[a-z0-9_]{1,30}`; empty when the site does not federate."""
    avatar: File | None
    """Picture of the site's Person: that of the first channel which has one."""
    banner: File | None
    channels: tuple[ChannelEntry, ...]
    videos: tuple[VideoEntry, ...]


class Swarms(msgspec.Struct, frozen=True, kw_only=True):
    """`federation/swarms.json`: what the tracker is for. Unlisted videos are in it too, as hashes alone.

    Hashes are 20 bytes in hexadecimal.
    """

    version: int
    origins: tuple[str, ...]
    """Of the site's own pages, as browsers write them: `https://films.example`."""
    hashes: tuple[str, ...]
    """Of swarms of the site's own player."""
    peertube: tuple[str, ...]
    """Of swarms of PeerTube's player, whose pages may be anywhere."""
