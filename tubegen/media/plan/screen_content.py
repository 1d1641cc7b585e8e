"""Recognises what was on a screen, recordings of it, slides, a picture that stands still, and what is better for it. Pure.

Nothing moves there most of the time, and an encoder needs next to nothing to say so. A camera's picture is never so
still: its noise alone costs more, at any quality.
"""

import msgspec

from tubegen.config.media import QUALITIES, Effort
from tubegen.media.rendition import PlannedRendition
from tubegen.media.source.video_stream import VideoStream

GOP_SECONDS = 4
"""Distance of key frames, a segment's length: nearly all of its bytes are key frames. With _CRF, slides of 1080p take
17 % fewer bytes and a terminal 31 %, both with 0.7 dB more of PSNR."""

_CRF = -2.5
"""Added to x264's factor: text is read, not glanced at."""

_AV1_PRESET = 8
"""The fastest at which SVT-AV1 has its tools for screens. With them and _AV1_CRF, slides and a terminal of 1080p take
45 % of the bytes of H.264 (65 % when they were encoded before), with more PSNR, for twice the CPU of presets 10 and
11; without, AV1 takes about as many as H.264."""

_AV1_CRF = 14
"""Added to its factor there: it is still finer than H.264."""

_LEAST_SIDE = 480
"""Short side of a screen on which text can still be read. Slides take up to 150 kb/s at it."""

_CODECS = frozenset(["h264", "hevc"])
"""AV1 and VP9 may show a frame again by a packet of a few bytes, so that their sizes tell nothing."""

_LEAST_SECONDS = 10

_STILL_BITS = 1 / 1000
"""Bits of a pixel that three of four frames need at most. Recordings and slides of 1080p that three settings of x264
encoded need 0.0003 to 0.0008; live action and animation at the ugly end of its scale (CRF 34 to 42, up to 16 B-frames) 0.008
and more."""

_STILL_SHARE = 1 / 150
"""The same, of a key frame, which is full of edges: 1/170 at most there, against 1/20 and more."""


def is_screen_content(video: VideoStream) -> bool:
    """Whether a film is still and sharp enough to be a screen's. One doubt, and it is not."""
    return (
        video.codec in _CODECS
        and not (video.interlaced or video.hdr)
        and video.end - video.start >= _LEAST_SECONDS
        and 0 < video.inter_frame_bytes * 8 <= video.width * video.height * _STILL_BITS
        and video.inter_frame_bytes <= video.key_frame_bytes * _STILL_SHARE
    )


def effort_for_screens(effort: Effort) -> Effort:
    """Sharper, and with the tools that encoders have for screens; a draft stays a fast one."""
    hasty = effort.av1_preset > QUALITIES["default"].av1_preset
    return msgspec.structs.replace(
        effort,
        crf=max(1, effort.crf + _CRF),
        av1_preset=effort.av1_preset if hasty else min(effort.av1_preset, _AV1_PRESET),
        av1_crf=min(63, effort.av1_crf + _AV1_CRF),
    )


def legible_renditions(
    rungs: tuple[PlannedRendition, ...], video: VideoStream
) -> tuple[PlannedRendition, ...]:
    """The rungs of a screen, without those on which nothing can be read while the source itself takes no more than
    they may: a thin line is no reason for them."""
    useless = [r for r in rungs[1:] if r.short_side < _LEAST_SIDE and video.bit_rate <= r.maxrate]
    return tuple(rung for rung in rungs if rung not in useless)
