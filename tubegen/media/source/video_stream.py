"""The film in a source: what its stream and its packets tell of it."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from tubegen.media.ffmpeg.program import Ffmpeg, FfmpegError
from tubegen.media.ffmpeg.refusals import refusal
from tubegen.media.source.access_points import random_access_points
from tubegen.media.source.frame_grid import closed_gops, frame_rate
from tubegen.media.source.packets import StreamPackets
from tubegen.media.source.tags import tags

_JUMP = 10.0
"""Seconds between frames from which on a transport stream's clock was set anew, rather than a frame shown long."""

_CLOCKED = frozenset(["mpeg", "mpegts"])
"""Containers of broadcasts, whose clocks are set anew between recordings."""

_ENDLESS = 0xFFFFFFFF
"""What headers of films in fragments write for a duration that is not known."""

_HDR = {"smpte2084": "pq", "arib-std-b67": "hlg"}


_STORED_NAMES = {
    "closed_gops": "keys",
    "declared_duration": "promised",
    "inter_frame_bytes": "still_bytes",
    "key_frame_bytes": "key_bytes",
    "random_access_points": "entries",
}
"""What fields are called in caches."""


class VideoStream(msgspec.Struct, frozen=True, kw_only=True, rename=_STORED_NAMES):
    """The film itself, as it is stored."""

    index: int
    width: int
    height: int
    sar: tuple[int, int]
    """Shape of a pixel, width to height."""
    rotation: int
    """Degrees to turn before showing: 0, 90, 180 or 270."""
    rate: tuple[int, int]
    """Frames per second as a fraction, from the packets."""
    start: float
    """Time of the first frame."""
    end: float
    """Time at which the last frame is over."""
    declared_duration: float
    """Seconds that the header gives the film; more than there is when the file was cut short."""
    interlaced: bool
    hdr: str
    """pq, hlg, or nothing for a standard range."""
    matrix: str
    full_range: bool
    longest_gop: float
    """Longest stretch without a key frame, in seconds."""
    random_access_points: tuple[float, ...] = ()
    """Times of its key frames, where the decoder can begin; none where they are dense, or mere points of recovery."""
    codec: str
    """As ffprobe calls it: h264, hevc, vp9 …"""
    profile: str
    level: int
    """As ffprobe tells it: 41 is H.264's level 4.1."""
    pixel_format: str
    bit_rate: int
    """Of the packets, in bits per second."""
    key_frame_bytes: int = 0
    """Median of its key frames."""
    inter_frame_bytes: int = 0
    """Third quartile of the other frames: next to nothing where nothing moves."""
    second_bytes: tuple[int, ...] = ()
    """Of all packets of each second from `start` on: about how hard it is to encode."""
    primaries: str
    closed_gops: tuple[int, ...]
    """Numbers of the frames at which its closed GOPs begin, on the grid of `rate`, 0 first. Empty when frames are
    not on a grid, when a GOP needs pictures of the one before, or when the film has to be turned or mirrored: then
    it cannot be cut without encoding."""


def read_video_stream(
    ffmpeg: Ffmpeg,
    source: Path,
    found: dict[str, Any],
    stream: dict[str, Any],
    tracks: dict[int, StreamPackets],
) -> VideoStream:
    """What `stream` is as a film. `found` is all that is known of the file. Raises MediaError for what cannot be shown
    right."""
    _refuse_dolby_vision(source, stream)
    track = tracks[stream["index"]]
    times = sorted(track.times)
    _refuse_jumps(source, found, times)
    rate = frame_rate(times, str(stream.get("avg_frame_rate", "")))
    promised = _promised(found, stream, tracks)
    end = _end(times, track, float(1 / rate), promised)
    keys = sorted(track.times[n] for n in track.keys)
    gaps = [after - before for before, after in pairwise([*keys, end])]
    pixel_format = str(stream["pix_fmt"])
    matrix = _display_matrix(stream)
    closed, entered = closed_gops(track, rate), random_access_points(track, end)
    if not ((closed or entered) and _begins_anew(ffmpeg, source, stream, track)):
        closed, entered = (), ()
    return VideoStream(
        index=stream["index"],
        width=stream["width"],
        height=stream["height"],
        sar=_sar(str(stream.get("sample_aspect_ratio", "1:1"))),
        rotation=round(-float(matrix.get("rotation", 0)) / 90) * 90 % 360,
        rate=(rate.numerator, rate.denominator),
        start=times[0],
        end=end,
        declared_duration=promised,
        interlaced=str(stream.get("field_order", "progressive")) in ("tt", "bb", "tb", "bt"),
        hdr=_HDR.get(str(stream.get("color_transfer", "")), ""),
        matrix=str(stream.get("color_space", "")),
        full_range=stream.get("color_range") == "pc" or pixel_format.startswith("yuvj"),
        longest_gop=round(max(gaps, default=end - times[0]), 3),
        random_access_points=entered,
        codec=stream["codec_name"],
        profile=str(stream.get("profile", "")),
        level=int(stream.get("level", 0)),
        pixel_format=pixel_format,
        bit_rate=round(sum(track.sizes) * 8 / (end - times[0])),
        key_frame_bytes=_quantile([track.sizes[n] for n in track.keys], 1 / 2),
        inter_frame_bytes=_quantile(_others(track), 3 / 4),
        second_bytes=_second_bytes(track, times[0], end),
        primaries=str(stream.get("color_primaries", "")),
        closed_gops=() if matrix else closed,
    )


def _others(track: StreamPackets) -> list[int]:
    """Bytes of the frames that are not key frames."""
    keys = set(track.keys)
    return [size for n, size in enumerate(track.sizes) if n not in keys]


def _quantile(sizes: list[int], share: float) -> int:
    """What `share` of `sizes` do not exceed; 0 when there are none."""
    return sorted(sizes)[int(share * (len(sizes) - 1))] if sizes else 0


def _second_bytes(track: StreamPackets, start: float, end: float) -> tuple[int, ...]:
    seconds = [0] * (int(end - start) + 1)
    for time, size in zip(track.times, track.sizes, strict=True):
        seconds[min(int(time - start), len(seconds) - 1)] += size
    return tuple(seconds)


def _begins_anew(ffmpeg: Ffmpeg, source: Path, stream: dict[str, Any], track: StreamPackets) -> bool:
    """Whether decoding can begin at every key frame: containers of H.264 mark points of recovery as such, too. NAL
    units of type 5 are the true ones (ITU-T H.264, 7.4.1)."""
    if stream["codec_name"] != "h264":
        return True
    true_ones = ["-c", "copy", "-bsf:v", "filter_units=pass_types=5", "-f", "framecrc", "pipe:1"]
    try:
        lines = ffmpeg.output(
            ["-i", f"file:{source}", "-map", f"0:{stream['index']}", *true_ones], about=source
        )
    except FfmpegError:
        return False
    return sum(not line.startswith(b"#") for line in lines.splitlines()) == len(track.keys)


def _refuse_dolby_vision(source: Path, stream: dict[str, Any]) -> None:
    """Raise MediaError for colours that only licensed players can read: shown as they are, faces are purple."""
    for side in stream.get("side_data_list", []):
        if side.get("dv_profile") in (5, 10) and side.get("dv_bl_signal_compatibility_id") == 0:
            raise refusal(
                source,
                f"this is Dolby Vision that only its own players can show (profile {side['dv_profile']})",
                "export it as HDR10, HLG or SDR",
            )


def _refuse_jumps(source: Path, found: dict[str, Any], times: list[float]) -> None:
    """Raise MediaError when the clock of a broadcast was set anew in mid-film."""
    if _CLOCKED.isdisjoint(str(found["format"]["format_name"]).split(",")):
        return
    start = times[0]
    for before, after in pairwise(times):
        if after - before > _JUMP:
            raise refusal(
                source,
                f"its clock jumps {after - before:.0f} s ahead at {before - start:.0f} s",
                f"mend it: ffmpeg -i {source.name} -map 0 -c copy mended.mkv",
            )


def _promised(found: dict[str, Any], stream: dict[str, Any], tracks: dict[int, StreamPackets]) -> float:
    """Seconds that the headers give the film: its own, or the whole file's where every track ends earlier.

    Matroska's count from 0 on, whenever the film begins.
    """
    if 0 < stream.get("duration_ts", 0) < _ENDLESS:
        return float(stream["duration"])
    if "duration_ts" in stream:
        return 0.0
    end = _seconds(tags(stream).get("duration", ""))
    if not end:
        whole = float(found["format"].get("duration", 0))
        end = whole if all(track.end < whole for track in tracks.values()) else 0.0
    return max(0.0, end - min(tracks[stream["index"]].times))


def _seconds(clock: str) -> float:
    """Matroska's `00:01:02.500000000` in seconds; 0 for anything else."""
    parts = re.fullmatch(r"(\d{1,4}):(\d\d):(\d\d(?:\.\d+)?)", clock)
    return int(parts[1]) * 3600 + int(parts[2]) * 60 + float(parts[3]) if parts else 0.0


def _end(times: list[float], track: StreamPackets, frame: float, declared_duration: float) -> float:
    """When the last frame is over: one frame later, or as late as its packet and the header agree on."""
    return max(times[-1] + frame, min(track.end, times[0] + declared_duration))


def _sar(text: str) -> tuple[int, int]:
    width, _, height = text.partition(":")
    if width.isdigit() and height.isdigit() and int(width) and int(height):
        return int(width), int(height)
    return 1, 1


def _display_matrix(stream: dict[str, Any]) -> dict[str, Any]:
    """How the film is to be turned or mirrored before it is shown; empty when not at all."""
    sides: list[dict[str, Any]] = stream.get("side_data_list", [])
    turned = [side for side in sides if "rotation" in side]
    return turned[0] if turned else {}
