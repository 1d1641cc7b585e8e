"""What a source certainly is not, seen without any tool; and how a source is refused."""

import re
import stat
from pathlib import Path

from tubegen.errors import MediaError, Problem

LFS_POINTER = b"version https://git-lfs.github.com/spec/"

_PLAYLISTS = (b"#EXTM3U", b"ffconcat version", b"<?xml", b"<MPD", b"[playlist]")


_FOREIGN = (
    (r"gif|apng|webp_pipe", "this is an animated picture", "export it as MP4"),
    (r"image2.*|.*_pipe|ico|heif", "this is a picture, not a video", "put the video itself there"),
    (r"hls|dash|concat|sdp|rtsp|imf", "this is a playlist, which only tells where a video is",
     "put the video itself there"),
    (r"srt|webvtt|ass|subviewer.*|microdvd|sami|stl|vobsub|sup|ttml|lrc|tedcaptions|jacosub|pjs|realtext|mpl2",
     "these are captions, not a video", "put the video beside it"),
    (r"tty|bin|xbin|adf|idf|txd", "this is a text file, not a video", "check how it was copied, or remove it"),
)  # fmt: skip
"""Other demuxers by name, and what to say when one of them knows the file."""


def refuse_at_sight(source: Path) -> None:
    """Raise MediaError for what is no video whatever its name says: cheap, so it is asked before hashing."""
    try:
        if not stat.S_ISREG(source.stat().st_mode):
            raise refusal(source, "this is not a file", "put the video itself there")
        with source.open("rb") as file:
            head = file.read(1024)
    except OSError as fault:
        raise refusal(
            source, f"cannot be read: {(fault.strerror or 'unknown fault').lower()}", "check its permissions"
        ) from None
    if not head:
        raise refusal(source, "the file is empty", "copy or export it again")
    if head.startswith(LFS_POINTER):
        raise refusal(
            source, "this is a Git LFS pointer, not the video itself", "fetch the video with: git lfs pull"
        )
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_PLAYLISTS):
        raise refusal(
            source, "this is a playlist, which only tells where a video is", "put the video itself there"
        )
    if not head.strip(b"\0"):
        return  # a long run of zeros may precede a transport stream; ffprobe decides
    if b"\0" not in head and _is_text(head):
        raise refusal(source, "this is a text file, not a video", "check how it was copied, or remove it")


def refusal(source: Path, text: str, hint: str) -> MediaError:
    """What a source that cannot be published is refused with."""
    return MediaError(Problem(str(source), 0, text, hint))


def foreign(source: Path, name: str) -> MediaError:
    """The refusal of what the demuxer `name` knows."""
    for pattern, text, hint in _FOREIGN:
        if re.fullmatch(pattern, name):
            return refusal(source, text, hint)
    return refusal(
        source, f"this is not a video file (it looks like {name})", "export it as MP4, MOV, MKV or WebM"
    )


def unreadable(source: Path, complaint: str) -> MediaError:
    """The refusal of what no demuxer could or may read, by the last words of who tried."""
    if other := re.search(r"^\[([^ \]]+) @ [^]]+\] Format not on whitelist", complaint, re.MULTILINE):
        return foreign(source, other[1].split(",")[0])
    if "encryption info" in complaint:
        return refusal(source, "it is encrypted (DRM)", "export it without protection")
    lines = [line for line in complaint.splitlines() if line.strip()]
    said = lines[-1].removeprefix(f"file:{source}: ") if lines else "there was no reason given"
    return refusal(source, f"this is not a video that can be read ({said})", "export it again, or remove it")


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as fault:
        if fault.start < len(head) - 4:
            return False
        text = head[: fault.start].decode("utf-8")
    return all(c.isprintable() or c.isspace() for c in text)
