"""The cache of a site, seen from the site: what in it belongs to which of its films and pictures."""

import contextlib
from collections.abc import Generator
from pathlib import Path

from tubegen.assemble.identity import read_lock
from tubegen.assemble.pipeline import STATE, Wishes, author_pictures
from tubegen.assemble.videos import Watcher
from tubegen.atomic import build_lock
from tubegen.config import load_config
from tubegen.content.load import load_site
from tubegen.errors import MediaError, Problems
from tubegen.media.cache.cache import Cache
from tubegen.media.pipeline import MediaPipeline


@contextlib.contextmanager
def opened(folder: Path) -> Generator[Cache]:
    """The cache of the site in `folder`, whose lock is held meanwhile.

    Raises InputError when tubegen.toml has mistakes, Busy when the site is being built.
    """
    folder = folder.absolute()
    problems = Problems(folder)
    config = load_config(folder, problems)
    problems.raise_if_any()
    with build_lock(folder / STATE / "lock"):
        yield Cache(folder / config.media.cache)


def belongings(folder: Path, wishes: Wishes, cache: Cache, watcher: Watcher) -> dict[str, str]:
    """By key of the cache, the file of the site that asks for the entry, relative to the site.

    Drafts and what is scheduled count, too, and what was published of sources that are refused now; these are told
    as problems. Raises InputError when the site's texts have mistakes, for a film may be missing.
    """
    folder = folder.absolute()
    problems = Problems(folder)
    site = load_site(folder, problems, now=wishes.now, drafts=True)
    problems.raise_if_any()
    found: dict[str, str] = {}
    known = read_lock(folder, wishes.output)
    with MediaPipeline(cache, site.config.media, watcher) as pipeline:
        for video in site.videos:
            try:
                keys = pipeline.wanted(video.source)
            except MediaError as fault:
                for problem in fault.problems:
                    watcher.problem(problems.relative(problem))
                earlier = pipeline.earlier_plan(known[video.key].source) if video.key in known else None
                keys = pipeline.wanted_plan(earlier) if earlier else []
            found |= dict.fromkeys(keys, problems.show(video.source))
        for picture in author_pictures(site):
            with contextlib.suppress(OSError):
                found |= dict.fromkeys(pipeline.wanted_picture(picture), problems.show(picture))
    return found
