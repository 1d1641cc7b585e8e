"""Odd clips: those recorded in tests/fixtures/media, and those that ffmpeg makes of one of them when a test wants them."""

import random
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.fixtures import MEDIA

REAL = MEDIA / "pd_the_last_man_on_earth.mp4"
"""Live action with speech, 14 s of 1280x720 at 29.97 frames a second: what the others are made of."""

_SPEECH = MEDIA / "pd_the_last_man_on_earth.srt"
_AAC = ("-c:a", "aac", "-ac", "2", "-ar", "48000")
_SMALL = "fps=25,scale=640:360"

_CHAPTERS = ";FFMETADATA1\n" + "".join(
    f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}\n"
    for start, end, title in ((0, 2500, "Opening"), (2500, 5000, "The meadow"), (5000, 7680, "Butterfly"))
)


def _x264(filters: str, *, pixels: str = "yuv420p") -> list[str]:
    return ["-vf", filters, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", pixels]


def _film(seconds: float, filters: str = _SMALL, *more: str, pixels: str = "yuv420p") -> list[str]:
    """Some seconds of picture and sound."""
    return ["-i", str(REAL), "-t", str(seconds), *_x264(filters, pixels=pixels), *_AAC, *more]


_INTERLACED = "fps=50,scale=1280:720,tinterlace=interleave_top,setfield=tff"
_HOLES = f"{_SMALL},select='gte(n,2)*not(between(mod(n,50),10,39))'"
"""Frames with holes of 30 between them, as screen recorders write when nothing moves."""

_BY_FFMPEG: dict[str, Sequence[str]] = {
    "120fps_360.mp4": _film(3, "setpts=N/120/TB,scale=640:360", "-r", "120"),
    "anamorphic_720x576_sar64-45.mp4": _film(4, "fps=25,scale=720:576,setsar=64/45"),
    "audio_only.flac": ["-i", str(REAL), "-vn", "-t", "7.68"],
    "audio_only.opus": ["-i", str(REAL), "-vn", "-t", "7.68", "-c:a", "libopus"],
    "audio_shorter.mp4": [
        "-t", "5", "-i", str(REAL), "-t", "2.5", "-i", str(REAL),
        "-map", "0:v", "-map", "1:a", *_x264(_SMALL), *_AAC,
    ],
    "hevc_noaudio.mp4": [
        "-i", str(REAL), "-t", "3", "-an", "-vf", _SMALL,
        "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error",
    ],
    "interlaced_720_tff.mp4": _film(
        4, _INTERLACED, "-flags", "+ilme+ildct", "-x264-params", "tff=1", pixels="yuv422p"
    ),
    "odd_853x479_444.mp4": _film(3, "fps=25,scale=853:479", pixels="yuv444p"),
    "oneframe.mp4": ["-i", str(REAL), "-an", *_x264(_SMALL), "-frames:v", "1"],
    "onekeyframe.mp4": _film(7, _SMALL, "-g", "9999"),
    "veryshort_0.2s.mp4": _film(0.2),
    "vfr_screen.mp4": _film(6, _HOLES, "-vsync", "vfr"),
    "vp9_opus.webm": [
        "-itsoffset", "0.08", "-i", str(REAL), "-i", str(REAL), "-map", "0:v", "-map", "1:a", "-t", "3",
        "-vf", _SMALL, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus",
    ],
}  # fmt: skip


def _tracks(path: Path) -> None:
    """Two tracks of sound, two of captions, chapters."""
    chapters = path.with_suffix(".chapters")
    chapters.write_text(_CHAPTERS, "utf-8")
    texts = ["-i", str(_SPEECH), "-i", str(_SPEECH), "-f", "ffmetadata", "-i", str(chapters)]
    languages = [f"-metadata:s:{kind}:{n}" for kind in "as" for n in (0, 1)]
    named = [
        part
        for option, tag in zip(languages, ("eng", "fra") * 2, strict=True)
        for part in (option, f"language={tag}")
    ]
    ffmpeg(
        "-i", str(REAL), *texts, "-map", "0:v", "-map", "0:a", "-map", "0:a", "-map", "1", "-map", "2",
        "-map_chapters", "3", "-t", "7.76", *_x264(_SMALL), *_AAC, "-c:s", "mov_text", *named, str(path),
    )  # fmt: skip


def _matroska(path: Path) -> None:
    """ASS and SRT captions, chapters, sound of six channels that begins two frames before the picture."""
    chapters = path.with_suffix(".chapters")
    chapters.write_text(_CHAPTERS, "utf-8")
    ffmpeg(
        "-itsoffset", "0.057", "-i", str(REAL), "-i", str(REAL), "-i", str(_SPEECH),
        "-f", "ffmetadata", "-i", str(chapters),
        "-map", "0:v", "-map", "1:a", "-map", "2", "-map", "2", "-map_chapters", "3", "-t", "7.76",
        *_x264(_SMALL), "-c:a", "aac", "-ac", "6", "-c:s:0", "ass", "-c:s:1", "srt",
        "-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=fra", str(path),
    )  # fmt: skip


def _without_its_end(path: Path) -> None:
    """The tables come last, and the last two fifths are missing."""
    whole = path.with_name("whole.mp4")
    ffmpeg(*_film(4), str(whole))
    data = whole.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])


_OTHERWISE: dict[str, Callable[[Path], object]] = {
    "2audio_2movtext_chapters.mp4": _tracks,
    "ass_srt_chapters_51.mkv": _matroska,
    "random_bytes.mkv": lambda path: path.write_bytes(random.Random(1).randbytes(20_000)),
    "text_renamed.mp4": lambda path: path.write_text("Not a video, whatever its name says.\n" * 30),
    "truncated_no_moov.mp4": _without_its_end,
    "zero_bytes.mp4": lambda path: path.touch(),
}

MADE = {*_BY_FFMPEG, *_OTHERWISE}


def make(name: str, folder: Path) -> None:
    """Make the clip of this name in a new folder."""
    folder.mkdir()
    if name in _OTHERWISE:
        _OTHERWISE[name](folder / name)
    else:
        ffmpeg(*_BY_FFMPEG[name], str(folder / name))


def ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments], check=True)
