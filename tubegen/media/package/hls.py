"""Cuts fragmented MP4s into HLS segments whose names tell their content (RFC 8216, CMAF).

A name ends in the first 128 bits of the SHA-256 of the file: the playlist is the manifest of integrity,
and every file can be cached for ever.
"""

import base64
import hashlib
import mmap
import shutil
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import cast

import msgspec

from tubegen.media.audio_track import AudioTrack, PackagedAudioTrack
from tubegen.media.cache.keys import key_of
from tubegen.media.package.audio_fragments import regrouped
from tubegen.media.package.boxes import Bytes
from tubegen.media.package.media_playlist import (
    Part,
    average_rate,
    iframe_playlist,
    media_playlist,
    parts,
    peak_rate,
)
from tubegen.media.package.mp4 import Fragment, Fragmented, read_fragmented
from tubegen.media.rendition import PackagedRendition, Rendition
from tubegen.media.result import Layout, MediaFile

FIRST_SECONDS = 2.0
"""About what the first segment lasts, so that a film starts soon."""

SEGMENT_SECONDS = 4.0
"""About what every other one lasts."""

MAX_SECONDS = 6.0
"""What none lasts longer than, unless a single GOP does."""


HASHES = "segments-sha256.json"
"""Name of the file with the digests of all segments."""


class Segment(Part, frozen=True, kw_only=True):
    sha256: str


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """A rendition as it lies in its folder now."""

    rendition: PackagedRendition
    segments: tuple[Segment, ...]
    files: tuple[MediaFile, ...]
    frames: tuple[int, ...]
    """Pictures in each segment."""
    parts: Fragmented
    """The file that it was cut from."""


class SoundCut(msgspec.Struct, frozen=True, kw_only=True):
    """A track of sound as it lies in its folder now."""

    sound: PackagedAudioTrack
    segments: tuple[Segment, ...]
    files: tuple[MediaFile, ...]
    parts: Fragmented


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


def cut(
    film: Path,
    folder: Path,
    rendition: Rendition,
    rate: tuple[int, int],
    layout: Layout,
    like: "Cut | None" = None,
) -> Cut:
    """Write the segments, init segment and playlists of a rendition into `folder`.

    `film` is a fragmented MP4 with the picture and, where it is muxed, the sound; a fragment begins at every
    key frame. `rate` is how many frames a second it has, as a fraction. The first rendition decides where segments begin; the others are cut `like` it.

    Raises ValueError when the film is not as players need it: a fragment that does not begin with a key
    frame, an edit list, or no fragment where a segment of the first rendition begins.
    """
    return _cut(_mapped(film), folder, rendition, rate, layout, like)


def cut_sound(film: Path, folder: Path, track: AudioTrack, layout: Layout, like: Cut) -> SoundCut:
    """Write the segments, init segment and playlist of a track of sound into `folder`.

    `film` is a fragmented MP4 with this track alone, in fragments of any length: its samples are put together
    anew, so that each segment begins within half a frame of sound of where one of `like` begins.

    Raises ValueError when there is a picture or an edit list in it, and when a segment would have no sound.
    """
    return _cut_sound(_mapped(film), folder, track, layout, like)


def whole(folder: Path, playlist: str, scratch: Path) -> Path:
    """The fragmented film that a playlist in `folder` was cut from: its file, or `scratch`, to which its parts are
    written end to end."""
    names = parts((folder / playlist).read_text("utf-8"))
    if len(names) == 1:
        return folder / names[0]
    with scratch.open("wb") as output:
        for name in names:
            with (folder / name).open("rb") as part:
                shutil.copyfileobj(part, output)
    return scratch


def write_hashes(cuts: Iterable[Cut | SoundCut], folder: Path) -> MediaFile:
    """HASHES, as PeerTube's player reads it, which shares nothing without: the digest of each file,
    or of each range of bytes (`0-99` has a hundred) of a file."""
    digests: dict[str, str | dict[str, str]] = {}
    for segment in (segment for cut in cuts for segment in cut.segments):
        if segment.start is None:
            digests[segment.name] = segment.sha256
        else:
            ranges = cast("dict[str, str]", digests.setdefault(segment.name, {}))
            ranges[f"{segment.start}-{segment.start + segment.size - 1}"] = segment.sha256
    data = msgspec.json.encode(digests)
    (folder / HASHES).write_bytes(data)
    return MediaFile(HASHES, len(data))


def identity(cuts: Iterable[Cut | SoundCut]) -> str:
    """Names the bytes of a whole presentation, whatever order its parts were made in."""
    return key_of(*sorted(segment.sha256 + segment.name for cut in cuts for segment in cut.segments))[:16]


def _mapped(film: Path) -> memoryview:
    """The file's bytes. Nobody closes them: they go with their last user, which may be the traceback of an error."""
    with film.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _cut(
    data: memoryview,
    folder: Path,
    rendition: Rendition,
    rate: tuple[int, int],
    layout: Layout,
    like: Cut | None,
) -> Cut:
    parts = read_fragmented(data)
    if not parts.tracks[0].video:
        raise ValueError("there is no picture in it")
    if parts.edit_lists:
        raise ValueError("there is an edit list in it")
    if not all(fragment.begins_with_key for fragment in parts.fragments):
        raise ValueError("a fragment does not begin with a key frame")
    groups = list(
        _groups_like(parts.fragments, [n // _frame_step(like, rate) for n in like.frames])
        if like
        else grouped(parts.fragments)
    )
    pieces = ((data[g[0].start : g[-1].end], sum(f.duration for f in g)) for g in groups)
    init, segments = _write(folder, rendition.name, layout, data[: parts.init_end], pieces)
    keys = [key for group, segment in zip(groups, segments, strict=True) for key in _keys(group, segment)]
    playlist = _write_text(folder, rendition.name, media_playlist(init, segments))
    iframes = _write_text(folder, f"{rendition.name}-iframes", iframe_playlist(init, keys))
    packaged = PackagedRendition(
        name=rendition.name,
        codec=rendition.codec,
        video_range=rendition.video_range,
        width=rendition.width,
        height=rendition.height,
        rate=rate,
        codecs=",".join(parts.codecs),
        bandwidth=peak_rate(segments),
        average=average_rate(segments),
        playlist=playlist.name,
        iframes=iframes.name,
        iframe_bandwidth=peak_rate(keys),
        size=sum(segment.size for segment in segments),
    )
    return Cut(
        rendition=packaged,
        segments=segments,
        files=(*_files(init, segments, folder), playlist, iframes),
        frames=tuple(sum(fragment.frames for fragment in group) for group in groups),
        parts=parts,
    )


def _frame_step(like: Cut, rate: tuple[int, int]) -> int:
    """How many frames of the rendition `like` there are for each at `rate`."""
    return round(Fraction(*like.rendition.rate) / Fraction(*rate))


def _cut_sound(data: memoryview, folder: Path, track: AudioTrack, layout: Layout, like: Cut) -> SoundCut:
    parts = read_fragmented(data)
    if len(parts.tracks) != 1 or parts.tracks[0].video:
        raise ValueError("there is more in it than a track of sound")
    if parts.edit_lists:
        raise ValueError("there is an edit list in it")
    starts = list(accumulate((segment.duration for segment in like.segments[:-1]), initial=0.0))
    pieces = regrouped(data, parts, starts)
    init, segments = _write(folder, track.name, layout, data[: parts.init_end], pieces)
    playlist = _write_text(folder, track.name, media_playlist(init, segments))
    sound = PackagedAudioTrack(
        name=track.name,
        language=track.language,
        title=track.title,
        channels=track.channels,
        default=track.default,
        described=track.described,
        codecs=parts.codecs[0],
        bandwidth=peak_rate(segments),
        average=average_rate(segments),
        playlist=playlist.name,
        size=sum(segment.size for segment in segments),
    )
    return SoundCut(
        sound=sound, segments=segments, files=(*_files(init, segments, folder), playlist), parts=parts
    )


def grouped(fragments: Sequence[Fragment]) -> Iterator[tuple[Fragment, ...]]:
    """Fragments that make a segment each: as many as come nearest to its length, never beyond the limit but for a
    fragment that is too long by itself."""
    group: list[Fragment] = []
    seconds, wanted = 0.0, FIRST_SECONDS
    for fragment in fragments:
        longer = seconds + fragment.duration
        if group and (longer > MAX_SECONDS or abs(longer - wanted) >= abs(seconds - wanted)):
            yield tuple(group)
            group, longer, wanted = [], fragment.duration, SEGMENT_SECONDS
        group.append(fragment)
        seconds = longer
    yield tuple(group)


def _groups_like(fragments: Sequence[Fragment], frames: Sequence[int]) -> list[tuple[Fragment, ...]]:
    """Segments of so many frames each, the last of all that are left. Raises ValueError when fragments do not
    begin there."""
    groups: list[tuple[Fragment, ...]] = []
    rest = iter(fragments)
    for number, wanted in enumerate(frames[:-1], 1):
        group: list[Fragment] = []
        while (found := sum(fragment.frames for fragment in group)) < wanted:
            if (fragment := next(rest, None)) is None:
                raise ValueError(f"it ends in segment {number}")
            group.append(fragment)
        if found != wanted:
            raise ValueError(f"no key frame where segment {number + 1} begins")
        groups.append(tuple(group))
    if not (last := tuple(rest)):
        raise ValueError(f"it ends before segment {len(frames)}")
    return [*groups, last]


def _keys(group: Sequence[Fragment], segment: Segment) -> Iterator[Part]:
    """The key frame at the beginning of each fragment, with the boxes that a decoder must have seen before it."""
    base = (segment.start or 0) - group[0].start
    for fragment in group:
        yield Part(
            name=segment.name,
            start=base + fragment.start,
            size=fragment.key_end - fragment.start,
            duration=fragment.duration,
        )


def _write(
    folder: Path, name: str, layout: Layout, init: memoryview, pieces: Iterable[tuple[Bytes, float]]
) -> tuple[Part, tuple[Segment, ...]]:
    return (_write_files if layout == "files" else _write_single)(folder, name, init, pieces)


def _write_files(
    folder: Path, name: str, init: memoryview, pieces: Iterable[tuple[Bytes, float]]
) -> tuple[Part, tuple[Segment, ...]]:
    segments: list[Segment] = []
    for number, (data, seconds) in enumerate(pieces, 1):
        sha256 = hashlib.sha256(data)
        file = digest_name(f"{name}-{number:04}", sha256.digest(), ".m4s")
        (folder / file).write_bytes(data)
        segments.append(
            Segment(name=file, start=None, size=len(data), duration=seconds, sha256=sha256.hexdigest())
        )
    head = content_name(f"{name}-init", init, ".mp4")
    (folder / head).write_bytes(init)
    return Part(name=head, start=None, size=len(init)), tuple(segments)


def _write_single(
    folder: Path, name: str, init: memoryview, pieces: Iterable[tuple[Bytes, float]]
) -> tuple[Part, tuple[Segment, ...]]:
    """The whole file gets its name when all of it has been seen."""
    growing = folder / f"{name}.mp4"
    whole = hashlib.sha256(init)
    cuts: list[tuple[int, int, float, str]] = []
    with growing.open("wb") as file:
        file.write(init)
        for data, seconds in pieces:
            cuts.append((file.tell(), len(data), seconds, hashlib.sha256(data).hexdigest()))
            whole.update(data)
            file.write(data)
    final = digest_name(name, whole.digest(), ".mp4")
    growing.rename(folder / final)
    segments = tuple(
        Segment(name=final, start=start, size=size, duration=seconds, sha256=sha256)
        for start, size, seconds, sha256 in cuts
    )
    return Part(name=final, start=0, size=len(init)), segments


def _files(init: Part, segments: Iterable[Segment], folder: Path) -> Iterator[MediaFile]:
    """The init segment first, in the order of playing; a file of many segments once."""
    for name in dict.fromkeys([init.name, *(segment.name for segment in segments)]):
        yield MediaFile(name, (folder / name).stat().st_size)


def _write_text(folder: Path, stem: str, text: str) -> MediaFile:
    data = text.encode()
    name = content_name(stem, data, ".m3u8")
    (folder / name).write_bytes(data)
    return MediaFile(name, len(data))
