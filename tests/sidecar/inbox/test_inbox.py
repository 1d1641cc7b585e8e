"""The inbox as a stranger meets it: statuses, limits, and nothing acknowledged that is not stored."""

import asyncio
import gzip
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.exc import OperationalError

from tests.serve.loop import in_a_loop
from tests.sidecar.domain.scene import (
    ALICE,
    BOB,
    GROUP,
    NOTE,
    NOW,
    PERSON,
    note,
    number,
    rows,
    someone,
)
from tests.sidecar.inbox.station import Station, activity, signed, station, townsfolk, wire
from tubegen.errors import DiskFull, Problem
from tubegen.sidecar.inbox.limits import Limits
from tubegen.sidecar.inbox.receive import routes
from tubegen.sidecar.signatures.errors import KeyRefused, KeyUnavailable
from tubegen.sidecar.store import moderation, remote_actors, schema

pytestmark = pytest.mark.usefixtures("both_stores")

LIKE = activity(ALICE, "Like", NOTE)
TYPE = "application/activity+json"


def at(folder: Path, work: Callable[[Station], Coroutine[Any, Any, None]], **options: Any) -> None:
    async def run() -> None:
        async with station(folder, **options) as here:
            await work(here)

    in_a_loop(run())


async def untouched(here: Station) -> bool:
    tables = (schema.reaction, schema.post, schema.follower, schema.received, schema.job, schema.tombstone)
    return await here.read(lambda connection: not any(number(connection, table) for table in tables))


def test_what_is_believed_is_stored_before_it_is_acknowledged_and_the_worker_is_woken(tmp_path):
    async def work(here: Station) -> None:
        answer = await here.tell(ALICE, "Follow", PERSON)
        assert (answer.status, answer.text) == (202, "")
        assert here.wake.is_set()
        assert await here.read(lambda connection: number(connection, schema.follower)) == 1
        assert await here.read(lambda connection: number(connection, schema.delivery)) == 1

    at(tmp_path, work)


def test_the_same_create_twice_at_once_is_one_reply(tmp_path):
    async def work(here: Station) -> None:
        answers = await asyncio.gather(*(here.tell(ALICE, "Create", note()) for _ in range(8)))
        assert {answer.status for answer in answers} == {202}
        assert await here.read(lambda connection: number(connection, schema.post)) == 1

    at(tmp_path, work)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Content-Type": "application/json"}, 415),
        ({"Content-Type": "text/html"}, 415),
        ({"Content-Type": 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'}, 401),
        ({"Content-Encoding": "gzip"}, 415),
        ({"Content-Encoding": "gzip, gzip"}, 415),
        ({"Content-Length": str((1 << 20) + 1)}, 413),
        ({f"X-Padding-{index}": "x" * 7000 for index in range(5)}, 431),
        ({"Digest": "SHA-256=AAAA"}, 401),
        ({"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}, 401),
        ({"Signature": ""}, 401),
        ({"Host": "evil.example"}, 401),
    ],
)
def test_what_is_wrong_with_a_request_has_its_status(tmp_path, change, status):
    async def work(here: Station) -> None:
        request = signed(ALICE, LIKE)
        headers = dict(request.headers) | change
        assert (
            await here.send(msgspec.structs.replace(request, headers=tuple(headers.items())))
        ).status == status
        assert await untouched(here)

    at(tmp_path, work)


@pytest.mark.parametrize("age", [-3700, 3700])
def test_a_request_from_another_hour_is_refused(tmp_path, age):
    async def work(here: Station) -> None:
        assert (await here.send(signed(ALICE, LIKE, now=NOW + age))).status == 401
        assert (await here.send(signed(ALICE, LIKE, now=NOW + age * 0.95))).status == 202

    at(tmp_path, work)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (LIKE[:-1] + b',"actor":"https://evil.example/u"}', 400),
        (activity(ALICE, "Like", NOTE, id="https://evil.example/1"), 400),
        (activity(BOB, "Like", NOTE), 401),
        (activity(someone("alice", "evil.example"), "Like", NOTE), 401),
        (LIKE + b" " * ((1 << 20) - len(LIKE)), 202),
        (LIKE + b" " * ((1 << 20) - len(LIKE) + 1), 413),
    ],
)
def test_what_is_wrong_with_a_body_has_its_status(tmp_path, body, status):
    async def work(here: Station) -> None:
        assert (await here.send(signed(ALICE, body))).status == status
        assert status == 202 or await untouched(here)

    at(tmp_path, work)


def test_a_body_without_end_is_cut_off(tmp_path):
    async def work(here: Station) -> None:
        head = f"POST /ap/inbox HTTP/1.1\r\nHost: films.example\r\nContent-Type: {TYPE}\r\n"
        head += "Transfer-Encoding: chunked\r\n\r\n"
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        assert (await here.raw(head.encode(), *[chunk] * 17)).status == 413

    at(tmp_path, work)


def test_a_chunked_body_within_bounds_is_read(tmp_path):
    async def work(here: Station) -> None:
        request = signed(ALICE, LIKE)
        head, _, body = wire(request).partition(b"\r\n\r\n")
        head = head.replace(b"Content-Length: " + str(len(body)).encode(), b"Transfer-Encoding: chunked")
        chunks = b"".join(
            f"{1:x}\r\n".encode() + body[index : index + 1] + b"\r\n" for index in range(len(body))
        )
        assert (await here.raw(head + b"\r\n\r\n" + chunks + b"0\r\n\r\n")).status == 202

    at(tmp_path, work)


def test_few_bodies_may_arrive_slowly_at_a_time_from_one_address_and_in_all(tmp_path):
    """L-30: what is being read is held in memory."""

    async def work(here: Station) -> None:
        begun = wire(signed(ALICE, LIKE))[:-1]
        slow = [await asyncio.open_connection("127.0.0.1", here.port) for _ in range(3)]
        for (_, writer), front in zip(slow, ("203.0.113.1", "203.0.113.1", "203.0.113.2"), strict=True):
            writer.write(begun.replace(b"\r\n", f"\r\nX-Forwarded-For: {front}\r\n".encode(), 1))
            await writer.drain()
        await asyncio.sleep(0.1)
        request = signed(ALICE, LIKE)
        for front, status in (("203.0.113.1", 429), ("203.0.113.2", 503), ("203.0.113.3", 503)):
            headers = (*request.headers, ("X-Forwarded-For", front))
            answer = await here.send(msgspec.structs.replace(request, headers=headers))
            assert answer.status == status
            assert "retry-after" in answer.headers
        for _, writer in slow:
            writer.close()
        await asyncio.sleep(0.1)
        assert (await here.tell(ALICE, "Like", NOTE)).status == 202

    at(tmp_path, work, limits=Limits(bodies=3, bodies_each=2))


def test_who_breaks_off_leaves_no_fault_behind(tmp_path, caplog):
    async def work(here: Station) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", here.port)
        writer.write(wire(signed(ALICE, LIKE))[:-1])
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.close()
        await asyncio.sleep(0.1)
        assert (await here.tell(ALICE, "Like", NOTE)).status == 202

    at(tmp_path, work)
    assert "Error handling request" not in caplog.text


def test_a_bomb_is_not_unpacked(tmp_path):
    async def work(here: Station) -> None:
        bomb = gzip.compress(b" " * (100 << 20))
        assert (await here.send(signed(ALICE, bomb, **{"Content-Encoding": "gzip"}))).status == 415

    at(tmp_path, work)


def test_the_key_id_of_another_host_is_not_even_looked_at(tmp_path):
    """X-15."""

    async def work(here: Station) -> None:
        for key_id in (
            "https://evil.example/key",
            "https://social.example@evil.example/k",
            "http://social.example/k",
        ):
            assert (await here.send(signed(ALICE, LIKE, key_id=key_id))).status == 401
        assert here.town.asked == []

    at(tmp_path, work)


@pytest.mark.parametrize(("trouble", "status"), [(KeyUnavailable, 503), (KeyRefused, 401)])
def test_trouble_with_the_key_tells_whether_to_come_again(tmp_path, trouble, status):
    async def work(here: Station) -> None:
        here.town.trouble = trouble
        answer = await here.tell(ALICE, "Like", NOTE)
        assert answer.status == status
        assert ("retry-after" in answer.headers) is (status == 503)
        assert await untouched(here)

    at(tmp_path, work)


def test_a_flood_of_deleted_strangers_costs_no_fetch_and_leaves_nothing(tmp_path):
    """I-30."""

    async def work(here: Station) -> None:
        for index in range(60):
            stranger = someone(f"user{index}", "large.example")
            for kind in ("Delete", "Update"):
                assert (await here.tell(stranger, kind, {"id": stranger.uri, "type": "Person"})).status == 202
        assert here.town.asked == []
        assert await untouched(here)

    at(tmp_path, work, town=townsfolk())


def test_a_known_actor_that_signs_its_own_end_is_purged(tmp_path):
    async def work(here: Station) -> None:
        await here.tell(ALICE, "Like", NOTE)
        assert (await here.tell(ALICE, "Delete", ALICE.uri)).status == 202
        assert await here.read(lambda connection: remote_actors.find(connection, ALICE.uri)) is None
        assert set(here.town.forgotten) == {ALICE.uri}

    at(tmp_path, work)


def test_a_host_that_writes_is_alive(tmp_path):
    """L-7: what waits for it goes now, but only once it is known to be it."""

    async def work(here: Station) -> None:
        waiting = {"host": "social.example", "due": NOW + 9e5, "open_until": NOW + 9e5, "failures": 7}
        await here.database.write(lambda c: c.execute(insert(schema.host).values(waiting)) and None)
        await here.send(signed(ALICE, LIKE, Digest="SHA-256=AAAA"))
        assert (await here.read(lambda c: rows(c, schema.host)))[0]["failures"] == 7
        await here.tell(ALICE, "Like", NOTE)
        (row,) = await here.read(lambda c: rows(c, schema.host))
        assert (row["failures"], row["due"], row["open_until"]) == (0, NOW, 0)

    at(tmp_path, work)


def test_a_known_actor_whose_key_is_gone_is_asked_for_before_it_is_purged(tmp_path):
    """S-31."""

    async def work(here: Station) -> None:
        await here.tell(ALICE, "Like", NOTE)
        here.town.keys.clear()
        here.wake.clear()
        assert (await here.tell(ALICE, "Like", NOTE)).status == 401
        assert (await here.tell(ALICE, "Delete", ALICE.uri)).status == 202
        assert here.wake.is_set()
        assert await here.read(lambda connection: remote_actors.find(connection, ALICE.uri))
        (job,) = await here.read(lambda connection: rows(connection, schema.job))
        assert (job["kind"], job["key"]) == ("refresh-actor", ALICE.uri)

    at(tmp_path, work)


def test_a_blocked_domain_gets_403_before_its_key_is_fetched(tmp_path):
    async def work(here: Station) -> None:
        await here.database.write(lambda connection: moderation.block_domain(connection, "example"))
        assert (await here.tell(ALICE, "Like", NOTE)).status == 403
        assert here.town.asked == []
        assert await untouched(here)

    at(tmp_path, work)


def test_a_reply_that_another_server_forwards_is_acknowledged_and_looked_up(tmp_path):
    relay = someone("relay", "relay.example")

    async def work(here: Station) -> None:
        body = activity(ALICE, "Create", note())
        assert (await here.send(signed(relay, body))).status == 202
        assert await here.read(lambda connection: number(connection, schema.post)) == 0
        assert [row["key"] for row in await here.read(lambda c: rows(c, schema.job))] == [note()["id"]]
        here.town.asked.clear()
        elsewhere = activity(ALICE, "Create", note(inReplyTo="https://other.example/1"))
        assert (await here.send(signed(relay, elsewhere))).status == 401
        assert here.town.asked == []
        await here.database.write(lambda connection: moderation.block_domain(connection, "relay.example"))
        here.now += 3
        assert (await here.send(signed(relay, body))).status == 403

    at(tmp_path, work, town=townsfolk(ALICE, relay))


def test_while_the_catalogue_is_not_read_others_come_again(tmp_path):
    async def work(here: Station) -> None:
        here.site = None
        answer = await here.tell(ALICE, "Like", NOTE)
        assert (answer.status, answer.headers["retry-after"]) == (503, "30")

    at(tmp_path, work)


@pytest.mark.parametrize(
    "fault",
    [DiskFull(Problem("", 0, "full")), OperationalError("INSERT", {}, Exception("database is locked"))],
)
def test_what_cannot_be_stored_is_never_acknowledged(tmp_path, monkeypatch, fault):
    async def work(here: Station) -> None:
        async def write(_: Callable[[Connection], Any]) -> None:
            raise fault

        with monkeypatch.context() as patch:
            patch.setattr(here.database, "write", write)
            answer = await here.tell(ALICE, "Create", note())
            assert (answer.status, answer.headers["retry-after"]) == (503, "30")
        assert (await here.tell(ALICE, "Create", note())).status == 202
        assert await here.read(lambda connection: number(connection, schema.post)) == 1

    at(tmp_path, work)


def test_each_actor_that_there_is_has_an_inbox_and_nobody_else(tmp_path):
    async def work(here: Station) -> None:
        for path, status in (
            ("/ap/inbox", 415),
            (f"{PERSON.removeprefix('https://films.example')}/inbox", 415),
            (f"{GROUP.removeprefix('https://films.example')}/inbox", 415),
            ("/ap/instance/inbox", 415),
            ("/ap/u/nobody/inbox", 404),
            ("/ap/c/nobody/inbox", 404),
        ):
            request = f"POST {path} HTTP/1.1\r\nHost: films.example\r\nContent-Length: 0\r\n\r\n"
            assert (await here.raw(request.encode())).status == status, path

    at(tmp_path, work, routes=lambda services: routes(services))
