"""Cuts a fragmented MP4 into HLS segments whose names tell their content (RFC 8216, CMAF).

A name ends in the first 128 bits of the SHA-256 of the file: the playlist is the manifest of integrity,
and every file can be cached for ever.
"""

import base64
import hashlib
import math
import mmap
from pathlib import Path

import msgspec

from tubegen.media.mp4 import Fragment, read_fragmented
from tubegen.media.plan import SEGMENT_GOPS
from tubegen.media.result import MediaFile, Rendition


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    size: int
    duration: float
    sha256: str


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """A rendition as it lies in its folder now."""

    rendition: Rendition
    segments: tuple[Segment, ...]
    files: tuple[MediaFile, ...]
    frames: tuple[int, ...]
    """Frames in each fragment, the same in every rendition of a film."""


def content_name(stem: str, data: bytes | memoryview, suffix: str) -> str:
    """`stem.<22 characters>.suffix`, the middle being 128 bits of the content's SHA-256 in base64url."""
    return digest_name(stem, hashlib.sha256(data).digest(), suffix)


def digest_name(stem: str, sha256: bytes, suffix: str) -> str:
    """The same for content whose digest is known."""
    short = base64.urlsafe_b64encode(sha256[:16]).rstrip(b"=").decode()
    return f"{stem}.{short}{suffix}"


def publish(film: Path, folder: Path, rendition: str) -> MediaFile:
    """Move a whole MP4 into `folder`, under a name that tells its content, unique over all films."""
    with film.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").digest()
    name = digest_name(f"film-{rendition}", sha256, ".mp4")
    size = film.stat().st_size
    film.rename(folder / name)
    return MediaFile(name, size)


def cut(film: Path, folder: Path, name: str, size: tuple[int, int]) -> Cut:
    """Write the segments, init segment and media playlist of `film` into `folder`.

    Raises ValueError when the film is not as players need it: a fragment that does not begin with a key
    frame, or an edit list.
    """
    with (
        film.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole,
        memoryview(whole) as data,
    ):
        return _cut(data, folder, name, size)


def _cut(data: memoryview, folder: Path, name: str, size: tuple[int, int]) -> Cut:
    layout = read_fragmented(data)
    if layout.edit_lists:
        raise ValueError("there is an edit list in it")
    if not all(fragment.begins_with_key for fragment in layout.fragments):
        raise ValueError("a fragment does not begin with a key frame")
    init = _write(folder, f"{name}-init", data[: layout.init_end], ".mp4")
    segments = tuple(
        _segment(folder, name, number, data, group)
        for number, group in enumerate(_groups(layout.fragments), 1)
    )
    text = media_playlist(init.name, segments).encode()
    playlist = _write(folder, name, memoryview(text), ".m3u8")
    total = sum(segment.size for segment in segments)
    rendition = Rendition(
        name=name,
        width=size[0],
        height=size[1],
        codecs=",".join(layout.codecs),
        bandwidth=peak_rate(segments),
        average=round(total * 8 / sum(segment.duration for segment in segments)),
        playlist=playlist.name,
        size=total,
    )
    return Cut(
        rendition=rendition,
        segments=segments,
        files=(init, playlist, *(MediaFile(segment.name, segment.size) for segment in segments)),
        frames=tuple(fragment.frames for fragment in layout.fragments),
    )


def media_playlist(init: str, segments: tuple[Segment, ...]) -> str:
    """The playlist of one rendition."""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{_target(segments)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{init}"',
    ]
    for segment in segments:
        lines += [f"#EXTINF:{segment.duration:.6f},", segment.name]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def peak_rate(segments: tuple[Segment, ...]) -> int:
    """The largest bit rate of any run of segments that lasts 0.5 to 1.5 target durations (RFC 8216 §4.3.4.2)."""
    target = _target(segments)
    peak = 0.0
    for first in range(len(segments)):
        seconds, size = 0.0, 0
        for segment in segments[first:]:
            seconds += segment.duration
            size += segment.size
            if seconds > 1.5 * target:
                break
            if seconds >= 0.5 * target:
                peak = max(peak, size * 8 / seconds)
    return math.ceil(peak or sum(s.size for s in segments) * 8 / sum(s.duration for s in segments))


def _target(segments: tuple[Segment, ...]) -> int:
    """The longest duration, a half rounded up: validators round so too."""
    return max(1, math.floor(max(segment.duration for segment in segments) + 0.5))


def _groups(fragments: tuple[Fragment, ...]) -> list[tuple[Fragment, ...]]:
    """The first fragment alone, so that playing starts soon; then as many as make a segment."""
    rest = fragments[1:]
    return [fragments[:1], *(rest[n : n + SEGMENT_GOPS] for n in range(0, len(rest), SEGMENT_GOPS))]


def _segment(folder: Path, name: str, number: int, data: memoryview, group: tuple[Fragment, ...]) -> Segment:
    part = data[group[0].start : group[-1].end]
    file = _write(folder, f"{name}-{number:04}", part, ".m4s")
    return Segment(
        name=file.name,
        size=file.size,
        duration=sum(fragment.duration for fragment in group),
        sha256=hashlib.sha256(part).hexdigest(),
    )


def _write(folder: Path, stem: str, data: memoryview, suffix: str) -> MediaFile:
    name = content_name(stem, data, suffix)
    (folder / name).write_bytes(data)
    return MediaFile(name, len(data))
