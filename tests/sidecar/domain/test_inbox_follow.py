"""Follows, and their end, in whatever order they arrive."""

import json
from functools import partial

import pytest

from tests.sidecar.domain.scene import (
    ALICE,
    GROUP,
    NOTE,
    NOW,
    PERSON,
    TIDE,
    note,
    number,
    open_scene,
    rows,
    someone,
    told,
)
from tubegen.sidecar.store import followers, moderation, replies, schema

pytestmark = pytest.mark.usefixtures("both_stores")


def test_each_follow_is_accepted_at_the_personal_inbox_with_the_follow_echoed_in_plain_ids():
    connection = open_scene()
    follow = {"id": PERSON, "type": "Person", "name": "embedded"}
    for at in (NOW, NOW + 60):
        assert (
            told(connection, ALICE, "Follow", [follow], at=at, actor={"id": ALICE.uri, "type": "Person"})
            == "follow"
        )
    assert followers.count(connection, PERSON) == 1
    outgoing = [json.loads(row["body"]) for row in rows(connection, schema.activity)]
    asked = {"id": f"{ALICE.uri}#Follow", "type": "Follow", "actor": ALICE.uri, "object": PERSON}
    assert [body["object"] for body in outgoing] == [asked, asked]
    assert len({body["id"] for body in outgoing}) == 2
    deliveries = rows(connection, schema.delivery)
    assert {(row["inbox"], row["priority"]) for row in deliveries} == {(ALICE.inbox, 0)}


def test_followers_are_reached_once_by_their_shared_inbox_and_personally_where_there_is_none():
    connection = open_scene()
    alone = someone("snail", "tiny.example", shared_inbox="")
    for who in (ALICE, someone("bob"), alone):
        told(connection, who, "Follow", PERSON)
    told(connection, ALICE, "Follow", GROUP)
    assert followers.inboxes(connection, [PERSON, GROUP]) == [ALICE.shared_inbox, alone.inbox]


def test_a_follow_of_nobody_changes_nothing():
    connection = open_scene()
    assert told(connection, ALICE, "Follow", f"{PERSON}x") == "ignored"
    assert number(connection, schema.remote_actor) == number(connection, schema.activity) == 0


def test_an_undo_of_the_old_follow_that_comes_after_the_new_one_leaves_the_new_one():
    """GoToSocial: retries reorder (peers 5.1)."""
    connection = open_scene()
    old, new = f"{ALICE.uri}/follow/1", f"{ALICE.uri}/follow/2"
    told(connection, ALICE, "Follow", PERSON, id=old)
    told(connection, ALICE, "Follow", PERSON, id=new)
    inner = {"id": old, "type": "Follow", "actor": ALICE.uri, "object": PERSON}
    assert told(connection, ALICE, "Undo", inner) == "ignored"
    assert told(connection, ALICE, "Undo", old) == "ignored"
    assert followers.count(connection, PERSON) == 1
    assert told(connection, ALICE, "Undo", inner | {"id": new}) == "unfollow"
    assert followers.count(connection, PERSON) == 0


def test_an_undo_with_an_id_never_seen_is_matched_by_who_and_whom():
    connection = open_scene()
    told(connection, ALICE, "Follow", PERSON)
    told(connection, ALICE, "Follow", GROUP, id=f"{ALICE.uri}#other")
    inner = {"id": f"{ALICE.uri}/made-anew", "type": "Follow", "actor": ALICE.uri, "object": PERSON}
    assert told(connection, ALICE, "Undo", inner) == "unfollow"
    assert followers.count(connection, PERSON) == 0
    assert followers.count(connection, GROUP) == 1


def test_an_undo_by_the_bare_id_of_the_follow_works():
    connection = open_scene()
    told(connection, ALICE, "Follow", PERSON)
    assert told(connection, ALICE, "Undo", f"{ALICE.uri}#Follow") == "unfollow"


def test_nobody_undoes_the_follow_of_another():
    connection = open_scene()
    told(connection, ALICE, "Follow", PERSON)
    inner = {"id": f"{ALICE.uri}#Follow", "type": "Follow", "actor": ALICE.uri, "object": PERSON}
    assert told(connection, someone("bob"), "Undo", inner) == "ignored"
    assert told(connection, someone("bob"), "Undo", inner["id"]) == "ignored"
    assert followers.count(connection, PERSON) == 1
    told(connection, someone("bob"), "Follow", PERSON)
    assert told(connection, someone("bob"), "Undo", inner) == "ignored"
    assert followers.count(connection, PERSON) == 2


def test_who_blocks_us_is_no_follower_until_it_follows_again():
    connection = open_scene()
    told(connection, ALICE, "Follow", PERSON)
    assert told(connection, ALICE, "Block", PERSON) == "block"
    assert followers.count(connection, PERSON) == 0
    assert moderation.blocks_us(connection, PERSON, ALICE.uri)
    block = {"id": f"{ALICE.uri}#Block", "type": "Block", "actor": ALICE.uri, "object": PERSON}
    assert told(connection, ALICE, "Undo", block) == "unblock"
    assert not moderation.blocks_us(connection, PERSON, ALICE.uri)
    assert followers.count(connection, PERSON) == 0
    told(connection, ALICE, "Block", PERSON)
    told(connection, ALICE, "Follow", PERSON)
    assert not moderation.blocks_us(connection, PERSON, ALICE.uri)


def test_who_moves_away_is_no_follower_any_more():
    connection = open_scene()
    told(connection, ALICE, "Follow", PERSON)
    told(connection, ALICE, "Follow", GROUP)
    assert told(connection, ALICE, "Move", someone("bob").uri, target=ALICE.uri) == "ignored"
    assert told(connection, ALICE, "Move", ALICE.uri, target="https://new.example/users/alice") == "move"
    assert number(connection, schema.follower) == 0


def undoing(follow: str) -> dict[str, str]:
    return {"id": f"{ALICE.uri}#{follow}", "type": "Follow", "actor": ALICE.uri, "object": PERSON}


def test_an_undo_that_is_retried_ends_nothing_twice():
    """Follow, Undo, Follow, and the first Undo once more: its answer was lost (peers 5.1)."""
    connection = open_scene()
    for undone_activity in (undoing("1"), undoing("1")["id"]):
        told(connection, ALICE, "Follow", PERSON, id=f"{ALICE.uri}#1")
        assert told(connection, ALICE, "Undo", undone_activity) == "unfollow"
        told(connection, ALICE, "Follow", PERSON, id=f"{ALICE.uri}#2")
        assert told(connection, ALICE, "Undo", undoing("1")) == "ignored"
        assert followers.count(connection, PERSON) == 1


@pytest.mark.parametrize("undone_activity", [undoing("1"), undoing("1")["id"]])
def test_who_has_left_before_its_follow_arrives_is_no_follower(undone_activity):
    connection = open_scene()
    assert told(connection, ALICE, "Undo", undone_activity) == "ignored"
    assert told(connection, ALICE, "Follow", PERSON, id=f"{ALICE.uri}#1", at=NOW + 60) == "ignored"
    assert followers.count(connection, PERSON) == 0
    assert told(connection, ALICE, "Follow", PERSON, id=f"{ALICE.uri}#2", at=NOW + 60) == "follow"
    told(connection, ALICE, "Undo", undoing("2"), at=NOW + 70)
    assert told(connection, ALICE, "Follow", PERSON, id=f"{ALICE.uri}#1", at=NOW + 700) == "follow"


def test_an_id_may_be_used_again():
    connection = open_scene()
    for _ in range(3):
        assert told(connection, ALICE, "Follow", PERSON, id=f"{ALICE.uri}#1") == "follow"
        assert told(connection, ALICE, "Undo", undoing("1")) == "unfollow"
        assert told(connection, ALICE, "Undo", undoing("1")) == "ignored"


def test_who_blocks_us_and_whom_the_owner_blocks_get_nothing_and_are_not_shown():
    connection = open_scene()
    eve = someone("eve", "sub.bad.example", shared_inbox="")
    notbad = someone("fred", "notbad.example", shared_inbox="")
    for who in (ALICE, eve, notbad):
        told(connection, who, "Follow", PERSON)
        told(connection, who, "Like", NOTE)
        told(connection, who, "Create", note(who))
    told(connection, ALICE, "Block", PERSON)
    told_to = partial(followers.inboxes, connection, [PERSON], video=TIDE)
    assert told_to() == [notbad.inbox, eve.inbox]
    moderation.block_domain(connection, "Bad.Example.", "spam")
    assert told_to() == [notbad.inbox]
    assert [reply.author for reply in replies.replies(connection, TIDE)] == [notbad.uri, ALICE.uri]
    assert replies.count(connection, TIDE) == 2
    assert moderation.rules(connection) == [("bad.example", "spam")]
    moderation.unblock_domain(connection, "bad.example")
    assert told_to() == [notbad.inbox, eve.inbox]
    assert replies.count(connection, TIDE) == 3
