"""Tells when something in a site's folder changed, once it has come to rest."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

from tubegen.assemble.identity import FILE as LOCK

_REST = 0.25
"""Seconds without a change that count as rest: a video that is being copied changes more often."""

_READING = frozenset({"opened", "closed_no_write"})
_COMING_AND_GOING = frozenset({"created", "deleted", "moved"})


async def changes(folder: Path, *, ignored: frozenset[str]) -> AsyncGenerator[None]:
    """Yields after each burst of changes in `folder`.

    Its subfolders are watched one by one, since what tubegen itself writes must not be watched at all:
    hidden ones and those named in `ignored`, by their path in the folder, are left out.
    """
    watch = _Watch(folder, ignored)
    try:
        watch.begin()
        while True:
            await watch.happened.wait()
            while watch.happened.is_set():
                watch.happened.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(watch.happened.wait(), _REST)
            watch.follow_subfolders()
            yield
    finally:
        watch.end()


class _Watch(FileSystemEventHandler):
    """Its events come on a thread of the observer's; all else happens on the loop's."""

    def __init__(self, folder: Path, ignored: frozenset[str]) -> None:
        self.happened = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._folder = folder
        self._ignored = ignored
        self._observer = Observer()
        self._watched: dict[Path, ObservedWatch] = {}
        self._replaced: set[Path] = set()

    def begin(self) -> None:
        self._observer.start()
        self._observer.schedule(self, str(self._folder), recursive=False)
        self.follow_subfolders()

    def end(self) -> None:
        self._observer.stop()
        self._observer.join()

    def follow_subfolders(self) -> None:
        """A folder removed and made again is another one, though its name, even its inode, be the same."""
        for sub in self._watched.keys() & self._replaced:
            self._observer.unschedule(self._watched.pop(sub))
        self._replaced.clear()
        for sub in self._folder.iterdir():
            if sub.is_dir() and sub not in self._watched and self._matters(sub):
                with contextlib.suppress(FileNotFoundError):  # gone again: its event is on the way
                    self._watched[sub] = self._observer.schedule(self, str(sub), recursive=True)

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in _READING or (event.is_directory and event.event_type == "modified"):
            return
        # of a rename, either name may be the one that counts: editors save by renaming a hidden file
        names = [str(name) for name in (event.src_path, event.dest_path) if name]
        places = [place for place in map(Path, names) if self._matters(place)]
        replaced = places if event.is_directory and event.event_type in _COMING_AND_GOING else []
        if places:
            self._loop.call_soon_threadsafe(self._note, replaced)

    def _note(self, replaced: list[Path]) -> None:
        self._replaced.update(replaced)
        self.happened.set()

    def _matters(self, place: Path) -> bool:
        path = place.relative_to(self._folder)
        return (
            path.parts not in ((), (LOCK,))
            and not path.parts[0].startswith(".")
            and not path.name.startswith(".")
            and not any(path.is_relative_to(name) for name in self._ignored)
        )
