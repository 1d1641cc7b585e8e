"""What is thrown away when it is a month old, and what stays for ever."""

from __future__ import annotations

from sqlalchemy import Connection, update

from tests.sidecar.domain.scene import ALICE, NOTE, NOW, PERSON, note, open_scene, rows, someone, told
from tubegen.sidecar.model import OutgoingActivity, RemoteActor
from tubegen.sidecar.store import deliveries, followers, remote_actors, schema

MONTH = 30 * 86400.0


def old(name: str) -> RemoteActor:
    return someone(name, fetched=NOW - MONTH - 1)


def known(connection: Connection, *names: str) -> list[str]:
    return [name for name in names if remote_actors.find(connection, someone(name).uri)]


def test_an_actor_goes_when_it_is_old_and_nothing_here_is_its_own() -> None:
    connection = open_scene()
    for name in ("follows", "likes", "writes", "idle"):
        remote_actors.remember(connection, old(name))
    remote_actors.remember(connection, someone("young", fetched=NOW - MONTH + 1))
    followers.add(connection, PERSON, someone("follows").uri, "https://social.example/follow/1", NOW)
    told(connection, old("likes"), "Like", NOTE)
    told(connection, old("writes"), "Create", note(old("writes")))
    remote_actors.prune(connection, NOW - MONTH)
    everybody = ("follows", "likes", "writes", "idle", "young")
    assert known(connection, *everybody) == ["follows", "likes", "writes", "young"]


def test_those_that_are_gone_are_named() -> None:
    connection = open_scene()
    for name in ("alice", "bob"):
        remote_actors.remember(connection, someone(name))
    remote_actors.mark_gone(connection, ALICE.uri, NOW)
    assert remote_actors.gone(connection) == [ALICE.uri]


def test_an_accept_goes_with_its_delivery_and_nothing_that_waits_or_is_said_once() -> None:
    connection = open_scene()
    for at in (NOW, NOW + 1, NOW + MONTH):
        told(connection, ALICE, "Follow", PERSON, at=at)
    outgoing = OutgoingActivity(
        uri=f"{NOTE}/activity/update/1", actor=PERSON, type="Update", object=NOTE, body={}
    )
    deliveries.enqueue(connection, outgoing, [ALICE.inbox], now=NOW)
    number, waits, *others = [row["id"] for row in rows(connection, schema.delivery)]
    for each in (number, *others):
        deliveries.settle(connection, each, deliveries.Mark(state="delivered", status=202), NOW + MONTH)
    deliveries.forget(connection, NOW + MONTH + 1)
    assert [row["id"] for row in rows(connection, schema.delivery)] == [waits]
    kinds = [(row["type"], row["created"]) for row in rows(connection, schema.activity)]
    assert kinds == [("Accept", NOW + 1), ("Update", NOW)]


def test_followers_on_a_server_that_is_dead_for_long_go() -> None:
    connection = open_scene()
    for who, failing_since in (
        (ALICE, NOW - 1),
        (someone("eve", "dead.example"), NOW - 9),
        (someone("bob", "b.example"), None),
    ):
        told(connection, who, "Follow", PERSON)
        state = update(schema.host).where(schema.host.c.host == who.host)
        connection.execute(state.values(failing_since=failing_since))
    followers.leave_dead(connection, NOW - 5)
    assert followers.inboxes(connection, [PERSON]) == ["https://b.example/inbox", ALICE.shared_inbox]
