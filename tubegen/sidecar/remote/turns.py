"""Turns at something that only so many of a name may do at a time."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Turns:
    """Who comes when all turns of a name are taken waits for the next. Names in nobody's use are forgotten."""

    def __init__(self, each: int) -> None:
        self._each = each
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._here: Counter[str] = Counter()

    @asynccontextmanager
    async def one(self, name: str) -> AsyncGenerator[None]:
        """Wait for a turn of `name`, and have it."""
        turn = self._turns.setdefault(name, asyncio.Semaphore(self._each))
        self._here[name] += 1
        try:
            async with turn:
                yield
        finally:
            self._here[name] -= 1
            if not self._here[name]:
                del self._here[name], self._turns[name]
