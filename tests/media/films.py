"""Films of every kind, made by the real ffmpeg, and readings of what comes out, by other means than tubegen's own."""

import base64
import hashlib
import json
import re
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PICTURE = "testsrc2=size=320x180:rate=25"
TONE = "sine=frequency=330:sample_rate=48000"
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
SIDE, COLUMNS, ROWS = 16, 8, 2


def encode(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments], check=True)


def film(
    path: Path, *options: str, picture: str = PICTURE, tone: str = TONE, seconds: float = 3, late: float = 0
) -> Path:
    """A test picture, and a tone that begins `late` seconds after it; no tone when it is empty."""
    inputs = ["-f", "lavfi", "-i", f"{picture}:duration={seconds}"]
    if tone:
        inputs += ["-itsoffset", str(late), "-f", "lavfi", "-i", f"{tone}:duration={seconds - late}"]
    encode(*inputs, *X264, "-c:a", "aac", *options, str(path))
    return path


def numbered(path: Path, frames: int, *options: str) -> Path:
    """A film at 25 frames a second whose frames carry their number, in two rows of black and white squares."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "gray"]
    command += ["-s", f"{COLUMNS * SIDE}x{ROWS * SIDE}", "-r", "25", "-i", "-", *X264, *options, str(path)]
    subprocess.run(command, input=b"".join(_number(n) for n in range(frames)), check=True)
    return path


def _number(number: int) -> bytes:
    bits = [b"\xeb" * SIDE if number >> bit & 1 else b"\x10" * SIDE for bit in range(COLUMNS * ROWS)]
    rows = [b"".join(bits[row * COLUMNS : (row + 1) * COLUMNS]) * SIDE for row in range(ROWS)]
    return b"".join(rows)


def numbers(path: Path) -> list[int]:
    """The numbers that the frames of a film carry, in the order in which they are shown."""
    raw = decoded(path, "-vf", f"scale={COLUMNS}:{ROWS}:flags=area,format=gray", "-vsync", "0")
    size = COLUMNS * ROWS
    return [
        sum((grey > 128) << bit for bit, grey in enumerate(raw[at : at + size]))
        for at in range(0, len(raw), size)
    ]


def decoded(path: Path, *options: str, kind: str = "rawvideo") -> bytes:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-ignore_editlist", "1", "-i", str(path)]
    return subprocess.run([*command, *options, "-f", kind, "-"], capture_output=True, check=True).stdout


def ffprobe(path: Path, *options: str) -> dict[str, Any]:
    """What ffprobe says; it must not have a single doubt."""
    command = ["ffprobe", "-v", "warning", *options, "-of", "json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return json.loads(done.stdout)


def top_boxes(path: Path) -> list[str]:
    """The kinds of the outermost boxes of an MP4, in order."""
    data, at, kinds = path.read_bytes(), 0, list[str]()
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        kinds.append(kind.decode())
        at += size
    return kinds


def named_by_content(path: Path) -> bool:
    """Whether a file name has the digest of the file's bytes in it."""
    short = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()[:16]).decode().rstrip("=")
    return path.name.split(".")[-2] == short


@dataclass(frozen=True)
class Playlist:
    """A media playlist as a player reads it."""

    target: int
    init: str
    segments: tuple[tuple[str, float], ...]
    """(name, duration)."""

    @classmethod
    def read(cls, path: Path) -> "Playlist":
        text = path.read_text("utf-8")
        assert text.startswith("#EXTM3U\n")
        assert text.endswith("#EXT-X-ENDLIST\n")
        target = re.search(r"^#EXT-X-TARGETDURATION:(\d+)$", text, re.M)
        init = re.search(r'^#EXT-X-MAP:URI="([^"]+)"$', text, re.M)
        assert target
        assert init
        found = re.findall(r"^#EXTINF:([0-9.]+),\n([^#\n]+)$", text, re.M)
        return cls(int(target[1]), init[1], tuple((name, float(seconds)) for seconds, name in found))


def window_rates(sizes: list[int], durations: list[float], target: int) -> list[float]:
    """The bit rate of every run of segments that RFC 8216 §4.3.4.2 looks at, by trying them all.

    A film shorter than half a target duration has no such run: its rate is that of the whole.
    """
    runs = [
        (sum(sizes[first:end]) * 8, sum(durations[first:end]))
        for first in range(len(sizes))
        for end in range(first + 1, len(sizes) + 1)
    ]
    inside = [bits / seconds for bits, seconds in runs if 0.5 * target <= seconds <= 1.5 * target]
    return inside or [sum(sizes) * 8 / sum(durations)]
