"""Jobs: what another server says when it is asked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.serve.loop import in_a_loop
from tests.sidecar.domain.scene import (
    ALICE,
    BOB,
    NOTE,
    NOW,
    PERSON,
    SITE,
    TIDE,
    note,
    number,
    open_scene,
    publish,
    rows,
    someone,
    told,
)
from tests.sidecar.stores import address_in
from tubegen.sidecar.activitypub.read import read
from tubegen.sidecar.inbox.process import receive
from tubegen.sidecar.jobs.handlers import JobHandlers
from tubegen.sidecar.model import Json, RemoteActor
from tubegen.sidecar.remote.answers import FetchError, Gone, Unfit, Unreachable
from tubegen.sidecar.store import jobs, moderation, remote_actors, schema
from tubegen.sidecar.store.database import Database, open_database
from tubegen.sidecar.store.jobs import Job

pytestmark = pytest.mark.usefixtures("both_stores")

OutgoingActivity = Json | Callable[[str], FetchError]


def deleted(url: str) -> FetchError:
    """410, not 404."""
    return Gone(url, for_good=True)


class Elsewhere:
    """Other servers: `documents` by address."""

    def __init__(self, documents: dict[str, OutgoingActivity]) -> None:
        self.documents = documents
        self.forgotten: list[str] = []

    def forget(self, uri: str) -> None:
        self.forgotten.append(uri)

    async def get(self, url: str) -> Json:
        found = self.documents.get(url, Gone)
        if callable(found):
            raise found(url)
        return found

    async def actor(self, uri: str, *, fresh: bool = False) -> RemoteActor:
        found = self.documents.get(uri, Gone)
        if callable(found):
            raise found(uri)
        return ALICE if uri == ALICE.uri else BOB


def job(kind: str, key: str, *, attempts: int = 0, payload: str = "") -> Job:
    return Job(id=1, kind=kind, key=key, payload=payload, attempts=attempts, until=NOW)


def run(
    folder: Path, documents: dict[str, OutgoingActivity], *work: Any, before: Any = None, site: Any = SITE
) -> list[Any]:
    """What the jobs return, and then what the callables among `work` find in the database."""
    found: list[Any] = []

    async def all_of_it() -> None:
        database: Database = open_database(address_in(folder))
        try:
            await database.write(lambda connection: publish(connection, TIDE))
            if before:
                await database.write(before)
            there = Elsewhere(documents)
            handlers = JobHandlers(
                database, lambda: site, fetcher=there, actors=there, clock=lambda: NOW
            ).handlers
            for item in work:
                one = handlers[item.kind](item) if isinstance(item, Job) else database.read(item)
                found.append(await one)
        finally:
            database.close()

    in_a_loop(all_of_it())
    return found


def posts(connection: Any) -> list[str]:
    return [row["html"] for row in rows(connection, schema.post)]


LOOK = job("fetch-object", note()["id"])
THERE: dict[str, OutgoingActivity] = {ALICE.uri: {}, BOB.uri: {}}


def test_a_post_is_kept_as_its_own_server_has_it(tmp_path):
    assert run(tmp_path, THERE | {LOOK.key: note(content="genuine")}, LOOK, posts) == [None, ["genuine"]]


def answered(connection: Any) -> None:
    """LOOK's post is kept."""
    told(connection, ALICE, "Create", note(content="a"))


def asked(connection: Any) -> list[tuple[str, str, float]]:
    return [(row["kind"], row["key"], row["due"]) for row in rows(connection, schema.job)]


@pytest.mark.parametrize("outgoing", [deleted, {"id": LOOK.key, "type": "Tombstone"}])
def test_a_post_that_is_gone_there_for_good_goes_here(tmp_path, outgoing):
    found = run(tmp_path, THERE | {LOOK.key: outgoing}, LOOK, posts, asked, before=answered)
    assert found == [None, [], []]


def test_a_post_that_is_merely_not_found_goes_when_it_is_not_found_a_day_later_either(tmp_path):
    """A-7 the other way: a server that is being restored says 404 of everything, and anybody may make us ask."""
    again = job("confirm-object", LOOK.key)
    found = run(tmp_path, THERE, LOOK, posts, asked, again, posts, before=answered)
    assert found == [None, ["a"], [("confirm-object", LOOK.key, NOW + 86400)], None, []]


def test_a_post_that_is_found_again_is_not_doubted_any_more(tmp_path):
    def doubted(connection: Any) -> None:
        answered(connection)
        jobs.ask(connection, "confirm-object", LOOK.key, due=NOW + 3600)

    documents = THERE | {LOOK.key: note(content="b", updated="2027-01-15T07:30:00Z")}
    assert run(tmp_path, documents, LOOK, posts, asked, before=doubted) == [None, ["b"], []]


def test_a_post_that_is_not_kept_is_not_looked_for_again(tmp_path):
    assert run(tmp_path, THERE, LOOK, posts, asked) == [None, [], []]


@pytest.mark.parametrize(
    "outgoing",
    [
        note(attributedTo="https://evil.example/u"),
        note(to=[f"{ALICE.uri}/followers"], cc=[]),
        note(inReplyTo="https://other.example/1"),
        note(content="a\0b"),
        Unfit,
    ],
)
def test_what_is_no_reply_there_is_none_here(tmp_path, outgoing):
    assert run(tmp_path, THERE | {LOOK.key: outgoing}, LOOK, posts) == [None, []]


def waiting(connection: Any) -> list[str]:
    return [row["key"] for row in rows(connection, schema.job)]


def test_a_bare_id_is_looked_up_for_those_who_take_part_and_for_what_is_kept():
    """Nothing else shows that it concerns us."""
    connection = open_scene()
    uri = note(number=7)["id"]
    assert told(connection, ALICE, "Create", uri) == "ignored"
    assert told(connection, ALICE, "Update", uri, id=f"{ALICE.uri}#1") == "ignored"
    assert waiting(connection) == []
    told(connection, BOB, "Create", note(BOB))
    assert told(connection, BOB, "Update", note(BOB)["id"]) == "forwarded"
    told(connection, ALICE, "Follow", PERSON)
    assert told(connection, ALICE, "Create", uri, id=f"{ALICE.uri}#2") == "forwarded"
    assert waiting(connection) == [note(BOB)["id"], uri]


def test_so_much_waits_for_one_server_and_because_of_one_server():
    connection = open_scene()
    eve = someone("eve", "evil.example")

    def forwarded(number: int, host: str, teller: RemoteActor) -> str:
        author = someone("victim", host)
        about = {"id": f"https://{host}/{number}", "type": "Note", "inReplyTo": NOTE}
        content = {"id": f"https://{host}/c{number}", "type": "Create", "actor": author.uri, "object": about}
        return receive(connection, SITE, read(msgspec.json.encode(content)), teller, now=NOW).what

    outcomes = [forwarded(number, f"{number}.example", eve) for number in range(25)]
    assert outcomes == ["forwarded"] * 20 + ["ignored"] * 5
    tellers = [someone("teller", f"t{number}.example") for number in range(25)]
    outcomes = [forwarded(number, "victim.example", teller) for number, teller in enumerate(tellers)]
    assert outcomes == ["forwarded"] * 20 + ["ignored"] * 5
    for nth in range(25):
        told(connection, eve, "QuoteRequest", NOTE, instrument=f"{eve.uri}/{nth}", id=f"{eve.uri}#{nth}")
    assert len([key for key in waiting(connection) if key.startswith(eve.uri)]) == 20


def test_what_we_want_to_look_at_again_takes_nobodys_place():
    connection = open_scene()
    for nth in range(20):
        jobs.ask(connection, "confirm-object", f"{BOB.uri}/{nth}", due=NOW + 86400)
    assert told(connection, ALICE, "QuoteRequest", NOTE, instrument=f"{ALICE.uri}/1") == "quote"


def test_jobs_go_one_to_a_server_people_first():
    connection = open_scene()
    for nth in range(9):
        jobs.ask(connection, "fetch-object", f"https://slow.example/{nth}", due=NOW)
    jobs.ask(connection, "fetch-object", "https://b.example/1", due=NOW + 1)
    jobs.ask(connection, "refresh-actor", ALICE.uri, due=NOW + 2)
    kinds = ["refresh-actor", "fetch-object"]
    taken = jobs.take(connection, kinds, NOW + 2, 4)
    assert [one.key for one in taken] == [ALICE.uri, "https://slow.example/0", "https://b.example/1"]
    assert jobs.take(connection, kinds, NOW + 2, 4, busy=[one.key for one in taken]) == []


def test_asking_again_does_not_begin_the_attempts_anew():
    connection = open_scene()
    for attempts in range(3):
        jobs.ask(connection, "fetch-object", LOOK.key, due=NOW)
        (taken,) = jobs.take(connection, ["fetch-object"], NOW, 1)
        assert taken.attempts == attempts


def test_a_server_out_of_reach_is_asked_ever_more_rarely_and_then_no_more(tmp_path):
    tries = [job("fetch-object", LOOK.key, attempts=attempts) for attempts in range(6)]
    times = run(tmp_path, {LOOK.key: Unreachable}, *tries)
    assert [time - NOW for time in times[:-1]] == [60, 300, 1800, 10800, 43200]
    assert times[-1] is None


def test_jobs_wait_for_the_catalogue_and_stop_at_blocked_servers(tmp_path):
    assert run(tmp_path, {}, LOOK, site=None) == [NOW + 60]
    documents = THERE | {LOOK.key: note()}
    (tmp_path / "second").mkdir()

    def before(connection: Any) -> None:
        moderation.block_domain(connection, "social.example")

    assert run(tmp_path / "second", documents, LOOK, posts, before=before) == [None, []]


def test_a_quote_is_permitted_when_the_post_fetched_bears_it_out(tmp_path):
    post = note(number=9, quote=NOTE)
    asked = f'{{"id":"{ALICE.uri}#1","actor":"{ALICE.uri}","object":"{NOTE}","instrument":"{post["id"]}"}}'
    look = job("fetch-quote", post["id"], payload=asked)
    assert run(tmp_path, THERE | {post["id"]: post}, look, lambda c: number(c, schema.quote)) == [None, 1]


@pytest.mark.parametrize(
    ("outgoing", "left"), [(deleted, 0), (Gone, 1), ({}, 1), (Unfit, 1), (Unreachable, 1)]
)
def test_an_actor_is_purged_only_when_its_own_server_says_that_it_is_gone(tmp_path, outgoing, left):
    def before(connection: Any) -> None:
        told(connection, ALICE, "Like", NOTE)

    look = job("refresh-actor", ALICE.uri)
    found = run(tmp_path, {ALICE.uri: outgoing}, look, lambda c: number(c, schema.reaction), before=before)
    assert found == [NOW + 60 if outgoing is Unreachable else None, left]


def test_an_actor_that_is_merely_not_found_is_looked_for_again_a_day_later(tmp_path):
    """S-31, L-6: a server that is being restored says 404 of everybody, and anybody may make us ask."""
    look = job("refresh-actor", ALICE.uri)
    kinds = run(tmp_path, {}, look, lambda c: [(r["kind"], r["key"], r["due"]) for r in rows(c, schema.job)])[
        1
    ]
    assert kinds == [("confirm-actor", ALICE.uri, NOW + 86400)]


@pytest.mark.parametrize(
    ("gone_for", "outgoing", "due", "left"),
    [
        (0.0, Gone, NOW + 86400, 1),
        (86399.0, Gone, NOW + 1, 1),
        (86400.0, Gone, None, 0),
        (86400.0, {}, None, 1),
        (86400.0, Unreachable, NOW + 60, 1),
        (None, Gone, None, 1),
    ],
)
def test_an_actor_without_an_inbox_goes_when_it_is_gone_twice_a_day_apart(
    tmp_path, gone_for, outgoing, due, left
):
    """L-6"""

    def before(connection: Any) -> None:
        told(connection, ALICE, "Like", NOTE)
        if gone_for is not None:
            remote_actors.mark_gone(connection, ALICE.uri, NOW - gone_for)

    look = job("confirm-actor", ALICE.uri)
    found = run(tmp_path, {ALICE.uri: outgoing}, look, lambda c: number(c, schema.reaction), before=before)
    assert found == [due, left]


@pytest.mark.parametrize("kind", ["confirm-actor", "refresh-actor"])
def test_who_is_purged_is_forgotten_in_memory_too(tmp_path, kind):
    there = Elsewhere({ALICE.uri: deleted})

    async def forget() -> None:
        database = open_database(address_in(tmp_path))
        try:
            await database.write(lambda c: told(c, ALICE, "Like", NOTE))
            await database.write(lambda c: remote_actors.remember(c, ALICE))
            await database.write(lambda c: remote_actors.mark_gone(c, ALICE.uri, NOW - 86400))
            handlers = JobHandlers(
                database, lambda: SITE, fetcher=there, actors=there, clock=lambda: NOW
            ).handlers
            await handlers[kind](job(kind, ALICE.uri))
        finally:
            database.close()

    in_a_loop(forget())
    assert there.forgotten == [ALICE.uri]
