"""What is in a source file: read once, remembered by the file's digest.

Containers lie about frame rates and durations, so the packets are read: they give the true rate, the true end,
and where key frames are.
"""

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from tubegen.errors import MediaError
from tubegen.media.ffmpeg.program import Ffmpeg
from tubegen.media.ffmpeg.refusals import refusal
from tubegen.media.source import ffprobe
from tubegen.media.source.packets import StreamPackets
from tubegen.media.source.tags import disposed, language, title
from tubegen.media.source.video_stream import VideoStream, read_video_stream

PROBE_FORMAT = 9
"""Counts changes in what a Probe tells; part of its key in the cache."""

_BITMAPS = frozenset(["dvb_subtitle", "dvd_subtitle", "hdmv_pgs_subtitle", "xsub"])
_TEXTS = frozenset(["ass", "mov_text", "ssa", "subrip", "text", "webvtt"])
"""Captions that ffmpeg decodes in every build."""

_MISSED = 0.5
"""Seconds of sound that are not cut off."""

_SILENCE = 10.0
"""Seconds without a packet of sound, which even silence has."""

_CODECS = {
    "ac-4": "AC-4",
    "ac4": "AC-4",
    "apv1": "APV",
    "dav1": "Dolby Vision AV1",
    "iamf": "IAMF",
    "mha1": "MPEG-H Audio",
    "mhm1": "MPEG-H Audio",
    "mpegh_3d_audio": "MPEG-H Audio",
    "vvc": "VVC",
    "vvc1": "VVC",
    "vvi1": "VVC",
}
"""Names of codecs that ffmpeg may not decode, by its names and by the tags of containers."""


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
    described: bool = False
    """Whether it tells those who do not see what is to be seen."""


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


class Probe(
    msgspec.Struct, frozen=True, kw_only=True, rename={"audio_streams": "sounds", "text_streams": "texts"}
):
    """All that the plan needs to know of a source."""

    sha256: str
    container: str
    video: VideoStream | None
    """None when there is only sound in it."""
    audio_streams: tuple[AudioStream, ...]
    """The track to be heard first comes first; the others as they stand in the file."""
    text_streams: tuple[TextStream, ...]
    chapters: tuple[EmbeddedChapter, ...]
    cover: int | None
    """Index of the stream with an attached picture."""
    tail: float = 0.0
    """Seconds for which the track to be heard first goes on after the last frame of the film, if they would be missed."""
    left_out: tuple[str, ...] = ()
    """Tracks of sound and captions that ffmpeg cannot decode, in words."""


def digest(source: Path) -> str:
    """SHA-256 of the file, as hexadecimal digits."""
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def probe(ffmpeg: Ffmpeg, source: Path, sha256: str) -> Probe:
    """Raises MediaError, with the reason, when `source` has nothing that can be published."""
    found = ffprobe.read_headers(ffmpeg, source)
    if not all(_known(stream) for stream in _of_kind(found, "video", "audio")):
        found = ffprobe.read_headers(ffmpeg, source, generous=True)
    tracks = ffprobe.packets(ffmpeg, source)
    container = str(found["format"]["format_name"]).split(",")
    film = _choose_film(source, found, tracks)
    sounds = _sounds(found, tracks)
    if film is None and not sounds:
        raise _nothing_in(source, found)
    video = None if film is None else read_video_stream(ffmpeg, source, found, film, tracks)
    return Probe(
        sha256=sha256,
        container=min(container),
        video=video,
        tail=_tail(tracks[sounds[0].index], video.end) if video and sounds else 0.0,
        audio_streams=sounds,
        text_streams=_texts(found),
        chapters=_chapters(found.get("chapters", [])),
        cover=next((s["index"] for s in _of_kind(found, "video") if disposed(s, "attached_pic")), None),
        left_out=tuple(
            f"a track of {what} ({_codec(stream)})"
            for kind, what in (("audio", "sound"), ("subtitle", "captions"))
            for stream in _of_kind(found, kind)
            if not _known(stream)
        ),
    )


def _of_kind(found: dict[str, Any], *kinds: str) -> list[dict[str, Any]]:
    return [stream for stream in found.get("streams", []) if stream.get("codec_type") in kinds]


def _known(stream: dict[str, Any]) -> bool:
    """Whether there is a decoder for it that made something of it."""
    if stream.get("codec_name", "unknown") == "unknown":
        return False
    match stream["codec_type"]:
        case "video":
            return bool(stream.get("width")) and "pix_fmt" in stream
        case "audio":
            return bool(stream.get("channels")) and "sample_fmt" in stream
        case _:
            return stream["codec_name"] in _TEXTS | _BITMAPS


def _codec(stream: dict[str, Any]) -> str:
    tag = str(stream.get("codec_tag_string", ""))
    name = str(stream.get("codec_name", "unknown"))
    if name == "unknown":
        name = tag if tag and tag.isprintable() and not tag.startswith("[") else "its codec is not known"
    return _CODECS.get(name) or _CODECS.get(tag.lower()) or name


def _nothing_in(source: Path, found: dict[str, Any]) -> MediaError:
    names = sorted({_codec(stream) for stream in _of_kind(found, "audio") if not _known(stream)})
    if names:
        text = f"its sound cannot be decoded ({', '.join(names)})"
        return refusal(source, text, "export it with AAC, Opus or FLAC")
    if _of_kind(found, "audio"):
        return refusal(source, "there is no sound in it", _CUT_OFF)
    return refusal(source, "there is no film in this file", "export it again, or remove it")


_CUT_OFF = "the file was probably cut off: export or copy it again"


def _choose_film(
    source: Path, found: dict[str, Any], tracks: dict[int, StreamPackets]
) -> dict[str, Any] | None:
    """The track that moves, is meant to be shown first, is largest: cameras put stills beside their films."""
    films = [s for s in _of_kind(found, "video") if not disposed(s, "attached_pic")]
    if not films:
        return None
    known = [s for s in films if _known(s)]
    if not known:
        text = f"its pictures cannot be decoded ({_codec(films[0])})"
        raise refusal(source, text, "the file may be damaged: export it again, as H.264")
    frames = {s["index"]: len(tracks[s["index"]].times) if s["index"] in tracks else 0 for s in known}
    if not any(frames.values()):
        raise refusal(source, "there is no picture in it", _CUT_OFF)
    moves = max(frames.values()) / 4
    return max(
        known,
        key=lambda s: (
            frames[s["index"]] >= moves,
            not disposed(s, "still_image", "timed_thumbnails"),
            disposed(s, "default"),
            s["width"] * s["height"],
            -s["index"],
        ),
    )


def _sounds(found: dict[str, Any], tracks: dict[int, StreamPackets]) -> tuple[AudioStream, ...]:
    """The tracks that can be heard: first the default, but rather the film's own sound than what is said about it."""
    audible = [s for s in _of_kind(found, "audio") if _known(s) and s["index"] in tracks]
    first = min(
        audible,
        key=lambda s: (disposed(s, "comment", "visual_impaired"), not disposed(s, "default"), s["index"]),
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
            language=language(s),
            title=_sound_title(s),
            default=disposed(s, "default"),
            described=disposed(s, "visual_impaired"),
        )
        for s in audible
    )


def _tail(sound: StreamPackets, end: float) -> float:
    """Seconds of `sound` after `end`, 0 for a few; what comes after a long silence is a fault of the clock."""
    late = [end, *sorted(time for time in sound.times if time > end)]
    broken = next((before for before, after in pairwise(late) if after - before > _SILENCE), None)
    tail = (sound.end if broken is None else broken) - end
    return tail if tail > _MISSED else 0.0


def _sound_title(stream: dict[str, Any]) -> str:
    if named := title(stream):
        return named
    if disposed(stream, "comment"):
        return "Commentary"
    return "Audio description" if disposed(stream, "visual_impaired") else ""


def _texts(found: dict[str, Any]) -> tuple[TextStream, ...]:
    return tuple(
        TextStream(
            index=s["index"],
            codec=s["codec_name"],
            language=language(s),
            title=title(s),
            forced=disposed(s, "forced"),
            bitmap=s["codec_name"] in _BITMAPS,
        )
        for s in _of_kind(found, "subtitle")
        if _known(s)
    )


def _chapters(found: list[dict[str, Any]]) -> tuple[EmbeddedChapter, ...]:
    named = ((float(c["start_time"]), title(c)) for c in found)
    return tuple(EmbeddedChapter(max(0.0, start), name) for start, name in named if name)
