"""Builds a site, from its folder to its output: the order of everything.

    content ─► check links ─► films, pictures ─► library ─► outputs ─► write

What is wrong in the author's texts is told before any film is encoded. A film that cannot be published does
not stop the others: their work is kept in the cache for the next run. No site is written without it, unless that
is wished.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from tubegen.assemble.identity import Identities, Identity, assign, read_lock, write_lock
from tubegen.assemble.markdown_cache import Memo
from tubegen.assemble.output import Changes, read_manifest, refuse_foreign, write_manifest, write_site
from tubegen.assemble.videos import (
    Job,
    Planned,
    Watcher,
    check_source,
    forecast,
    make_films,
    on_this_machine,
    plan_films,
    refuse_without_room,
    seconds,
    total,
)
from tubegen.atomic import build_lock, explain_disk_errors
from tubegen.content.load import load_site
from tubegen.content.model import Held, Site
from tubegen.errors import InputError, Problems
from tubegen.media.cache.cache import Cache
from tubegen.media.cache.keys import key_of
from tubegen.media.pipeline import MediaPipeline
from tubegen.media.plan.estimate import Estimate, download_size, size
from tubegen.media.source.probe import Probe
from tubegen.render.library import Film, Library, Pictures
from tubegen.render.links import check_links
from tubegen.render.output import Output
from tubegen.render.site import render_site
from tubegen.render.theme import Theme, load_theme

Result = TypeVar("Result")

STATE = ".tubegen"
"""Folder in the site for everything that can be made again; not to be committed."""


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """How a site is to be built."""

    output: Path
    now: dt.datetime
    drafts: bool = False
    """Publish drafts and what is scheduled for later, too."""
    preview: bool = False
    """For films that are not ready yet, make the beginning in one small rendition: within seconds."""
    keep_going: bool = False
    """Write the site without the films whose sources are refused."""
    engine: str = ""
    """Who encodes: `dask://host:port`, or this machine."""


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
    left_out: tuple[str, ...]
    """Slugs of the videos whose sources were refused."""
    seconds: float


def build(folder: Path, wishes: Wishes, watcher: Watcher) -> Report:
    """Raises InputError with everything that is wrong in the site, or what the media path raises.

    What the watcher was told of films meanwhile is not told again: the error may be empty.
    """
    started = time.monotonic()
    folder = folder.absolute()
    with explain_disk_errors(folder, "what is finished is kept"), build_lock(folder / STATE / "lock"):
        memo = Memo(folder / STATE / "markdown")
        site, theme = _read(folder, wishes, memo)
        known = read_lock(folder, wishes.output)
        refuse_foreign(wishes.output)
        cache = Cache(folder / site.config.media.cache)
        with cache.in_use():
            cache.sweep()
            with MediaPipeline(cache, site.config.media, watcher, wishes.engine) as pipeline:
                jobs, pictures = _make_everything(site, wishes, pipeline, watcher, known)
                left_out = _left_out(site, jobs, known)
                site = msgspec.structs.replace(site, videos=tuple(job.video for job in jobs))
                identities = assign(
                    known, site.videos, site.held, _sources(jobs, pipeline), wishes.now.date()
                )
                library = _library(site, jobs, pictures, identities, pipeline)
                problems = Problems(folder)
                outputs = render_site(library, theme, memo=memo, digest=pipeline.digest, problems=problems)
            cache.sweep()  # workers may have died meanwhile
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
        left_out=left_out,
        seconds=time.monotonic() - started,
    )


class FilmPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a build would make of a film, and what is still to be done for it."""

    film: Planned
    probe: Probe | None
    """What is in the source; None when it is refused, and an earlier encode is used."""
    work: Estimate
    seconds: float
    """How long that takes."""
    size: int
    """Bytes of the finished film, at most."""


def plan(folder: Path, wishes: Wishes, watcher: Watcher) -> tuple[list[FilmPlan], bool]:
    """What `build` would do, film by film, and whether it would stop at sources that the watcher was told of.

    Nothing is encoded. Raises InputError with everything that is wrong in the site's texts.
    """
    folder = folder.absolute()
    with explain_disk_errors(folder, "nothing was done"), build_lock(folder / STATE / "lock"):
        site, _ = _read(folder, wishes, Memo(folder / STATE / "markdown"))
        cache, told = Cache(folder / site.config.media.cache), Problems(folder)
        published = read_lock(folder, wishes.output) if wishes.keep_going else {}
        with cache.in_use(), MediaPipeline(cache, site.config.media, watcher) as pipeline:
            films = plan_films(site, pipeline, watcher, told, published=published)
            found = [
                FilmPlan(
                    film=film,
                    probe=None if film.stale else pipeline.probe(film.video.source),
                    work=work,
                    seconds=seconds(work),
                    size=size(film.plan) + download_size(film.plan),
                )
                for film, work in zip(films, on_this_machine(forecast(films), pipeline), strict=True)
            ]
    return found, bool(told) and not wishes.keep_going


def check(folder: Path, wishes: Wishes, watcher: Watcher) -> Site:
    """Raises InputError with everything that would stop a build; encodes nothing and writes no site."""
    folder = folder.absolute()
    problems = Problems(folder)
    site, _ = _load(folder, wishes, Memo(folder / STATE / "markdown"), problems)
    try:
        read_lock(folder, wishes.output)
    except InputError as fault:
        problems.extend(fault.problems)
    cache = Cache(folder / site.config.media.cache)
    with cache.in_use(), MediaPipeline(cache, site.config.media, watcher) as pipeline:
        for video in site.videos:
            _noting(problems, lambda video=video: check_source(video, pipeline, watcher, problems))
        for picture in author_pictures(site):
            _noting(problems, lambda picture=picture: pipeline.check_picture(picture))
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
    site: Site, wishes: Wishes, pipeline: MediaPipeline, watcher: Watcher, known: dict[str, Identity]
) -> tuple[list[Job], _Made]:
    """Every film and picture of the site. Raises InputError, without what the watcher was told already."""
    told, problems = Problems(site.folder), Problems(site.folder)
    published = known if wishes.keep_going else {}
    films = plan_films(site, pipeline, watcher, told, preview=wishes.preview, published=published)
    todo = [film for film in films if film.presentation is None]
    if todo:
        works = forecast(films)
        frames = {film.video.slug: (film.plan.frames, film.plan.frames - film.missing) for film in todo}
        watcher.estimated(frames, lambda: seconds(total(on_this_machine(works, pipeline))), total(works).room)
        refuse_without_room(total(works), pipeline.cache.root)
    jobs = make_films(site, films, pipeline, watcher, told, published=published)
    posters = {job.video.slug: poster for job in jobs if (poster := _poster(job, pipeline, problems))}
    avatars = _channel_pictures(site, "avatar", pipeline, problems)
    banners = _channel_pictures(site, "banner", pipeline, problems)
    if problems or (told and not wishes.keep_going):
        raise InputError(*problems.found)
    return jobs, _Made(posters, avatars, banners)


def _left_out(site: Site, jobs: list[Job], known: dict[str, Identity]) -> tuple[str, ...]:
    """Videos of the site that could not be made. Raises InputError when one of them was published before:
    followers would take its absence for its end."""
    made = {job.video.slug for job in jobs}
    missing = [video for video in site.videos if video.slug not in made]
    problems = Problems(site.folder)
    for video in missing:
        if video.key in known:
            text = "it was published, and what was encoded of it before is not in the cache any more"
            hint = "put the source back; to withdraw the video, remove it from the site"
            problems.add(video.source, 0, text, hint)
    problems.raise_if_any()
    return tuple(video.slug for video in missing)


def _sources(jobs: list[Job], pipeline: MediaPipeline) -> Callable[[Path], str]:
    """The digest of each film's source: of the one that was encoded, where the present one is refused."""
    stale = {job.video.source: job.plan.source for job in jobs if job.planned.stale}
    return lambda source: stale.get(source) or pipeline.digest(source)


def _library(
    site: Site, jobs: list[Job], made: _Made, identities: Identities, pipeline: MediaPipeline
) -> Library:
    films = [_film(job, made.posters[job.video.slug], identities, pipeline) for job in jobs]
    films.sort(key=lambda film: (-film.date.timestamp(), film.video.slug))
    return Library(site=site, films=tuple(films), avatars=made.avatars, banners=made.banners)


def _write(folder: Path, output: Path, outputs: list[Output]) -> Changes:
    """Write the site and remember what was written."""
    path = folder / STATE / "outputs" / key_of(str(output.absolute()))
    manifest, changes = write_site(outputs, output, read_manifest(path))
    if changes.any:
        write_manifest(path, manifest)
    return changes


def _poster(job: Job, pipeline: MediaPipeline, problems: Problems) -> Pictures | None:
    cover = job.video.cover
    if cover is None:
        return _noting(problems, lambda: Pictures.of(pipeline.poster(job.plan)))
    return _noting(problems, lambda: Pictures.of(pipeline.cover(cover)))


def _film(job: Job, poster: Pictures, identities: Identities, pipeline: MediaPipeline) -> Film:
    identity = identities.by_key[job.video.key]
    added = dt.datetime.combine(identity.added, dt.time(), dt.UTC)
    return Film(
        video=job.video,
        uuid=identity.uuid,
        date=job.video.date or added,
        presentation=job.presentation,
        folder=pipeline.presentation_folder(job.plan),
        social=job.social,
        poster=poster,
    )


def _channel_pictures(
    site: Site, kind: str, pipeline: MediaPipeline, problems: Problems
) -> dict[str, Pictures]:
    found: dict[str, Pictures] = {}
    for channel in site.channels:
        path: Path | None = getattr(channel, kind)
        if path is not None:
            pictures = _noting(problems, lambda path=path: Pictures.of(pipeline.picture(path, kind)))
            if pictures is not None:
                found[channel.name] = pictures
    return found


def author_pictures(site: Site) -> Iterator[Path]:
    for channel in site.channels:
        yield from (path for path in (channel.avatar, channel.banner) if path is not None)
    yield from (video.cover for video in site.videos if video.cover is not None)


def _noting(problems: Problems, ask: Callable[[], Result]) -> Result | None:
    """What `ask` gives; None, with its mistakes noted, when it raises InputError."""
    try:
        return ask()
    except InputError as fault:
        problems.extend(map(problems.relative, fault.problems))
        return None
