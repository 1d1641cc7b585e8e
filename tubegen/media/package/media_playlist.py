"""Media playlists (RFC 8216, and 8216bis for key frames) and the figures that are told of them."""

import math
import re
from collections.abc import Sequence

import msgspec


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A segment, an init segment or a key frame: a file, or a range of bytes in one."""

    name: str
    start: int | None
    """Offset; None when it is the whole file."""
    size: int
    duration: float = 0.0


def media_playlist(init: Part, segments: Sequence[Part]) -> str:
    """The playlist of one rendition."""
    return _playlist(init, segments, ["#EXT-X-INDEPENDENT-SEGMENTS"])


def iframe_playlist(init: Part, frames: Sequence[Part]) -> str:
    """The playlist of its key frames, for stills while seeking (§4.4.3.6). A frame lasts until the next."""
    return _playlist(init, frames, ["#EXT-X-I-FRAMES-ONLY"])


def _playlist(init: Part, parts: Sequence[Part], tags: list[str]) -> str:
    ranged = "" if init.start is None else f',BYTERANGE="{init.size}@{init.start}"'
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{_target(parts)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        *tags,
        f'#EXT-X-MAP:URI="{init.name}"{ranged}',
    ]
    for part in parts:
        lines.append(f"#EXTINF:{part.duration:.6f},")
        if part.start is not None:
            lines.append(f"#EXT-X-BYTERANGE:{part.size}@{part.start}")
        lines.append(part.name)
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def parts(playlist: str) -> list[str]:
    """The files of a playlist in their order, the init segment's first: end to end they are the whole film."""
    init = re.findall(r'^#EXT-X-MAP:URI="([^"]+)"', playlist, re.M)
    return list(dict.fromkeys([*init, *re.findall(r"^[^#\n]+$", playlist, re.M)]))


def average_rate(segments: Sequence[Part]) -> int:
    """Bits per second over all of it."""
    return round(sum(part.size for part in segments) * 8 / sum(part.duration for part in segments))


def peak_rate(segments: Sequence[Part]) -> int:
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


def _target(parts: Sequence[Part]) -> int:
    """The longest duration, a half rounded up: validators round so too."""
    return max(1, math.floor(max(part.duration for part in parts) + 0.5))
