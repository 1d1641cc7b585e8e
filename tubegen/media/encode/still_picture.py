"""The picture that is seen while a source without a film is heard: its own cover, or its sound, drawn."""

from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from tubegen.media.encode import graphs
from tubegen.media.encode.waveform import draw_waveform
from tubegen.media.ffmpeg.program import Ffmpeg
from tubegen.media.plan.plan import Plan
from tubegen.media.source.pictures import open_picture

_BLUR = 24
_DIM = 0.5


def draw_still(ffmpeg: Ffmpeg, source: Path, plan: Plan, output: Path) -> None:
    """Write it to `output`, a PNG of the size of the plan's rendition. Raises as `Ffmpeg.run` does, and MediaError
    when the cover is no picture."""
    size = plan.renditions[0].width, plan.renditions[0].height
    if plan.cover is None:
        draw_waveform(ffmpeg, source, plan.audio_tracks[0].index, size, output)
        return
    taken = output.with_name("cover.png")
    ffmpeg.run(graphs.attached(source, plan.cover, taken), about=source)
    framed(open_picture(taken), size).save(output)
    taken.unlink()


def framed(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The whole picture, before itself, out of focus: covers are square, films are not."""
    behind = ImageOps.fit(picture, size).filter(ImageFilter.GaussianBlur(_BLUR))
    behind = ImageEnhance.Brightness(behind).enhance(_DIM)
    before = ImageOps.contain(picture, size)
    behind.paste(before, ((size[0] - before.width) // 2, (size[1] - before.height) // 2))
    return behind
