"""What the media path made of a source: plain records, all that pages ever see of it."""

import msgspec

from tubegen.config import Layout
from tubegen.media.audio_track import PackagedAudioTrack
from tubegen.media.rendition import PackagedRendition


class MediaFile(msgspec.Struct, frozen=True):
    """A file of the presentation, by its name in the presentation's folder."""

    name: str
    size: int


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


class Presentation(msgspec.Struct, frozen=True, kw_only=True, rename={"audio_tracks": "sounds"}):
    """A finished video: the record in its folder of the cache."""

    id: str
    """Names its content: it changes when any byte does."""
    width: int
    height: int
    rate: tuple[int, int]
    duration: float
    renditions: tuple[PackagedRendition, ...]
    """Smallest first."""
    audio_tracks: tuple[PackagedAudioTrack, ...]
    """The default one first. Empty when sound is muxed into every rendition, and when there is none."""
    layout: Layout
    download: MediaFile
    download_size: tuple[int, int]
    """Width and height."""
    storyboard: Storyboard | None
    chapters: tuple[Chapter, ...]
    """Those in the file itself."""
    audio: bool
    """Whether it can be heard."""
    preview: bool
    """Whether it is only the beginning, made in haste for the author's eyes."""
    files: tuple[MediaFile, ...]
    """Everything to publish."""


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A whole MP4, to go with a post: the record in its folder of the cache, unless it is a presentation's own."""

    file: MediaFile
    width: int
    height: int


PICTURE_FORMAT = 4
"""Counts changes in how pictures are made; part of their key in the cache."""


class Thumbnail(msgspec.Struct, frozen=True, kw_only=True):
    """A picture once more, as a small JPEG."""

    name: str
    width: int
    height: int


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A still in several sizes: the record in its folder of the cache."""

    width: int
    height: int
    sizes: tuple[tuple[str, int], ...]
    """(file name, width) of the WebP files, largest first."""
    jpeg: str
    preview: str
    """A few blurred pixels of it as a `data:` URI of at most 200 characters, to be seen until it is there."""
    thumbnail: Thumbnail | None
    """Only of a poster that is wide enough."""
    files: tuple[MediaFile, ...]
