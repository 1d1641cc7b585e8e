"""How often other servers are asked because of what strangers send us (interop L-31).

Who writes junk must use up its own share before that of anybody else: so requests are counted by the server
that is asked and by the address that made us ask; those that came to nothing are counted apart, and are few.
"""

from collections import Counter, deque

_MINUTE = 60.0

_ASKED_OF = 300
"""A minute, of one server: a film that many like brings many new actors."""
_ASKED_FOR = 100
"""For one address."""
_ASKED_IN_ALL = 1200
_VAIN_AT = 60
"""A minute, in vain: of one server."""
_VAIN_FOR = 30
"""For one address."""
_VAIN_FOR_AT = 5
"""For one address, of one server."""
_VAIN_IN_ALL = 300


class Budget:
    """Requests of the last minute, counted by name and together. It never holds more than `total` of them."""

    def __init__(self, each: int, total: int) -> None:
        self._each = each
        self._total = total
        self._spent: deque[tuple[float, str]] = deque()
        self._by_name: Counter[str] = Counter()

    def left(self, name: str, now: float) -> bool:
        """Whether `name` may have one more now."""
        while self._spent and self._spent[0][0] <= now - _MINUTE:
            _, before = self._spent.popleft()
            self._by_name[before] -= 1
            if not self._by_name[before]:
                del self._by_name[before]
        return len(self._spent) < self._total and self._by_name[name] < self._each

    def spend(self, name: str, now: float) -> bool:
        """As `left`; if so it is counted."""
        if not self.left(name, now):
            return False
        self._spent.append((now, name))
        self._by_name[name] += 1
        return True


class Budgets:
    """What may be asked of a host; `asker` is the address because of which, empty when it is our own wish."""

    def __init__(self) -> None:
        self._asked_of = Budget(_ASKED_OF, _ASKED_IN_ALL)
        self._asked_for = Budget(_ASKED_FOR, _ASKED_IN_ALL)
        self._vain_at = Budget(_VAIN_AT, _VAIN_IN_ALL)
        self._vain_for = Budget(_VAIN_FOR, _VAIN_IN_ALL)
        self._vain_for_at = Budget(_VAIN_FOR_AT, _VAIN_IN_ALL)

    def spend(self, host: str, asker: str, now: float) -> bool:
        """Whether one more request may go to `host` now; if so it is counted."""
        if not self._vain_at.left(host, now):
            return False
        if asker:
            pair = f"{asker} {host}"
            if not (self._vain_for.left(asker, now) and self._vain_for_at.left(pair, now)):
                return False
            if not self._asked_for.left(asker, now):
                return False
        if not self._asked_of.spend(host, now):
            return False
        if asker:
            self._asked_for.spend(asker, now)
        return True

    def in_vain(self, host: str, asker: str, now: float) -> None:
        """It came to nothing: `host` does not answer, or what was to be found there is not."""
        self._vain_at.spend(host, now)
        if asker:
            self._vain_for.spend(asker, now)
            self._vain_for_at.spend(f"{asker} {host}", now)
