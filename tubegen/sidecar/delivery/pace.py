"""How fast posts that carry a film may go out: each makes one more server fetch it at once (interop L-20, L-21)."""


class Pace:
    """Hands out times to deliveries, so that what they make others fetch fits the line.

    Times are given first come, first served, and kept in memory: after a restart they are given anew.
    """

    def __init__(self, bandwidth: int) -> None:
        """`bandwidth`: bits per second; 0 for no limit."""
        self._bandwidth = bandwidth
        self._next = 0.0
        self._given: dict[int, float] = {}

    def wait(self, number: int, weight: int, now: float) -> float | None:
        """None when delivery `number`, for which `weight` bytes will be fetched, may go now; else its time."""
        if not self._bandwidth or not weight:
            return None
        if number not in self._given:
            self._given[number] = max(self._next, now)
            self._next = self._given[number] + weight * 8 / self._bandwidth
        if self._given[number] > now:
            return self._given[number]
        del self._given[number]
        return None
