"""Makes the presentation that a plan asks for.

    source ─┬─ chunk 0 … n ─┐
            ├─ copy ────────┼─ package: segments, playlists, MP4, storyboard
            └─ sound 0 … n ─┘

Every step is an entry of the cache and is done only when its entry is missing, so a build that was
interrupted goes on where it was. Chunks are encoded by an engine that serves all films; the rest is light
and is done by the thread that makes the film, while chunks of this or another film are being encoded.
"""

from collections.abc import Callable, Generator
from concurrent.futures import Future, as_completed
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import ClassVar

import msgspec

from tubegen.config import Layout
from tubegen.errors import MediaError
from tubegen.media.audio_track import PlannedAudioTrack
from tubegen.media.cache.cache import Cache
from tubegen.media.encode import graphs
from tubegen.media.encode.chunks import ChunkDone, ChunkRequest
from tubegen.media.encode.engine import Engine
from tubegen.media.encode.loudness import encode_sound
from tubegen.media.encode.still_picture import draw_still
from tubegen.media.ffmpeg.process import cores
from tubegen.media.ffmpeg.program import Ffmpeg, FfmpegError, FfmpegKilled
from tubegen.media.package.package import Parts, package
from tubegen.media.package.repackage import repackage
from tubegen.media.plan.cache_keys import (
    audio_track_key,
    chunk_keys,
    presentation_key,
    remuxed_video_key,
    still_key,
    unfinished_keys,
)
from tubegen.media.plan.estimate import limits
from tubegen.media.plan.plan import Plan, chunk_weights
from tubegen.media.progress import Progress
from tubegen.media.result import Presentation
from tubegen.media.source.probe import Probe, digest

_SOUND = "sound.aac"
_COPY = "copy.mp4"
_STILL = "still.png"


class SingleFile(msgspec.Struct, frozen=True):
    """An encoded audio track, a video stream copied from its source, or a still: one file."""

    cache_kind: ClassVar[str] = "whole"

    size: int


class _Bench(msgspec.Struct, frozen=True):
    """What the making of one film needs at hand."""

    name: str
    source: Path
    plan: Plan
    layout: Layout
    cache: Cache
    ffmpeg: Ffmpeg
    progress: Progress


def make(
    name: str,
    source: Path,
    probe: Probe,
    plan: Plan,
    layout: Layout,
    *,
    cache: Cache,
    ffmpeg: Ffmpeg,
    engine: Engine,
    progress: Progress,
) -> Presentation:
    """Do what is missing and return the finished presentation.

    Films from equal sources, in this build or another that shares the cache, are made once: the second waits
    for the first. Raises MediaError when the source breaks or changes on the way, DiskFull, or Stopped.
    """
    with cache.working(presentation_key(plan, layout)):
        if done := cache.get(presentation_key(plan, layout), Presentation) or _laid_out(plan, layout, cache):
            progress.finished(name)
            return done
        bench = _Bench(name, source, plan, layout, cache, ffmpeg, progress)
        _encode_all(bench, probe, engine)
        with _the_source_is_to_blame(bench):
            presentation = _package(bench, probe)
        for key in unfinished_keys(plan):
            cache.drop(key)
    progress.finished(name)
    return presentation


def missing_chunks(plan: Plan, cache: Cache) -> list[int]:
    """Numbers of the chunks of a film that are still to be encoded."""
    first = {key: number for number, key in reversed(list(enumerate(chunk_keys(plan))))}
    return sorted(number for key, number in first.items() if not cache.has(key))


def _encode_all(bench: _Bench, probe: Probe, engine: Engine) -> None:
    """Every chunk that is missing, and what is not chunks meanwhile."""
    plan, cache = bench.plan, bench.cache
    source = _drawn(bench) if plan.video_index is None else bench.source
    todo = missing_chunks(plan, cache)
    left = sum(_frames(plan, number) for number in todo)
    bench.progress.planned(bench.name, plan.frames, plan.frames - left)
    # The hardest first: then cores have nothing more to do at about the same time.
    hard = chunk_weights(plan, probe.video)
    chunks = _submit(bench, source, sorted(todo, key=lambda number: -hard[number]), engine)
    try:
        with _the_source_is_to_blame(bench):
            _await(chunks, but=cores())  # cores will soon have no chunk left
        if plan.renditions[0].remuxed:
            _copy(bench)
        for sound in plan.audio_tracks:
            _encode_sound(bench, sound)
        with _the_source_is_to_blame(bench):
            _await(chunks)
    finally:
        for chunk in chunks:
            chunk.cancel()


def _submit(bench: _Bench, source: Path, todo: list[int], engine: Engine) -> "list[Future[ChunkDone]]":
    sha256 = bench.plan.source if source == bench.source else digest(source)

    def told(frames: int) -> None:
        bench.progress.advanced(bench.name, frames)

    return [
        engine.chunk(
            ChunkRequest(
                source=str(source),
                sha256=sha256,
                plan=bench.plan,
                number=number,
                cache=str(bench.cache.root),
            ),
            told,
        )
        for number in todo
    ]


def _await(chunks: "list[Future[ChunkDone]]", but: int = 0) -> None:
    """Wait for all but so many."""
    for chunk in islice(as_completed(chunks), max(0, len(chunks) - but)):
        chunk.result()


def _frames(plan: Plan, number: int) -> int:
    first, end = plan.chunks[number]
    return end - first


def _copy(bench: _Bench) -> None:
    plan, source = bench.plan, bench.source
    _once(
        bench,
        remuxed_video_key(plan),
        _COPY,
        lambda file: bench.ffmpeg.run(
            graphs.copy(source, plan, file), about=source, limits=limits(plan), folder=file.parent
        ),
    )


def _encode_sound(bench: _Bench, sound: PlannedAudioTrack) -> None:
    key = audio_track_key(bench.plan, sound)
    _once(bench, key, _SOUND, lambda file: encode_sound(bench.ffmpeg, bench.source, bench.plan, sound, file))


def _drawn(bench: _Bench) -> Path:
    """The picture that is seen while a source without a film is heard."""
    key = still_key(bench.plan)
    _once(bench, key, _STILL, lambda file: draw_still(bench.ffmpeg, bench.source, bench.plan, file))
    return bench.cache.folder(key) / _STILL


def _once(bench: _Bench, key: str, name: str, write: Callable[[Path], object]) -> None:
    """Make the entry of `key`, a single file, unless it is there."""
    if bench.cache.has(key):
        return
    with bench.cache.making() as folder, _the_source_is_to_blame(bench):
        write(folder / name)
        bench.cache.put(key, folder, SingleFile((folder / name).stat().st_size))


@contextmanager
def _the_source_is_to_blame(bench: _Bench) -> Generator[None]:
    """What ffmpeg trips over, here or on another machine, is the fault of the author's file."""
    try:
        yield
    except (FfmpegError, FfmpegKilled) as fault:
        path, damaged = str(bench.source), "the file may be damaged: export it again"
        raise MediaError(
            *(msgspec.structs.replace(p, path=path, hint=p.hint or damaged) for p in fault.problems)
        ) from None


def _laid_out(plan: Plan, layout: Layout, cache: Cache) -> Presentation | None:
    """The presentation in this layout, where there is one in the other."""
    other = presentation_key(plan, "single" if layout == "files" else "files")
    if (made := cache.get(other, Presentation)) is None:
        return None
    with cache.making() as folder:
        presentation = repackage(made, cache.folder(other), folder, layout)
        cache.put(presentation_key(plan, layout), folder, presentation)
    return presentation


def _package(bench: _Bench, probe: Probe) -> Presentation:
    plan, cache = bench.plan, bench.cache
    encoded = {rendition.name: n for n, rendition in enumerate(plan.encoded)}
    chunks = [cache.folder(key) for key in chunk_keys(plan)]
    parts = Parts(
        films=tuple(
            (cache.folder(remuxed_video_key(plan)) / _COPY,)
            if rendition.remuxed
            else tuple(folder / f"{encoded[rendition.name]}.mp4" for folder in chunks)
            for rendition in plan.renditions
        ),
        sounds=tuple(cache.folder(audio_track_key(plan, sound)) / _SOUND for sound in plan.audio_tracks),
    )
    with cache.making() as work, cache.making() as folder:
        presentation = package(bench.ffmpeg, bench.source, probe, plan, bench.layout, parts, work, folder)
        cache.put(presentation_key(plan, bench.layout), folder, presentation)
    return presentation
