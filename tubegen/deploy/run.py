"""Deploys a site to a target that holds files: uploads in order, keeps what may be needed, writes the manifest last."""

import asyncio
import datetime as dt
import hashlib
import random
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from itertools import groupby
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from tubegen.atomic import create_atomically, file_lock
from tubegen.deploy import manifest as manifests
from tubegen.deploy.files import SiteFile, phase_of
from tubegen.deploy.journal import Journal, open_journal
from tubegen.deploy.lease import hold_lease
from tubegen.deploy.manifest import FOLDER, Entry, Generation, Manifest, Naming
from tubegen.deploy.plan import (
    Changes,
    changes_back,
    changes_to,
    in_order,
    next_manifest,
    objection,
    saved_path,
)
from tubegen.deploy.preview import PREVIEWS
from tubegen.deploy.targets import Stored, Target, Unreachable
from tubegen.errors import InputError, Problem
from tubegen.headers import Headers, is_final

T = TypeVar("T")

_TRIES = 8
_LONGEST_WAIT = 30.0
"""Seconds between two tries."""
_PRIVATE = Headers("application/octet-stream", "no-store")
_MANIFEST_HEADERS = Headers("application/json", "no-cache")


class Watcher(Protocol):
    """Who is told how a deploy goes on."""

    def planned(self, changes: Changes) -> None: ...

    def sent(self, path: str, size: int) -> None: ...

    def waiting(self, problem: Problem, seconds: float) -> None: ...


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a deploy."""

    site: str
    """Address of the site."""
    state: Path
    """Folder of this machine that remembers what was sent; any other deploy to the same target has another."""
    hidden: frozenset[str] = frozenset()
    """Segments of paths that the manifest must not tell: slugs and UUIDs of unlisted videos."""
    assent: bool = False
    """Go on where somebody should look first."""
    dry_run: bool = False


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a deploy did, or would do."""

    generation: int
    """The one that is live afterwards."""
    changes: Changes
    sent: int
    """Files."""
    sent_bytes: int
    removed: int


async def deploy(
    target: Target,
    files: Sequence[SiteFile],
    request: Request,
    watcher: Watcher,
    clock: Callable[[], dt.datetime],
) -> Outcome:
    """Make `target` hold the site `files`. Raises InputError when somebody must look first, Conflict, Unreachable.

    Killed at any moment it leaves a site that plays, and goes on from there when it is called again.
    """
    with _lock(target, request):
        run = _Deploy(target, request, watcher, clock)
        present = await run.read_manifest()
        changes = changes_to(files, run.manifest, run.naming, clock())
        if present is None:
            changes = await run.adopt(changes)
        run.refuse_surprises(changes)
        watcher.planned(changes)
        if request.dry_run or not (changes.any or present is None):
            return run.outcome(changes)
        async with hold_lease(target, run.owner, clock):
            with open_journal(request.state / "journal", run.base) as journal:
                await run.upload(changes, journal)
                await run.finish(changes)
        return run.outcome(changes)


async def roll_back(
    target: Target,
    number: int | None,
    request: Request,
    watcher: Watcher,
    clock: Callable[[], dt.datetime],
) -> Outcome:
    """Make `target` hold the pages of generation `number` again; the one before the present when it is None."""
    with _lock(target, request):
        run = _Deploy(target, request, watcher, clock)
        if await run.read_manifest() is None:
            raise InputError(
                Problem(target.address, 0, "nothing was deployed here yet", "deploy the site first")
            )
        assert run.manifest is not None
        generation = _generation(run.manifest, number, target.address)
        wanted = await run.read_list(generation)
        changes = changes_back(wanted, run.manifest, clock())
        watcher.planned(changes)
        if request.dry_run:
            return run.outcome(changes)
        async with hold_lease(target, run.owner, clock):
            await run.restore(changes)
            await run.finish(changes)
        return run.outcome(changes)


def _lock(target: Target, request: Request) -> AbstractContextManager[None]:
    text = "another deploy of this site is at work on this machine"
    return file_lock(request.state / "lock", Problem(target.address, 0, text, "wait for it, or stop it"))


def _generation(manifest: Manifest, number: int | None, address: str) -> Generation:
    earlier = manifest.generations[:-1]
    found = earlier[-1:] if number is None else tuple(g for g in earlier if g.number == number)
    if not found:
        there = ", ".join(f"{g.number} ({g.deployed_at:%Y-%m-%d %H:%M})" for g in earlier)
        asked = "earlier generation" if number is None else f"generation {number} to go back to"
        raise InputError(Problem(address, 0, f"there is no {asked}", f"there are: {there}" if there else ""))
    return found[0]


class _Deploy:
    """One deploy at work; `read_manifest` comes first."""

    def __init__(
        self, target: Target, request: Request, watcher: Watcher, clock: Callable[[], dt.datetime]
    ) -> None:
        self._target = target
        self._request = request
        self._watcher = watcher
        self._clock = clock
        self._version: str | None = None
        self._sent = self._sent_bytes = self._removed = 0
        self._saved: set[str] | None = None
        self.manifest: Manifest | None = None
        self.salt = secrets.token_hex(16)
        self.naming = Naming(self.salt, request.hidden)
        self.owner = _owner(request.state)

    @property
    def base(self) -> str:
        """Which state of the target this deploy builds on."""
        return f"onto {self._version}" if self._version else "onto nothing"

    async def read_manifest(self) -> Manifest | None:
        present = await self._patiently(lambda: self._target.read(manifests.FILE))
        if present is not None:
            data, self._version = present
            self.manifest = manifests.decode(data, f"{self._target.address}/{manifests.FILE}")
            self.salt = self.manifest.salt
            self.naming = Naming(self.salt, self._request.hidden)
        return self.manifest

    async def adopt(self, changes: Changes) -> Changes:
        """The changes to a target without a manifest, less what lies there already.

        Raises InputError when it holds files of others and nobody assented."""
        ours = {file.path: file for file in changes.uploads}
        stored = {s.path: s for s in await self._list() if not s.path.startswith((FOLDER, PREVIEWS))}
        foreign = [path for path in stored if path not in ours]
        if foreign and not self._request.assent:
            text = f"there are {len(foreign)} files here that tubegen did not bring, such as {foreign[0]}"
            hint = "name a folder or prefix of its own in 'url', or leave them there and go on with --yes"
            raise InputError(Problem(self._target.address, 0, text, hint))
        missing = [file for file in changes.uploads if not await _is_there(file, stored.get(file.path))]
        return msgspec.structs.replace(changes, uploads=tuple(missing))

    def refuse_surprises(self, changes: Changes) -> None:
        """Raises InputError when more goes than a deploy usually lets go, and nobody assented."""
        text = objection(changes, self.manifest)
        if text and not (self._request.assent or self._request.dry_run):
            raise InputError(Problem(self._target.address, 0, text, "if that is meant, deploy with --yes"))

    async def upload(self, changes: Changes, journal: Journal) -> None:
        """Send what is missing, phase after phase, and keep what earlier generations need of what is replaced."""
        for _, group in groupby(changes.uploads, key=lambda file: file.phase):
            missing = [file for file in group if not journal.has(file.sha256, file.path)]
            await self._all(missing, lambda file: self._upload(file, journal))

    async def restore(self, changes: Changes) -> None:
        """Put back the pages of an earlier generation, phase after phase."""
        assert self.manifest is not None
        wrong = [name for name, e in changes.files.items() if not _same(self.manifest.files.get(name), e)]
        paths = self.naming.paths(wrong, await self._candidates(wrong))
        for _, group in groupby(in_order([name for name in wrong if name in paths]), key=phase_of):
            await self._all(list(group), lambda name: self._restore(paths[name], name, changes.files[name]))

    async def finish(self, changes: Changes) -> None:
        """Remove what is due, write the list of this generation and then the manifest, which makes it the live one."""
        data = msgspec.json.encode(changes.files, order="deterministic")
        digest = hashlib.sha256(data).hexdigest()
        await self._patiently(lambda: self._target.write(saved_path(digest), data, _PRIVATE))
        after = next_manifest(
            changes,
            self.manifest,
            site=self._request.site,
            salt=self.salt,
            now=self._clock(),
            files_list=digest,
        )
        after = await self._sweep(changes, after)
        encoded = manifests.encode(after)
        await self._patiently(
            lambda: self._target.write_if(manifests.FILE, encoded, _MANIFEST_HEADERS, self._version)
        )
        await self._forget(after)
        self.manifest = after

    def outcome(self, changes: Changes) -> Outcome:
        return Outcome(
            generation=self.manifest.generation if self.manifest else 0,
            changes=changes,
            sent=self._sent,
            sent_bytes=self._sent_bytes,
            removed=self._removed,
        )

    async def read_list(self, generation: Generation) -> dict[str, Entry]:
        """The files of `generation`. Raises InputError when the target lost them."""
        found = await self._patiently(lambda: self._target.read(saved_path(generation.files)))
        if found is None:
            text = f"the list of generation {generation.number} is not there any more"
            raise InputError(
                Problem(self._target.address, 0, text, "deploy the site from its folder instead")
            )
        return msgspec.json.decode(found[0], type=dict[str, Entry])

    async def _upload(self, file: SiteFile, journal: Journal) -> None:
        await self._save(file.path)
        await self._patiently(lambda: self._target.write(file.path, file.source, file.headers))
        journal.add(file.sha256, file.path)
        self._sent += 1
        self._sent_bytes += file.size
        self._watcher.sent(file.path, file.size)

    async def _restore(self, path: str, name: str, entry: Entry) -> None:
        await self._save(path)
        if await self._patiently(lambda: self._target.copy(saved_path(entry.sha256), path, entry.headers)):
            self._watcher.sent(path, entry.size)
            return
        assert self.manifest is not None
        expiring = self.manifest.expiring.get(name)
        if expiring is None or expiring.sha256 != entry.sha256:  # else it still lies there
            text = f"{path} of that generation is not there any more"
            raise InputError(
                Problem(self._target.address, 0, text, "deploy the site from its folder instead")
            )

    async def _save(self, path: str) -> None:
        """Keep the bytes at `path`, which are to be replaced, for the generations that name them."""
        name = self.naming.name(path)
        held = self._held(name)
        if held is None or is_final(path):
            return
        if self._saved is None:
            self._saved = {s.path for s in await self._list(FOLDER)}
        kept = saved_path(held)
        if kept not in self._saved:  # after a kill the bytes at `path` may be the new ones
            await self._patiently(lambda: self._target.copy(path, kept, _PRIVATE))
            self._saved.add(kept)

    def _held(self, name: str) -> str | None:
        """Digest of what the target holds under `name`."""
        if self.manifest is None:
            return None
        entry = self.manifest.files.get(name) or self.manifest.expiring.get(name)
        return entry.sha256 if entry else None

    async def _sweep(self, changes: Changes, after: Manifest) -> Manifest:
        """Remove what is due and no generation needs; what they need stays in the manifest, and is asked for again."""
        if not changes.due:
            return after
        assert self.manifest is not None
        named: set[str] = set()
        for generation in after.generations[:-1]:
            named |= (await self.read_list(generation)).keys()
        needed = {name for name in changes.due if name in named and (is_final(name) or name.startswith("~"))}
        going = [name for name in changes.due if name not in needed]
        paths = self.naming.paths(going, await self._candidates(going))
        for name in going:
            if name in named and name in paths:
                await self._save(paths[name])
        await self._patiently(lambda: self._target.delete([paths[name] for name in going if name in paths]))
        self._removed = len(going)
        kept = {name: self.manifest.expiring[name] for name in needed}
        return msgspec.structs.replace(after, expiring=after.expiring | kept)

    async def _forget(self, after: Manifest) -> None:
        """Remove pages and lists that only generations before the last ones needed."""
        if self.manifest is None or len(self.manifest.generations) < manifests.GENERATIONS:
            return
        needed = {generation.files for generation in after.generations}
        for generation in after.generations:
            needed |= {entry.sha256 for entry in (await self.read_list(generation)).values()}
        kept = [s.path for s in await self._list(FOLDER) if len(s.path) == len(FOLDER) + 64]
        useless = [path for path in kept if path.removeprefix(FOLDER) not in needed]
        if useless:
            await self._patiently(lambda: self._target.delete(useless))

    async def _candidates(self, names: Sequence[str]) -> list[str]:
        """Paths that salted ones among `names` may stand for."""
        if not any(name.startswith("~") for name in names):
            return []
        return [stored.path for stored in await self._list()]

    async def _list(self, prefix: str = "") -> list[Stored]:
        async def listing() -> list[Stored]:
            return [stored async for stored in self._target.list(prefix)]

        return await self._patiently(listing)

    async def _all(self, items: Sequence[T], work: Callable[[T], Awaitable[None]]) -> None:
        """`work` on each of `items`, as many at once as the target takes; the first error ends the others."""
        waiting = iter(items)

        async def worker() -> None:
            for item in waiting:
                await work(item)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._target.slots, len(items))):
                    group.create_task(worker())
        except ExceptionGroup as faults:
            raise faults.exceptions[0] from None

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What `ask` gives; tried again, later and later, while the target cannot be reached."""
        for attempt in range(_TRIES):
            try:
                return await ask()
            except Unreachable as fault:
                if attempt == _TRIES - 1:
                    raise
                seconds = min(_LONGEST_WAIT, 2.0**attempt) * random.uniform(0.5, 1.0)  # noqa: S311
                self._watcher.waiting(fault.problems[0], seconds)
                await asyncio.sleep(seconds)
        raise AssertionError


def _same(present: Entry | None, wanted: Entry) -> bool:
    return present is not None and present.sha256 == wanted.sha256


async def _is_there(file: SiteFile, stored: Stored | None) -> bool:
    """Whether a target without manifest holds `file`: by its name where that carries a hash, else by MD5."""
    if stored is None or stored.size != file.size:
        return False
    if is_final(file.path):
        return True
    return bool(stored.md5) and stored.md5 == await asyncio.to_thread(_md5, file.source)


def _md5(source: str | bytes) -> str:
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _owner(state: Path) -> str:
    path = state / "owner"
    create_atomically(path, secrets.token_hex(8).encode(), mode=0o600)
    return path.read_text()
