"""Writes the site: beside the old one, then in its place.

The new site is put together in a folder next to the output: what has not changed is a hard link to what was
there, media are hard links to the cache, the rest is made. Then the two folders trade names. A build that
fails or is killed leaves the last good site; one that changes nothing touches nothing.

What hosts and tools expect at the top of a site (`.git`, `.well-known/`, `CNAME`) is its owner's and moves along.
"""

import contextlib
import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tubegen.atomic import explain_disk_errors, swap_folders, write_atomically
from tubegen.errors import InputError, Problem
from tubegen.render.output import Output


class Written(msgspec.Struct, frozen=True, array_like=True):
    """A file as the last build left it."""

    key: bytes
    size: int
    mtime_ns: int


Manifest = dict[str, Written]
"""By path in the output."""


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What a build did to the output."""

    made: int
    linked: int
    kept: int
    removed: int

    @property
    def any(self) -> bool:
        return bool(self.made or self.linked or self.removed)


def write_site(outputs: Sequence[Output], target: Path, last: Manifest) -> tuple[Manifest, Changes]:
    """Make `target` hold exactly `outputs`, and what is its owner's. `last` is what the last build wrote there.

    Raises InputError when `target` is not ours to replace, DiskFull, or whatever making an output raises;
    `target` is untouched then.
    """
    refuse_foreign(target)
    target = target.resolve()  # a link to where the site is served from stays one
    staging = target.parent / f".{target.name}.new"
    ours = frozenset(o.path.partition("/")[0] for o in outputs)
    _clear(staging, target, ours)
    there = _scan(target, besides=_owners(target, ours))
    kept = {
        o.path
        for o in outputs
        if (w := last.get(o.path)) and w.key == o.key and there.get(o.path) == (w.size, w.mtime_ns)
    }
    if len(kept) == len(outputs) == len(there):
        return last, Changes(made=0, linked=0, kept=len(kept), removed=0)
    try:
        with explain_disk_errors(target.parent, "the old site is untouched"):
            _stage(outputs, staging, target, kept)
            written = _scan(staging)
            manifest = {o.path: Written(o.key, *written[o.path]) for o in outputs}
            _swap(staging, target)
    finally:
        _clear(staging, target, ours)
    made = sum(o.make is not None and o.path not in kept for o in outputs)
    gone = len(there.keys() - manifest.keys())
    return manifest, Changes(made=made, linked=len(outputs) - made - len(kept), kept=len(kept), removed=gone)


def read_manifest(path: Path) -> Manifest:
    """The last build's manifest; empty when there is none that can be read."""
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return {}


def write_manifest(path: Path, manifest: Manifest) -> None:
    write_atomically(path, msgspec.msgpack.encode(manifest))


def refuse_foreign(target: Path) -> None:
    """A folder that holds something else is never replaced: `-o ~` must not cost a home."""
    if not target.exists():
        return
    if not target.is_dir() or (
        any(target.iterdir()) and not (target / "federation" / "index.json").is_file()
    ):
        raise InputError(
            Problem(
                str(target),
                0,
                "it is there, and tubegen did not make it",
                "choose another folder with -o, or empty it",
            )
        )


def _owners(folder: Path, ours: frozenset[str]) -> frozenset[str]:
    """Names at the top of `folder` that belong to whoever owns the site."""
    if not folder.is_dir():
        return frozenset()
    names = (name for name in os.listdir(folder) if name.startswith(".") or name == "CNAME")
    return frozenset(names) - ours


def _clear(staging: Path, target: Path, ours: frozenset[str]) -> None:
    """Remove what stands beside the site. After the folders have traded names that is the old site, and its
    owner's files go home first, also those that a killed build left there."""
    if target.is_dir():
        for name in _owners(staging, ours) - _owners(target, ours):
            (staging / name).rename(target / name)
    shutil.rmtree(staging, ignore_errors=True)


def _scan(folder: Path, besides: frozenset[str] = frozenset()) -> dict[str, tuple[int, int]]:
    """Size and time of every file below `folder`, by path, without the names `besides` at its top."""
    found: dict[str, tuple[int, int]] = {}

    def walk(path: str, prefix: str) -> None:
        with os.scandir(path) as entries:
            for entry in entries:
                if not prefix and entry.name in besides:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    walk(entry.path, f"{prefix}{entry.name}/")
                else:
                    stat = entry.stat(follow_symlinks=False)
                    found[prefix + entry.name] = (stat.st_size, stat.st_mtime_ns)

    if folder.is_dir():
        walk(str(folder), "")
    return found


def _stage(outputs: Sequence[Output], staging: Path, target: Path, kept: set[str]) -> None:
    folders: set[Path] = set()
    for output in outputs:
        place = staging / output.path
        if place.parent not in folders:
            place.parent.mkdir(parents=True, exist_ok=True)
            folders.add(place.parent)
        if output.path in kept:
            _link(target / output.path, place)
        elif output.source is not None:
            _publish(output.source, place)
        elif output.make is not None:
            place.write_bytes(output.make())


def _publish(source: Path, place: Path) -> None:
    """A hard link to what the cache keeps, which nobody may write; a copy of anything else."""
    if source.stat().st_mode & 0o222:
        shutil.copyfile(source, place)
    else:
        _link(source, place)


def _link(source: Path, place: Path) -> None:
    """A hard link, or a copy where the file system has none."""
    try:
        os.link(source, place)
    except OSError as fault:
        if fault.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP):
            raise
        with contextlib.suppress(FileNotFoundError):
            place.unlink()
        shutil.copy2(source, place)


def _swap(staging: Path, target: Path) -> None:
    if not target.exists():
        staging.rename(target)
        return
    try:
        swap_folders(staging, target)
    except OSError as fault:
        if fault.errno in (errno.EBUSY, errno.EXDEV):
            raise InputError(
                Problem(
                    str(target),
                    0,
                    "it is a mounted folder, which cannot be replaced",
                    f"build into a folder inside it: -o {target}/site",
                )
            ) from None
        raise
