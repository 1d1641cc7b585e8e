"""`tubegen.lock`: the UUID of every video, written once and kept for ever.

Everything that others remember of a video hangs on its UUID: follows, replies, feeds, swarms. The author
commits the file. A video that was moved or renamed is recognised by the digest of its source.
"""

import datetime as dt
import json
import tomllib
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from tubegen.atomic import write_atomically
from tubegen.content.model import Held, Video
from tubegen.errors import InputError, Problem

FILE = "tubegen.lock"

_HEAD = """\
# The identities of this site's videos. tubegen writes this file; commit it with the site.
# Followers, comments and feeds know a video by its uuid alone: never change one.
"""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    added: dt.date
    """The day tubegen first saw the video: its date when the author gave none."""
    source: str
    """SHA-256 of the source file."""


class Identities(msgspec.Struct, frozen=True, kw_only=True):
    """The lock file after it was brought up to date."""

    by_key: dict[str, Identity]
    new: tuple[str, ...]
    """Keys of videos that had none."""
    moved: tuple[tuple[str, str], ...]
    """(old key, new key) of videos recognised under another name."""


def assign(
    known: dict[str, Identity],
    videos: Iterable[Video],
    held: Iterable[Held],
    digest: Callable[[Path], str],
    today: dt.date,
) -> Identities:
    """An identity for every video: the known one, that of a moved source, or a new one.

    Entries of videos that are gone stay: they may come back, and their UUIDs must never be given again. One
    that is `held` back is not gone, and has not moved.
    """
    by_key = dict(known)
    present = {video.key: video for video in videos}
    here = {video.slug for video in held}
    gone = {
        identity.source: key
        for key, identity in known.items()
        if key not in present and key.rpartition("/")[2] not in here
    }
    new: list[str] = []
    moved: list[tuple[str, str]] = []
    for key, video in sorted(present.items()):
        source = digest(video.source)
        identity = known.get(key)
        if identity is None and (old := gone.pop(source, None)) is not None:
            identity = by_key.pop(old)
            moved.append((old, key))
        if identity is None:
            identity = Identity(uuid=video.uuid or str(uuid.uuid4()), added=today, source=source)
            new.append(key)
        by_key[key] = msgspec.structs.replace(identity, source=source, uuid=video.uuid or identity.uuid)
    return Identities(by_key=dict(sorted(by_key.items())), new=tuple(new), moved=tuple(moved))


def read_lock(site: Path, output: Path) -> dict[str, Identity]:
    """What tubegen.lock says. Raises InputError when it is damaged, or lost though the site was built before."""
    path = site / FILE
    try:
        lock = tomllib.loads(path.read_text("utf-8"))
        identities = msgspec.convert(lock.get("videos", {}), dict[str, Identity])
        for identity in identities.values():
            uuid.UUID(identity.uuid)
    except FileNotFoundError:
        identities = {}
    except ValueError as fault:  # TOMLDecodeError, ValidationError and UnicodeDecodeError are its kinds
        reason = str(fault).split(" - ")[0]
        raise InputError(
            Problem(FILE, 0, f"it is damaged ({reason})", f"restore it: git checkout {FILE}")
        ) from None
    for built in (output, site / "public"):
        _refuse_lost({identity.uuid for identity in identities.values()}, built)
    return identities


def write_lock(site: Path, identities: Identities) -> bool:
    """Bring tubegen.lock up to date; True when it changed."""
    lines = [_HEAD]
    for key, identity in identities.by_key.items():
        lines.append(f"[videos.{json.dumps(key, ensure_ascii=False)}]")
        lines.append(
            f'uuid = "{identity.uuid}"\nadded = {identity.added.isoformat()}\nsource = "{identity.source}"\n'
        )
    return bool(identities.by_key) and write_atomically(site / FILE, "\n".join(lines).encode())


def _refuse_lost(known: set[str], output: Path) -> None:
    """New UUIDs for published videos would lose every follower's memory of them, so say so and stop."""
    try:
        videos = json.loads((output / "federation" / "index.json").read_bytes())["videos"]
        lost = {video["uuid"] for video in videos} - known
    except (OSError, ValueError, KeyError, TypeError):
        return
    if lost:
        what = "it is lost" if not known else "entries of it are lost"
        raise InputError(
            Problem(
                FILE,
                0,
                f"{what}, and with {'it' if not known else 'them'} the identities of {len(lost)} published videos",
                f"restore it: git checkout {FILE}; to begin anew, with none of their followers, delete {output}",
            )
        )
