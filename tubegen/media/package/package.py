"""Puts the encoded parts of a film together: segments, playlists, the MP4, the storyboard; and looks at the result."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from tubegen.errors import MediaError, Problem
from tubegen.media.encode import graphs
from tubegen.media.ffmpeg.process import cores
from tubegen.media.ffmpeg.program import Ffmpeg
from tubegen.media.package import hls
from tubegen.media.package.storyboard import make_storyboard
from tubegen.media.package.verify import check_ends, check_times
from tubegen.media.plan.estimate import limits
from tubegen.media.plan.plan import Plan
from tubegen.media.rendition import PackagedRendition, PlannedRendition, VideoCodec
from tubegen.media.result import Chapter, Layout, MediaFile, Presentation
from tubegen.media.source.probe import Probe

_CODECS: tuple[VideoCodec, ...] = ("h264", "hevc", "av1")


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """The encoded parts, as files."""

    films: tuple[tuple[Path, ...], ...]
    """Of each of the plan's renditions, its chunks in their order."""
    sounds: tuple[Path, ...]
    """Of each of the plan's tracks of sound."""


def package(
    ffmpeg: Ffmpeg,
    source: Path,
    probe: Probe,
    plan: Plan,
    layout: Layout,
    parts: Parts,
    work: Path,
    folder: Path,
) -> Presentation:
    """Write everything to publish into `folder`; `work` is for what nobody needs afterwards.

    Raises MediaError when what came out is not what was planned, else as `Ffmpeg.run` does.
    """
    listed = [_listed(work, plan, number, files) for number, files in enumerate(parts.films)]
    films = [work / f"{rendition.name}.mp4" for rendition in plan.renditions]
    tracks = [] if plan.muxed else [work / f"{sound.name}.mp4" for sound in plan.audio_tracks]
    web_number = next(n for n, rendition in enumerate(plan.renditions) if rendition.name == plan.download)
    smallest = next(n for n in reversed(range(len(films))) if plan.renditions[n].codec == "h264")
    with ThreadPoolExecutor(cores(), thread_name_prefix="package") as pool:
        downloaded = pool.submit(
            _download, ffmpeg, source, plan, listed[web_number], parts.sounds, work, folder
        )
        ffmpeg.run(
            graphs.package(listed, parts.sounds, [*films, *tracks], together=plan.muxed),
            about=source,
            limits=limits(plan),
        )
        small = _size(plan.renditions[smallest])
        drawn = pool.submit(make_storyboard, ffmpeg, films[smallest], small, plan, folder)
        cuts, sounds = _cut(source, plan, layout, films, tracks, folder)
        check_ends(ffmpeg, cuts, sounds, folder, work, pool)
        download, (board, board_files) = downloaded.result(), drawn.result()
    hashes = hls.write_hashes((*cuts, *sounds), folder)
    published = (file for cut in (*cuts, *sounds) for file in cut.files)
    return Presentation(
        id=hls.identity([*cuts, *sounds]),
        width=plan.renditions[0].width,
        height=plan.renditions[0].height,
        rate=plan.rate,
        duration=plan.duration,
        renditions=tuple(sorted((cut.rendition for cut in cuts), key=_order)),
        audio_tracks=tuple(cut.sound for cut in sounds),
        layout=layout,
        download=download,
        download_size=_size(plan.renditions[web_number]),
        storyboard=board,
        chapters=_chapters(probe, plan),
        audio=bool(plan.audio_tracks),
        preview=plan.part == "beginning",
        files=(*published, download, *board_files, hashes),
    )


def _download(
    ffmpeg: Ffmpeg, source: Path, plan: Plan, film: Path, sounds: Sequence[Path], work: Path, folder: Path
) -> MediaFile:
    """The MP4 of one rendition, with all sound in stereo."""
    heard = [
        (file, sound.title or sound.language)
        for file, sound in zip(sounds, plan.audio_tracks, strict=True)
        if sound.channels == 2
    ]
    web = work / "web.mp4"
    ffmpeg.run(graphs.whole(film, heard, web), about=source, limits=limits(plan))
    return hls.publish(web, folder, plan.download)


def _rate(plan: Plan, rendition: PlannedRendition) -> tuple[int, int]:
    """Frames per second of the rendition, as a fraction."""
    return plan.rate[0] // rendition.frame_step, plan.rate[1]


def _size(rendition: PlannedRendition) -> tuple[int, int]:
    return rendition.width, rendition.height


def _order(rendition: PackagedRendition) -> tuple[int, int]:
    """Smallest first; of the same size, what every player can show."""
    return rendition.width * rendition.height, _CODECS.index(rendition.codec)


def _listed(work: Path, plan: Plan, rendition: int, files: Sequence[Path]) -> Path:
    """The film of one rendition for ffmpeg to read: the file of its only chunk, or a list of them."""
    if len(files) == 1:
        return files[0]
    listed = work / f"{rendition}.ffconcat"
    lines = ["ffconcat version 1.0"]
    for (first, end), file in zip(plan.chunks, files, strict=True):
        seconds = (end - first) * plan.rate[1] / plan.rate[0]
        lines += [f"file 'file:{_quoted(file)}'", f"duration {seconds:.6f}"]
    listed.write_text("\n".join(lines) + "\n", "utf-8")
    return listed


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("'", "'\\''")


def _cut(
    source: Path, plan: Plan, layout: Layout, films: list[Path], tracks: list[Path], folder: Path
) -> tuple[list[hls.Cut], list[hls.SoundCut]]:
    """All renditions and tracks, in segments that begin at the same times."""
    cuts: list[hls.Cut] = []
    sounds: list[hls.SoundCut] = []
    try:
        for film, rendition in zip(films, plan.renditions, strict=True):
            cuts.append(
                hls.cut(film, folder, rendition, _rate(plan, rendition), layout, cuts[0] if cuts else None)
            )
        for track, sound in zip(tracks, plan.audio_tracks, strict=bool(tracks)):
            sounds.append(hls.cut_sound(track, folder, sound, layout, like=cuts[0]))
        check_times(cuts, sounds, plan.frames, plan.rate)
    except ValueError as fault:
        text = f"what came out of it is not as players need it ({fault})"
        raise MediaError(Problem(str(source), 0, text, "the file may be damaged: export it again")) from None
    return cuts, sounds


def _chapters(probe: Probe, plan: Plan) -> tuple[Chapter, ...]:
    starts = ((max(0.0, round(chapter.start - plan.origin, 3)), chapter.title) for chapter in probe.chapters)
    return tuple(Chapter(start, title) for start, title in starts if start < plan.duration)
