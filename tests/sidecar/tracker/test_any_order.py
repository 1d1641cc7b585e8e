"""Whatever happens in whatever order: nobody hears from a swarm he is not in, and nothing is left behind."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.sidecar.tracker.talk import BINARY, PEERTUBE, RIVER, SITE, TIDE, Room, announce, answer, peer
from tubegen.sidecar.tracker.limits import Limits
from tubegen.sidecar.tracker.swarm import Connection
from tubegen.sidecar.tracker.tracker import Shut

HASHES = st.sampled_from([RIVER, TIDE, BINARY, "x" * 20])
PEERS = st.integers(1, 6)


class AnyOrder(RuleBasedStateMachine):
    """`members` is what a plain reading of the rules says: (hash, peer) → socket."""

    @initialize()
    def begin(self) -> None:
        self.room = Room(sockets=12, sockets_per_address=4, peers_per_socket=3, offers_between=4)
        self.connections: list[Connection] = []
        self.members: dict[tuple[str, int], Connection] = {}
        self.offered: dict[tuple[str, int], int] = {}

    @rule(address=st.sampled_from(["a", "b", "c"]), origin=st.sampled_from([SITE, PEERTUBE]))
    def enter(self, address: str, origin: str) -> None:
        try:
            self.connections.append(self.room.enter(address, origin))
        except Shut:
            there = sum(connection.address == address for connection in self.connections)
            assert there == 4 or len(self.connections) == 12

    @precondition(lambda self: self.connections)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        connection = data.draw(st.sampled_from(self.connections))
        self.connections.remove(connection)
        self.room.leave(connection)
        self._forget(lambda key, member: member is connection)

    @precondition(lambda self: self.connections)
    @rule(data=st.data(), info_hash=HASHES, number=PEERS, event=st.sampled_from(["started", None, "stopped"]))
    def announce(self, data: st.DataObject, info_hash: str, number: int, event: str | None) -> None:
        connection = data.draw(st.sampled_from(self.connections))
        sends = self.room.say(connection, announce(number, info_hash, event=event))
        key = (info_hash, number)
        owned = self.members.get(key)
        if "failure reason" in sends[0][1]:
            assert len(sends) == 1
            assert sends[0][0] is connection
            return
        assert owned in (None, connection)
        assert info_hash == BINARY or (info_hash != "x" * 20 and connection.origin == SITE)
        if event == "stopped":
            self._forget(lambda one, _: one == key)
        else:
            self.members[key] = connection
        self._relayed(sends[1:], info_hash, number)

    @precondition(lambda self: self.connections)
    @rule(data=st.data(), info_hash=HASHES, number=PEERS, to=PEERS)
    def answer(self, data: st.DataObject, info_hash: str, number: int, to: int) -> None:
        connection = data.draw(st.sampled_from(self.connections))
        for heard, told in self.room.say(connection, answer(number, to, "R" * 20, info_hash)):
            if "failure reason" in told:
                assert heard is connection
                continue
            assert self.members[info_hash, number] is connection
            assert self.members[info_hash, to] is heard
            self.offered[info_hash, number] -= 1
            assert self.offered[info_hash, number] >= 0

    @rule(seconds=st.sampled_from([1, 29, 61, 300]))
    def wait(self, seconds: int) -> None:
        self.room.now += seconds

    @rule()
    def sweep(self) -> None:
        idle = self.room.tracker.sweep(self.room.now)
        there = {(key[0], key[1]) for connection in self.connections for key in connection.peers}
        self._forget(lambda key, _: (key[0], peer(key[1])) not in there)
        for connection in idle:
            assert connection not in self.members.values()

    @invariant()
    def counts_agree(self) -> None:
        if not hasattr(self, "room"):
            return
        sockets, swarms, peers = self.room.held
        assert sockets == len(self.connections) <= Limits().sockets
        assert peers == len(self.members)
        assert swarms == len({info_hash for info_hash, _ in self.members})
        for connection in self.connections:
            assert len(connection.peers) <= 3

    def teardown(self) -> None:
        for connection in getattr(self, "connections", []):
            self.room.leave(connection)
        if hasattr(self, "room"):
            assert self.room.held == (0, 0, 0)
            assert self.room.tracker.stats().addresses == 0

    def _relayed(self, sends: list[tuple[Connection, dict[str, Any]]], info_hash: str, number: int) -> None:
        heard: list[tuple[str, int]] = []
        for to, told in sends:
            assert (told["info_hash"], told["peer_id"]) == (info_hash, peer(number))
            likely = [key for key, member in self.members.items() if key[0] == info_hash and member is to]
            assert likely
            heard += likely
        for key in heard:  # more than was offered where two share a socket: an upper bound
            self.offered[key] = self.offered.get(key, 0) + 1

    def _forget(self, gone: Any) -> None:
        for key in [key for key, member in self.members.items() if gone(key, member)]:
            del self.members[key]
            self.offered.pop(key, None)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
