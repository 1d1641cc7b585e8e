"""Chooses the MP4 that goes with a post on a microblog, where every follower's server fetches it whole."""

from collections.abc import Iterator

from tubegen.media.result import Attachment, Presentation, Rendition

_MOST_PIXELS = 1920 * 1080
"""Of a frame: what every phone plays, and less than any microblog's limit."""


def own_film(presentation: Presentation, most: int) -> Attachment | None:
    """The presentation's own MP4, where it has `most` bytes or less."""
    width, height = presentation.download_size
    if presentation.download.size > most or width * height > _MOST_PIXELS:
        return None
    return Attachment(file=presentation.download, width=width, height=height)


def smaller(presentation: Presentation, most: int) -> Iterator[Rendition]:
    """The renditions below the presentation's own MP4 that may come out at `most` bytes, largest first."""
    width, height = presentation.download_size
    for rendition in reversed(presentation.renditions):
        pixels = rendition.width * rendition.height
        if pixels < width * height and pixels <= _MOST_PIXELS and rendition.size <= most:
            yield rendition
