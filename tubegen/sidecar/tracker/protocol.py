"""What players and the tracker say to each other: JSON over a WebSocket, as WebTorrent's trackers speak it.

There is no standard; this is what p2p-media-loader 2.3 and bittorrent-tracker 11 send and understand.
Hashes, peer ids and offer ids are strings of twenty characters, one for each byte. Reading is tolerant,
since clients differ in what they leave out; writing is strict.
"""

from typing import Any, Literal, TypeGuard, cast

import msgspec

OFFERS = 10
"""Offers of one announcement that are looked at."""
SDP_CHARACTERS = 8192
SCRAPED = 64
"""Swarms that one request may ask about."""

Event = Literal["", "started", "completed", "stopped"]

_EVENTS: dict[object, Event] = {"started": "started", "completed": "completed", "stopped": "stopped"}
_ID = 20


class Malformed(ValueError):
    """Not a message of this protocol. Its text may be shown; `info_hash` is empty when none could be read."""

    def __init__(self, reason: str, info_hash: str = "") -> None:
        super().__init__(reason)
        self.info_hash = info_hash


class Description(msgspec.Struct, frozen=True):
    """Half of a WebRTC handshake (RFC 8829), and nothing else that a client may have put there."""

    type: Literal["offer", "answer"]
    sdp: str


class Offer(msgspec.Struct, frozen=True):
    offer: Description
    offer_id: str


class Announce(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody watches, and offers to be connected to as many others as there are offers."""

    info_hash: str
    peer_id: str
    event: Event = ""
    complete: bool = False
    """Nothing is left to be fetched."""
    offers: tuple[Offer, ...] = ()
    """At most `OFFERS`, and no more than the client wants."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody takes up an offer."""

    info_hash: str
    peer_id: str
    to_peer_id: str
    offer_id: str
    answer: Description


class Scrape(msgspec.Struct, frozen=True):
    """A question for the size of swarms."""

    hashes: tuple[str, ...]


Incoming = Announce | Answer | Scrape


class _Reply(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="action", tag="announce"):
    """Clients drop a connection on which something without an action comes."""


class Welcome(_Reply, frozen=True, kw_only=True):
    """The answer to an announcement. `interval`: seconds until the next one is expected."""

    interval: int
    info_hash: str
    complete: int
    incomplete: int


class RelayedOffer(_Reply, frozen=True, kw_only=True):
    """To a member of the swarm; `peer_id` made the offer."""

    offer: Description
    offer_id: str
    peer_id: str
    info_hash: str


class RelayedAnswer(_Reply, frozen=True, kw_only=True):
    """To who made the offer; `peer_id` takes it up."""

    answer: Description
    offer_id: str
    peer_id: str
    info_hash: str


class Failure(_Reply, frozen=True, kw_only=True):
    """A refusal. Clients show it to nobody, but their developers see it."""

    reason: str = msgspec.field(name="failure reason")
    info_hash: str = ""


class Count(msgspec.Struct, frozen=True):
    complete: int
    incomplete: int
    downloaded: int


class Counts(_Reply, frozen=True, kw_only=True, tag="scrape"):
    """The answer to a Scrape."""

    files: dict[str, Count]


Outgoing = Welcome | RelayedOffer | RelayedAnswer | Failure | Counts


class _Message(msgspec.Struct, frozen=True):
    """All fields of all messages, whatever their types."""

    action: object = None
    info_hash: object = None
    peer_id: object = None
    to_peer_id: object = None
    offer_id: object = None
    answer: object = None
    offers: object = None
    event: object = None
    left: object = None
    numwant: object = None


_decoder = msgspec.json.Decoder(_Message)
_encoder = msgspec.json.Encoder()


def read(data: str | bytes) -> Incoming:
    """One message of a client. Offers that cannot be relayed are left out. Raises Malformed."""
    try:
        message = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Malformed("this is no JSON object") from None
    if message.action == "scrape":
        return _scrape(message.info_hash)
    if message.action != "announce":
        raise Malformed("the action is neither announce nor scrape")
    info_hash = _id(message.info_hash, "info_hash")
    try:
        peer_id = _id(message.peer_id, "peer_id")
        return _announce(message, info_hash, peer_id) if not message.answer else _answer(message, info_hash)
    except Malformed as error:
        raise Malformed(str(error), info_hash) from None


def write(told: Outgoing) -> str:
    return _encoder.encode(told).decode()


def _announce(message: _Message, info_hash: str, peer_id: str) -> Announce:
    event = _EVENTS.get(message.event, "") if isinstance(message.event, str) else ""
    return Announce(
        info_hash=info_hash,
        peer_id=peer_id,
        event=event,
        complete=event == "completed" or message.left == 0,
        offers=_offers(message.offers, message.numwant),
    )


def _answer(message: _Message, info_hash: str) -> Answer:
    description = _description(message.answer, "answer")
    if description is None:
        raise Malformed("the answer is none that could be passed on")
    return Answer(
        info_hash=info_hash,
        peer_id=_id(message.peer_id, "peer_id"),
        to_peer_id=_id(message.to_peer_id, "to_peer_id"),
        offer_id=_id(message.offer_id, "offer_id"),
        answer=description,
    )


def _scrape(given: object) -> Scrape:
    hashes = cast(list[object], given) if isinstance(given, list) else [given]
    if len(hashes) > SCRAPED:
        raise Malformed(f"more than {SCRAPED} swarms are asked about")
    return Scrape(tuple(_id(one, "info_hash") for one in hashes))


def _offers(given: object, wanted: object) -> tuple[Offer, ...]:
    """Without a number the client wants as many as it offers."""
    if not isinstance(given, list):
        return ()
    limit = OFFERS
    if isinstance(wanted, int | float):
        limit = int(max(0, min(OFFERS, wanted)))
    found: list[Offer] = []
    for one in cast(list[object], given)[:limit]:
        if not isinstance(one, dict):
            continue
        fields = cast(dict[str, Any], one)
        description = _description(fields.get("offer"), "offer")
        if description is not None and _is_id(offer_id := fields.get("offer_id")):
            found.append(Offer(description, offer_id))
    return tuple(found)


def _description(given: object, kind: Literal["offer", "answer"]) -> Description | None:
    if not isinstance(given, dict):
        return None
    fields = cast(dict[str, Any], given)
    sdp = fields.get("sdp")
    if fields.get("type") != kind or not isinstance(sdp, str) or not 0 < len(sdp) <= SDP_CHARACTERS:
        return None
    return Description(kind, sdp)


def _id(given: object, name: str) -> str:
    if not _is_id(given):
        raise Malformed(f"{name} is no string of {_ID} bytes")
    return given


def _is_id(given: object) -> TypeGuard[str]:
    return isinstance(given, str) and len(given) == _ID and max(given) <= "\xff"
