"""Who meets whom, and what hostile clients get: player.md §4.1 and §4.4."""

import json
from collections import Counter

import pytest

from tests.sidecar.tracker.talk import (
    ALLOWED,
    BINARY,
    PEERTUBE,
    RIVER,
    SDP,
    SITE,
    TIDE,
    Room,
    announce,
    answer,
    failure,
    offers,
    peer,
)
from tubegen.sidecar.inbox.limits import Rate
from tubegen.sidecar.tracker.allowed import Allowed
from tubegen.sidecar.tracker.tracker import Shut, Tracker


def test_a_whole_conversation() -> None:
    """player.md §4.1, message by message."""
    room = Room()
    first, second = room.enter(), room.enter()
    assert room.say(first, announce(1)) == [
        (
            first,
            {"action": "announce", "interval": 30, "info_hash": RIVER, "complete": 0, "incomplete": 1},
        )
    ]
    welcome, offer = room.say(second, announce(2))
    assert welcome == (
        second,
        {"action": "announce", "interval": 30, "info_hash": RIVER, "complete": 0, "incomplete": 2},
    )
    assert offer == (
        first,
        {
            "action": "announce",
            "offer": {"type": "offer", "sdp": SDP},
            "offer_id": "\x84" + "R" * 19,
            "peer_id": peer(2),
            "info_hash": RIVER,
        },
    )
    assert room.say(first, answer(1, 2, "\x84" + "R" * 19)) == [
        (
            second,
            {
                "action": "announce",
                "answer": {"type": "answer", "sdp": SDP},
                "offer_id": "\x84" + "R" * 19,
                "peer_id": peer(1),
                "info_hash": RIVER,
            },
        )
    ]
    for _ in range(2):  # some say it again
        room.say(first, announce(1, event="completed", left=0, offers=None))
    [(_, scraped)] = room.say(second, json.dumps({"action": "scrape", "info_hash": RIVER}))
    assert scraped == {
        "action": "scrape",
        "files": {RIVER: {"complete": 1, "incomplete": 1, "downloaded": 1}},
    }
    [(to, goodbye)] = room.say(first, announce(1, event="stopped", offers=None))
    assert (to, goodbye["complete"], goodbye["incomplete"]) == (first, 0, 1)
    assert room.held == (2, 1, 1)
    room.leave(second)
    room.leave(first)
    assert room.held == (0, 0, 0)


def crowd(room: Room, number: int) -> None:
    for n in range(number):
        room.say(room.enter(), announce(100 + n))


@pytest.mark.parametrize(("there", "interval"), [(0, 30), (3, 30), (4, 120), (60, 120)])
def test_a_small_swarm_hears_of_others_sooner(there: int, interval: int) -> None:
    room = Room()
    crowd(room, there)
    (_, told), *_ = room.say(room.enter(), announce(1))
    assert told["interval"] == interval


def test_each_offer_goes_to_another_member_at_random() -> None:
    room = Room(offers_between=1000)
    crowd(room, 30)
    met: Counter[object] = Counter()
    for n in range(60):
        connection = room.enter()
        (_, _), *relayed = room.say(connection, announce(1))
        assert len(relayed) == len({to for to, _ in relayed}) == 5
        assert connection not in {to for to, _ in relayed}
        assert len({told["offer_id"] for _, told in relayed}) == 5
        met.update(to for to, _ in relayed)
        room.leave(connection)
        room.now += 2
        assert n or len(met) == 5
    assert len(met) == 30


@pytest.mark.parametrize("leaving", [(0, 0), (0, 3), (4, 3), (1, 1), (2, 0)])
def test_all_who_stay_and_no_others_are_found(leaving: tuple[int, int]) -> None:
    room = Room()
    members = [room.enter() for _ in range(5)]
    for n, member in enumerate(members):
        room.say(member, announce(100 + n, offers=None))
    for n in leaving:
        room.leave(members.pop(n))
    _, *relayed = room.say(room.enter(), announce(1))
    assert {to for to, _ in relayed} == set(members)


def test_offers_are_relayed_within_their_swarm_alone() -> None:
    room = Room()
    other = room.enter()
    room.say(other, announce(2, TIDE))
    assert len(room.say(room.enter(), announce(1))) == 1


def test_two_viewers_behind_one_socket_meet() -> None:
    """bittorrent-tracker shares a socket between all clients of a process."""
    room = Room()
    both = room.enter()
    room.say(both, announce(1))
    welcome, offer = room.say(both, announce(2))
    assert (offer[0], offer[1]["peer_id"], welcome[1]["incomplete"]) == (both, peer(2), 2)


def test_peertube_may_be_anywhere_but_our_pages_may_not() -> None:
    room = Room()
    abroad, home = room.enter(origin=PEERTUBE), room.enter()
    assert room.say(abroad, announce(1, BINARY))[0][1]["incomplete"] == 1
    assert room.say(home, announce(2, BINARY))[0][1]["incomplete"] == 2
    assert "no video of this site" in failure(room.say(abroad, announce(1)))


@pytest.mark.parametrize("origin", ["", "null", "http://films.example", "http://tube.example", "file://"])
def test_pages_without_a_proper_origin_stay_outside(origin: str) -> None:
    with pytest.raises(Shut) as caught:
        Room().enter(origin=origin)
    assert caught.value.status == 403


def test_nobody_is_let_in_before_the_list_is_there() -> None:
    with pytest.raises(Shut) as caught:
        Tracker().enter("192.0.2.7", SITE, 0)
    assert caught.value.status == 503


def test_an_unknown_hash_ends_the_socket() -> None:
    room = Room()
    connection = room.enter()
    outcome = room.hear(connection, announce(1, "x" * 20))
    assert outcome.end
    assert room.held == (1, 0, 0)
    assert room.hear(connection, json.dumps({"action": "scrape", "info_hash": "x" * 20})).end


def test_a_hash_that_is_no_longer_listed_is_gone_at_once() -> None:
    room = Room()
    connection = room.enter()
    room.say(connection, announce(1))
    room.say(connection, announce(1, TIDE))
    room.tracker.allow(Allowed(frozenset({TIDE}), frozenset(), ALLOWED.origins), room.now)
    assert room.held == (1, 1, 1)
    assert room.hear(connection, announce(1)).end


def test_a_peer_id_belongs_to_the_socket_that_named_it_first() -> None:
    """Else anybody could take over the answers to another's offers."""
    room = Room()
    honest, thief, third = room.enter(), room.enter(), room.enter()
    room.say(honest, announce(1))
    for message in (announce(1), announce(1, event="stopped", offers=None)):
        assert "another socket" in failure(room.say(thief, message))
    assert "has not announced" in failure(room.say(thief, answer(1, 2, "R" * 20)))
    room.say(third, announce(3))
    (_, _), (to, _) = room.say(third, announce(3, offers=offers(1)))
    assert (to, room.held) == (honest, (3, 1, 2))


def test_a_peer_id_is_free_again_when_its_socket_is_closed() -> None:
    room = Room()
    old = room.enter()
    room.say(old, announce(1))
    room.leave(old)
    assert room.say(room.enter(), announce(1))[0][1]["incomplete"] == 1


def test_no_more_answers_than_offers() -> None:
    room = Room()
    one, two = room.enter(), room.enter()
    room.say(one, announce(1))
    assert "no offer is left" in failure(room.say(one, answer(1, 2, "R" * 20)))
    room.say(two, announce(2))
    assert len(room.say(one, answer(1, 2, "R" * 20))) == 1
    assert "no offer is left" in failure(room.say(one, answer(1, 2, "R" * 20)))


def test_an_answer_stays_in_its_swarm() -> None:
    room = Room()
    one, two, three = room.enter(), room.enter(), room.enter()
    room.say(one, announce(1))
    room.say(two, announce(2))
    room.say(three, announce(3, TIDE))
    assert room.say(one, answer(1, 3, "R" * 20)) == []


def test_an_answer_to_who_has_left_is_nothing() -> None:
    room = Room()
    one, two = room.enter(), room.enter()
    room.say(one, announce(1))
    room.say(two, announce(2))
    room.leave(two)
    assert room.say(one, answer(1, 2, "R" * 20)) == []


def test_announcements_in_haste_are_answered_but_not_passed_on() -> None:
    room = Room()
    room.say(room.enter(), announce(1))
    hasty = room.enter()
    assert [len(room.say(hasty, announce(2))) for _ in range(5)] == [2, 2, 2, 1, 1]
    room.now += 10
    assert len(room.say(hasty, announce(2))) == 2


def test_a_member_is_not_flooded_with_offers() -> None:
    room = Room(offers_between=3)
    victim = room.enter()
    room.say(victim, announce(1))
    sent = [len(room.say(room.enter(), announce(10 + n, offers=offers(10)))) for n in range(6)]
    received = room.tracker.stats().offers
    assert received <= 3 * 6  # three for each of those who are there, whatever came
    assert sent[-1] < 7
    room.now += 30
    room.say(victim, announce(1, offers=None))
    got = [to for to, _ in room.say(room.enter(), announce(50, offers=offers(10), numwant=10))]
    assert victim in got


def test_a_flood_ends_the_socket() -> None:
    room = Room(messages=Rate(1, 20))
    connection = room.enter()
    ends = [room.hear(connection, "garbage").end for _ in range(21)]
    assert ends == [False] * 20 + [True]
    room.now += 5
    assert [room.tracker.spend(connection, room.now) for _ in range(6)] == [True] * 5 + [False]


def test_a_socket_is_in_few_swarms() -> None:
    room = Room(peers_per_socket=2)
    connection = room.enter()
    room.say(connection, announce(1))
    room.say(connection, announce(1, TIDE))
    assert "too many swarms" in failure(room.say(connection, announce(1, BINARY)))
    room.say(connection, announce(1, event="stopped", offers=None))
    assert room.say(connection, announce(1, BINARY))[0][1]["incomplete"] == 1
    assert room.held == (1, 2, 2)


def test_an_address_has_few_sockets() -> None:
    room = Room(sockets_per_address=2)
    connection = room.enter("192.0.2.7")
    room.enter("192.0.2.7")
    with pytest.raises(Shut) as caught:
        room.enter("192.0.2.7")
    assert caught.value.status == 429
    room.enter("192.0.2.8")
    room.leave(connection)
    other = room.enter("192.0.2.7")
    assert room.tracker.stats().addresses == 2
    room.leave(other)
    assert room.tracker.stats().addresses == 2


def test_nothing_is_kept_of_an_address_that_has_left() -> None:
    room = Room()
    room.leave(room.enter("192.0.2.7"))
    assert room.tracker.stats().addresses == 0


def test_an_address_opens_them_slowly() -> None:
    room = Room(connections=Rate(0.5, 3))
    for _ in range(3):
        room.leave(room.enter("192.0.2.7"))
    with pytest.raises(Shut):
        room.enter("192.0.2.7")
    room.now += 2
    room.enter("192.0.2.7")


def test_there_is_an_end_to_sockets() -> None:
    room = Room(sockets=2)
    room.enter()
    room.enter()
    with pytest.raises(Shut) as caught:
        room.enter()
    assert (caught.value.status, room.tracker.stats().shut) == (503, 1)


def test_who_is_silent_for_two_intervals_has_left() -> None:
    room = Room()
    room.say(room.enter(), announce(1))
    keen = room.enter()
    room.say(keen, announce(2))
    room.now += 60
    room.say(keen, announce(2))
    room.now += 29
    room.tracker.sweep(room.now)
    assert room.held == (2, 1, 2)
    room.now += 2
    room.tracker.sweep(room.now)
    assert room.held == (2, 1, 1)


def test_who_was_told_to_wait_longer_has_longer() -> None:
    room = Room()
    crowd(room, 6)
    room.now += 100  # four were told 30 seconds, two 120
    room.tracker.sweep(room.now)
    assert room.held == (6, 1, 2)


def test_a_socket_in_no_swarm_is_closed_after_a_while() -> None:
    room = Room()
    idle, watching = room.enter(), room.enter()
    room.say(watching, announce(1))
    room.now += 121
    room.say(watching, announce(1))
    assert room.tracker.sweep(room.now) == [idle]
    room.say(watching, announce(1, event="stopped"))
    assert watching not in room.tracker.sweep(room.now)


def test_garbage_is_refused_with_an_action() -> None:
    """A player drops its socket on a message that has none."""
    room = Room()
    assert "no JSON" in failure(room.say(room.enter(), "{"))


def test_statistics_name_nobody() -> None:
    room = Room()
    crowd(room, 3)
    stats = room.tracker.stats()
    assert (stats.sockets, stats.swarms, stats.peers, stats.announcements, stats.offers) == (3, 1, 3, 3, 3)
    assert all(isinstance(getattr(stats, name), int) for name in stats.__struct_fields__)
