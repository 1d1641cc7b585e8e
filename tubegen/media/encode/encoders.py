"""What ffmpeg's encoders are told, for each rendition: pure functions from a plan to options.

Every encoder runs in a single thread: x264's output depends on their number, and with several of them on how busy the
machine is. One is also the cheapest: cores are kept busy by working on several chunks at once.
"""

from typing import Any

from tubegen.media.ffmpeg.hardware import LEAST_SIDE, options
from tubegen.media.plan.plan import Plan
from tubegen.media.rendition import PlannedRendition

FRAGMENTED: dict[str, Any] = {
    "movflags": "+cmaf+negative_cts_offsets+delay_moov",
    "use_editlist": 0,
    "f": "mp4",
}
"""CMAF without edit lists: decode time and presentation begin at 0, a fragment on every key frame."""

_CHUNK: dict[str, Any] = {"use_editlist": 0, "f": "mp4"}
"""Chunks are put together by their first frames, which lie as far behind their decoding in each of them. With negative
offsets ffmpeg would read that from the frames of each chunk, and where none is decoded far ahead, as in a strobe, it is less."""

SAMPLE_RATE = 48_000

COPIED: dict[str, Any] = {
    "c": "copy",
    "map_metadata": -1,
    "map_chapters": -1,
    "bsf:a": "aac_adtstoasc",
    "fflags": "+bitexact",
    "f": "mp4",
}
"""For files that take their streams as they are: films, and sound in ADTS, which knows no edit lists."""

_X265 = (
    "pools=none:frame-threads=1:wpp=0:scenecut=0:open-gop=0:repeat-headers=0:info=0:"
    "hdr10-opt={opt}:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc:range=limited"
)
_X265_CRF = 2.5
"""x265's factors are this much larger than x264's for the same quality."""

_AV1_FAST = 10
AV1_PLAIN = ":hierarchical-levels=3:lookahead=0:enable-tf=0"
"""For presets from _AV1_FAST on: frames depend on few others, nothing is tried out ahead, and none are blended. With
SVT-AV1 4.2, preset 11 then takes 4 % less to 5 % more bits for equal VMAF than preset 10 with all that (four scenes), and
20 % less CPU. Slower presets make good use of it."""


def video_options(plan: Plan, rendition: PlannedRendition, number: int) -> dict[str, Any]:
    """Options of the output of one rendition of chunk `number`."""
    first, end = plan.chunks[number]
    gop = -(-plan.gop // rendition.frame_step)
    common = {
        "maxrate": rendition.maxrate,
        "bufsize": 2 * rendition.maxrate,
        "g": gop,
        "flags:v": "+cgop+bitexact",
        "fflags": "+bitexact",
        "threads": 1,
        "map_metadata": -1,
        "map_chapters": -1,
        **_CHUNK,
    }
    if plan.gop_starts or in_hardware(plan, rendition):
        keys = [key - first for key in plan.gops if first <= key < end]
        common["force_key_frames"] = ",".join(_at(key, plan.rate) for key in keys)
    return common | {"h264": _h264, "av1": _av1, "hevc": _hevc}[rendition.codec](plan, rendition, gop)


def in_hardware(plan: Plan, rendition: PlannedRendition) -> bool:
    """Whether a rendition is encoded in hardware."""
    return bool(plan.encoder.hardware) and rendition.codec == "h264" and rendition.short_side >= LEAST_SIDE


def _at(frame: int, rate: tuple[int, int]) -> str:
    """Its time, never a microsecond after it: ffmpeg takes the nearest frame, newer ones the first that is not before."""
    return f"{frame * rate[1] * 1_000_000 // rate[0] / 1e6:.6f}"


def _h264(plan: Plan, rendition: PlannedRendition, gop: int) -> dict[str, Any]:
    if in_hardware(plan, rendition):
        return options(plan.encoder.hardware, plan.effort, rendition.maxrate) | _bt709()
    still = {"tune": "stillimage"} if plan.video_index is None else {}
    return {
        "c:v": "libx264",
        "preset": plan.effort.preset,
        "crf": plan.effort.crf,
        "profile:v": "high",
        "keyint_min": 1 if plan.gop_starts else gop,
        "sc_threshold": 0,
        "forced-idr": 1,
        **still,
        **_bt709(),
    }


def _av1(plan: Plan, rendition: PlannedRendition, gop: int) -> dict[str, Any]:
    preset = plan.effort.av1_preset
    screen = ":scm=1" if plan.content == "screen" else ""
    plain = AV1_PLAIN if preset >= _AV1_FAST else ""
    return {
        "c:v": "libsvtav1",
        "preset": preset,
        "crf": plan.effort.av1_crf,
        "pix_fmt": "yuv420p",
        "svtav1-params": f"lp=1:scd=0{screen}{plain}",
        **_bt709(),
    }


def _hevc(plan: Plan, rendition: PlannedRendition, gop: int) -> dict[str, Any]:
    transfer = {"PQ": "smpte2084", "HLG": "arib-std-b67"}[rendition.video_range]
    keyint = f"keyint={gop}:min-keyint={1 if plan.gop_starts else gop}:"
    return {
        "c:v": "libx265",
        "preset": plan.effort.preset,
        "crf": plan.effort.crf + _X265_CRF,
        "pix_fmt": "yuv420p10le",
        "forced-idr": 1,
        "tag:v": "hvc1",
        "x265-params": keyint + _X265.format(opt=int(rendition.video_range == "PQ"), transfer=transfer),
        "colorspace": "bt2020nc",
        "color_primaries": "bt2020",
        "color_trc": transfer,
        "color_range": "tv",
    }


def _bt709() -> dict[str, Any]:
    return {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", "color_range": "tv"}
