"""How many deliveries are under way at a time, without letting the dead hold up the living."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager

SLOW = 1.0
"""Seconds without an answer after which a delivery gives its slot to another, and goes on waiting."""

_SLOW_TIMES = 4
"""Slow ones included, this many times the slots are under way at most."""


class Slots:
    """Counts. Most living servers answer within a second; a dead one takes all of its ten or fifteen."""

    def __init__(self, size: int, freed: Callable[[], None]) -> None:
        """`freed` is called whenever there is room again."""
        self._size = size
        self._freed = freed
        self._taken = 0
        self._slow = 0

    @property
    def free(self) -> int:
        """Negative when those that were slow have come back, or urgent ones went ahead."""
        return min(self._size - (self._taken - self._slow), self._size * _SLOW_TIMES - self._taken)

    @contextmanager
    def one(self) -> Generator[None]:
        """Hold a slot."""
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
            self._freed()

    @contextmanager
    def patience(self) -> Generator[None]:
        """Around a wait for another server, by one that holds a slot."""
        late = False

        def lend() -> None:
            nonlocal late
            late = True
            self._slow += 1
            self._freed()

        timer = asyncio.get_running_loop().call_later(SLOW, lend)
        try:
            yield
        finally:
            timer.cancel()
            self._slow -= late
