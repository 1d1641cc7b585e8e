"""How much of the tracker one connection may take up."""

import msgspec

from tubegen.sidecar.inbox.limits import Rate


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The defaults fit players: one announcement for each swarm every 30 to 120 seconds, each with five offers,
    and one answer for each offer that comes in."""

    sockets: int = 10_000
    """Open at a time; each takes up to 40 kB of memory."""
    sockets_per_address: int = 20
    peers_per_socket: int = 8
    """A player is in one swarm, in two while it changes its rendition."""
    offers_between: int = 20
    """Offers passed on to a peer between two of its own announcements: browsers open a connection for each."""
    answers_kept: int = 64
    """Offers to a peer that it may still answer."""
    announcements: Rate = Rate(0.1, 3)
    """Of one peer, with offers; beyond that the offers go nowhere."""
    messages: Rate = Rate(5, 100)
    """Of one socket, of every kind; beyond that it is closed."""
    connections: Rate = Rate(0.5, 60)
    """From one address."""
    idle: float = 120
    """Seconds that a socket may be in no swarm."""


class Bucket:
    """Tokens of one socket or peer; its rate is kept elsewhere, since there are many of them."""

    __slots__ = ("_at", "_level")

    def __init__(self, rate: Rate, now: float) -> None:
        self._level, self._at = rate.burst, now

    def take(self, rate: Rate, now: float) -> bool:
        """Take a token, if there is one."""
        level = min(rate.burst, self._level + max(0.0, now - self._at) * rate.per_second)
        self._at = now
        self._level = level - 1 if level >= 1 else level
        return level >= 1
