"""Sound drawn as a picture: the still of what has no pictures."""

import re
from pathlib import Path

from tubegen.media.ffmpeg.program import Ffmpeg

_GROUND = "0x1b2432"
_WAVE = "0x7fb3c8"

_MOST_GAIN = 60.0
"""Decibels. What is quieter is noise, or nothing."""

_PEAK = (
    "asetnsamples=480000,astats=measure_overall=Peak_level:measure_perchannel=none,"
    "ametadata=print:key=lavfi.astats.Overall.Peak_level:file=-"
)


def draw_waveform(ffmpeg: Ffmpeg, source: Path, index: int, size: tuple[int, int], output: Path) -> None:
    """Write the waveform of the sound stream `index` as a PNG of `size`, light on a dark ground.

    The wave leaves a tenth of the picture free on every side, for players' controls. Quiet recordings are drawn as
    high as loud ones: it is the shape that tells. Raises FfmpegError.
    """
    width, height = size
    inner = (width - 2 * (width // 10), height - 2 * (height // 10))
    gain = min(_MOST_GAIN, -_peak(ffmpeg, source, index))
    graph = (
        f"[0:{index}]aformat=sample_fmts=flt:channel_layouts=mono,volume={gain:.1f}dB,"
        f"showwavespic=s={inner[0]}x{inner[1]}:colors={_WAVE}:scale=sqrt[wave];"
        f"color=c={_GROUND}:s={width}x{height}:d=1,format=rgb24[ground];"
        f"[ground][wave]overlay=(W-w)/2:(H-h)/2:format=rgb"
    )
    picture = ["-frames:v", "1", "-c:v", "png", "-f", "image2", "-update", "1", "-fflags", "+bitexact"]
    ffmpeg.run(["-i", f"file:{source}", "-filter_complex", graph, *picture, f"file:{output}"], about=source)


def _peak(ffmpeg: Ffmpeg, source: Path, index: int) -> float:
    """The loudest sample in decibels below full scale, at most 0."""
    said = ffmpeg.output(
        ["-i", f"file:{source}", "-map", f"0:{index}", "-af", _PEAK, "-f", "null", "-"], about=source
    )
    levels = re.findall(rb"Peak_level=(-?[\d.]+)", said)
    return min(0.0, max((float(level) for level in levels), default=-_MOST_GAIN))
