"""What is in a source file: read once by ffprobe, remembered by the file's digest.

Containers lie about frame rates and durations, so the packets of the film are read: that gives the true rate,
the true end, and where key frames are.
"""

import hashlib
import stat
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from tubegen.errors import MediaError, Problem
from tubegen.media.ffmpeg import CONTAINERS, Ffmpeg

LFS_POINTER = b"version https://git-lfs.github.com/spec/"

PROBE_FORMAT = 1
"""Counts changes in what a Probe tells; part of its key in the store."""

_TICK = 1e-6
"""Seconds: what ffprobe's times are rounded to."""

_HDR = {"smpte2084": "pq", "arib-std-b67": "hlg"}


class VideoStream(msgspec.Struct, frozen=True, kw_only=True):
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
    promised: float
    """Seconds that the header gives the film; more than there is when the file was cut short."""
    interlaced: bool
    hdr: str
    """pq, hlg, or nothing for a standard range."""
    matrix: str
    full_range: bool
    longest_gop: float
    """Longest stretch without a key frame, in seconds."""


class AudioStream(msgspec.Struct, frozen=True, kw_only=True):
    index: int
    start: float


class EmbeddedChapter(msgspec.Struct, frozen=True):
    start: float
    title: str


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """All that the plan needs to know of a source."""

    sha256: str
    container: str
    video: VideoStream
    audio: AudioStream | None
    chapters: tuple[EmbeddedChapter, ...]


def refuse_at_sight(source: Path) -> None:
    """Raise MediaError for what is no video whatever its name says: cheap, so it is asked before hashing."""
    try:
        if not stat.S_ISREG(source.stat().st_mode):
            raise _refusal(source, "this is not a file", "put the video itself there")
        with source.open("rb") as file:
            head = file.read(1024)
    except OSError as fault:
        raise _refusal(
            source, f"cannot be read: {(fault.strerror or 'unknown fault').lower()}", "check its permissions"
        ) from None
    if not head:
        raise _refusal(source, "the file is empty", "copy or export it again")
    if head.startswith(LFS_POINTER):
        raise _refusal(
            source, "this is a Git LFS pointer, not the video itself", "fetch the video with: git lfs pull"
        )
    if not head.strip(b"\0"):
        return  # a long run of zeros may precede a transport stream; ffprobe decides
    if b"\0" not in head and _is_text(head):
        raise _refusal(source, "this is a text file, not a video", "check how it was copied, or remove it")


def digest(source: Path) -> str:
    """SHA-256 of the file, as hexadecimal digits."""
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def probe(ffmpeg: Ffmpeg, source: Path, sha256: str) -> Probe:
    """Raises MediaError, with the reason, when `source` has no film that can be published."""
    found = ffmpeg.probe(source, "-show_format", "-show_streams", "-show_chapters")
    names = set(str(found.get("format", {}).get("format_name", "")).split(","))
    if not names & CONTAINERS:
        raise _refusal(
            source,
            f"this is not a video file (it looks like {', '.join(sorted(names)) or 'nothing known'})",
            "export it as MP4, MOV, MKV or WebM",
        )
    streams: list[dict[str, Any]] = found.get("streams", [])
    video = _choose_video(source, streams)
    return Probe(
        sha256=sha256,
        container=sorted(names & CONTAINERS)[0],
        video=_video(ffmpeg, source, video),
        audio=_choose_audio(streams),
        chapters=_chapters(found.get("chapters", [])),
    )


def _choose_video(source: Path, streams: list[dict[str, Any]]) -> dict[str, Any]:
    films = [
        s
        for s in streams
        if s.get("codec_type") == "video"
        and not s["disposition"].get("attached_pic")
        and s.get("width")
        and "codec_name" in s
    ]
    if not films:
        if any(s.get("codec_type") == "audio" for s in streams):
            raise _refusal(source, "there is only sound in this file", "publish a file with moving pictures")
        raise _refusal(source, "there is no film in this file", "export it again, or remove it")
    return max(
        films, key=lambda s: (s["disposition"].get("default", 0), s["width"] * s["height"], -s["index"])
    )


def _choose_audio(streams: list[dict[str, Any]]) -> AudioStream | None:
    tracks = [
        s
        for s in streams
        if s.get("codec_type") == "audio"
        and s.get("channels")
        and s.get("codec_name", "unknown") != "unknown"
    ]
    if not tracks:
        return None
    track = max(tracks, key=lambda s: (s["disposition"].get("default", 0), -s["index"]))
    return AudioStream(index=track["index"], start=float(track.get("start_time", 0)))


def _video(ffmpeg: Ffmpeg, source: Path, stream: dict[str, Any]) -> VideoStream:
    scan = ffmpeg.probe(
        source,
        "-select_streams",
        str(stream["index"]),
        "-show_entries",
        "packet=pts_time,dts_time,duration_time,flags",
    )
    packets: list[dict[str, str]] = scan.get("packets", [])
    times = sorted(
        float(p.get("pts_time") or p["dts_time"]) for p in packets if "pts_time" in p or "dts_time" in p
    )
    if not times:
        raise _refusal(
            source, "there is no picture in it", "the file was probably cut off: export or copy it again"
        )
    rate = _rate(times, stream)
    keys = sorted(
        float(p.get("pts_time") or p["dts_time"])
        for p in packets
        if "K" in p.get("flags", "") and ("pts_time" in p or "dts_time" in p)
    )
    end = times[-1] + float(1 / rate)
    gaps = [after - before for before, after in pairwise([*keys, end])]
    transfer = str(stream.get("color_transfer", ""))
    return VideoStream(
        index=stream["index"],
        width=stream["width"],
        height=stream["height"],
        sar=_sar(str(stream.get("sample_aspect_ratio", "1:1"))),
        rotation=_rotation(stream),
        rate=(rate.numerator, rate.denominator),
        start=times[0],
        end=end,
        promised=float(stream.get("duration", 0)),
        interlaced=str(stream.get("field_order", "progressive")) in ("tt", "bb", "tb", "bt"),
        hdr=_HDR.get(transfer, ""),
        matrix=str(stream.get("color_space", "")),
        full_range=stream.get("color_range") == "pc" or str(stream.get("pix_fmt", "")).startswith("yuvj"),
        longest_gop=round(max(gaps, default=end - times[0]), 3),
    )


STEADY_RATES = tuple(
    Fraction(n, d)
    for n, d in (
        (24000, 1001),
        (24, 1),
        (25, 1),
        (30000, 1001),
        (30, 1),
        (48, 1),
        (50, 1),
        (60000, 1001),
        (60, 1),
        (120, 1),
    )
)


def _rate(times: list[float], stream: dict[str, Any]) -> Fraction:
    """The frame rate from the distances between frames: the commonest, where they are not all alike."""
    gaps = [after - before for before, after in pairwise(times) if after - before > _TICK / 2]
    if not gaps:
        return _standard(
            Fraction(str(stream.get("avg_frame_rate", "25/1")).replace("/0", "/1") or 25) or Fraction(25)
        )
    commonest = Counter(round(gap, 3) for gap in gaps).most_common(1)[0][0]
    alike = [gap for gap in gaps if abs(gap - commonest) < 0.0021]
    typical = sum(alike) / len(alike) if alike else sum(gaps) / len(gaps)
    steady = len(alike) >= 0.98 * len(gaps) and max(gaps) < 2.5 * typical
    if steady:
        typical = (times[-1] - times[0]) / (len(times) - 1)
    return _standard(Fraction(1 / typical).limit_denominator(100_000))


def _standard(rate: Fraction) -> Fraction:
    """The nearest rate that films have; any other becomes a whole number of frames per second."""
    near = min(STEADY_RATES, key=lambda r: abs(r - rate) / r)
    if abs(near - rate) / near < Fraction(1, 500):
        return near
    return Fraction(max(1, round(rate)))


def _sar(text: str) -> tuple[int, int]:
    width, _, height = text.partition(":")
    if width.isdigit() and height.isdigit() and int(width) and int(height):
        return int(width), int(height)
    return 1, 1


def _rotation(stream: dict[str, Any]) -> int:
    for side in stream.get("side_data_list", []):
        if "rotation" in side:
            return round(-float(side["rotation"]) / 90) * 90 % 360
    return 0


def _chapters(found: list[dict[str, Any]]) -> tuple[EmbeddedChapter, ...]:
    named = ((float(c["start_time"]), str(c.get("tags", {}).get("title", "")).strip()) for c in found)
    return tuple(EmbeddedChapter(max(0.0, start), title) for start, title in named if title)


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as fault:
        if fault.start < len(head) - 4:
            return False
        text = head[: fault.start].decode("utf-8")
    return all(c.isprintable() or c.isspace() for c in text)


def _refusal(source: Path, text: str, hint: str) -> MediaError:
    return MediaError(Problem(str(source), 0, text, hint))
