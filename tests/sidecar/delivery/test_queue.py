"""What waits, in which order, and what is dropped on the way. Rules L-* of the interop reference."""

import asyncio
import sqlite3
import threading
from functools import partial

import pytest
from sqlalchemy import Connection, func, select

from tests.sidecar.delivery.conftest import Store
from tests.sidecar.delivery.outgoing import (
    GROUP,
    PERSON,
    delivery_rows,
    follow,
    host_row,
    outgoing,
    set_host,
    shared_inboxes,
    states,
)
from tubegen.sidecar.store import deliveries, hosts
from tubegen.sidecar.store.database import Database
from tubegen.sidecar.store.deliveries import Mark
from tubegen.sidecar.store.schema import activity, delivery

A, B = "https://a.example/inbox", "https://b.example/inbox"
DELIVERED = Mark(state="delivered", status=202)


def lease(connection: Connection, now: float = 0, slots: int = 10, owner: str = "me", urgent: bool = False):
    return [leased.host for leased in hosts.lease(connection, owner, now, slots, urgent=urgent)]


def drain(connection: Connection, host: str, now: float = 0) -> list[str]:
    """Deliver all that can go now; their types in order."""
    told: list[str] = []
    while (taken := deliveries.take(connection, host, now)) is not None:
        told.append(taken.body.decode().split('"type":"')[1].split('"')[0])
        deliveries.settle(connection, taken.id, DELIVERED, now)
    return told


def test_an_activity_is_queued_once_for_each_inbox(store: Store) -> None:
    create = outgoing("Create")
    for _ in range(2):
        store(deliveries.enqueue, create, [A, B, A], now=1)
    assert store(delivery_rows) == [("Create", A, "waiting"), ("Create", B, "waiting")]
    store(deliveries.enqueue, create, ["https://c.example/inbox"], now=2)
    assert len(store(delivery_rows)) == 3
    assert store(lambda c: c.execute(select(func.count()).select_from(activity)).scalar()) == 1


def test_an_inbox_without_address_is_left_out(store: Store) -> None:
    store(deliveries.enqueue, outgoing("Create"), ["", "mailto:a@b.example", A], now=1)
    assert store(delivery_rows) == [("Create", A, "waiting")]


def test_nothing_is_queued_when_the_change_it_tells_of_fails(store: Store) -> None:
    def work(connection: Connection) -> None:
        deliveries.enqueue(connection, outgoing("Create"), [A], now=1)
        raise KeyError

    with pytest.raises(KeyError):
        store(work)
    assert store(delivery_rows) == []
    assert store(lease) == []


def test_a_host_is_leased_by_one(store: Store) -> None:
    store(deliveries.enqueue, outgoing("Create"), [A, B], now=1)
    assert store(lease, 0.5) == []
    assert store(lease, 1, slots=1) == ["a.example"]
    assert store(lease, 1, owner="other") == ["b.example"]
    assert store(lease, 1, owner="third") == []


def test_a_lease_ends_by_itself(store: Store) -> None:
    store(deliveries.enqueue, outgoing("Create"), [A], now=0)
    assert store(lease) == ["a.example"]
    assert store(lease, hosts.LEASE - 1, owner="other") == []
    assert store(lease, hosts.LEASE, owner="other") == ["a.example"]
    assert store(hosts.hold, "a.example", "me", hosts.LEASE) is None
    store(hosts.release, "a.example", "me")
    assert store(host_row, "a.example")["owner"] == "other"


def test_a_lease_is_renewed(store: Store) -> None:
    store(deliveries.enqueue, outgoing("Create"), [A], now=0)
    store(lease)
    assert store(hosts.hold, "a.example", "me", 100) == hosts.HostState()
    assert store(lease, hosts.LEASE + 1, owner="other") == []


def test_a_lease_from_before_the_clock_was_set_back_binds_nobody(store: Store) -> None:
    store(deliveries.enqueue, outgoing("Create"), [A], now=0)
    store(lease, 1_000_000)
    assert store(lease, 10, owner="other") == ["a.example"]


def test_urgent_first_then_the_healthy(store: Store) -> None:
    store(set_host, "ill.example", failures=2)
    for inbox in ("https://ill.example/inbox", B):
        store(deliveries.enqueue, outgoing("Create"), [inbox], now=1)
    store(deliveries.enqueue, outgoing("Accept", "https://a.example/follow"), [A], now=2, urgent=True)
    assert store(lease, 3, slots=1) == ["a.example"]
    assert store(lease, 3, slots=1) == ["b.example"]
    assert store(lease, 3, urgent=True) == []
    assert store(lease, 3, slots=1) == ["ill.example"]


def test_urgent_overtakes_within_a_host(store: Store) -> None:
    store(deliveries.enqueue, outgoing("Create"), [A], now=0)
    store(deliveries.enqueue, outgoing("Accept", "https://a.example/follow"), [A], now=0, urgent=True)
    assert store(drain, "a.example") == ["Accept", "Create"]


def test_a_host_that_rests_is_not_woken(store: Store) -> None:
    store(set_host, "a.example", open_until=100, failures=5)
    store(deliveries.enqueue, outgoing("Create"), [A], now=1, urgent=True)
    assert store(lease, 99) == []
    assert store(lease, 100) == ["a.example"]


def test_a_later_word_waits_for_the_earlier_about_the_same(store: Store) -> None:
    """L-9."""
    for kind, about in (("Create", "x"), ("Announce", "y"), ("Delete", "x")):
        store(deliveries.enqueue, outgoing(kind, about), [A, "https://a.example/other"], now=0)
        first = store(deliveries.take, "a.example", 0)
        if kind == "Create":
            store(deliveries.settle, first.id, Mark(state="waiting", due=60), 0)
            store(deliveries.settle, first.id + 1, Mark(state="waiting", due=70), 0)
    assert store(drain, "a.example", 1) == ["Announce", "Announce"]
    assert store(deliveries.take, "a.example", 59) is None
    assert store(drain, "a.example", 60) == ["Create", "Delete"]
    assert store(drain, "a.example", 70) == ["Create", "Delete"]


def test_what_is_refused_blocks_nothing(store: Store) -> None:
    store(deliveries.enqueue, outgoing("Create"), [A], now=0)
    store(deliveries.enqueue, outgoing("Update"), [A], now=0)
    store(deliveries.settle, store(deliveries.take, "a.example", 0).id, Mark(state="refused", status=400), 0)
    assert store(drain, "a.example") == ["Update"]


def test_the_host_is_next_looked_at_when_something_can_go(store: Store) -> None:
    """Not when something is due that must wait for its forerunner."""
    store(deliveries.enqueue, outgoing("Create"), [A], now=0)
    store(lease)
    first = store(deliveries.take, "a.example", 0)
    store(deliveries.settle, first.id, Mark(state="waiting", due=60), 0)
    store(deliveries.enqueue, outgoing("Delete"), [A], now=1)
    store(hosts.release, "a.example", "me")
    assert store(host_row, "a.example")["due"] == 60
    assert store(lease, 59) == []
    assert store(lease, 60) == ["a.example"]
    assert store(drain, "a.example", 60) == ["Create", "Delete"]
    store(hosts.release, "a.example", "me")
    assert store(host_row, "a.example")["due"] is None
    assert store(lease, 10_000) == []


def test_the_newest_update_replaces_those_not_yet_tried(store: Store) -> None:
    create, updates = outgoing("Create"), [outgoing("Update") for _ in range(3)]
    store(deliveries.enqueue, create, [A, B], now=0)
    for update in updates[:2]:
        store(deliveries.enqueue, update, [A, B], now=0)
    store(deliveries.enqueue, outgoing("Update", "another"), [A], now=0)
    store(deliveries.enqueue, updates[2], [A], now=0)
    assert store(drain, "a.example") == ["Create", "Update", "Update"]
    waiting = [kind for kind, inbox, state in store(delivery_rows) if inbox == B and state == "waiting"]
    assert waiting == ["Create", "Update"]  # of B the last Update knows nothing


def test_an_update_that_was_tried_stays(store: Store) -> None:
    store(deliveries.enqueue, outgoing("Update"), [A], now=0)
    store(deliveries.settle, store(deliveries.take, "a.example", 0).id, Mark(state="waiting", due=60), 0)
    store(deliveries.enqueue, outgoing("Update"), [A], now=0)
    assert store(states) == ["waiting", "waiting"]
    assert store(deliveries.take, "a.example", 0) is None


def test_a_delete_cancels_what_was_never_tried(store: Store) -> None:
    for kind in ("Create", "Update", "Delete"):
        store(deliveries.enqueue, outgoing(kind), [A], now=0)
    assert store(states) == ["superseded", "superseded", "waiting"]
    assert store(drain, "a.example") == ["Delete"]


def test_an_undo_cancels_the_announce_of_its_own_actor(store: Store) -> None:
    for actor in (GROUP, PERSON):
        store(deliveries.enqueue, outgoing("Announce", actor=actor), [A], now=0)
    store(deliveries.enqueue, outgoing("Undo", actor=GROUP), [A], now=0)
    assert store(states) == ["superseded", "waiting", "waiting"]


def test_what_was_superseded_on_its_way_does_not_come_back(store: Store) -> None:
    store(deliveries.enqueue, outgoing("Create"), [A], now=0)
    taken = store(deliveries.take, "a.example", 0)
    store(deliveries.enqueue, outgoing("Delete"), [A], now=0)
    store(deliveries.settle, taken.id, Mark(state="waiting", due=60), 0)
    assert store(states) == ["superseded", "waiting"]
    store(deliveries.settle, taken.id, DELIVERED, 0)
    assert store(states) == ["delivered", "waiting"]


def test_a_shared_inbox_that_is_gone_is_replaced_by_the_personal_ones(store: Store) -> None:
    for name in "xyz":
        store(follow, f"https://a.example/{name}", f"https://a.example/{name}/inbox", A)
    for kind in ("Create", "Announce", "Update"):
        store(deliveries.enqueue, outgoing(kind), [A], now=0)
    store(deliveries.settle, store(deliveries.take, "a.example", 0).id, DELIVERED, 0)
    assert store(deliveries.scatter, A, now=1) is True
    assert [(kind, inbox[-7:-6]) for kind, inbox, state in store(delivery_rows) if state == "waiting"] == [
        (kind, name) for kind in ("Announce", "Update") for name in "xyz"
    ]
    assert set(store(shared_inboxes)) == {""}
    assert store(deliveries.scatter, A, now=1) is False
    assert store(deliveries.owners, "https://a.example/x/inbox") == ["https://a.example/x"]


def test_a_sign_of_life_wakes_a_host(store: Store) -> None:
    store(deliveries.enqueue, outgoing("Create"), [A], now=0)
    store(lease)
    store(deliveries.settle, store(deliveries.take, "a.example", 0).id, Mark(state="waiting", due=9000), 0)
    ill = hosts.HostState(failures=9, failing_days=8, failing_since=1, open_until=90_000, scheme="rfc9421")
    store(hosts.keep, "a.example", ill)
    store(hosts.release, "a.example", "me")
    assert store(lease, 9001) == []
    store(hosts.revive, "a.example", 10)
    (leased,) = store(hosts.lease, "me", 10, 1)
    assert leased.state == hosts.HostState(scheme="rfc9421")
    assert store(drain, "a.example", 10) == ["Create"]
    store(hosts.revive, "unknown.example", 10)


def test_a_host_that_asked_for_peace_keeps_it_though_it_writes(store: Store) -> None:
    store(deliveries.enqueue, outgoing("Create"), [A], now=0)
    store(hosts.keep, "a.example", hosts.HostState(open_until=500))
    store(hosts.revive, "a.example", 10)
    assert store(host_row, "a.example")["open_until"] == 500


def test_the_old_is_given_up(store: Store) -> None:
    store(deliveries.enqueue, outgoing("Create"), [A, B], now=10)
    store(deliveries.enqueue, outgoing("Announce"), [A], now=20)
    store(deliveries.drop, "a.example", 15, 30)
    assert store(states) == ["given up", "waiting", "waiting"]


def test_the_past_is_forgotten_the_activities_stay(store: Store) -> None:
    create = outgoing("Create")
    store(deliveries.enqueue, create, [A, B], now=10)
    store(lease, 10)
    store(deliveries.settle, store(deliveries.take, "a.example", 10).id, DELIVERED, 11)
    for host in ("a.example", "b.example"):
        store(hosts.release, host, "me")
    store(set_host, "dead.example", failures=8)
    store(deliveries.forget, 12)
    store(hosts.forget, 12)
    assert store(delivery_rows) == [("Create", B, "waiting")]
    assert sorted(store(lambda c: list(c.execute(select(hosts.host.c.host)).scalars()))) == [
        "b.example",
        "dead.example",
    ]
    assert store(lambda c: c.execute(select(func.count()).select_from(activity)).scalar()) == 1


def test_nothing_is_overlooked_when_all_happens_at_once(database: Database) -> None:
    """Two workers take and give back while others say: at the end everything was delivered, each thing once."""

    async def work() -> None:
        done = asyncio.Event()
        told: list[tuple[str, str]] = []

        async def speak(number: int) -> None:
            for n in range(10):
                inboxes = [f"https://{(number + n) % 7}.example/inbox", f"https://{n % 5}.example/inbox"]
                create = outgoing("Create", f"{number}/{n}")
                await database.write(partial(deliveries.enqueue, outgoing=create, inboxes=inboxes, now=0))

        async def deliver(owner: str) -> None:
            while True:
                last = done.is_set()
                leased = await database.write(partial(hosts.lease, owner=owner, now=1, slots=2))
                for host in leased:
                    while taken := await database.read(partial(deliveries.take, host=host.host, now=1)):
                        told.append((taken.uri, taken.inbox))
                        await database.write(
                            partial(deliveries.settle, number=taken.id, mark=DELIVERED, now=1)
                        )
                    await database.write(partial(hosts.release, name=host.host, owner=owner))
                if last and not leased:
                    return

        workers = [asyncio.create_task(deliver(owner)) for owner in ("me", "other")]
        await asyncio.gather(*map(speak, range(6)))
        done.set()
        await asyncio.gather(*workers)
        left = await database.read(partial(queue_length))
        assert left == 0
        assert len(told) == len(set(told)) > 60

    asyncio.run(asyncio.wait_for(work(), 60))


def queue_length(connection: Connection) -> int:
    query = select(func.count()).select_from(delivery).where(delivery.c.state == "waiting")
    return connection.execute(query).scalar_one()


@pytest.mark.parametrize("address", ["postgresql"], indirect=True)
def test_two_write_in_opposite_order(database: Database) -> None:
    """PostgreSQL ends one of two that wait for each other; it is tried again. SQLite has one writer."""
    meeting = threading.Barrier(2)
    tries: list[str] = []

    def both(connection: Connection, first: str, second: str) -> None:
        tries.append(first)
        hosts.wake(connection, [first], now=0, priority=1)
        if len(tries) <= 2:
            meeting.wait(10)
        hosts.wake(connection, [second], now=0, priority=1)

    async def work() -> None:
        await asyncio.gather(
            database.write(partial(both, first="a", second="b")),
            database.write(partial(both, first="b", second="a")),
        )

    asyncio.run(work())
    assert len(tries) > 2


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
def test_the_database_is_whole(database: Database, address: str) -> None:
    store = Store(database)
    store(deliveries.enqueue, outgoing("Create"), [A], now=0)
    with sqlite3.connect(address.removeprefix("sqlite:///")) as raw:
        assert raw.execute("pragma integrity_check").fetchone() == ("ok",)
        assert raw.execute("pragma journal_mode").fetchone() == ("wal",)
