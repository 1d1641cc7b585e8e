"""Builds a site, from its folder to its output: the order of everything.

    content ─► check links ─► probe, plan, make each film ─► library ─► outputs ─► write

What is wrong in the author's texts is told before any film is encoded. A film that cannot be published does
not stop the others: their work is kept in the store for the next run, and no site is written.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from tubegen.build.embedded import left_out, with_own_captions
from tubegen.build.files import locked, needing_room
from tubegen.build.identity import Identities, assign, read_lock, write_lock
from tubegen.build.memo import Memo
from tubegen.build.output import Changes, read_manifest, refuse_foreign, write_manifest, write_site
from tubegen.content.captions import clock
from tubegen.content.load import load_site
from tubegen.content.model import Held, Site, Video
from tubegen.errors import InputError, MediaError, Problem, Problems
from tubegen.media.engine import local
from tubegen.media.plan import Plan, key_of
from tubegen.media.progress import Progress
from tubegen.media.result import Presentation
from tubegen.media.store import Store
from tubegen.media.workshop import Workshop
from tubegen.render.library import Attached, Film, Library, Pictures
from tubegen.render.links import check_links
from tubegen.render.output import Output
from tubegen.render.site import render_site
from tubegen.render.theme import Theme, load_theme

Result = TypeVar("Result")

STATE = ".tubegen"
"""Folder in the site for everything that can be made again; not to be committed."""


class Watcher(Progress, Protocol):
    """Told what happens during a build, as it happens."""

    def problem(self, problem: Problem) -> None:
        """A film cannot be published; the others go on."""
        ...

    def warning(self, problem: Problem) -> None:
        """Something is odd, but it does not stop the build."""
        ...


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """How a site is to be built."""

    output: Path
    now: dt.datetime
    drafts: bool = False
    """Publish drafts and what is scheduled for later, too."""
    preview: bool = False
    """For films that are not ready yet, make the beginning in one small rendition: within seconds."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a build did."""

    output: Path
    films: int
    encoded: int
    """Films that were not finished before."""
    previews: int
    """Films of which only the beginning is there yet."""
    changes: Changes
    identities: Identities
    held: tuple[Held, ...]
    seconds: float


class _Job(msgspec.Struct, frozen=True):
    """A film whose presentation is finished."""

    video: Video
    plan: Plan
    presentation: Presentation
    social: Attached | None
    fresh: bool
    """Whether this build finished it."""


def build(folder: Path, wishes: Wishes, watcher: Watcher) -> Report:
    """Raises InputError with everything that is wrong in the site, or what the media path raises.

    What the watcher was told of films meanwhile is not told again: the error may be empty.
    """
    started = time.monotonic()
    folder = folder.absolute()
    with needing_room(folder, "what is finished is kept"), locked(folder / STATE / "lock"):
        memo = Memo(folder / STATE / "markdown")
        site, theme = _read(folder, wishes, memo)
        known = read_lock(folder, wishes.output)
        refuse_foreign(wishes.output)
        store = Store(folder / site.config.media.cache)
        store.sweep()
        with Workshop(store, site.config.media, watcher) as workshop:
            jobs, pictures = _make_everything(site, wishes, workshop, watcher)
            identities = assign(known, site.videos, site.held, workshop.digest, wishes.now.date())
            library = _library(site, jobs, pictures, identities, workshop)
            problems = Problems(folder)
            outputs = render_site(library, theme, memo=memo, digest=workshop.digest, problems=problems)
        problems.raise_if_any()
        write_lock(folder, identities)
        changes = _write(folder, wishes.output, outputs)
        memo.save()
    return Report(
        output=wishes.output,
        films=len(jobs),
        encoded=sum(job.fresh for job in jobs),
        previews=sum(job.presentation.preview for job in jobs),
        changes=changes,
        identities=identities,
        held=site.held,
        seconds=time.monotonic() - started,
    )


def check(folder: Path, wishes: Wishes, watcher: Watcher) -> Site:
    """Raises InputError with everything that would stop a build; encodes nothing and writes no site."""
    folder = folder.absolute()
    problems = Problems(folder)
    site, _ = _load(folder, wishes, Memo(folder / STATE / "markdown"), problems)
    try:
        read_lock(folder, wishes.output)
    except InputError as fault:
        problems.extend(fault.problems)
    with Workshop(Store(folder / site.config.media.cache), site.config.media, watcher) as workshop:
        for video in site.videos:
            _noting(problems, lambda video=video: _probed(video, workshop, watcher, problems))
        for picture in _author_pictures(site):
            _noting(problems, lambda picture=picture: workshop.check_picture(picture))
    problems.raise_if_any()
    return site


def _read(folder: Path, wishes: Wishes, memo: Memo) -> tuple[Site, Theme]:
    problems = Problems(folder)
    site, theme = _load(folder, wishes, memo, problems)
    problems.raise_if_any()
    assert theme is not None
    return site, theme


def _load(folder: Path, wishes: Wishes, memo: Memo, problems: Problems) -> tuple[Site, Theme | None]:
    """The site and its theme, with every mistake in texts and settings."""
    site = load_site(folder, problems, now=wishes.now, drafts=wishes.drafts)
    check_links(site, memo, problems)
    theme = _noting(problems, lambda: load_theme(folder, site.config.theme))
    return site, theme


class _Made(msgspec.Struct, frozen=True):
    """The pictures of a site, by slug of a video or name of a channel."""

    posters: dict[str, Pictures]
    avatars: dict[str, Pictures]
    banners: dict[str, Pictures]


def _make_everything(
    site: Site, wishes: Wishes, workshop: Workshop, watcher: Watcher
) -> tuple[list[_Job], _Made]:
    """Every film and picture of the site. Raises InputError, without what the watcher was told already."""
    told, problems = Problems(site.folder), Problems(site.folder)
    jobs = _make(site, wishes, workshop, watcher, told)
    posters = {job.video.slug: poster for job in jobs if (poster := _poster(job, workshop, problems))}
    avatars = _channel_pictures(site, "avatar", workshop, problems)
    banners = _channel_pictures(site, "banner", workshop, problems)
    if told or problems:
        raise InputError(*problems.found)
    return jobs, _Made(posters, avatars, banners)


def _library(
    site: Site, jobs: list[_Job], made: _Made, identities: Identities, workshop: Workshop
) -> Library:
    films = [_film(job, made.posters[job.video.slug], identities, workshop) for job in jobs]
    films.sort(key=lambda film: (-film.date.timestamp(), film.video.slug))
    return Library(site=site, films=tuple(films), avatars=made.avatars, banners=made.banners)


def _write(folder: Path, output: Path, outputs: list[Output]) -> Changes:
    """Write the site and remember what was written."""
    path = folder / STATE / "outputs" / key_of(str(output.absolute()))
    manifest, changes = write_site(outputs, output, read_manifest(path))
    if changes.any:
        write_manifest(path, manifest)
    return changes


def _make(site: Site, wishes: Wishes, workshop: Workshop, watcher: Watcher, told: Problems) -> list[_Job]:
    """Every film that can be made, in the order of the site; faults of the others are told and noted."""
    jobs: dict[str, _Job] = {}
    with ThreadPoolExecutor(max_workers=local.cores() + 1, thread_name_prefix="film") as pool:
        futures = {
            pool.submit(_job, video, _attach_max(site, video), wishes, workshop, watcher, told): video
            for video in site.videos
        }
        try:
            for future in as_completed(futures):
                try:
                    jobs[futures[future].slug] = future.result()
                except MediaError as fault:
                    for problem in fault.problems:
                        shown = _relative(problem, told)
                        watcher.problem(shown)
                        told.extend([shown])
        except BaseException:
            workshop.stop()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return [jobs[video.slug] for video in site.videos if video.slug in jobs]


def _attach_max(site: Site, video: Video) -> int:
    """Bytes of the largest MP4 that a post about the video may carry; 0 when there will be no post."""
    federation = site.config.federation
    return federation.attach_max * 1_000_000 if federation.handle and not video.unlisted else 0


def _job(
    video: Video, attach_max: int, wishes: Wishes, workshop: Workshop, watcher: Watcher, problems: Problems
) -> _Job:
    _probed(video, workshop, watcher, problems)
    plan = workshop.plan(video.source)
    presentation = workshop.ready(plan)
    if presentation is None and wishes.preview:
        plan = workshop.plan(video.source, preview=True)
        presentation = workshop.ready(plan)
    fresh = presentation is None
    presentation = presentation or workshop.make(video.slug, video.source, plan)
    social = workshop.attachment(plan, presentation, attach_max) if attach_max else None
    video = with_own_captions(video, plan, workshop)
    return _Job(video, plan, presentation, social and Attached.of(social), fresh)


def _probed(video: Video, workshop: Workshop, watcher: Watcher, problems: Problems) -> None:
    """Raises MediaError; warns of a file that ends before its header says so, and of what in it is left out."""
    shown = problems.show(video.source)
    found = workshop.probe(video.source)
    for warning in left_out(video, found, shown):
        watcher.warning(warning)
    film = found.video
    if film is None:
        return
    length = film.end - film.start
    if film.promised - length > max(1.0, 0.05 * film.promised):
        text = f"the film breaks off after {clock(length)} of {clock(film.promised)}"
        hint = "it was probably cut short while copying: what is there is used"
        watcher.warning(Problem(shown, 0, text, hint))


def _poster(job: _Job, workshop: Workshop, problems: Problems) -> Pictures | None:
    cover = job.video.cover
    if cover is None:
        return _noting(problems, lambda: Pictures.of(workshop.poster(job.plan)))
    return _noting(problems, lambda: Pictures.of(workshop.cover(cover)))


def _film(job: _Job, poster: Pictures, identities: Identities, workshop: Workshop) -> Film:
    identity = identities.by_key[job.video.key]
    added = dt.datetime.combine(identity.added, dt.time(), dt.UTC)
    return Film(
        video=job.video,
        uuid=identity.uuid,
        date=job.video.date or added,
        presentation=job.presentation,
        folder=workshop.presentation_folder(job.plan),
        social=job.social,
        poster=poster,
    )


def _channel_pictures(site: Site, kind: str, workshop: Workshop, problems: Problems) -> dict[str, Pictures]:
    found: dict[str, Pictures] = {}
    for channel in site.channels:
        path: Path | None = getattr(channel, kind)
        if path is not None:
            pictures = _noting(problems, lambda path=path: Pictures.of(workshop.picture(path, kind)))
            if pictures is not None:
                found[channel.name] = pictures
    return found


def _author_pictures(site: Site) -> Iterator[Path]:
    for channel in site.channels:
        yield from (path for path in (channel.avatar, channel.banner) if path is not None)
    yield from (video.cover for video in site.videos if video.cover is not None)


def _noting(problems: Problems, ask: Callable[[], Result]) -> Result | None:
    """What `ask` gives; None, with its mistakes noted, when it raises InputError."""
    try:
        return ask()
    except InputError as fault:
        problems.extend(_relative(problem, problems) for problem in fault.problems)
        return None


def _relative(problem: Problem, problems: Problems) -> Problem:
    return (
        msgspec.structs.replace(problem, path=problems.show(Path(problem.path))) if problem.path else problem
    )
