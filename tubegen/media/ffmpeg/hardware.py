"""Encoders of H.264 in hardware: what ffmpeg calls them, what they are told, whose they are. Pure functions.

They are told a quality and a ceiling, as x264 is, in the mode of each that knows both. None of them decides by itself
where a GOP begins: key frames are forced. The names of the options are those of `ffmpeg -h encoder=h264_nvenc` and so
on, what they do together is in ffmpeg's nvenc.c, qsvenc.c, vaapi_encode.c and videotoolboxenc.c.
"""

import re
from collections.abc import Mapping
from typing import Any

from tubegen.config.media import Effort

NAMES: Mapping[str, str] = {
    "nvenc": "NVIDIA's NVENC",
    "qsv": "Intel's Quick Sync",
    "vaapi": "a driver of VA-API with QVBR",
    "videotoolbox": "Apple's VideoToolbox on a chip of its own",
}
"""What `[media] encoder` may name beside x264, in words."""

LEAST_SIDE = 160
"""Smaller pictures are refused by some of them, and cost x264 nothing."""

AT_ONCE = 2
"""Chunks to make at a time: a consumer's card takes eight films at once, and a chunk is four of them."""

DEVICE: Mapping[str, tuple[str, ...]] = {
    "vaapi": ("-init_hw_device", "vaapi=encoder", "-filter_hw_device", "encoder")
}
"""What ffmpeg has to open before its graph."""

FILTERS: Mapping[str, tuple[str, ...]] = {"qsv": ("format=nv12",), "vaapi": ("format=nv12", "hwupload")}
"""What an 8 bit picture passes on its way into the encoder. Quick Sync takes it from the memory of the system."""

_NVENC_PRESETS = {
    "ultrafast": "p1",
    "superfast": "p2",
    "veryfast": "p4",
    "faster": "p4",
    "fast": "p5",
    "medium": "p6",
    "slow": "p6",
    "slower": "p7",
    "veryslow": "p7",
}
_QSV_PRESETS = {"ultrafast": "veryfast", "superfast": "veryfast"}
"""The others are called as x264's."""

_TARGET = 0.9
"""Average bit rate, of the ceiling, that a mode with a quality may come to; when both are the same, some encoders take
it for a constant rate."""


def options(name: str, effort: Effort, maxrate: int) -> dict[str, Any]:
    """Options of the encoder `name` for a rendition of at most `maxrate` bits a second.

    Factors count as x264's do, from 1 to 51, but for VideoToolbox: 1 to 100, more is better.
    """
    target = round(maxrate * _TARGET)
    return {
        "nvenc": {
            "preset": _NVENC_PRESETS[effort.preset],
            "tune": "hq",
            "rc": "vbr",
            "cq": effort.crf,
            "b:v": 0,
            "forced-idr": 1,
            "no-scenecut": 1,
        },
        "qsv": {
            "preset": _QSV_PRESETS.get(effort.preset, effort.preset),
            "global_quality": round(effort.crf),
            "b:v": target,
            "forced_idr": 1,
        },
        "vaapi": {"rc_mode": "QVBR", "global_quality": round(effort.crf), "b:v": target},
        "videotoolbox": {"q:v": max(1, round(100 - 1.6 * effort.crf)), "allow_sw": 0},
    }[name] | {"c:v": f"h264_{name}", "profile:v": "high"}


def device(said: str) -> str:
    """The device and its driver, from what ffmpeg says of them; empty when it says nothing.

    Of versions the first two numbers count: a security update must not encode a whole site anew.
    """
    found = re.search(r"GPU #\d+ - < (.+?) >|VAAPI driver: (.+?)\.?$", said, re.M)
    if not found:
        return ""
    name = re.sub(r"\s\(.*", "", found[1] or found[2])
    return re.sub(r"(\d+\.\d+)\.[\w.-]+", r"\1", name)
