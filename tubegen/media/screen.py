"""Recognises what was on a screen: recordings of it, slides, a picture that stands still. Pure.

Nothing moves there most of the time, and an encoder needs next to nothing to say so. A camera's picture is never so
still: its noise alone costs more, at any quality.
"""

from tubegen.media.film import VideoStream

_CODECS = frozenset(["h264", "hevc"])
"""AV1 and VP9 may show a frame again by a packet of a few bytes, so that their sizes tell nothing."""

_LEAST_SECONDS = 10

_STILL_BITS = 1 / 1000
"""Bits of a pixel that three of four frames need at most. Recordings and slides of 1080p that three settings of x264
encoded need 0.0003 to 0.0008; live action and animation at the ugly end of its scale (CRF 34 to 42, up to 16 B-frames) 0.008
and more."""

_STILL_SHARE = 1 / 150
"""The same, of a key frame, which is full of edges: 1/170 at most there, against 1/20 and more."""


def shows_screen(video: VideoStream) -> bool:
    """Whether a film is still and sharp enough to be a screen's. One doubt, and it is not."""
    return (
        video.codec in _CODECS
        and not (video.interlaced or video.hdr)
        and video.end - video.start >= _LEAST_SECONDS
        and 0 < video.still_bytes * 8 <= video.width * video.height * _STILL_BITS
        and video.still_bytes <= video.key_bytes * _STILL_SHARE
    )
