"""Viewers of one rendition of one video: who they are, and which of them an offer goes to."""

import random

from tubegen.sidecar.tracker.limits import Bucket, Limits

_FEW = 5
_SOON, _LATER = 30, 120
_HIDDEN = 30.0
"""Timers of a tab that nobody looks at run once a minute."""


class Connection:
    """An open socket. `peers` are those it speaks for, by info-hash and peer id."""

    __slots__ = ("address", "bucket", "idle_since", "origin", "peers")

    def __init__(self, address: str, origin: str, bucket: Bucket, now: float) -> None:
        self.address = address
        self.origin = origin
        self.bucket = bucket
        self.idle_since = now
        self.peers: dict[tuple[str, str], Peer] = {}


class Peer:
    """A viewer in a swarm, bound to the socket that first named it."""

    __slots__ = ("answers", "bucket", "complete", "connection", "id", "offers", "place", "swarm", "until")

    def __init__(self, peer_id: str, connection: Connection, swarm: "Swarm", bucket: Bucket) -> None:
        self.id = peer_id
        self.connection = connection
        self.swarm = swarm
        self.bucket = bucket
        self.complete = False
        self.until = 0.0
        """When it is taken to be gone."""
        self.offers = 0
        """Passed on to it since its last announcement."""
        self.answers = 0
        """It may still give: no more than it got offers."""
        self.place = 0
        """In the swarm's list of members."""

    def offered(self, limits: Limits) -> None:
        """An offer went to it."""
        self.offers += 1
        self.answers = min(limits.answers_kept, self.answers + 1)


class Swarm:
    def __init__(self, info_hash: str) -> None:
        self.hash = info_hash
        self.peers: dict[str, Peer] = {}
        self.complete = 0
        """Of its members, how many have all of it."""
        self.downloaded = 0
        """Peers that came to have all of it, as long as somebody is in the swarm."""
        self._members: list[Peer] = []

    @property
    def interval(self) -> int:
        """Seconds until the next announcement: a small swarm grows faster when it hears often of others."""
        return _SOON if len(self._members) < _FEW else _LATER

    def stay(self, peer: Peer, now: float) -> None:
        """It is here for two more intervals."""
        peer.until = now + 2 * self.interval + _HIDDEN

    def add(self, peer: Peer) -> None:
        peer.place = len(self._members)
        self._members.append(peer)
        self.peers[peer.id] = peer

    def remove(self, peer: Peer) -> None:
        """Constant time: the last member takes its place."""
        last = self._members.pop()
        if last is not peer:
            self._members[peer.place] = last
            last.place = peer.place
        del self.peers[peer.id]
        self.complete -= peer.complete

    def finish(self, peer: Peer) -> None:
        """`peer` has all of it."""
        if not peer.complete:
            peer.complete = True
            self.complete += 1
            self.downloaded += 1

    def others(self, peer: Peer, number: int, chance: random.Random) -> list[Peer]:
        """At most `number` members at random, in random order, without `peer`."""
        if number <= 0:
            return []
        found = chance.sample(self._members, min(number + 1, len(self._members)))
        return [other for other in found if other is not peer][:number]
