"""The clip that encoding is measured with, and an ffmpeg with current encoders and VMAF."""

import os
from importlib.util import find_spec
from pathlib import Path

from benchmarks.measure import ROOT, cost

_REAL = ROOT / "tests" / "fixtures" / "media" / "pd_the_last_man_on_earth.mp4"
_HARDER = "fps=25,setpts=PTS*0.7,fps=25,unsharp=5:5:1.5,scale=1920:1080:flags=lanczos"
"""Live action of 720p, a little faster and sharper. x264 (veryfast, CRF 22) was given 10 s of it and 10 s of the
1080p of Big Buck Bunny: 3.36 MB in 7.7 s of CPU, against 3.08 MB in 6.8 s."""


def clip_in(folder: Path) -> Path:
    """The video that the environment's CLIP names; else a minute of 1080p as hard to encode, made in `folder`."""
    return Path(os.environ["CLIP"]).resolve() if "CLIP" in os.environ else _made(folder / "clip.mp4")


def modern_ffmpeg() -> str | None:
    """The program of the wheel `imageio-ffmpeg`; None where that is not installed."""
    if find_spec("imageio_ffmpeg") is None:
        return None
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def _made(path: Path) -> Path:
    cost(["ffmpeg", "-nostdin", "-v", "error", "-y", "-stream_loop", "-1", "-i", str(_REAL), "-t", "60",
          "-vf", _HARDER, "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p",
          "-c:a", "aac", str(path)])  # fmt: skip
    return path
