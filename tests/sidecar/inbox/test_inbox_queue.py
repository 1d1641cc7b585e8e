"""What is acknowledged waits in the inbox queue and is processed: each once, in its order, whatever fails beside it."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.serve.loop import in_a_loop
from tests.sidecar.domain.scene import ALICE, BOB, NOTE, PERSON, note, number, rows, someone
from tests.sidecar.faults.test_not_stored import held
from tests.sidecar.inbox.station import Station, activity, signed, station, townsfolk
from tests.sidecar.stores import address_in
from tubegen.sidecar.inbox import worker
from tubegen.sidecar.inbox.handlers import reply
from tubegen.sidecar.inbox.outcome import IGNORED
from tubegen.sidecar.inbox.worker import PAUSES
from tubegen.sidecar.store import inbox_queue, remote_actors, schema
from tubegen.sidecar.store.inbox_queue import Backlog, Entry

pytestmark = pytest.mark.usefixtures("both_stores")


def at(folder: Path, work: Callable[[Station], Coroutine[Any, Any, None]], **options: Any) -> None:
    """With an inbox that takes down and processes nothing by itself."""

    async def run() -> None:
        async with station(folder, **options) as here:
            here.is_idle = True
            await work(here)

    in_a_loop(run())


async def count(here: Station, *tables: Any) -> list[int]:
    return await here.read(lambda connection: [number(connection, table) for table in tables])


def test_what_is_acknowledged_is_kept_and_worked_in_later_as_of_when_it_came(tmp_path):
    async def work(here: Station) -> None:
        came = here.now
        assert (await here.tell(ALICE, "Follow", PERSON)).status == 202
        assert here.inbox_queue.arrived.is_set()
        assert await count(here, schema.queued_activity, schema.follower) == [1, 0]
        here.now += 5000
        await here.work_in()
        assert await count(here, schema.queued_activity, schema.follower) == [0, 1]
        assert (await here.read(lambda c: rows(c, schema.follower)))[0]["since"] == came
        assert here.wake.is_set()

    at(tmp_path, work)


def test_without_a_catalogue_it_waits(tmp_path):
    async def work(here: Station) -> None:
        await here.tell(ALICE, "Follow", PERSON)
        site, here.site = here.site, None
        await here.work_in()
        assert await count(here, schema.queued_activity) == [1]
        here.site = site
        await here.work_in()
        assert await count(here, schema.queued_activity, schema.follower) == [0, 1]

    at(tmp_path, work)


def test_what_one_says_after_the_other_is_done_after_the_other(tmp_path):
    async def work(here: Station) -> None:
        follow = {"type": "Follow", "actor": ALICE.uri, "object": PERSON}
        for turn in range(3):
            uri = f"{ALICE.uri}#follow-{turn}"
            await here.tell(ALICE, "Follow", PERSON, id=uri)
            if turn < 2:
                await here.tell(ALICE, "Undo", follow | {"id": uri}, id=f"{uri}/undo")
        await here.tell(ALICE, "Create", note())
        await here.tell(ALICE, "Create", note(number=2), id=f"{ALICE.uri}#second")
        await here.tell(ALICE, "Delete", note()["id"])
        await here.work_in()
        (follower,) = await here.read(lambda c: rows(c, schema.follower))
        assert follower["follow"] == f"{ALICE.uri}#follow-2"
        assert [row["uri"] for row in await here.read(lambda c: rows(c, schema.post))] == [
            note(number=2)["id"]
        ]

    at(tmp_path, work)


def test_what_comes_after_ones_own_end_is_nothing_more(tmp_path):
    async def work(here: Station) -> None:
        await here.tell(ALICE, "Like", NOTE)
        await here.tell(ALICE, "Delete", ALICE.uri)
        await here.tell(ALICE, "Follow", PERSON)
        await here.tell(BOB, "Follow", PERSON)
        await here.work_in()
        assert await count(here, schema.queued_activity, schema.reaction, schema.follower) == [0, 0, 1]
        await here.tell(ALICE, "Follow", PERSON)
        await here.work_in()
        assert await count(here, schema.follower) == [1]
        here.now += 11
        await here.tell(ALICE, "Follow", PERSON)
        await here.work_in()
        assert await count(here, schema.follower) == [2]

    at(tmp_path, work, town=townsfolk(ALICE, BOB))


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Replies that say so cannot be processed."""
    keep = reply.keep

    def fails(connection: Connection, site: Any, told: Any, *rest: Any, **how: Any) -> Any:
        outcome = keep(connection, site, told, *rest, **how)
        if "poison" in told["content"]:
            raise RuntimeError("a mistake of ours")
        return outcome

    monkeypatch.setattr(reply, "keep", fails)
    return monkeypatch


def test_what_cannot_be_worked_in_holds_up_nobody_and_is_not_lost(tmp_path, poisoned, caplog):
    async def work(here: Station) -> None:
        await here.tell(ALICE, "Follow", PERSON)
        await here.tell(ALICE, "Create", note(content="poison"), id=f"{ALICE.uri}#bad")
        await here.tell(ALICE, "Create", note(number=2))
        await here.tell(BOB, "Create", note(BOB))
        await here.work_in()
        tables = schema.queued_activity, schema.follower, schema.post, schema.failed_activity
        assert await count(here, *tables) == [0, 1, 2, 1]
        assert "cannot be processed and is put with the failed ones" in caplog.text
        for attempt, pause in enumerate(PAUSES):
            (line,) = (await here.read(inbox_queue.waits)).aside
            assert (line.signer, line.attempts) == (ALICE.uri, attempt + 1)
            assert (line.due, line.error) == (here.now + pause, "RuntimeError: a mistake of ours")
            here.now += pause
            await here.work_in()
        (line,) = (await here.read(inbox_queue.waits)).aside
        assert (line.attempts, line.due) == (3, None)
        here.now += 1e6
        await here.work_in()
        poisoned.undo()
        assert await count(here, schema.post, schema.failed_activity) == [2, 1]
        await start(here)
        assert await count(here, schema.post, schema.failed_activity) == [3, 0]

    at(tmp_path, work, town=townsfolk(ALICE, BOB))


async def start(here: Station) -> None:
    """A worker, until nothing failed."""
    one = here.inbox_worker()
    running = asyncio.create_task(one.run())
    while await count(here, schema.failed_activity) != [0]:
        await asyncio.sleep(0.02)
    one.stop()
    await running


def test_somebody_who_knows_our_mistake_fills_no_disk_with_it(tmp_path, poisoned):
    poisoned.setattr(inbox_queue, "MAX_FAILED", 3)

    async def work(here: Station) -> None:
        for turn in range(5):
            bad = note(number=turn, content="poison")
            await here.tell(ALICE, "Create", bad, id=f"{ALICE.uri}#{turn}")
        await here.work_in()
        assert await count(here, schema.queued_activity, schema.failed_activity) == [0, 3]

    at(tmp_path, work)


def test_trouble_of_the_database_is_nobodys_mistake(tmp_path):
    async def work(here: Station) -> None:
        await here.tell(ALICE, "Like", NOTE)
        with held(address_in(tmp_path)), pytest.raises(Exception, match="lock"):
            await here.work_in()
        assert await count(here, schema.queued_activity, schema.failed_activity) == [1, 0]
        await here.work_in()
        assert await count(here, schema.queued_activity, schema.reaction) == [0, 1]

    at(tmp_path, work, patience=0.2)


@pytest.mark.parametrize("most", [Backlog(rows=6, bytes=1 << 20), Backlog(rows=1000, bytes=1000)])
def test_no_more_waits_than_may(tmp_path, most):
    async def work(here: Station) -> None:
        answers = [await here.tell(ALICE, "Like", NOTE) for _ in range(12)]
        taken = [answer.status for answer in answers].index(503)
        assert 3 <= taken <= 6
        assert {answer.status for answer in answers[taken:]} == {503}
        assert answers[taken].headers["retry-after"] == "30"
        assert await count(here, schema.queued_activity) == [taken]
        await here.work_in()
        here.now += 2
        assert (await here.tell(ALICE, "Like", NOTE)).status == 202

    at(tmp_path, work, most=most)


def test_a_forwarded_answer_to_what_is_not_worked_in_yet_comes_again(tmp_path):
    relay = someone("relay", "relay.example")
    answer = signed(relay, activity(ALICE, "Create", note(inReplyTo=note(BOB)["id"])))

    async def work(here: Station) -> None:
        assert (await here.send(answer)).status == 401
        await here.tell(BOB, "Create", note(BOB))
        assert (await here.send(answer)).status == 503
        await here.work_in()
        assert (await here.send(answer)).status == 202

    at(tmp_path, work, town=townsfolk(ALICE, BOB, relay))


def test_several_share_the_work_and_each_host_keeps_its_order(tmp_path, monkeypatch):
    """Each activity is processed once."""
    fans = [someone(f"fan{n}", f"h{n % 12}.example") for n in range(24)]
    done: list[tuple[str, str]] = []

    def receive(connection: Connection, site: Any, told: Any, sender: Any, *, now: float) -> Any:
        done.append((sender.host, told.id))
        return IGNORED

    async def work(here: Station) -> None:
        entries = [
            Entry(fan, activity(fan, "Like", NOTE, id=f"{fan.uri}#{n}"), here.now)
            for n in range(30)
            for fan in fans
        ]
        await here.database.write(lambda c: inbox_queue.append(c, entries, {fan.uri: fan for fan in fans}))
        monkeypatch.setattr(worker, "receive", receive)
        await asyncio.gather(*(here.work_in() for _ in range(4)))
        await here.work_in()
        assert len(done) == len(set(done)) == len(entries)
        for host in {fan.host for fan in fans}:
            sent = [(fan.host, f"{fan.uri}#{n}") for n in range(30) for fan in fans if fan.host == host]
            assert [one for one in done if one[0] == host] == sent

    at(tmp_path, work)


def test_who_still_has_something_to_say_is_not_forgotten(tmp_path):
    async def work(here: Station) -> None:
        await here.tell(ALICE, "Follow", PERSON)
        await here.database.write(lambda c: remote_actors.prune(c, before=here.now + 1))
        await here.work_in()
        assert await count(here, schema.follower) == [1]
        await here.database.write(lambda c: c.execute(schema.follower.delete()) and None)
        await here.database.write(lambda c: remote_actors.prune(c, before=here.now + 1))
        assert await count(here, schema.remote_actor) == [0]

    at(tmp_path, work)
