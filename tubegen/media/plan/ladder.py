"""The ladder: which renditions a film of a given shape gets, and the ceilings of their bit rates."""

from fractions import Fraction

import msgspec

from tubegen.media.rendition import PlannedRendition, VideoCodec, VideoRange
from tubegen.media.source.probe import VideoStream

MAX_LONG_SIDE = 4096
"""H.264 decoders of phones give up above it."""

CALM_BELOW = 480
"""Renditions of a smaller side than this, unless they are the largest, show every second frame of a film of more than
CALM_RATE frames a second: on small screens and thin lines bits are better spent on sharpness."""
CALM_RATE = 30

AV1_FROM = 720
"""Smallest side of a rendition that comes in AV1, too: below there is little to save, and old phones decode."""

_FEWER_BITS: dict[VideoCodec, float] = {"h264": 1.0, "hevc": 0.7, "av1": 0.6}
"""Ceiling of a codec's bit rate, of H.264's for the same picture."""

_BITS_PER_PIXEL = (
    (144, 0.19),
    (240, 0.17),
    (360, 0.15),
    (480, 0.12),
    (720, 0.11),
    (1080, 0.10),
    (1440, 0.09),
    (2160, 0.08),
)
"""Ceiling of the bit rate by short side, PeerTube's table (core-utils/src/videos/bitrate.ts): CRF stays below it but for noise."""


def display_size(video: VideoStream) -> tuple[int, int]:
    """Width and height as shown: square pixels, upright."""
    wide = Fraction(*video.sar)
    width, height = (
        (round(video.width * wide), video.height) if wide >= 1 else (video.width, round(video.height / wide))
    )
    return (height, width) if video.rotation % 180 else (width, height)


def ladder(size: tuple[int, int], wanted: tuple[int, ...], rate: Fraction) -> tuple[PlannedRendition, ...]:
    """H.264 rungs for a film shown at `size`, largest first: by the short side, never above the source, none that
    barely differs from the one above it."""
    width, height = size
    short, long = sorted(size)
    largest = min(short, max(1, short * MAX_LONG_SIDE // long))
    rungs = [min(largest, max(wanted))]
    for rung in sorted(wanted, reverse=True):
        if rung < rungs[-1] and rungs[-1] ** 2 >= 1.25 * rung**2:
            rungs.append(rung)
    calm = 2 if rate > CALM_RATE else 1
    return tuple(
        _rendition(rung, width, height, rate, calm if rung < min(rungs[0], CALM_BELOW) else 1)
        for rung in rungs
    )


def renditions_in_codec(
    rungs: tuple[PlannedRendition, ...], codec: VideoCodec, video_range: VideoRange = "SDR"
) -> list[PlannedRendition]:
    """The upper rungs once more in another codec; at least the largest when it is for another range."""
    upper = [rung for rung in rungs if rung.short_side >= AV1_FROM] or (
        list(rungs[:1]) if video_range != "SDR" else []
    )
    return [
        msgspec.structs.replace(
            rung,
            name=f"{rung.name}-{codec}",
            codec=codec,
            video_range=video_range,
            maxrate=round(rung.maxrate * _FEWER_BITS[codec]),
            remuxed=False,
        )
        for rung in upper[:2]
    ]


def _rendition(short: int, width: int, height: int, rate: Fraction, every: int) -> PlannedRendition:
    scale = Fraction(short, min(width, height))
    out_width, out_height = _even(width * scale), _even(height * scale)
    return PlannedRendition(
        name=f"{short}p",
        width=out_width,
        height=out_height,
        maxrate=max(100_000, round(out_width * out_height * float(rate / every) * _bits_per_pixel(short))),
        frame_step=every,
    )


def _even(side: Fraction) -> int:
    """4:2:0 colour needs even sides; decoders need a few pixels."""
    return max(16, round(side / 2) * 2)


def _bits_per_pixel(short: int) -> float:
    for side, bits in _BITS_PER_PIXEL:
        if short <= side:
            return bits
    return _BITS_PER_PIXEL[-1][1]
