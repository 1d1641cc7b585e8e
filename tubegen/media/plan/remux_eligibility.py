"""Whether a film already is what its largest rendition should be, and need not be encoded. Pure: one doubt, and it is."""

from tubegen.media.rendition import PlannedRendition
from tubegen.media.source.video_stream import VideoStream

_CONTAINERS = frozenset(["3g2", "matroska"])
"""MP4 and its kin, and Matroska, as the probe names them."""
_PROFILES = frozenset(["Constrained Baseline", "Main", "High"])
_LEVEL = 52
_GOP = 4.1
"""Longest GOP, in seconds: a segment of 4 s and a little."""
_GOPS_A_SECOND = 1.05
"""Most GOPs: every rendition gets as many key frames, and they are dear."""


def can_be_remuxed(
    video: VideoStream,
    container: str,
    top: PlannedRendition,
    rate: tuple[int, int],
    origin: float,
    seconds: float,
) -> bool:
    """Whether `video` can be the rendition `top` of a film of `seconds` at `rate`, which begins at `origin`."""
    return bool(
        container in _CONTAINERS
        and video.closed_gops
        and video.codec == "h264"
        and video.profile in _PROFILES
        and video.level <= _LEVEL
        and video.pixel_format == "yuv420p"
        and not (video.interlaced or video.rotation or video.hdr or video.full_range)
        and video.sar == (1, 1)
        and (video.width, video.height) == (top.width, top.height)
        and video.rate == rate
        and video.start == origin
        and top.frame_step == 1
        and video.bit_rate <= top.maxrate
        and video.longest_gop <= _GOP
        and len(video.closed_gops) <= max(1.0, seconds * _GOPS_A_SECOND)
    )
