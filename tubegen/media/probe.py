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
from tubegen.media.packets import ENTRIES, Track, read_packets
from tubegen.schema import is_language

LFS_POINTER = b"version https://git-lfs.github.com/spec/"

PROBE_FORMAT = 2
"""Counts changes in what a Probe tells; part of its key in the store."""

_TICK = 1e-6
"""Seconds: what ffprobe's times are rounded to."""

_OFF_GRID = 0.002
"""Seconds that a frame may be beside the grid of a steady film: Matroska counts in milliseconds."""

_BITMAPS = frozenset(["dvb_subtitle", "dvd_subtitle", "hdmv_pgs_subtitle", "xsub"])

_NO_LANGUAGE = frozenset(["und", "mul", "mis", "zxx", "qaa"])
"""Codes of ISO 639-2 that name no language."""

_LONGEST_TITLE = 200
"""Characters kept of a title in the file."""

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
    codec: str
    """As ffprobe calls it: h264, hevc, vp9 …"""
    profile: str
    level: int
    """As ffprobe tells it: 41 is H.264's level 4.1."""
    pixel_format: str
    bit_rate: int
    """Of the packets, in bits per second."""
    primaries: str
    keys: tuple[int, ...]
    """Numbers of the frames at which its closed GOPs begin, on the grid of `rate`, 0 first. Empty when frames are
    not on a grid, or when a GOP needs pictures of the one before: then it cannot be cut without encoding."""


class AudioStream(msgspec.Struct, frozen=True, kw_only=True):
    """A track of sound."""

    index: int
    start: float
    end: float
    """0 when nobody knows."""
    codec: str
    channels: int
    language: str
    """BCP 47; empty when the file does not say."""
    title: str
    default: bool


class TextStream(msgspec.Struct, frozen=True, kw_only=True):
    """A track of captions in the file itself."""

    index: int
    codec: str
    language: str
    """BCP 47; empty when the file does not say."""
    title: str
    forced: bool
    bitmap: bool
    """Pictures of text, as on discs: nothing to publish them as."""


class EmbeddedChapter(msgspec.Struct, frozen=True):
    start: float
    title: str


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """All that the plan needs to know of a source."""

    sha256: str
    container: str
    video: VideoStream | None
    """None when there is only sound in it."""
    sounds: tuple[AudioStream, ...]
    """The track to be heard first comes first; the others as they stand in the file."""
    texts: tuple[TextStream, ...]
    chapters: tuple[EmbeddedChapter, ...]
    cover: int | None
    """Index of the stream with an attached picture."""


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
    """Raises MediaError, with the reason, when `source` has nothing that can be published."""
    found = ffmpeg.probe(source, "-show_format", "-show_streams", "-show_chapters")
    names = set(str(found.get("format", {}).get("format_name", "")).split(","))
    if not names & CONTAINERS:
        raise _refusal(
            source,
            f"this is not a video file (it looks like {', '.join(sorted(names)) or 'nothing known'})",
            "export it as MP4, MOV, MKV or WebM",
        )
    streams: list[dict[str, Any]] = found.get("streams", [])
    tracks = read_packets(ffmpeg.packets(source, ENTRIES))
    film = _choose_film(streams)
    sounds = _sounds(streams, tracks)
    if film is None and not sounds:
        raise _refusal(source, "there is no film in this file", "export it again, or remove it")
    return Probe(
        sha256=sha256,
        container=sorted(names & CONTAINERS)[0],
        video=None if film is None else _video(source, film, tracks.get(film["index"], Track())),
        sounds=sounds,
        texts=_texts(streams),
        chapters=_chapters(found.get("chapters", [])),
        cover=next((s["index"] for s in streams if _disposed(s, "attached_pic")), None),
    )


def _disposed(stream: dict[str, Any], *names: str) -> bool:
    disposition = stream.get("disposition", {})
    return any(disposition.get(name) for name in names)


def _choose_film(streams: list[dict[str, Any]]) -> dict[str, Any] | None:
    films = [
        s
        for s in streams
        if s.get("codec_type") == "video"
        and not _disposed(s, "attached_pic")
        and s.get("width")
        and "codec_name" in s
    ]
    return max(
        films, key=lambda s: (_disposed(s, "default"), s["width"] * s["height"], -s["index"]), default=None
    )


def _sounds(streams: list[dict[str, Any]], tracks: dict[int, Track]) -> tuple[AudioStream, ...]:
    """The tracks that can be heard: first the default, and before it what is not about the film but the film."""
    audible = [
        s
        for s in streams
        if s.get("codec_type") == "audio"
        and s.get("channels")
        and s.get("codec_name", "unknown") != "unknown"
        and s["index"] in tracks
    ]
    first = min(
        audible,
        key=lambda s: (_disposed(s, "comment", "visual_impaired"), not _disposed(s, "default"), s["index"]),
        default=None,
    )
    audible.sort(key=lambda s: (s is not first, s["index"]))
    return tuple(
        AudioStream(
            index=s["index"],
            start=float(s.get("start_time", 0)),
            end=tracks[s["index"]].end,
            codec=s["codec_name"],
            channels=s["channels"],
            language=_language(s),
            title=_sound_title(s),
            default=_disposed(s, "default"),
        )
        for s in audible
    )


def _sound_title(stream: dict[str, Any]) -> str:
    if title := _title(stream):
        return title
    if _disposed(stream, "comment"):
        return "Commentary"
    return "Audio description" if _disposed(stream, "visual_impaired") else ""


def _texts(streams: list[dict[str, Any]]) -> tuple[TextStream, ...]:
    return tuple(
        TextStream(
            index=s["index"],
            codec=s["codec_name"],
            language=_language(s),
            title=_title(s),
            forced=_disposed(s, "forced"),
            bitmap=s["codec_name"] in _BITMAPS,
        )
        for s in streams
        if s.get("codec_type") == "subtitle" and s.get("codec_name", "unknown") != "unknown"
    )


def _title(stream: dict[str, Any]) -> str:
    return one_line(str(_tags(stream).get("title", "")))


def _language(stream: dict[str, Any]) -> str:
    """BCP 47 for the tag of a container, which is an ISO 639-2 code (`fre`) or BCP 47 already."""
    tag = str(_tags(stream).get("language", "")).replace("_", "-")
    code, _, rest = tag.partition("-")
    if not is_language(tag) or code.lower() in _NO_LANGUAGE:
        return ""
    from babel.core import get_global

    short = str(get_global("language_aliases").get(code.lower(), code.lower()))
    return f"{short}-{rest}" if rest else short


def _tags(thing: dict[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in thing.get("tags", {}).items()}


def one_line(text: str) -> str:
    """A title as strangers write it: control characters gone, on one line, not without end."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_LONGEST_TITLE]


def _video(source: Path, stream: dict[str, Any], track: Track) -> VideoStream:
    times = sorted(track.times)
    if not times:
        raise _refusal(
            source, "there is no picture in it", "the file was probably cut off: export or copy it again"
        )
    rate = _rate(times, stream)
    end = times[-1] + float(1 / rate)
    keys = sorted(track.times[n] for n in track.keys)
    gaps = [after - before for before, after in pairwise([*keys, end])]
    pixel_format = str(stream.get("pix_fmt", ""))
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
        hdr=_HDR.get(str(stream.get("color_transfer", "")), ""),
        matrix=str(stream.get("color_space", "")),
        full_range=stream.get("color_range") == "pc" or pixel_format.startswith("yuvj"),
        longest_gop=round(max(gaps, default=end - times[0]), 3),
        codec=stream["codec_name"],
        profile=str(stream.get("profile", "")),
        level=int(stream.get("level", 0)),
        pixel_format=pixel_format,
        bit_rate=round(track.size * 8 / (end - times[0])),
        primaries=str(stream.get("color_primaries", "")),
        keys=_closed_keys(track, times, rate),
    )


def _closed_keys(track: Track, times: list[float], rate: Fraction) -> tuple[int, ...]:
    """Numbers of the frames at which GOPs begin that need nothing of the one before; see VideoStream.keys."""
    if track.hidden or not track.keys or track.keys[0]:
        return ()
    start = times[0]
    if any(abs(time - start - float(n / rate)) > _OFF_GRID for n, time in enumerate(times)):
        return ()
    starts = [track.times[n] for n in track.keys]
    ends = [*track.keys[1:], len(track.times)]
    if any(
        min(track.times[first:end]) < start
        for start, first, end in zip(starts, track.keys, ends, strict=True)
    ):
        return ()
    return tuple(round((time - start) * rate) for time in starts)


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
    named = ((float(c["start_time"]), one_line(str(_tags(c).get("title", "")))) for c in found)
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
