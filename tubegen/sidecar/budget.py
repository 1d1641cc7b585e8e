"""How often other servers are asked because of what strangers send us (interop L-31)."""

from collections import Counter, deque

_MINUTE = 60.0


class Budget:
    """Requests of the last minute, counted by host and together. It never holds more than `total` of them."""

    def __init__(self, per_host: int, total: int) -> None:
        self._per_host = per_host
        self._total = total
        self._spent: deque[tuple[float, str]] = deque()
        self._by_host: Counter[str] = Counter()

    def spend(self, host: str, now: float) -> bool:
        """Whether one more may go to `host` now; if so it is counted."""
        while self._spent and self._spent[0][0] <= now - _MINUTE:
            _, before = self._spent.popleft()
            self._by_host[before] -= 1
            if not self._by_host[before]:
                del self._by_host[before]
        if len(self._spent) >= self._total or self._by_host[host] >= self._per_host:
            return False
        self._spent.append((now, host))
        self._by_host[host] += 1
        return True
