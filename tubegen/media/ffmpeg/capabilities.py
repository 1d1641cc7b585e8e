"""What the ffmpeg of this machine can really do: each ability is tried on a few frames, never read from a list.

Builds differ by what they were compiled with, and their listings by version.
"""

import re
import tempfile
from pathlib import Path

import msgspec

from tubegen.config.media import QUALITIES
from tubegen.media.ffmpeg.hardware import DEVICE, FILTERS, device, options
from tubegen.media.ffmpeg.program import Encoder, Ffmpeg, FfmpegError

_PICTURE = ("-f", "lavfi", "-i", "color=c=gray:s=64x64:r=25:d=0.2")
_WIDE = ("-f", "lavfi", "-i", "color=c=gray:s=256x256:r=25:d=0.2")
"""Hardware encoders refuse tiny pictures."""
_TONE = ("-f", "lavfi", "-i", "sine=d=0.2")
_NOWHERE = ("-f", "null", "-")
_TONE_MAP = (
    "setparams=color_primaries=bt2020:color_trc=arib-std-b67:colorspace=bt2020nc:range=tv,"
    "zscale=t=linear,format=gbrpf32le,tonemap=hable,zscale=p=709:t=709:m=709,format=yuv420p"
)
_FILM = "film.h264"
_TRIALS: dict[str, tuple[str, tuple[str, ...]]] = {
    "x264": ("format=yuv420p", ("-c:v", "libx264", "-threads", "1", "-f", "h264", _FILM)),
    "svt_av1": ("format=yuv420p", ("-c:v", "libsvtav1", *_NOWHERE)),
    "x265": ("format=yuv420p", ("-c:v", "libx265", *_NOWHERE)),
    "bwdif": ("bwdif", ("-c:v", "rawvideo", *_NOWHERE)),
    "zscale": (_TONE_MAP, ("-c:v", "rawvideo", *_NOWHERE)),
}
"""A chain of filters for one frame, and where it goes."""
_WIDE_RATE = 1_000_000

_TEST = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25")
_TEST_CODEC = ("-frames:v", "40", "-c:v", "libx264", "-preset", "veryfast", "-threads", "1")
_TEST_COST = 0.19
"""Seconds of CPU for this test on the machine where `estimate.CPU_PER_MEGAPIXEL` was measured."""


class Speed(msgspec.Struct, frozen=True):
    slowness: float
    """How many times more CPU this machine needs than the one of the model."""


class Abilities(msgspec.Struct, frozen=True, kw_only=True):
    """An ffmpeg, and what of it works."""

    ffmpeg: str
    """Major and minor version, such as `5.1`; a development build's whole name."""
    x264: str
    """The core of libx264, such as `164`; empty when it does not work. So are the following."""
    svt_av1: str
    """Version of SVT-AV1, such as `4.2.0`."""
    x265: str
    aac: bool
    bwdif: bool
    """Deinterlacing."""
    zscale: bool
    """Tone mapping."""
    hardware: str = ""
    """The encoder of H.264 in hardware that the site wishes for, when it works; see `with_hardware`."""
    device: str = ""
    """Whose it is, as far as it tells."""

    @property
    def svt_av1_version(self) -> tuple[int, ...]:
        """`4.2.0` as (4, 2, 0), to be compared; empty when there is none."""
        return tuple(int(number) for number in re.findall(r"\d+", self.svt_av1)[:3])

    def encoder(self, *, av1: bool = False, hevc: bool = False, hardware: bool = False) -> Encoder:
        """The identity for the key of a plan, which tells of the encoders that the plan uses."""
        return Encoder(
            ffmpeg=self.ffmpeg,
            x264=self.x264,
            svt_av1=self.svt_av1 if av1 else "",
            x265=self.x265 if hevc else "",
            hardware=self.hardware if hardware else "",
            device=self.device if hardware else "",
        )


def abilities(ffmpeg: Ffmpeg) -> Abilities:
    """Try everything that a plan may ask for. Costs a few processes, so callers remember it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        together = _tried(ffmpeg, folder, *_TRIALS)  # as a rule all of them work, and one process tells it
        said = {one: together or _tried(ffmpeg, folder, one) for one in _TRIALS}
        film = folder / _FILM
        core = re.search(rb"x264 - core (\d+)", film.read_bytes() if film.exists() else b"")
    return Abilities(
        ffmpeg=_version(ffmpeg),
        x264=core[1].decode() if core else "",
        svt_av1=_first(r"SVT-AV1 Encoder Lib v?(\d+\.\d+(?:\.\d+)?)", said["svt_av1"]),
        x265=_first(r"HEVC encoder version (\d+\.\d+)", said["x265"]),
        aac=bool(_said(ffmpeg, *_TONE, "-c:a", "aac", *_NOWHERE)),
        bwdif=bool(said["bwdif"]),
        zscale=bool(said["zscale"]),
    )


def calibrate(ffmpeg: Ffmpeg) -> Speed:
    """Measure this machine by a test that takes a fraction of a second."""
    said = _said(ffmpeg, "-benchmark", *_TEST, *_TEST_CODEC, *_NOWHERE)
    times = re.findall(r"[us]time=(\d+\.\d+)s", said)
    return Speed(sum(map(float, times)) / _TEST_COST if times else 1.0)


def with_hardware(able: Abilities, ffmpeg: Ffmpeg, name: str) -> Abilities:
    """`able`, and the encoder `name` in hardware if it works now. It is not remembered: drivers come and go, and
    ffmpeg stays the same."""
    found = try_hardware(ffmpeg, name)
    return able if found is None else msgspec.structs.replace(able, hardware=name, device=found)


def try_hardware(ffmpeg: Ffmpeg, name: str) -> str | None:
    """The device of an encoder in hardware, "" where it does not tell; None when it does not do what chunks will ask
    of it."""
    told = options(name, QUALITIES["default"], _WIDE_RATE) | {
        "maxrate": _WIDE_RATE,
        "bufsize": 2 * _WIDE_RATE,
    }
    said = _said(
        ffmpeg,
        *("-v", "verbose", *DEVICE.get(name, ()), *_WIDE, "-frames:v", "1"),
        *("-vf", ",".join(("format=yuv420p", *FILTERS.get(name, ())))),
        *(word for option, value in told.items() for word in (f"-{option}", str(value))),
        *_NOWHERE,
    )
    return device(said) if said else None


def _tried(ffmpeg: Ffmpeg, folder: Path, *names: str) -> str:
    """What ffmpeg said while it did these trials; nothing when one of them failed."""
    splits = "".join(f"[{name}]" for name in names)
    graph = [f"[0:v]split={len(names)}{splits}"]
    outputs: list[str] = []
    for name in names:
        chain, output = _TRIALS[name]
        graph.append(f"[{name}]{chain}[{name}_]")
        outputs += ["-map", f"[{name}_]", "-frames:v", "1", *output]
    return _said(ffmpeg, *_PICTURE, "-filter_complex", ";".join(graph), *outputs, folder=folder)


def _said(ffmpeg: Ffmpeg, *arguments: str, folder: Path = Path("/")) -> str:
    """What ffmpeg said while it worked; nothing when it did not."""
    try:
        return ffmpeg.run(["-v", "info", *arguments], about=Path(ffmpeg.ffmpeg), folder=folder) or "nothing"
    except FfmpegError:
        return ""


def _version(ffmpeg: Ffmpeg) -> str:
    version = ffmpeg.ask("-hide_banner", "-version").split()[2]
    match = re.match(r"n?(\d+\.\d+)(?:\.\d+)?(?:-|$)", version)
    return match[1] if match else version


def _first(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else ""
