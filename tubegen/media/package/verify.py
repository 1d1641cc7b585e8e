"""Looks at what came out before it is stored: a film that players stumble over must not be called finished."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

from tubegen.media.ffmpeg.program import Ffmpeg
from tubegen.media.package.hls import Cut, Segment, SoundCut
from tubegen.media.package.media_playlist import parts
from tubegen.media.package.mp4 import Track

_SOUND_FRAMES = 1
"""Frames of sound by which it may differ from the picture: its last is not full."""

_TICK = 0.001
"""Seconds within which two times are the same: clocks of tracks differ, and none is coarser."""


def check_times(cuts: Sequence[Cut], sounds: Sequence[SoundCut], frames: int, rate: tuple[int, int]) -> None:
    """Whether there are exactly so many frames, whether everything begins at 0, has no holes and is as long as the
    film, and whether segments begin at the same times in all renditions. Raises ValueError that tells what is not.
    """
    duration = float(frames / Fraction(*rate))
    first = list(_starts(cuts[0].segments))
    for cut in cuts:
        name, (picture, *muxed) = cut.rendition.name, cut.parts.tracks
        expected = Fraction(*cut.rendition.rate) / Fraction(*rate) * frames
        if not -1 < sum(cut.frames) - expected < 1:
            raise ValueError(f"{name} has {sum(cut.frames)} frames instead of {round(expected)}")
        _check_track(name, picture, duration, float(1 / Fraction(*cut.rendition.rate)))
        for track in muxed:
            _check_track(f"the sound of {name}", track, duration, _SOUND_FRAMES * _frame(track))
        _check_starts(name, list(_starts(cut.segments)), first, _TICK)
    for cut in sounds:
        name, track = cut.sound.name, cut.parts.tracks[0]
        _check_track(name, track, duration, _SOUND_FRAMES * _frame(track))
        _check_starts(name, list(_starts(cut.segments)), first, _frame(track))


def check_ends(
    ffmpeg: Ffmpeg,
    cuts: Sequence[Cut],
    sounds: Sequence[SoundCut],
    folder: Path,
    work: Path,
    pool: ThreadPoolExecutor,
) -> None:
    """Whether what lies in `folder` can be decoded without an error: the first and the last GOP of every rendition,
    the first and the last segment of every sound. `work` is for files that nobody needs afterwards.

    Raises FfmpegError, about the file that cannot, or as `Ffmpeg.run` does.
    """

    def look(cut: Cut | SoundCut) -> None:
        if isinstance(cut, Cut):
            name, playlist, ends = cut.rendition.name, cut.rendition.playlist, cut.parts.fragments
            sizes = ends[0].end - ends[0].start, ends[-1].end - ends[-1].start
        else:
            name, playlist = cut.sound.name, cut.sound.playlist
            sizes = cut.segments[0].size, cut.segments[-1].size
        _decode(ffmpeg, folder, playlist, cut.segments, sizes, work / f"ends-{name}")

    list(pool.map(look, (*cuts, *sounds)))


def _check_track(name: str, track: Track, duration: float, tolerance: float) -> None:
    if abs(track.start) >= _TICK:
        raise ValueError(f"{name} begins at {track.start:.3f} s instead of 0")
    if abs(track.end - track.duration) >= _TICK:
        raise ValueError(f"{name} has holes in it: {track.end - track.duration:.3f} s")
    if abs(track.duration - duration) > tolerance + _TICK:
        raise ValueError(f"{name} lasts {track.duration:.3f} s instead of {duration:.3f} s")


def _check_starts(name: str, starts: list[float], first: list[float], tolerance: float) -> None:
    if len(starts) != len(first):
        raise ValueError(f"{name} has {len(starts)} segments instead of {len(first)}")
    for number, (start, wanted) in enumerate(zip(starts, first, strict=True), 1):
        if abs(start - wanted) > tolerance:
            raise ValueError(f"segment {number} of {name} begins at {start:.3f} s instead of {wanted:.3f} s")


def _starts(segments: Sequence[Segment]) -> Iterator[float]:
    time = 0.0
    for segment in segments:
        yield time
        time += segment.duration


def _frame(track: Track) -> float:
    """Seconds of a frame of AAC; the clock of a sound's track counts samples."""
    return 1024 / track.timescale


def _decode(
    ffmpeg: Ffmpeg,
    folder: Path,
    playlist: str,
    segments: Sequence[Segment],
    sizes: tuple[int, int],
    work: Path,
) -> None:
    """The first bytes of the first segment and the last bytes of the last, so many."""
    first, last = segments[0], segments[-1]
    init = parts((folder / playlist).read_text("utf-8"))[0]
    head = _read(folder / init, 0, first.start if first.start is not None else (folder / init).stat().st_size)
    begin = _read(folder / first.name, first.start or 0, sizes[0])
    end = _read(folder / last.name, (last.start or 0) + last.size - sizes[1], sizes[1])
    inputs: list[str] = []
    work.mkdir()
    for name, data in (("begin", begin), ("end", end)):
        (file := work / f"{name}.mp4").write_bytes(head + data)
        # every bit is read; smoothing what was read would find nothing more
        inputs += [
            "-threads",
            "1",
            "-skip_loop_filter",
            "all",
            "-err_detect",
            "explode",
            "-i",
            f"file:{file}",
        ]
    ffmpeg.run(["-xerror", *inputs, "-map", "0", "-map", "1", "-f", "null", "-"], about=folder / playlist)


def _read(file: Path, start: int, size: int) -> bytes:
    with file.open("rb") as opened:
        opened.seek(start)
        return opened.read(size)
