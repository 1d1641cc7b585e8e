"""How much of the inbox one sender may take up, so that it stays open for the others (interop L-30)."""

from collections import Counter, OrderedDict
from collections.abc import Generator
from contextlib import contextmanager

import msgspec

_KEYS = 20_000
"""Senders remembered at a time; who has been quiet for longest is forgotten first, its bucket long full again."""


class Rate(msgspec.Struct, frozen=True):
    per_second: float
    burst: float


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """By address: all requests, and those that were refused. By host: what it has signed.

    `bodies`: how many are read at a time, in all and from one address. Those that came whole take no time.
    """

    address: Rate = Rate(50, 1000)
    refused: Rate = Rate(1, 120)
    host: Rate = Rate(50, 1000)
    bodies: int = 64
    bodies_each: int = 8


class Buckets:
    """A token bucket for each key."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Seconds until `key` has a token; 0 when it has one."""
        return self._missing(self._level(key, now)) if key in self._levels else 0.0

    def take(self, key: str, now: float) -> float:
        """Take a token. As `wait`, and nothing is taken unless that is 0."""
        level = self._level(key, now)
        wait = self._missing(level)
        if wait == 0:
            self._levels[key] = (level - 1, now)
            self._levels.move_to_end(key)
            if len(self._levels) > _KEYS:
                self._levels.popitem(last=False)
        return wait

    def _missing(self, level: float) -> float:
        return 0.0 if level >= 1 else (1 - level) / self._rate.per_second

    def _level(self, key: str, now: float) -> float:
        level, at = self._levels.get(key, (self._rate.burst, now))
        return min(self._rate.burst, level + max(0.0, now - at) * self._rate.per_second)


class Places:
    """How many may be at something at a time: in all, and of each key."""

    def __init__(self, total: int, each: int) -> None:
        self._total = total
        self._each = each
        self._taken: Counter[str] = Counter()

    def free(self, key: str) -> bool:
        """Whether `key` has not taken all of its places."""
        return self._taken[key] < self._each

    @property
    def any_free(self) -> bool:
        return self._taken.total() < self._total

    @contextmanager
    def one(self, key: str) -> Generator[None]:
        """Take a place of `key`."""
        self._taken[key] += 1
        try:
            yield
        finally:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]
