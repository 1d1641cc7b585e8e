"""Which names in the addresses of a site belong to videos that only those find who were told."""

import datetime as dt
from pathlib import Path

from tubegen.assemble.identity import read_lock
from tubegen.content.load import load_site
from tubegen.errors import Problems


def hidden_names(folder: Path, now: dt.datetime) -> frozenset[str]:
    """Slugs and UUIDs of the unlisted videos of the site in `folder`. Raises InputError."""
    problems = Problems(folder)
    site = load_site(folder, problems, now=now, drafts=True)
    problems.raise_if_any()
    identities = read_lock(folder, folder / "public")
    unlisted = [video for video in site.videos if video.unlisted]
    uuids = {str(identities[video.key].uuid) for video in unlisted if video.key in identities}
    return frozenset({video.slug for video in unlisted} | uuids)
