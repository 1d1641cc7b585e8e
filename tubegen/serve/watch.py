"""Tells when something in a site's folder changed, once it has come to rest."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

_REST = 0.25
"""Seconds without a change that count as rest: a video that is being copied changes more often."""

_READING = frozenset({"opened", "closed_no_write"})


async def changes(folder: Path, *, ignored: frozenset[str]) -> AsyncGenerator[None]:
    """Yields after each burst of changes in `folder`.

    Its subfolders are watched one by one, since what tubegen itself writes must not be watched at all:
    hidden ones and those named in `ignored` are left out.
    """
    loop = asyncio.get_running_loop()
    happened = asyncio.Event()

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            if event.event_type in _READING or (event.is_directory and event.event_type == "modified"):
                return
            names = Path(str(event.src_path)).relative_to(folder).parts
            if (
                names
                and names[0] not in ignored
                and not names[-1].startswith(".")
                and not names[0].startswith(".")
            ):
                loop.call_soon_threadsafe(happened.set)

    handler, observer = Handler(), Observer()
    watched: set[Path] = set()

    def watch_subfolders() -> None:
        for sub in folder.iterdir():
            if (
                sub.is_dir()
                and sub not in watched
                and sub.name not in ignored
                and not sub.name.startswith(".")
            ):
                observer.schedule(handler, str(sub), recursive=True)
                watched.add(sub)

    observer.schedule(handler, str(folder), recursive=False)
    watch_subfolders()
    observer.start()
    try:
        while True:
            await happened.wait()
            while happened.is_set():
                happened.clear()
                try:
                    await asyncio.wait_for(happened.wait(), _REST)
                except TimeoutError:
                    break
            watch_subfolders()
            yield
    finally:
        observer.stop()
        observer.join()
