"""The sound of a film: one track of it, encoded as loud as all films of the site (EBU R128)."""

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ffmpeg as draw

if TYPE_CHECKING:
    from ffmpeg import Stream

from tubegen.media.audio_track import PlannedAudioTrack
from tubegen.media.encode.encoders import SAMPLE_RATE
from tubegen.media.ffmpeg.program import Ffmpeg
from tubegen.media.plan.estimate import limits
from tubegen.media.plan.plan import Plan

MOST_PEAK = -1.5
"""dBTP that a gain must not drive the sound above: encoding adds a little."""
MOST_GAIN = 20.0
"""dB: what is more quiet than that is meant to be, or noise."""
_SILENCE = -70.0
"""LUFS: ebur128's gate; nothing below it was measured."""

_PRIMING = 1024
"""Samples that an AAC encoder puts before the first: dropping as many keeps sound and picture together in
players that know no edit lists (and in those that do), to the end."""


def encode_sound(ffmpeg: Ffmpeg, source: Path, plan: Plan, sound: PlannedAudioTrack, output: Path) -> None:
    """Write one track of `source` to `output` as AAC, exactly as long as the film. Raises as `Ffmpeg.run` does."""
    change = gain(ffmpeg, source, plan, sound) if plan.loudness else 0.0
    ffmpeg.run(encoding(source, plan, sound, change, output), about=source, limits=limits(plan))


def gain(ffmpeg: Ffmpeg, source: Path, plan: Plan, sound: PlannedAudioTrack) -> float:
    """Decibels that bring a track to the plan's loudness without clipping; 0 for silence.

    Measured by ebur128 and applied as a plain gain: dynamics stay as they were mixed.
    """
    loudness, peak = measured(ffmpeg.run(measuring(source, sound), about=source, limits=limits(plan)))
    if loudness <= _SILENCE or not math.isfinite(loudness):
        return 0.0
    wanted = min(plan.loudness - loudness, MOST_GAIN)
    room = MOST_PEAK - peak if math.isfinite(peak) else 0.0
    return round(min(wanted, max(room, 0.0)) if wanted > 0 else wanted, 2)


def measured(said: str) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP, from the summary that ebur128 prints at its end; silence
    where there is none."""
    summary = said.rpartition("Summary:")[2]
    loudness = re.search(r"\bI:\s+(-?[\d.]+|-inf|nan) LUFS", summary)
    peak = re.search(r"\bPeak:\s+(-?[\d.]+|-inf|nan) dBFS", summary)
    return float(loudness[1]) if loudness else _SILENCE, float(peak[1]) if peak else 0.0


def measuring(source: Path, sound: PlannedAudioTrack) -> list[str]:
    """Arguments that print how loud a track is."""
    track = _opened(source, sound).filter("ebur128", peak="true", framelog="verbose")
    return ["-v", "info", "-nostats", *draw.get_args(draw.output(track, "-", f="null"))]


def encoding(source: Path, plan: Plan, sound: PlannedAudioTrack, change: float, output: Path) -> list[str]:
    """Arguments that encode a track, exactly as long as the film: silence fills what is missing."""
    track = _opened(source, sound).filter("asetpts", f"PTS-({plan.origin:.6f})/TB")
    track = track.filter("aresample", SAMPLE_RATE, **{"async": 1, "first_pts": 0})
    track = track.filter("atrim", start_sample=_PRIMING).filter("asetpts", "PTS-STARTPTS")
    if change:
        track = track.filter("volume", f"{change}dB")
    track = track.filter("apad").filter(
        "atrim", end_sample=max(1, round(plan.duration * SAMPLE_RATE) - _PRIMING)
    )
    options: dict[str, Any] = {
        "c:a": "aac",
        "b:a": f"{plan.effort.audio_kbps * max(2, sound.channels) // 2}k",
        "f": "adts",
        "fflags": "+bitexact",
        "flags:a": "+bitexact",
        "map_metadata": -1,
    }
    return draw.get_args(draw.output(track, f"file:{output}", **options))


def _opened(source: Path, sound: PlannedAudioTrack) -> "Stream":
    """A track in as many channels as it will have; sounds of the back are mixed into stereo."""
    layout = {2: "stereo", 6: "5.1"}[sound.channels]
    track = draw.input(f"file:{source}", copyts=None)[str(sound.index)]
    return track.filter("aformat", channel_layouts=layout)
