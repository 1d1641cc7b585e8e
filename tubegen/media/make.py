"""Makes the presentation that a plan asks for.

    source ─┬─ chunk 0 … n ─┬─ package: segments, playlists, MP4, storyboard
            └─ sound ───────┘

Every step is an entry of the store and is done only when its entry is missing, so a build that was
interrupted goes on where it was. Chunks are encoded on an executor shared by all films; the rest is light
and is done by the thread that makes the film, while chunks of this or another film are being encoded.
"""

from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, wait
from pathlib import Path

import msgspec

from tubegen.config import Layout
from tubegen.errors import MediaError, Problem
from tubegen.media import graphs, hls
from tubegen.media.ffmpeg import Ffmpeg, FfmpegError
from tubegen.media.plan import Plan, key_of, presentation_key
from tubegen.media.probe import Probe
from tubegen.media.progress import Progress
from tubegen.media.repackage import repackage
from tubegen.media.result import Chapter, Presentation
from tubegen.media.store import Store
from tubegen.media.storyboard import make_storyboard

_SOUND = "sound.aac"


class _Chunk(msgspec.Struct, frozen=True):
    """An encoded chunk: one file per rendition, named by its number in the plan."""

    frames: int


class _Sound(msgspec.Struct, frozen=True):
    size: int


def make(
    name: str,
    source: Path,
    probe: Probe,
    plan: Plan,
    layout: Layout,
    *,
    store: Store,
    ffmpeg: Ffmpeg,
    encoders: Executor,
    progress: Progress,
) -> Presentation:
    """Do what is missing and return the finished presentation.

    Films from equal sources, in this build or another that shares the store, are made once: the second waits
    for the first. Raises MediaError when the source breaks or changes on the way, DiskFull, or Stopped.
    """
    with store.working(presentation_key(plan, layout)):
        if done := store.get(presentation_key(plan, layout), Presentation) or _laid_out(plan, layout, store):
            return done
        _encode_all(name, source, plan, store, ffmpeg, encoders, progress)
        presentation = _package(source, probe, plan, layout, store, ffmpeg)
        for number in range(len(plan.chunks)):
            store.drop(_chunk_key(plan, number))
        store.drop(_sound_key(plan))
    progress.finished(name)
    return presentation


def _encode_all(
    name: str, source: Path, plan: Plan, store: Store, ffmpeg: Ffmpeg, encoders: Executor, progress: Progress
) -> None:
    """Every chunk that is missing, and the sound meanwhile."""
    todo = [number for number in range(len(plan.chunks)) if not store.has(_chunk_key(plan, number))]
    progress.planned(name, plan.frames, plan.frames - sum(_frames(plan, number) for number in todo))
    chunks = [
        encoders.submit(_encode, name, source, plan, number, store, ffmpeg, progress) for number in todo
    ]
    try:
        if plan.audio_index is not None:
            _encode_sound(source, plan, store, ffmpeg)
        _await(chunks)
    finally:
        for chunk in chunks:
            chunk.cancel()


def _await(chunks: "list[Future[None]]") -> None:
    done, _ = wait(chunks, return_when=FIRST_EXCEPTION)
    for chunk in done:
        chunk.result()


def _frames(plan: Plan, number: int) -> int:
    first, end = plan.chunks[number]
    return end - first


def _chunk_key(plan: Plan, number: int) -> str:
    return key_of("chunk", plan, number)


def _sound_key(plan: Plan) -> str:
    return key_of("sound", plan)


def _encode(
    name: str, source: Path, plan: Plan, number: int, store: Store, ffmpeg: Ffmpeg, progress: Progress
) -> None:
    told = 0

    def frames(done: int) -> None:
        nonlocal told
        if done > told:
            progress.advanced(name, done - told)
            told = done

    before = _stamp(source)
    with store.making() as folder:
        outputs = [folder / f"{n}.mp4" for n in range(len(plan.renditions))]
        _run(ffmpeg, source, graphs.chunk(source, plan, number, outputs), frames)
        if _stamp(source) != before:
            raise MediaError(Problem(str(source), 0, "it changed while it was encoded", "build again"))
        frames(_frames(plan, number))
        store.put(_chunk_key(plan, number), folder, _Chunk(_frames(plan, number)))


def _stamp(source: Path) -> tuple[int, int, int]:
    now = source.stat()
    return now.st_size, now.st_mtime_ns, now.st_ino


def _encode_sound(source: Path, plan: Plan, store: Store, ffmpeg: Ffmpeg) -> None:
    if store.has(_sound_key(plan)):
        return
    with store.making() as folder:
        output = folder / _SOUND
        _run(ffmpeg, source, graphs.audio(source, plan, output))
        store.put(_sound_key(plan), folder, _Sound(output.stat().st_size))


def _run(
    ffmpeg: Ffmpeg, source: Path, arguments: list[str], frames: Callable[[int], None] = lambda _: None
) -> None:
    """Run ffmpeg on the author's file: what it trips over there is the file's fault."""
    try:
        ffmpeg.run(arguments, about=source, frames=frames)
    except FfmpegError as fault:
        raise MediaError(
            *(
                msgspec.structs.replace(p, hint="the file may be damaged: export it again")
                for p in fault.problems
            )
        ) from None


def _laid_out(plan: Plan, layout: Layout, store: Store) -> Presentation | None:
    """The presentation in this layout, where there is one in the other."""
    other = presentation_key(plan, "single" if layout == "files" else "files")
    if (made := store.get(other, Presentation)) is None:
        return None
    with store.making() as folder:
        presentation = repackage(made, store.folder(other), folder, layout)
        store.put(presentation_key(plan, layout), folder, presentation)
    return presentation


def _package(
    source: Path, probe: Probe, plan: Plan, layout: Layout, store: Store, ffmpeg: Ffmpeg
) -> Presentation:
    with store.making() as work, store.making() as folder:
        films = [_film(work, plan, store, n) for n in range(len(plan.renditions))]
        outputs = [work / f"film-{n}.mp4" for n in range(len(plan.renditions))]
        sound = store.folder(_sound_key(plan)) / _SOUND if plan.audio_index is not None else None
        web_number = next(n for n, r in enumerate(plan.renditions) if r.name == plan.download)
        web = work / "web.mp4"
        _run(ffmpeg, source, graphs.package(films, sound, outputs, (web_number, web)))
        cuts = _cut(source, plan, layout, outputs, folder)
        download = hls.publish(web, folder, plan.download)
        smallest = plan.renditions[-1]
        board, board_files = make_storyboard(
            ffmpeg, outputs[-1], (smallest.width, smallest.height), plan, folder
        )
        hashes = hls.write_hashes(cuts, folder)
        presentation = Presentation(
            id=hls.identity(cuts),
            width=plan.renditions[0].width,
            height=plan.renditions[0].height,
            rate=plan.rate,
            duration=plan.duration,
            renditions=tuple(cut.rendition for cut in reversed(cuts)),
            sounds=(),
            layout=layout,
            download=download,
            download_size=(plan.renditions[web_number].width, plan.renditions[web_number].height),
            storyboard=board,
            chapters=_chapters(probe, plan),
            audio=sound is not None,
            preview=plan.part == "beginning",
            files=(*(file for cut in cuts for file in cut.files), download, *board_files, hashes),
        )
        store.put(presentation_key(plan, layout), folder, presentation)
        return presentation


def _film(work: Path, plan: Plan, store: Store, rendition: int) -> Path:
    """The film of one rendition for ffmpeg to read: the file of its only chunk, or a list of them."""
    files = [store.folder(_chunk_key(plan, n)) / f"{rendition}.mp4" for n in range(len(plan.chunks))]
    if len(files) == 1:
        return files[0]
    listed = work / f"{rendition}.ffconcat"
    lines = ["ffconcat version 1.0"]
    for number, file in enumerate(files):
        seconds = _frames(plan, number) * plan.rate[1] / plan.rate[0]
        lines += [f"file 'file:{_quoted(file)}'", f"duration {seconds:.6f}"]
    listed.write_text("\n".join(lines) + "\n", "utf-8")
    return listed


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("'", "'\\''")


def _cut(source: Path, plan: Plan, layout: Layout, films: list[Path], folder: Path) -> list[hls.Cut]:
    cuts: list[hls.Cut] = []
    try:
        for film, rendition in zip(films, plan.renditions, strict=True):
            track = hls.VideoTrack(
                name=rendition.name,
                codec="h264",
                video_range="SDR",
                width=rendition.width,
                height=rendition.height,
                rate=plan.rate,
            )
            cuts.append(hls.cut(film, folder, track, layout, like=cuts[0] if cuts else None))
    except ValueError as fault:
        text = f"what came out of it cannot be cut into segments ({fault})"
        raise MediaError(Problem(str(source), 0, text, "the file may be damaged: export it again")) from None
    _verify(source, plan, cuts)
    return cuts


def _verify(source: Path, plan: Plan, cuts: list[hls.Cut]) -> None:
    """A finished film has exactly the planned frames, cut at the same places in every rendition."""
    for made in cuts:
        if sum(made.frames) != plan.frames or made.frames != cuts[0].frames:
            raise MediaError(
                Problem(
                    str(source),
                    0,
                    f"{made.rendition.name} came out with {sum(made.frames)} frames instead of {plan.frames}",
                    "the file may be damaged: export it again",
                )
            )


def _chapters(probe: Probe, plan: Plan) -> tuple[Chapter, ...]:
    starts = ((max(0.0, round(chapter.start - plan.origin, 3)), chapter.title) for chapter in probe.chapters)
    return tuple(Chapter(start, title) for start, title in starts if start < plan.duration)
