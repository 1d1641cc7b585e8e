"""What is thrown away when it is a month old, and what stays for ever."""

from __future__ import annotations

from sqlalchemy import Connection

from tests.sidecar.domain.scene import ALICE, NOTE, NOW, PERSON, note, open_scene, someone, told
from tubegen.sidecar.model import RemoteActor
from tubegen.sidecar.store import followers, people

MONTH = 30 * 86400.0


def old(name: str) -> RemoteActor:
    return someone(name, fetched=NOW - MONTH - 1)


def known(connection: Connection, *names: str) -> list[str]:
    return [name for name in names if people.find(connection, someone(name).uri)]


def test_an_actor_goes_when_it_is_old_and_nothing_here_is_its_own() -> None:
    connection = open_scene()
    for name in ("follows", "likes", "writes", "idle"):
        people.remember(connection, old(name))
    people.remember(connection, someone("young", fetched=NOW - MONTH + 1))
    followers.add(connection, PERSON, someone("follows").uri, "https://social.example/follow/1", NOW)
    told(connection, old("likes"), "Like", NOTE)
    told(connection, old("writes"), "Create", note(old("writes")))
    people.prune(connection, NOW - MONTH)
    everybody = ("follows", "likes", "writes", "idle", "young")
    assert known(connection, *everybody) == ["follows", "likes", "writes", "young"]


def test_those_that_are_gone_are_named() -> None:
    connection = open_scene()
    for name in ("alice", "bob"):
        people.remember(connection, someone(name))
    people.mark_gone(connection, ALICE.uri, NOW)
    assert people.gone(connection) == [ALICE.uri]
