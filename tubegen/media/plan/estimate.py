"""What a plan will cost: time, bytes, and the limits that its work may not pass. Pure functions of the plan.

x264 takes nearly the same time for every pixel, whatever the size of the picture, so that pixels tell the time.
"""

import msgspec

from tubegen.media.ffmpeg.process import Limits
from tubegen.media.plan.plan import Plan
from tubegen.media.rendition import VideoCodec

CPU_PER_MEGAPIXEL = 0.034
"""Seconds of CPU for a million pixels of output at the preset veryfast, on the machine where it was measured: two
Sapphire Rapids cores. See `calibrate`."""

_PRESETS = {
    "ultrafast": 0.44,
    "superfast": 0.72,
    "veryfast": 1.0,
    "faster": 1.5,
    "fast": 1.8,
    "medium": 2.1,
    "slow": 3.5,
    "slower": 6.5,
    "veryslow": 11.0,
}
"""CPU of x264's presets, measured against veryfast."""

_AV1, _AV1_STEP = 0.6, 1.45
"""SVT-AV1 4.2 from preset 10 on, and by how much each preset below it is slower."""
_X265 = 2.5

_BESIDES = 1.15
"""Decoding, scaling, sound and packaging, beside encoding."""

_SPARE = 1.3
"""Bytes beside those of the renditions while they are made: the same once more in parts."""

_PATIENCE = 50
"""How many times longer than the model says ffmpeg may take: slow machines, odd sources."""

_DECODED_AGAIN = 0.05
"""Seconds of CPU to decode a million pixels, at most. A source with few key frames is decoded from far ahead."""


class Estimate(msgspec.Struct, frozen=True):
    """What is still to be done, about."""

    cpu: float
    """Seconds of one core."""
    room: int
    """Bytes that it takes on the disk meanwhile, at most."""

    def __add__(self, other: "Estimate") -> "Estimate":
        return Estimate(self.cpu + other.cpu, self.room + other.room)


def estimate(plan: Plan, frames: int, slowness: float = 1.0) -> Estimate:
    """What it takes to encode the `frames` that are missing of a film, on a machine that is `slowness` times slower
    than the one of the model."""
    return Estimate(
        cpu=_cpu(plan, frames) * slowness,
        room=round(size(plan) * _SPARE * frames / plan.frames) + download_size(plan),
    )


def size(plan: Plan) -> int:
    """Bytes of all renditions, at most: every one at its ceiling."""
    rates = sum(rendition.maxrate + _sound_rate(plan) for rendition in plan.renditions)
    return round(rates / 8 * plan.duration)


def download_size(plan: Plan) -> int:
    """Bytes of the MP4, at most."""
    rendition = next(r for r in plan.renditions if r.name == plan.download)
    return round((rendition.maxrate + _sound_rate(plan)) / 8 * plan.duration)


def limits(plan: Plan, first: int = 0, end: int | None = None) -> Limits:
    """What ffmpeg may use for the frames `first` to `end` of a film; for all of it, when they are left out."""
    frames = (plan.frames if end is None else end) - first
    top = max(r.width * r.height for r in plan.renditions)
    again = _DECODED_AGAIN * first * top / 1e6
    return Limits(
        cpu=600 + _PATIENCE * _cpu(plan, frames) + plan.duration + again,
        memory=(4 << 30) + 1500 * sum(r.width * r.height for r in plan.renditions),
        file=(256 << 20) + round(4 * (size(plan) + download_size(plan)) * frames / plan.frames),
    )


def _cpu(plan: Plan, frames: int) -> float:
    work = sum(r.width * r.height / r.frame_step * _effort(plan, r.codec) for r in plan.encoded)
    return frames * work / 1e6 * CPU_PER_MEGAPIXEL * _BESIDES


def _effort(plan: Plan, codec: VideoCodec) -> float:
    """CPU for a picture, measured against x264 at veryfast."""
    if codec == "av1":
        return _AV1 * _AV1_STEP ** max(0, 10 - plan.effort.av1_preset)
    return _PRESETS.get(plan.effort.preset, 2.0) * (_X265 if codec == "hevc" else 1.0)


def _sound_rate(plan: Plan) -> int:
    return plan.effort.audio_kbps * 1000
