"""What the ffmpeg of this machine can really do: each ability is tried on a few frames, never read from a list.

Builds differ by what they were compiled with, and their listings by version.
"""

import tempfile
from pathlib import Path

import msgspec

from tubegen.media.ffmpeg import Ffmpeg, FfmpegError

_PICTURE = ("-f", "lavfi", "-i", "color=c=gray:s=64x64:r=25:d=0.2")


class Ability(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    why: str
    """What it is needed for."""
    required: bool
    """Whether no site can be built without it."""
    works: bool


_TRIALS: tuple[tuple[str, str, bool, tuple[str, ...]], ...] = (
    ("H.264 (libx264)", "every rendition", True, (*_PICTURE, "-c:v", "libx264", "-f", "mp4")),
    ("AAC", "sound", True, ("-f", "lavfi", "-i", "sine=d=0.2", "-c:a", "aac", "-f", "adts")),
    (
        "deinterlacing (bwdif)",
        "video from cameras and television",
        False,
        (*_PICTURE, "-vf", "bwdif", "-c:v", "libx264", "-f", "mp4"),
    ),
    (
        "tone mapping (zscale, tonemap)",
        "HDR video from phones",
        False,
        (
            *_PICTURE,
            "-vf",
            "zscale=tin=arib-std-b67:min=2020_ncl:pin=2020:t=linear,format=gbrpf32le,tonemap=hable,zscale=t=709:m=709,format=yuv420p",
            "-c:v",
            "libx264",
            "-f",
            "mp4",
        ),
    ),
)


def abilities(ffmpeg: Ffmpeg) -> list[Ability]:
    """Try everything the media path may ask for."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            Ability(
                name=name, why=why, required=required, works=_works(ffmpeg, arguments, Path(folder) / "trial")
            )
            for name, why, required, arguments in _TRIALS
        ]


def _works(ffmpeg: Ffmpeg, arguments: tuple[str, ...], output: Path) -> bool:
    try:
        ffmpeg.run([*arguments, str(output)], about=output)
    except FfmpegError:
        return False
    return output.stat().st_size > 0
