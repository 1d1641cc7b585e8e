"""The clip that encoding is measured with, and an ffmpeg with current encoders and VMAF."""

from importlib.util import find_spec
from pathlib import Path

from benchmarks.measure import ROOT, cost

_CLIP = ROOT.parent / "shared" / "media" / "bbb_1080p25_60s_51.mp4"


def clip_in(folder: Path) -> Path:
    """A minute of a real film where it is at hand; else 20 s of 1080p that moves everywhere, made in `folder`."""
    return _CLIP if _CLIP.exists() else _made(folder / "clip.mp4")


def modern_ffmpeg() -> str | None:
    """The program of the wheel `imageio-ffmpeg`; None where that is not installed."""
    if find_spec("imageio_ffmpeg") is None:
        return None
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def _made(path: Path) -> Path:
    picture = "testsrc2=size=1920x1080:rate=25:duration=20,noise=alls=6:allf=t"
    cost(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=duration=20",
          "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a", "aac", str(path)])  # fmt: skip
    return path
