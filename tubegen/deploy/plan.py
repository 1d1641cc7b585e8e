"""What a deploy has to do, from the files of the site and the manifest of the target. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from tubegen.deploy.files import SiteFile, phase_of
from tubegen.deploy.manifest import FOLDER, GENERATIONS, Entry, Expiring, Generation, Manifest, Naming
from tubegen.headers import is_final

PAGE_GRACE = dt.timedelta(hours=1)
MEDIA_GRACE = dt.timedelta(days=7)
"""How long a file stays that the site names no more: somebody may be in the middle of a video, or have the page open."""

MAX_GONE = 256
MAX_GONE_SHARE = 0.2
"""Above either, a deploy asks before it lets so many files go."""


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """The difference between a site and what its target holds."""

    uploads: tuple[SiteFile, ...]
    """New or changed, in the order in which they must arrive."""
    files: dict[str, Entry]
    """What the target holds afterwards, by name."""
    expiring: dict[str, Expiring]
    due: tuple[str, ...]
    """Names whose grace time is over."""
    gone: int
    """Files that the site names no more since this deploy."""
    unchanged: int

    @property
    def any(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.uploads or self.due or self.gone)

    @property
    def size(self) -> int:
        """Bytes to send."""
        return sum(file.size for file in self.uploads)


def changes_to(
    files: Sequence[SiteFile], manifest: Manifest | None, naming: Naming, now: dt.datetime
) -> Changes:
    """What makes the target of `manifest` (None: an empty one) hold `files` and nothing else but what expires."""
    before = manifest.files if manifest else {}
    wanted = {naming.name(file.path): Entry(file.sha256, file.size, file.headers) for file in files}
    uploads = [file for file in files if before.get(naming.name(file.path)) != wanted[naming.name(file.path)]]
    return _changes(uploads, wanted, manifest, now)


def changes_back(wanted: Mapping[str, Entry], manifest: Manifest, now: dt.datetime) -> Changes:
    """What makes the target hold the files `wanted` of an earlier generation, but the newest catalogue: a video is
    withdrawn by its tombstone only, never by a shorter list. Nothing is uploaded."""
    catalogue = {name: entry for name, entry in manifest.files.items() if name.startswith("federation/")}
    pages = {name: entry for name, entry in wanted.items() if not name.startswith("federation/")}
    return _changes([], pages | catalogue, manifest, now)


def _changes(
    uploads: Sequence[SiteFile], wanted: dict[str, Entry], manifest: Manifest | None, now: dt.datetime
) -> Changes:
    before = manifest.files if manifest else {}
    waiting = {name: e for name, e in (manifest.expiring if manifest else {}).items() if name not in wanted}
    gone = {
        name: Expiring(entry.sha256, entry.size, now + grace_of(name))
        for name, entry in before.items()
        if name not in wanted
    }
    return Changes(
        uploads=tuple(uploads),
        files=wanted,
        expiring={name: entry for name, entry in waiting.items() if entry.until > now} | gone,
        due=tuple(name for name, entry in waiting.items() if entry.until <= now),
        gone=len(gone),
        unchanged=sum(before.get(name) == entry for name, entry in wanted.items()),
    )


def grace_of(name: str) -> dt.timedelta:
    """How long the file of that name stays after the site stopped to name it; a salted one may be media."""
    return MEDIA_GRACE if is_final(name) or name.startswith("~") else PAGE_GRACE


def objection(changes: Changes, manifest: Manifest | None) -> str:
    """Why somebody should look before this deploy goes on; empty when nothing is unusual."""
    before = len(manifest.files) if manifest else 0
    if changes.gone > MAX_GONE or (changes.gone > 10 and changes.gone > MAX_GONE_SHARE * before):
        return f"{changes.gone} of the {before} files at the target are in the site no more"
    return ""


def next_manifest(
    changes: Changes, manifest: Manifest | None, *, site: str, salt: str, now: dt.datetime, files_list: str
) -> Manifest:
    """The manifest after the deploy; `files_list` is the digest of its list of files."""
    number = manifest.generation + 1 if manifest else 1
    generations = (*(manifest.generations if manifest else ()), Generation(number, now, files_list))
    return Manifest(
        site=site,
        generation=number,
        deployed_at=now,
        salt=salt,
        files=changes.files,
        expiring=changes.expiring,
        generations=generations[-GENERATIONS:],
    )


def saved_path(sha256: str) -> str:
    """Where a target keeps the bytes of a page that was replaced."""
    return f"{FOLDER}{sha256}"


def in_order(names: Sequence[str]) -> list[str]:
    """Names in the order in which they must arrive."""
    return sorted(names, key=lambda name: (phase_of(name), name))
