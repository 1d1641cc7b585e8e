"""The films of a site: what is planned, what it will cost, and what comes out.

    probe, plan each film ─► estimate, look for room ─► make what is missing

A source that is refused does not stop the others: it is told, and their work is kept. Whether a site is then
written without it is the caller's decision; one that was published before stays as it was encoded then, as
followers would take its absence for its end.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from tubegen.assemble.embedded_captions import left_out, with_own_captions
from tubegen.assemble.identity import Identity
from tubegen.content.captions import clock
from tubegen.content.model import Site, Video
from tubegen.errors import DiskFull, MediaError, Problem, Problems
from tubegen.media.ffmpeg.process import cores
from tubegen.media.pipeline import MediaPipeline
from tubegen.media.plan.estimate import Estimate, estimate
from tubegen.media.plan.plan import Plan
from tubegen.media.progress import Progress
from tubegen.media.result import Presentation
from tubegen.render.library import Attached

Result = TypeVar("Result")

_LONG = 60
"""Seconds of CPU from which on it is worth measuring the machine, which takes half a second."""


class Watcher(Progress, Protocol):
    """Told what happens during a build, as it happens."""

    def problem(self, problem: Problem) -> None:
        """A film cannot be published; the others go on."""
        ...

    def warning(self, problem: Problem) -> None:
        """Something is odd, but it does not stop the build."""
        ...

    def estimated(
        self, films: Mapping[str, tuple[int, int]], seconds: Callable[[], float], room: int
    ) -> None:
        """These films are to be encoded: their frames, and how many of them are done. It takes about so long, which may
        have to be measured, and so many bytes of the disk at most."""
        ...


class Planned(msgspec.Struct, frozen=True):
    """A film that can be published."""

    video: Video
    plan: Plan
    presentation: Presentation | None
    """When it is ready."""
    todo: tuple[int, ...]
    """Numbers of its chunks that are still to be encoded."""
    stale: bool = False
    """Whether its source is refused now, and what was made of an earlier one is used."""

    @property
    def missing(self) -> int:
        """Frames that are still to be encoded."""
        return sum(end - first for first, end in (self.plan.chunks[number] for number in self.todo))


class Job(msgspec.Struct, frozen=True):
    """A film whose presentation is finished."""

    video: Video
    """With the captions of its file."""
    planned: Planned
    presentation: Presentation
    social: Attached | None

    @property
    def plan(self) -> Plan:
        return self.planned.plan

    @property
    def fresh(self) -> bool:
        """Whether this build finished it."""
        return self.planned.presentation is None


def plan_films(
    site: Site,
    pipeline: MediaPipeline,
    watcher: Watcher,
    told: Problems,
    *,
    preview: bool = False,
    published: dict[str, Identity] | None = None,
) -> list[Planned]:
    """Every film that can be made, in the order of the site; what is wrong with the others is told and noted.

    With `published`, a film that is in there and whose source is refused is taken as it was encoded before; that is
    told as a warning.
    """

    def plan(video: Video) -> Planned:
        try:
            return _planned(video, pipeline, watcher, told, preview)
        except MediaError as fault:
            return _earlier(video, fault, pipeline, watcher, told, published or {})

    with ThreadPoolExecutor(1, thread_name_prefix="abilities") as aside:
        if site.videos:
            aside.submit(lambda: pipeline.abilities)  # tried while the first film is read
        found = _each(site.videos, plan, pipeline, watcher, told)
    return [found[video.slug] for video in site.videos if video.slug in found]


def forecast(films: Sequence[Planned]) -> list[Estimate]:
    """What is still to be done for each, on the machine of the model."""
    return [Estimate(0, 0) if film.presentation else estimate(film.plan, film.missing) for film in films]


def on_this_machine(works: list[Estimate], pipeline: MediaPipeline) -> list[Estimate]:
    """The same on this one, which is measured when all that will be long."""
    if total(works).cpu < _LONG:
        return works
    slowness = pipeline.slowness
    return [Estimate(work.cpu * slowness, work.room) for work in works]


def total(works: Sequence[Estimate]) -> Estimate:
    return sum(works, Estimate(0, 0))


def seconds(work: Estimate) -> float:
    """How long it takes on all cores of this machine."""
    return work.cpu / cores()


def refuse_without_room(work: Estimate, cache: Path) -> None:
    """Raises DiskFull when the disk of the cache cannot hold what will be made."""
    cache.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(cache).free
    if work.room > free:
        text = f"the build needs about {_gigabytes(work.room)}, {_gigabytes(free)} are free here"
        hint = "free some room, or set [media] cache to a folder on another disk"
        raise DiskFull(Problem(str(cache), 0, text, hint))


def _gigabytes(amount: int) -> str:
    return f"{amount / 1e9:.1f} GB" if amount >= 1e9 else f"{max(1, round(amount / 1e6))} MB"


def make_films(
    site: Site,
    films: Sequence[Planned],
    pipeline: MediaPipeline,
    watcher: Watcher,
    told: Problems,
    *,
    published: dict[str, Identity] | None = None,
) -> list[Job]:
    """Every film finished, as far as it can be; what is wrong with the others is told and noted as by `plan_films`."""
    by_slug = {film.video.slug: film for film in films}

    def make(video: Video) -> Job:
        film = by_slug[video.slug]
        try:
            presentation = film.presentation or pipeline.make(video.slug, video.source, film.plan)
        except MediaError as fault:
            film = _earlier(video, fault, pipeline, watcher, told, published or {})
            presentation = film.presentation
            assert presentation is not None
        most = _attach_max(site, video)
        social = pipeline.attachment(film.plan, presentation, most) if most else None
        whole = video if film.stale else with_own_captions(video, film.plan, pipeline)
        return Job(whole, film, presentation, social and Attached.of(social))

    made = _each([film.video for film in films], make, pipeline, watcher, told)
    return [made[film.video.slug] for film in films if film.video.slug in made]


def _each(
    videos: Sequence[Video],
    do: Callable[[Video], Result],
    pipeline: MediaPipeline,
    watcher: Watcher,
    told: Problems,
) -> dict[str, Result]:
    """What `do` gives for every video, by slug; refused sources are told and noted."""
    found: dict[str, Result] = {}
    with ThreadPoolExecutor(max_workers=cores() + 1, thread_name_prefix="film") as pool:
        futures = {pool.submit(do, video): video for video in videos}
        try:
            for future in as_completed(futures):
                try:
                    found[futures[future].slug] = future.result()
                except MediaError as fault:
                    for problem in fault.problems:
                        shown = told.relative(problem)
                        watcher.problem(shown)
                        told.extend([shown])
        except BaseException:
            pipeline.stop()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return found


def _planned(
    video: Video, pipeline: MediaPipeline, watcher: Watcher, told: Problems, preview: bool
) -> Planned:
    check_source(video, pipeline, watcher, told)
    plan = pipeline.plan(video.source)
    presentation = pipeline.ready(plan)
    if presentation is None and preview:
        plan = pipeline.plan(video.source, preview=True)
        presentation = pipeline.ready(plan)
    return Planned(video, plan, presentation, () if presentation else tuple(pipeline.missing(plan)))


def _earlier(
    video: Video,
    fault: MediaError,
    pipeline: MediaPipeline,
    watcher: Watcher,
    told: Problems,
    published: dict[str, Identity],
) -> Planned:
    """A film as it was published before, told as a warning. Raises `fault` when it was not, or its encode is gone."""
    identity = published.get(video.key)
    plan = pipeline.earlier_plan(identity.source) if identity else None
    presentation = pipeline.ready(plan) if plan else None
    if plan is None or presentation is None:
        raise fault
    for problem in fault.problems:
        text = f"{problem.text}; the site keeps the film as it was encoded before"
        watcher.warning(msgspec.structs.replace(told.relative(problem), text=text))
    return Planned(video, plan, presentation, (), stale=True)


def check_source(video: Video, pipeline: MediaPipeline, watcher: Watcher, told: Problems) -> None:
    """Raises MediaError; warns of a file that ends before its header says so, of what in it is left out, and of sound
    that goes on after the last picture."""
    shown = told.show(video.source)
    found = pipeline.probe(video.source)
    for warning in left_out(video, found, shown):
        watcher.warning(warning)
    film = found.video
    if film is None:
        return
    if found.tail:
        text = f"the sound goes on for {found.tail:.1f} s after the last picture, which is held"
        watcher.warning(Problem(shown, 0, text, "cut the sound if it should not be heard"))
    length = film.end - film.start
    if film.declared_duration - length > max(1.0, 0.05 * film.declared_duration):
        text = f"the film breaks off after {clock(length)} of {clock(film.declared_duration)}"
        hint = "it was probably cut short while copying: what is there is used"
        watcher.warning(Problem(shown, 0, text, hint))


def _attach_max(site: Site, video: Video) -> int:
    """Bytes of the largest MP4 that a post about the video may carry; 0 when there will be no post."""
    federation = site.config.federation
    return federation.attach_max * 1_000_000 if federation.handle and not video.unlisted else 0
