"""Messages as players send them, and a tracker for one site without sockets."""

import json
import random
from typing import Any

import msgspec

from tubegen.sidecar.tracker.allowed import Allowed
from tubegen.sidecar.tracker.limits import Limits
from tubegen.sidecar.tracker.protocol import Outgoing, write
from tubegen.sidecar.tracker.swarm import Connection
from tubegen.sidecar.tracker.tracker import Outcome, Tracker

SITE = "https://films.example"
PEERTUBE = "https://tube.example"
RIVER = "afrx3JCWmq1lb096Mrau"
TIDE = "djLYxt/nvKfjpw4pb1vm"
BINARY = bytes(range(236, 256)).decode("latin-1")
"""A hash of PeerTube's: any bytes."""
ALLOWED = Allowed(frozenset({RIVER, TIDE}), frozenset({BINARY}), frozenset({SITE}))
SDP = "v=0\r\n" + "a=candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host\r\n" * 8


def peer(number: int) -> str:
    return f"-PM0203-{number:012}"


def offers(number: int, *, sdp: str = SDP) -> list[dict[str, Any]]:
    return [
        {"offer": {"type": "offer", "sdp": sdp}, "offer_id": chr(0x84 + n) + "R" * 19} for n in range(number)
    ]


def announce(number: int, info_hash: str = RIVER, **changes: Any) -> str:
    """As p2p-media-loader 2.3.1 wrote it; None takes a field away."""
    fields: dict[str, Any] = {
        "numwant": 5,
        "uploaded": 0,
        "downloaded": 0,
        "event": "started",
        "action": "announce",
        "info_hash": info_hash,
        "peer_id": peer(number),
        "offers": offers(5),
    }
    return json.dumps({name: value for name, value in (fields | changes).items() if value is not None})


def answer(number: int, to: int, offer_id: str, info_hash: str = RIVER, **changes: Any) -> str:
    fields: dict[str, Any] = {
        "action": "announce",
        "info_hash": info_hash,
        "peer_id": peer(number),
        "to_peer_id": peer(to),
        "answer": {"type": "answer", "sdp": SDP},
        "offer_id": offer_id,
    }
    return json.dumps(fields | changes)


class Room:
    """A tracker and its clock, which the test turns."""

    def __init__(self, **limits: Any) -> None:
        self.tracker = Tracker(Limits(**limits), chance=random.Random(7))
        self.now = 1000.0
        self.tracker.allow(ALLOWED, self.now)
        self._number = 0

    def enter(self, address: str = "", origin: str = SITE) -> Connection:
        """From an address of its own unless one is given."""
        self._number += 1
        return self.tracker.enter(address or f"address {self._number}", origin, self.now)

    def leave(self, connection: Connection) -> None:
        self.tracker.leave(connection, self.now)

    def say(self, connection: Connection, message: str | bytes) -> list[tuple[Connection, dict[str, Any]]]:
        """What goes out because of it, and to whom."""
        return [(to, plain(told)) for to, told in self.hear(connection, message).sends]

    def hear(self, connection: Connection, message: str | bytes) -> Outcome:
        return self.tracker.receive(connection, message, self.now)

    @property
    def held(self) -> tuple[int, int, int]:
        """Sockets, swarms and peers."""
        stats = self.tracker.stats()
        return stats.sockets, stats.swarms, stats.peers


def plain(told: Outgoing) -> dict[str, Any]:
    return msgspec.json.decode(write(told))


def failure(sends: list[tuple[Connection, dict[str, Any]]]) -> str:
    """The one message is a refusal, which clients can take for one of ours (it has an action)."""
    [(_, told)] = sends
    assert told["action"] == "announce"
    return told["failure reason"]
