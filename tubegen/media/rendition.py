"""A rendition, one quality of a video, in its stages: what it is, what is planned of it, what was made of it."""

from typing import Literal, TypeAlias

import msgspec

VideoCodec: TypeAlias = Literal["h264", "av1", "hevc"]

VideoRange: TypeAlias = Literal["SDR", "PQ", "HLG"]
"""How light is coded, in the words of VIDEO-RANGE (RFC 8216bis §4.4.6.2)."""


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    """What a rendition is at every stage."""

    name: str
    """Its short side, and its codec unless that is H.264: `720p`, `1080p-av1`. Its files' names begin with it."""
    codec: VideoCodec = "h264"
    video_range: VideoRange = "SDR"
    width: int
    height: int

    @property
    def short_side(self) -> int:
        """Pixels."""
        return min(self.width, self.height)

    @property
    def plain(self) -> bool:
        """Whether every player can show it."""
        return self.codec == "h264" and self.video_range == "SDR"


class PlannedRendition(Rendition, frozen=True, kw_only=True):
    """A rung of the ladder, to be encoded or copied."""

    maxrate: int
    """Ceiling in bits per second."""
    frame_step: int = 1
    """Which frames of the video it shows: 1 all of them, 2 every second."""
    remuxed: bool = False
    """Whether it is the source itself, not encoded again."""


class PackagedRendition(Rendition, frozen=True, kw_only=True):
    """A finished rendition: its playlists and what they say of it. Part of a stored presentation."""

    rate: tuple[int, int]
    """Frames per second as a fraction."""
    codecs: str
    """RFC 6381, for CODECS: of the picture, and of sound that is muxed with it."""
    bandwidth: int
    """Peak segment bit rate in bits per second (RFC 8216 §4.3.4.2)."""
    average: int
    """Average segment bit rate in bits per second."""
    playlist: str
    """File name of its media playlist."""
    iframes: str
    """File name of the playlist of its key frames, ranges of the same files."""
    iframe_bandwidth: int
    """Peak bit rate of those."""
    size: int
    """Bytes of all segments."""
