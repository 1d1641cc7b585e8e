"""What the packets of a source tell: read in one pass over the file, and kept as numbers.

Two hours of film are half a million packets, so a line of text is forgotten as soon as it is read.
"""

from array import array
from collections.abc import Iterable

import msgspec

ENTRIES = "packet=stream_index,pts_time,dts_time,duration_time,size,flags"
"""What ffprobe is to print of every packet, in the order in which it prints it."""


class StreamPackets(msgspec.Struct):
    """The packets of one stream, in the order of decoding, but for those that an edit list hides."""

    times: "array[float]" = msgspec.field(default_factory=lambda: array("d"))
    """When each is shown, in seconds; when it is decoded, where nothing else is said."""
    keys: "array[int]" = msgspec.field(default_factory=lambda: array("I"))
    """Which of them, counted from 0, have key frames."""
    sizes: "array[int]" = msgspec.field(default_factory=lambda: array("I"))
    """Bytes of each."""
    end: float = 0.0
    """When the last is over, as far as packets say how long they are."""
    hidden: int = 0
    """How many an edit list hides; they are decoded, and not shown."""

    def add(self, time: float, duration: float, size: int, *, key: bool, hidden: bool) -> None:
        if hidden:
            self.hidden += 1
            return
        if key:
            self.keys.append(len(self.times))
        self.times.append(time)
        self.sizes.append(size)
        self.end = max(self.end, time + duration)


def read_packets(lines: Iterable[bytes]) -> dict[int, StreamPackets]:
    """The tracks by the index of their stream, from ffprobe's `-of compact=p=0:nk=1` of ENTRIES.

    Packets without any time cannot be placed and are left out.
    """
    tracks: dict[int, StreamPackets] = {}
    for line in lines:
        fields = line.split(b"|", 6)
        if len(fields) < 6 or not fields[0].isdigit():
            continue
        index, pts, dts, duration, size, flags = fields[:6]
        time = dts if pts == b"N/A" else pts
        if time == b"N/A":
            continue
        tracks.setdefault(int(index), StreamPackets()).add(
            float(time),
            0.0 if duration == b"N/A" else float(duration),
            int(size),
            key=b"K" in flags,
            hidden=b"D" in flags,
        )
    return tracks
