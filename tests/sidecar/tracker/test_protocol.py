"""What is read and written; player.md §4.1."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sidecar.tracker.talk import BINARY, RIVER, SDP, announce, answer, offers, peer
from tubegen.sidecar.tracker.protocol import (
    OFFERS,
    SDP_CHARACTERS,
    Announce,
    Answer,
    Malformed,
    Scrape,
    Welcome,
    read,
    write,
)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def test_the_announcement_of_a_player() -> None:
    said = read(announce(1))
    assert isinstance(said, Announce)
    assert (said.info_hash, said.peer_id, said.event, said.complete) == (RIVER, peer(1), "started", False)
    assert [(one.offer.type, one.offer.sdp, one.offer_id) for one in said.offers] == [
        ("offer", SDP, chr(0x84 + n) + "R" * 19) for n in range(5)
    ]


def test_frames_of_bytes_are_read_too() -> None:
    assert read(announce(1).encode()) == read(announce(1))


def test_later_announcements_leave_the_event_out() -> None:
    said = read(announce(1, event=None, uploaded=None, numwant=None))
    assert isinstance(said, Announce)
    assert (said.event, len(said.offers)) == ("", 5)


@pytest.mark.parametrize(
    ("changes", "complete"),
    [
        ({"left": 0}, True),
        ({"left": 0.0}, True),
        ({"event": "completed"}, True),
        ({"left": 12}, False),
        ({"left": "0"}, False),
        ({"event": ["completed"]}, False),
    ],
)
def test_who_has_everything(changes: dict[str, Any], complete: bool) -> None:
    said = read(announce(1, **changes))
    assert isinstance(said, Announce)
    assert said.complete is complete


@pytest.mark.parametrize(
    ("numwant", "number"), [(0, 0), (2, 2), (-3, 0), (50, OFFERS), (1e300, OFFERS), ("x", OFFERS)]
)
def test_no_more_offers_than_wanted_and_never_more_than_ten(numwant: object, number: int) -> None:
    said = read(announce(1, numwant=numwant, offers=offers(30)))
    assert isinstance(said, Announce)
    assert len(said.offers) == number


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        {},
        {"offer": {"type": "offer", "sdp": "v=0"}},
        {"offer": {"type": "offer", "sdp": "v=0"}, "offer_id": "short"},
        {"offer": {"type": "offer", "sdp": "v=0"}, "offer_id": "€" * 20},
        {"offer": {"type": "answer", "sdp": "v=0"}, "offer_id": "R" * 20},
        {"offer": {"type": "offer", "sdp": ""}, "offer_id": "R" * 20},
        {"offer": {"type": "offer", "sdp": "x" * (SDP_CHARACTERS + 1)}, "offer_id": "R" * 20},
        {"offer": {"type": "offer", "sdp": {"v": 0}}, "offer_id": "R" * 20},
        {"offer": "v=0", "offer_id": "R" * 20},
    ],
)
def test_an_offer_that_cannot_be_relayed_does_not_spoil_the_others(bad: object) -> None:
    said = read(announce(1, offers=[bad, *offers(1)]))
    assert isinstance(said, Announce)
    assert [one.offer.sdp for one in said.offers] == [SDP]


def test_only_type_and_text_of_a_description_are_kept() -> None:
    dirty = {"type": "answer", "sdp": SDP, "script": "alert(1)", "candidates": ["192.0.2.9"]}
    said = read(answer(2, 1, "R" * 20, answer=dirty))
    assert isinstance(said, Answer)
    assert msgspec.to_builtins(said.answer) == {"type": "answer", "sdp": SDP}


def test_scrapes_of_one_and_of_many() -> None:
    assert read(json.dumps({"action": "scrape", "info_hash": RIVER})) == Scrape((RIVER,))
    assert read(json.dumps({"action": "scrape", "info_hash": [RIVER, BINARY]})) == Scrape((RIVER, BINARY))


@pytest.mark.parametrize(
    "data",
    [
        "",
        "null",
        "[]",
        '"announce"',
        "{}",
        b"\xff\xfe",
        "[" * 60_000,
        '{"offers":' + "[" * 60_000,
        '{"action": "announce", "info_hash": "\\ud800' + "a" * 19 + '"}',
        json.dumps({"action": "hello"}),
        json.dumps({"action": "scrape"}),
        json.dumps({"action": "scrape", "info_hash": [RIVER] * 65}),
        announce(1, info_hash="short"),
        announce(1, info_hash=[RIVER]),
        announce(1, peer_id=None),
        announce(1, peer_id="€" * 20),
        answer(1, 2, "short"),
        answer(1, 2, "R" * 20, answer="v=0"),
        answer(1, 2, "R" * 20, answer={"type": "answer", "sdp": "x" * (SDP_CHARACTERS + 1)}),
        answer(1, 2, "R" * 20, to_peer_id=None),
    ],
)
def test_what_is_no_message(data: str | bytes) -> None:
    with pytest.raises(Malformed):
        read(data)


def test_a_refusal_names_the_swarm_where_it_can() -> None:
    with pytest.raises(Malformed) as caught:
        read(announce(1, peer_id=5))
    assert caught.value.info_hash == RIVER


@given(st.dictionaries(st.sampled_from(list(json.loads(answer(1, 2, "R" * 20, offers=[])))), ANYTHING))
def test_nothing_else_is_ever_raised(changes: dict[str, Any]) -> None:
    try:
        said = read(json.dumps(json.loads(answer(1, 2, "R" * 20)) | changes))
    except Malformed:
        return
    if isinstance(said, Answer):
        assert set(said.answer.__struct_fields__) == {"type", "sdp"}


@given(st.text(st.characters(max_codepoint=0xFF), min_size=20, max_size=20))
def test_every_hash_comes_back_as_it_came(info_hash: str) -> None:
    said = read(announce(1, info_hash=info_hash))
    assert isinstance(said, Announce)
    told = json.loads(write(Welcome(interval=30, info_hash=said.info_hash, complete=0, incomplete=1)))
    assert told == {
        "action": "announce",
        "interval": 30,
        "info_hash": info_hash,
        "complete": 0,
        "incomplete": 1,
    }
