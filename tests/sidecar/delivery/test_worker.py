"""The worker against servers of all manners, over real sockets, with the real signatures."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import Connection

from tests.serve.loop import in_a_loop
from tests.sidecar.delivery.outgoing import (
    GROUP,
    delivery_rows,
    follow,
    host_row,
    jobs_waiting,
    outgoing,
    states,
)
from tests.sidecar.delivery.zoo import Zoo, answers, running, zoo
from tests.sidecar.domain.scene import someone
from tubegen.sidecar.model import OutgoingActivity
from tubegen.sidecar.store import deliveries, hosts, jobs, processed, remote_actors
from tubegen.sidecar.store.database import Database
from tubegen.sidecar.store.jobs import Job

Test = Callable[..., Coroutine[Any, Any, None]]


def with_zoo(test: Test) -> Callable[[Database], None]:
    """A test in a loop with a zoo."""

    def run(database: Database) -> None:
        async def inside() -> None:
            async with asyncio.timeout(40), zoo() as animals:
                await test(database, animals)

        in_a_loop(inside())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


async def enqueue(database: Database, what: OutgoingActivity, *inboxes: str, urgent: bool = False) -> None:
    await database.write(
        partial(deliveries.enqueue, outgoing=what, inboxes=inboxes, now=time.time(), urgent=urgent)
    )


async def idle(database: Database) -> None:
    """Until nothing is under way and nothing can go."""

    def busy(connection: Any) -> bool:
        row = connection.exec_driver_sql(
            f"select count(*) from host where owner <> '' or due <= {time.time()}"
        )
        return row.scalar() > 0

    while await database.read(busy):
        await asyncio.sleep(0.01)


@with_zoo
async def test_everybody_gets_everything_in_order(database: Database, zoo: Zoo) -> None:
    kinds = ("Create", "Announce", "Update")
    for kind in kinds:
        await enqueue(database, outgoing(kind, kind), *(zoo.inbox(n) for n in range(30)))
    async with running(database, slots=8):
        await zoo.until(90)
        await idle(database)
    assert all(zoo.seen(n) == list(kinds) for n in range(30))
    assert set(await database.read(states)) == {"delivered"}


@with_zoo
async def test_a_backlog_beyond_the_batch_is_delivered_too(database: Database, zoo: Zoo) -> None:
    for n in range(45):
        await enqueue(database, outgoing("Create", f"o{n}"), zoo.inbox(1))
    async with running(database):
        await zoo.until(45)
    assert [knock.about for knock in zoo.knocks] == [f"o{n}" for n in range(45)]


@with_zoo
async def test_an_accept_overtakes_a_backlog(database: Database, zoo: Zoo) -> None:
    """All slots taken by servers that hang, and hundreds in line."""
    for n in range(300):
        zoo.manners[zoo.host(n)] = zoo.silent
    await enqueue(database, outgoing("Create"), *(zoo.inbox(n) for n in range(300)))
    async with running(database, slots=8) as at_work:
        await zoo.until(8)
        begun = time.monotonic()
        await enqueue(database, outgoing("Accept", "https://a.example/follow"), zoo.inbox(999), urgent=True)
        at_work.wake.set()
        while not zoo.seen(999):
            await zoo.until(len(zoo.knocks) + 1)
        assert time.monotonic() - begun < 1
        zoo.over.set()


@with_zoo
async def test_an_accept_overtakes_within_its_host(database: Database, zoo: Zoo) -> None:
    for n in range(30):
        await enqueue(database, outgoing("Create", f"o{n}"), zoo.inbox(1))
    gate = asyncio.Event()

    async def gated(_: web.Request, __: int) -> web.Response:
        await gate.wait()
        return web.Response(status=202)

    zoo.manners[zoo.host(1)] = gated
    async with running(database):
        await zoo.until(1)
        await enqueue(database, outgoing("Accept", "https://a.example/follow"), zoo.inbox(1), urgent=True)
        gate.set()
        await zoo.until(2)
    assert zoo.seen(1)[:2] == ["Create", "Accept"]


@with_zoo
async def test_a_failed_delivery_is_signed_anew(database: Database, zoo: Zoo) -> None:
    """S-4: with the date of the new attempt."""
    zoo.manners[zoo.host(1)] = answers(500, 202)
    await enqueue(database, outgoing("Create"), zoo.inbox(1))
    async with running(database) as at_work:
        await zoo.until(1)
        await idle(database)
        at_work.pass_time(59)
        await asyncio.sleep(0.1)
        assert len(zoo.knocks) == 1
        at_work.pass_time(2)
        await zoo.until(2)
        await at_work.stop()
    assert zoo.knocks[0].date != zoo.knocks[1].date
    assert await database.read(states) == ["delivered"]


@with_zoo
async def test_the_other_signature_is_tried_and_remembered(database: Database, zoo: Zoo) -> None:
    async def modern(request: web.Request, _: int) -> web.Response:
        return web.Response(status=202 if "Signature-Input" in request.headers else 401)

    zoo.manners[zoo.host(1)] = modern
    for n in range(2):
        await enqueue(database, outgoing("Create", f"o{n}"), zoo.inbox(1))
    async with running(database) as at_work:
        await zoo.until(3)
        await idle(database)
        await enqueue(database, outgoing("Create", "later"), zoo.inbox(1))
        at_work.wake.set()
        await zoo.until(4)
        await idle(database)
    assert [knock.scheme for knock in zoo.knocks] == ["cavage", "rfc9421", "rfc9421", "rfc9421"]
    assert (await database.read(partial(host_row, name=zoo.host(1))))["scheme"] == "rfc9421"


@with_zoo
async def test_a_server_that_wants_neither_keeps_the_old_way(database: Database, zoo: Zoo) -> None:
    zoo.manners[zoo.host(1)] = answers(403)
    await enqueue(database, outgoing("Create"), zoo.inbox(1))
    async with running(database):
        await zoo.until(2)
        await idle(database)
    assert await database.read(states) == ["refused"]
    assert (await database.read(partial(host_row, name=zoo.host(1))))["scheme"] == "cavage"


@with_zoo
async def test_retry_after_holds_the_whole_host(database: Database, zoo: Zoo) -> None:
    zoo.manners[zoo.host(1)] = answers(429, 202, **{"Retry-After": "600"})
    await enqueue(database, outgoing("Create"), zoo.inbox(1))
    await enqueue(database, outgoing("Announce", actor=GROUP), zoo.inbox(1))
    async with running(database) as at_work:
        await zoo.until(1)
        await idle(database)
        at_work.pass_time(590)
        await asyncio.sleep(0.1)
        assert len(zoo.knocks) == 1
        at_work.pass_time(20)
        await zoo.until(3)
        await at_work.stop()
    assert await database.read(states) == ["delivered", "delivered"]


@with_zoo
async def test_a_missing_shared_inbox_leads_to_the_personal_ones(database: Database, zoo: Zoo) -> None:
    async def personal_only(request: web.Request, _: int) -> web.Response:
        return web.Response(status=404 if request.path == "/inbox" else 202)

    zoo.manners[zoo.host(1)] = personal_only
    for name in "xy":
        own = zoo.inbox(1, f"/{name}/inbox")
        await database.write(partial(follow, uri=zoo.inbox(1, f"/{name}"), inbox=own, shared=zoo.inbox(1)))
    for kind in ("Create", "Announce"):
        await enqueue(database, outgoing(kind), zoo.inbox(1))
    async with running(database):
        await zoo.until(5)
        await idle(database)
    assert [knock.path for knock in zoo.knocks] == ["/inbox", "/x/inbox", "/y/inbox", "/x/inbox", "/y/inbox"]
    assert await database.read(jobs_waiting) == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_inbox_makes_us_ask_for_the_actor(status: int, database: Database) -> None:
    """L-6: its follower is not dropped at once."""

    @with_zoo
    async def run(database: Database, zoo: Zoo) -> None:
        zoo.manners[zoo.host(1)] = answers(status)
        actor = zoo.inbox(1, "/x")
        await database.write(partial(follow, uri=actor, inbox=zoo.inbox(1)))
        await enqueue(database, outgoing("Create"), zoo.inbox(1))
        async with running(database):
            await zoo.until(1)
            await idle(database)
        assert await database.read(states) == ["refused"]
        assert await database.read(jobs_waiting) == [("confirm-actor", actor)]

    run(database)


@with_zoo
async def test_what_nobody_needs_any_more_is_thrown_away_daily(database: Database, zoo: Zoo) -> None:
    """And who is said to be gone is asked for again (L-6)."""
    actor = zoo.inbox(1, "/x")

    def before(connection: Connection) -> None:
        follow(connection, uri=actor, inbox=zoo.inbox(1))
        remote_actors.mark_gone(connection, actor, 5)
        remote_actors.remember(connection, someone("stranger", fetched=1))
        processed.first_time(connection, b"old", 1)

    await database.write(before)
    async with running(database):
        while not await database.read(jobs_waiting):
            await asyncio.sleep(0.01)
    assert await database.read(lambda c: remote_actors.find(c, someone("stranger").uri)) is None
    assert not await database.read(lambda c: processed.seen(c, b"old"))
    assert await database.read(jobs_waiting) == [("confirm-actor", actor)]


@with_zoo
async def test_a_dead_host_is_left_alone_until_it_writes(database: Database, zoo: Zoo) -> None:
    zoo.manners[zoo.host(1)] = answers(500, 500, 500, 500, 500, 202)
    for n in range(6):
        await enqueue(database, outgoing("Create", f"o{n}"), zoo.inbox(1))
    async with running(database) as at_work:
        for n in range(5):
            await zoo.until(n + 1)
            await idle(database)
            at_work.pass_time(61)
        await asyncio.sleep(0.1)
        assert len(zoo.knocks) == 5
        await database.write(partial(hosts.revive, name=zoo.host(1), now=at_work.clock()))
        at_work.wake.set()
        await zoo.until(11)
        await at_work.stop()
    assert set(await database.read(states)) == {"delivered"}


@with_zoo
async def test_no_answer_is_a_failure_of_the_host(database: Database, zoo: Zoo) -> None:
    await enqueue(database, outgoing("Create"), "http://127.9.9.9:1/inbox")
    async with running(database):
        await idle(database)
        await asyncio.sleep(0)
    row = await database.read(partial(host_row, name="127.9.9.9:1"))
    assert row["failures"] == 1
    assert row["last_error"]
    assert await database.read(states) == ["waiting"]


@with_zoo
async def test_slow_servers_do_not_hold_up_the_others(database: Database, zoo: Zoo) -> None:
    for n in range(6):
        zoo.manners[zoo.host(n)] = zoo.silent
    await enqueue(database, outgoing("Create"), *(zoo.inbox(n) for n in range(20)))
    async with running(database, slots=4):
        await zoo.until(20, seconds=8)
        zoo.over.set()


@with_zoo
async def test_films_go_out_as_fast_as_the_line_carries_them(database: Database, zoo: Zoo) -> None:
    """L-21: 1 MB for each of four servers over 16 kbit/s is 500 seconds each; what carries none goes at once."""
    await enqueue(database, outgoing("Create", weight=1_000_000), *(zoo.inbox(n) for n in range(4)))
    await enqueue(database, outgoing("Announce", "other"), *(zoo.inbox(n) for n in range(4)))
    async with running(database, media_bandwidth=16_000) as at_work:
        await zoo.until(5)
        assert sorted(knock.type for knock in zoo.knocks) == ["Announce"] * 4 + ["Create"]
        for n in range(3):
            await idle(database)
            assert len(zoo.knocks) == 5 + n
            at_work.pass_time(500)
            await zoo.until(6 + n)


@with_zoo
async def test_what_is_under_way_is_finished_at_the_end(database: Database, zoo: Zoo) -> None:
    gate = asyncio.Event()

    async def gated(_: web.Request, __: int) -> web.Response:
        await gate.wait()
        return web.Response(status=202)

    zoo.manners[zoo.host(1)] = gated
    for n in range(2):
        await enqueue(database, outgoing("Create", f"o{n}"), zoo.inbox(1))
    async with running(database) as at_work:
        await zoo.until(1)
        ending = asyncio.create_task(at_work.stop())
        await asyncio.sleep(0)
        gate.set()
        await ending
    assert await database.read(states) == ["delivered", "waiting"]
    row = await database.read(partial(host_row, name=zoo.host(1)))
    assert (row["owner"], row["lease_until"]) == ("", 0)
    assert row["due"] is not None


@with_zoo
async def test_what_is_cut_off_is_given_back(database: Database, zoo: Zoo) -> None:
    zoo.manners[zoo.host(1)] = zoo.silent
    await enqueue(database, outgoing("Create"), zoo.inbox(1))
    async with running(database) as at_work:
        await zoo.until(1)
        for task in at_work.worker._deliveries.values():
            task.cancel()
        await at_work.stop()
    assert (await database.read(partial(host_row, name=zoo.host(1))))["owner"] == ""
    assert await database.read(delivery_rows) == [("Create", zoo.inbox(1), "waiting")]


@with_zoo
async def test_jobs_are_done_put_off_and_tried_again(database: Database, zoo: Zoo) -> None:
    begun: asyncio.Queue[Job] = asyncio.Queue()
    outcomes: list[Any] = [KeyError("no"), None]

    async def handler(job: Job) -> float | None:
        begun.put_nowait(job)
        outcome = outcomes.pop(0)
        if outcome:
            raise outcome
        return None

    async def unlucky(job: Job) -> float | None:
        begun.put_nowait(job)
        return time.time() + 100_000

    now = time.time()
    await database.write(partial(jobs.ask, kind="look", key="a", due=now, payload="p"))
    await database.write(partial(jobs.ask, kind="nobody's", key="a", due=now))
    await database.write(partial(jobs.ask, kind="later", key="a", due=now + 3600))
    async with running(database, {"look": handler, "later": unlucky}) as at_work:
        first = await begun.get()
        assert (first.kind, first.key, first.payload, first.attempts) == ("look", "a", "p", 0)
        while not (await database.read(job_dues))["look"] < now + jobs.LEASE - 1:
            await asyncio.sleep(0.01)
        at_work.pass_time(61)
        assert (await begun.get()).attempts == 1
        while "look" in await database.read(job_dues):
            await asyncio.sleep(0.01)
        at_work.pass_time(3600)
        assert (await begun.get()).kind == "later"
        while (await database.read(job_dues))["later"] < now + 90_000:
            await asyncio.sleep(0.01)
    assert set(await database.read(job_dues)) == {"nobody's", "later"}


def job_dues(connection: Any) -> dict[str, float]:
    return dict(connection.exec_driver_sql("select kind, due from job").all())


def test_a_job_asked_for_while_it_is_done_is_done_again(database: Database) -> None:
    def work(connection: Any) -> None:
        jobs.ask(connection, "look", "a", due=5)
        assert jobs.take(connection, ["look"], 4, 9) == []
        (taken,) = jobs.take(connection, ["look"], 5, 9)
        assert jobs.take(connection, ["look"], 5, 9) == []
        jobs.ask(connection, "look", "a", due=6, payload="new")
        jobs.done(connection, taken)
        (once_more,) = jobs.take(connection, ["look"], 6, 9)
        assert once_more.payload == "new"
        jobs.again(connection, once_more, 50)
        assert jobs.take(connection, ["look"], 49, 9) == []
        (last,) = jobs.take(connection, ["look"], 50, 9)
        assert jobs.take(connection, ["look"], 50 + jobs.LEASE, 9) != []
        jobs.done(connection, last)
        assert jobs_waiting(connection) == [("look", "a")]

    async def run() -> None:
        await database.write(work)

    asyncio.run(run())
