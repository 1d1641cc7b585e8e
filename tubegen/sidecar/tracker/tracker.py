"""The tracker as a state machine: what comes in from which socket, and what then goes out to which.

It knows neither sockets nor clocks, and keeps nothing of anybody who has left. What it holds is bounded by
`Limits`: sockets, peers of each, and nothing besides.
"""

import random
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from tubegen.sidecar.inbox.limits import Buckets
from tubegen.sidecar.tracker.allowed import Allowed
from tubegen.sidecar.tracker.limits import Bucket, Limits
from tubegen.sidecar.tracker.protocol import (
    Announce,
    Answer,
    Count,
    Counts,
    Failure,
    Malformed,
    Offer,
    Outgoing,
    RelayedAnswer,
    RelayedOffer,
    Scrape,
    Welcome,
    read,
)
from tubegen.sidecar.tracker.swarm import Connection, Peer, Swarm

_UNKNOWN = "no video of this site has this info_hash"


class Shut(Exception):
    """The connection is not let in. `status` is the HTTP status that says so."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Send(NamedTuple):
    to: Connection
    told: Outgoing


class Outcome(NamedTuple):
    """What is to be done: messages to send, then perhaps the end of the socket."""

    sends: list[Send]
    end: bool = False


class Stats(msgspec.Struct, frozen=True):
    """Numbers alone. The last five count since the start."""

    listed: int
    """Swarms there may be; 0 until the list was read."""
    addresses: int
    sockets: int
    swarms: int
    peers: int
    complete: int
    announcements: int
    offers: int
    answers: int
    refused: int
    shut: int


class Tracker:
    def __init__(self, limits: Limits | None = None, *, chance: random.Random | None = None) -> None:
        self._limits = limits or Limits()
        self._chance = chance or random.Random()  # noqa: S311 who meets whom is no secret
        self._allowed: Allowed | None = None
        self._connections: set[Connection] = set()
        self._swarms: dict[str, Swarm] = {}
        self._addresses: Counter[str] = Counter()
        self._connection_rate = Buckets(self._limits.connections)
        self._counted: Counter[str] = Counter()

    def allow(self, allowed: Allowed, now: float) -> None:
        """From now on these swarms and no others; who is in another is in it no more."""
        self._allowed = allowed
        for connection in self._connections:
            for peer in list(connection.peers.values()):
                if not allowed.may_join(peer.swarm.hash, connection.origin):
                    self._drop(peer, now)

    def enter(self, address: str, origin: str, now: float) -> Connection:
        """A socket from `address`, opened by a page of `origin`. Raises Shut."""
        try:
            self._admit(address, origin, now)
        except Shut:
            self._counted["shut"] += 1
            raise
        connection = Connection(address, origin, Bucket(self._limits.messages, now), now)
        self._connections.add(connection)
        self._addresses[address] += 1
        return connection

    def leave(self, connection: Connection, now: float) -> None:
        """Its socket is closed."""
        for peer in list(connection.peers.values()):
            self._drop(peer, now)
        self._connections.discard(connection)
        self._addresses[connection.address] -= 1
        if not self._addresses[connection.address]:
            del self._addresses[connection.address]

    def spend(self, connection: Connection, now: float) -> bool:
        """Whether a viewer may send one more frame; if not, its socket is to be closed."""
        return connection.bucket.take(self._limits.messages, now)

    def receive(self, connection: Connection, data: str | bytes, now: float) -> Outcome:
        """A message came in."""
        if not self.spend(connection, now):
            return self._refuse(connection, "too many messages", end=True)
        try:
            said = read(data)
        except Malformed as error:
            return self._refuse(connection, str(error), error.info_hash)
        if isinstance(said, Announce):
            return self._announce(connection, said, now)
        return self._answer(connection, said) if isinstance(said, Answer) else self._scrape(connection, said)

    def sweep(self, now: float) -> list[Connection]:
        """Drop the peers that were not heard of for two intervals. Returns connections whose sockets are to be
        closed, since they were in no swarm for too long."""
        for swarm in list(self._swarms.values()):
            for peer in [one for one in swarm.peers.values() if one.until < now]:
                self._drop(peer, now)
        return [
            one for one in self._connections if not one.peers and now - one.idle_since > self._limits.idle
        ]

    def stats(self) -> Stats:
        allowed = self._allowed or Allowed()
        return Stats(
            listed=len(allowed.own) + len(allowed.peertube),
            addresses=len(self._addresses),
            sockets=len(self._connections),
            swarms=len(self._swarms),
            peers=sum(len(swarm.peers) for swarm in self._swarms.values()),
            complete=sum(swarm.complete for swarm in self._swarms.values()),
            announcements=self._counted["announcements"],
            offers=self._counted["offers"],
            answers=self._counted["answers"],
            refused=self._counted["refused"],
            shut=self._counted["shut"],
        )

    def _admit(self, address: str, origin: str, now: float) -> None:
        if self._allowed is None:
            raise Shut(503, "the list of swarms has not been read yet")
        if not self._allowed.may_enter(origin):
            raise Shut(403, "this is the tracker of another site")
        if len(self._connections) >= self._limits.sockets:
            raise Shut(503, "too many viewers")
        if self._addresses[address] >= self._limits.sockets_per_address:
            raise Shut(429, "too many sockets from this address")
        if self._connection_rate.take(address, now) > 0:
            raise Shut(429, "too many new sockets from this address")

    def _announce(self, connection: Connection, said: Announce, now: float) -> Outcome:
        if self._allowed is None or not self._allowed.may_join(said.info_hash, connection.origin):
            return self._refuse(connection, _UNKNOWN, said.info_hash, end=True)
        swarm = self._swarms.get(said.info_hash)
        peer = swarm.peers.get(said.peer_id) if swarm else None
        if peer is not None and peer.connection is not connection:
            return self._refuse(connection, "another socket has this peer_id", said.info_hash)
        self._counted["announcements"] += 1
        if said.event == "stopped":
            if peer is not None:
                self._drop(peer, now)
            return Outcome([Send(connection, self._welcome(said.info_hash))])
        if peer is None:
            if len(connection.peers) >= self._limits.peers_per_socket:
                return self._refuse(connection, "this socket is in too many swarms", said.info_hash)
            peer = self._join(connection, said, now)
        if said.complete:
            peer.swarm.finish(peer)
        peer.offers = 0
        peer.swarm.stay(peer, now)
        sends = [Send(connection, self._welcome(said.info_hash))]
        if said.offers and peer.bucket.take(self._limits.announcements, now):
            sends += self._pass_on(peer, said.offers)
        return Outcome(sends)

    def _join(self, connection: Connection, said: Announce, now: float) -> Peer:
        swarm = self._swarms.get(said.info_hash)
        if swarm is None:
            swarm = self._swarms[said.info_hash] = Swarm(said.info_hash)
        peer = Peer(said.peer_id, connection, swarm, Bucket(self._limits.announcements, now))
        swarm.add(peer)
        connection.peers[swarm.hash, peer.id] = peer
        return peer

    def _pass_on(self, peer: Peer, offers: Iterable[Offer]) -> list[Send]:
        offers = list(offers)
        sends: list[Send] = []
        others = peer.swarm.others(peer, len(offers), self._chance)
        for other, one in zip(others, offers, strict=False):
            if other.offers < self._limits.offers_between:
                other.offered(self._limits)
                told = RelayedOffer(
                    offer=one.offer, offer_id=one.offer_id, peer_id=peer.id, info_hash=peer.swarm.hash
                )
                sends.append(Send(other.connection, told))
        self._counted["offers"] += len(sends)
        return sends

    def _answer(self, connection: Connection, said: Answer) -> Outcome:
        peer = connection.peers.get((said.info_hash, said.peer_id))
        if peer is None:
            return self._refuse(connection, "this socket has not announced this peer_id", said.info_hash)
        if not peer.answers:
            return self._refuse(connection, "no offer is left to be answered", said.info_hash)
        peer.answers -= 1
        other = peer.swarm.peers.get(said.to_peer_id)
        if other is None or other is peer:  # who made the offer may have left
            return Outcome([])
        self._counted["answers"] += 1
        told = RelayedAnswer(
            answer=said.answer, offer_id=said.offer_id, peer_id=peer.id, info_hash=said.info_hash
        )
        return Outcome([Send(other.connection, told)])

    def _scrape(self, connection: Connection, said: Scrape) -> Outcome:
        """Hashes that the viewer may not join are passed over."""
        allowed = self._allowed or Allowed()
        files = {one: self._count(one) for one in said.hashes if allowed.may_join(one, connection.origin)}
        if not files:
            return self._refuse(connection, _UNKNOWN, said.hashes[0] if said.hashes else "", end=True)
        return Outcome([Send(connection, Counts(files=files))])

    def _count(self, info_hash: str) -> Count:
        swarm = self._swarms.get(info_hash)
        if swarm is None:
            return Count(0, 0, 0)
        return Count(swarm.complete, len(swarm.peers) - swarm.complete, swarm.downloaded)

    def _welcome(self, info_hash: str) -> Welcome:
        count = self._count(info_hash)
        interval = (self._swarms.get(info_hash) or Swarm(info_hash)).interval
        return Welcome(
            interval=interval, info_hash=info_hash, complete=count.complete, incomplete=count.incomplete
        )

    def _refuse(
        self, connection: Connection, reason: str, info_hash: str = "", *, end: bool = False
    ) -> Outcome:
        self._counted["refused"] += 1
        return Outcome([Send(connection, Failure(reason=reason, info_hash=info_hash))], end)

    def _drop(self, peer: Peer, now: float) -> None:
        """Take a peer out of its swarm, and the swarm away when it was the last."""
        peer.swarm.remove(peer)
        if not peer.swarm.peers:
            del self._swarms[peer.swarm.hash]
        del peer.connection.peers[peer.swarm.hash, peer.id]
        peer.connection.idle_since = now
