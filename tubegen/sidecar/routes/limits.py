"""How much of the inbox one sender may take up, so that it stays open for the others (interop L-30)."""

from collections import OrderedDict

import msgspec
from aiohttp import web

_KEYS = 20_000
"""Senders remembered at a time; who has been quiet for longest is forgotten first, its bucket long full again."""

_FRONT = frozenset({"127.0.0.1", "::1", "", None})
"""Where a front server on this machine connects from; a Unix socket has no address."""


class Rate(msgspec.Struct, frozen=True):
    per_second: float
    burst: float


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """By address: all requests, and those that were refused. By host: what it has signed."""

    address: Rate = Rate(50, 1000)
    refused: Rate = Rate(1, 120)
    host: Rate = Rate(50, 1000)


class Buckets:
    """A token bucket for each key."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Seconds until `key` has a token; 0 when it has one."""
        return max(0.0, (1 - self._level(key, now)) / self._rate.per_second)

    def take(self, key: str, now: float) -> float:
        """Take a token. As `wait`, and nothing is taken unless that is 0."""
        wait = self.wait(key, now)
        if wait == 0:
            self._levels[key] = (self._level(key, now) - 1, now)
            self._levels.move_to_end(key)
            if len(self._levels) > _KEYS:
                self._levels.popitem(last=False)
        return wait

    def _level(self, key: str, now: float) -> float:
        level, at = self._levels.get(key, (self._rate.burst, now))
        return min(self._rate.burst, level + max(0.0, now - at) * self._rate.per_second)


def address(request: web.BaseRequest) -> str:
    """Who is at the other end. Only a front server on this machine is believed when it names somebody else.

    It appends to X-Forwarded-For, so what counts is the last address there.
    """
    remote = request.remote
    if remote in _FRONT:
        forwarded = request.headers.getall("X-Forwarded-For", [""])[-1].rpartition(",")[2].strip()
        return forwarded or "local"
    return remote or "local"
