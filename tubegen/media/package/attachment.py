"""Chooses the MP4 that goes with a post on a microblog, where every follower's server fetches it whole."""

from collections.abc import Iterator

from tubegen.media.rendition import PackagedRendition
from tubegen.media.result import Attachment, Presentation

_MOST_PIXELS = 1920 * 1080
"""Of a frame: what every phone plays, and less than any microblog's limit."""


def own_film(presentation: Presentation, most: int) -> Attachment | None:
    """The presentation's own MP4, where it has `most` bytes or less, and sound: Mastodon takes a film without a
    sound track for a moving picture, plays it by itself and for ever (interop O-23, O-61)."""
    width, height = presentation.download_size
    if not presentation.audio or presentation.download.size > most or width * height > _MOST_PIXELS:
        return None
    return Attachment(file=presentation.download, width=width, height=height)


def smaller(presentation: Presentation, most: int) -> Iterator[PackagedRendition]:
    """The renditions that may come out at `most` bytes where the presentation's own MP4 does not do, largest
    first."""
    width, height = presentation.download_size
    limit = width * height - presentation.audio
    for rendition in reversed(presentation.renditions):
        pixels = rendition.width * rendition.height
        if rendition.plain and pixels <= min(limit, _MOST_PIXELS) and rendition.size <= most:
            yield rendition
