"""The sound of a track, drawn from beginning to end."""

from pathlib import Path

import ffmpeg as draw

from tubegen.media.ffmpeg import Ffmpeg

GROUND, LINE = "0x14212b", "0x6fb3c8"


def waveform(ffmpeg: Ffmpeg, source: Path, index: int, size: tuple[int, int], output: Path) -> None:
    """Write stream `index` of `source` to `output`, a PNG of `size`. Raises as `Ffmpeg.run` does."""
    ground = draw.input(f"color=c={GROUND}:s={size[0]}x{size[1]}:d=1:r=1", f="lavfi")
    sound = draw.input(f"file:{source}")[str(index)].filter("aformat", channel_layouts="mono")
    wave = sound.filter("showwavespic", s=f"{size[0]}x{size[1]}", colors=LINE, scale="sqrt")
    drawn = draw.filter([ground, wave], "overlay", format="auto")
    picture = {"frames:v": 1, "c:v": "png", "f": "image2", "update": 1, "fflags": "+bitexact"}
    ffmpeg.run(draw.get_args(draw.output(drawn, f"file:{output}", **picture)), about=source)
