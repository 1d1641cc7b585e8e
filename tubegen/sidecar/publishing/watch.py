"""When to read the catalogue again: when it changed, when somebody asks, and every minute anyway.

The minute is not only for catalogues far away: removals wait for their time, films dated in the future too.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from tubegen.sidecar.publishing.catalogue import CatalogueError

_LOOK = 2.0
"""Seconds between two looks at the folder's index."""
_EVERY = 60.0
"""Seconds between two readings when nothing happens."""
_AGAIN = 5.0
"""Seconds after a reading that failed: a build may just be writing."""

_log = logging.getLogger(__name__)

Stamp = tuple[int, int, int]


class Watch:
    """Calls `read` as long as it runs. `catalogue` is a folder or an address, as in Settings."""

    def __init__(
        self,
        catalogue: str,
        read: Callable[[], Awaitable[object]],
        *,
        look: float = _LOOK,
        every: float = _EVERY,
        again: float = _AGAIN,
    ) -> None:
        self._index = None if catalogue.startswith("https://") else Path(catalogue) / "index.json"
        self._read = read
        self._look, self._every, self._again = look, every, again
        self._asked = asyncio.Event()
        self._told = ""

    def now(self) -> None:
        """Read at the next opportunity."""
        self._asked.set()

    async def run(self) -> None:
        """Never returns; cancel it. The first reading is at once."""
        while True:
            seen = await asyncio.to_thread(self._stamp)
            self._asked.clear()
            well = await self._try()
            await self._rest(self._every if well else self._again, seen)

    async def _try(self) -> bool:
        try:
            await self._read()
        except CatalogueError as error:
            if str(error) != self._told:  # a catalogue that is away for a day is one line, not a thousand
                _log.warning("the catalogue cannot be used", extra={"error": str(error)})
            self._told = str(error)
            return False
        self._told = ""
        return True

    async def _rest(self, longest: float, seen: Stamp | None) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + longest
        while (left := end - loop.time()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), min(left, self._look))
                return
            if self._index is not None and await asyncio.to_thread(self._stamp) != seen:
                return

    def _stamp(self) -> Stamp | None:
        """What changes with the index file; None without one."""
        if self._index is None:
            return None
        try:
            found = self._index.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
