"""Tells when something in a site's folder changed, once it has come to rest."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

_REST = 0.25
"""Seconds without a change that count as rest: a video that is being copied changes more often."""

_READING = frozenset({"opened", "closed_no_write"})


async def changes(folder: Path, ignored: tuple[Path, ...]) -> AsyncIterator[None]:
    """Yields after each burst of changes below `folder`, those below `ignored` left out."""
    loop = asyncio.get_running_loop()
    happened = asyncio.Event()
    folder = folder.resolve()
    hidden = tuple(path.resolve() for path in ignored)

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            if event.event_type in _READING or (event.is_directory and event.event_type == "modified"):
                return
            path = Path(str(event.src_path))
            if not any(path.is_relative_to(other) for other in hidden) and not path.name.startswith("."):
                loop.call_soon_threadsafe(happened.set)

    observer = Observer()
    observer.schedule(Handler(), str(folder), recursive=True)
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
            yield
    finally:
        observer.stop()
        observer.join()
