"""Refuses files that are certainly no video by their first bytes, before any program is started."""

import stat
from pathlib import Path

from tubegen.media.ffmpeg.refusals import refusal

LFS_POINTER = b"version https://git-lfs.github.com/spec/"

_PLAYLISTS = (b"#EXTM3U", b"ffconcat version", b"<?xml", b"<MPD", b"[playlist]")


def refuse_non_video(source: Path) -> None:
    """Raises MediaError when `source` is no video, whatever its name says. Cheap, so it comes before hashing."""
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


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as fault:
        if fault.start < len(head) - 4:
            return False
        text = head[: fault.start].decode("utf-8")
    return all(c.isprintable() or c.isspace() for c in text)
