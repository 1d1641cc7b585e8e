"""What the author is told of a source that ffmpeg cannot or may not read."""

import re
from pathlib import Path

from tubegen.errors import MediaError, Problem

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


def refusal(source: Path, text: str, hint: str) -> MediaError:
    """The error for a source that cannot be published: what is wrong with it, and what to do."""
    return MediaError(Problem(str(source), 0, text, hint))


def foreign(source: Path, name: str) -> MediaError:
    """The error for a file that ffmpeg's demuxer `name` recognises, and that is no video."""
    for pattern, text, hint in _FOREIGN:
        if re.fullmatch(pattern, name):
            return refusal(source, text, hint)
    return refusal(
        source, f"this is not a video file (it looks like {name})", "export it as MP4, MOV, MKV or WebM"
    )


def unreadable(source: Path, complaint: str) -> MediaError:
    """The error for a file that ffprobe could not read; `complaint` is what it wrote to standard error."""
    if other := re.search(r"^\[([^ \]]+) @ [^]]+\] Format not on whitelist", complaint, re.MULTILINE):
        return foreign(source, other[1].split(",")[0])
    if "encryption info" in complaint:
        return refusal(source, "it is encrypted (DRM)", "export it without protection")
    lines = [line for line in complaint.splitlines() if line.strip()]
    said = lines[-1].removeprefix(f"file:{source}: ") if lines else "there was no reason given"
    return refusal(source, f"this is not a video that can be read ({said})", "export it again, or remove it")
