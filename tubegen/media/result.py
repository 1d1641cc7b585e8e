"""What the media path made of a source: plain records, all that pages ever see of it."""

import msgspec


class MediaFile(msgspec.Struct, frozen=True):
    """A file of the presentation, by its name in the presentation's folder."""

    name: str
    size: int


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    width: int
    height: int
    codecs: str
    """RFC 6381, for CODECS."""
    bandwidth: int
    """Peak segment bit rate in bits per second (RFC 8216 §4.3.4.2)."""
    average: int
    playlist: str
    size: int
    """Bytes of all segments."""


class Storyboard(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    vtt: str
    tile_width: int
    tile_height: int
    columns: int
    rows: int
    count: int
    interval: float
    """Seconds from one still to the next."""


class Chapter(msgspec.Struct, frozen=True):
    start: float
    title: str


class Presentation(msgspec.Struct, frozen=True, kw_only=True):
    """A finished video: the record in its folder of the store."""

    id: str
    """Names its content: it changes when any byte does."""
    width: int
    height: int
    rate: tuple[int, int]
    duration: float
    renditions: tuple[Rendition, ...]
    """Smallest first."""
    download: MediaFile
    download_size: tuple[int, int]
    """Width and height."""
    storyboard: Storyboard | None
    chapters: tuple[Chapter, ...]
    """Those in the file itself."""
    audio: bool
    preview: bool
    """Whether it is only the beginning, made in haste for the author's eyes."""
    files: tuple[MediaFile, ...]
    """Everything to publish."""


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A whole MP4, to go with a post: the record in its folder of the store, unless it is a presentation's own."""

    file: MediaFile
    width: int
    height: int


PICTURE_FORMAT = 2
"""Counts changes in how pictures are made; part of their key in the store."""


class Thumbnail(msgspec.Struct, frozen=True, kw_only=True):
    """A picture once more, as a small JPEG."""

    name: str
    width: int
    height: int


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A still in several sizes: the record in its folder of the store."""

    width: int
    height: int
    sizes: tuple[tuple[str, int], ...]
    """(file name, width) of the WebP files, largest first."""
    jpeg: str
    thumbnail: Thumbnail | None
    """Only of a poster that is wide enough."""
    files: tuple[MediaFile, ...]
