"""Errands: what another server says when it is asked."""

from pathlib import Path
from typing import Any

import pytest

from tests.serve.loop import in_a_loop
from tests.sidecar.domain.scene import ALICE, BOB, NOTE, NOW, SITE, TIDE, note, number, publish, rows, told
from tubegen.sidecar.answers import FetchError, Gone, Unfit, Unreachable
from tubegen.sidecar.domain.errands import Errands
from tubegen.sidecar.model import Json, RemoteActor
from tubegen.sidecar.store import moderation, schema
from tubegen.sidecar.store.database import Database, open_database
from tubegen.sidecar.store.errands import Errand

Said = Json | type[FetchError]


class Elsewhere:
    """Other servers: `documents` by address."""

    def __init__(self, documents: dict[str, Said]) -> None:
        self.documents = documents

    async def get(self, url: str) -> Json:
        found = self.documents.get(url, Gone)
        if isinstance(found, type):
            raise found(url)
        return found

    async def actor(self, uri: str, *, fresh: bool = False) -> RemoteActor:
        found = self.documents.get(uri, Gone)
        if isinstance(found, type):
            raise found(uri)
        return ALICE if uri == ALICE.uri else BOB


def errand(kind: str, key: str, *, attempts: int = 0, payload: str = "") -> Errand:
    return Errand(id=1, kind=kind, key=key, payload=payload, attempts=attempts, until=NOW)


def run(
    folder: Path, documents: dict[str, Said], *work: Any, before: Any = None, site: Any = SITE
) -> list[Any]:
    """What the errands return, and then what the callables among `work` find in the database."""
    found: list[Any] = []

    async def all_of_it() -> None:
        database: Database = open_database(f"sqlite:///{folder / 'sidecar.db'}")
        try:
            await database.write(lambda connection: publish(connection, TIDE))
            if before:
                await database.write(before)
            there = Elsewhere(documents)
            errands = Errands(database, lambda: site, fetcher=there, people=there, clock=lambda: NOW)
            for item in work:
                one = errands.handlers[item.kind](item) if isinstance(item, Errand) else database.read(item)
                found.append(await one)
        finally:
            database.close()

    in_a_loop(all_of_it())
    return found


def posts(connection: Any) -> list[str]:
    return [row["html"] for row in rows(connection, schema.post)]


LOOK = errand("fetch-object", note()["id"])
THERE: dict[str, Said] = {ALICE.uri: {}, BOB.uri: {}}


def test_a_post_is_kept_as_its_own_server_has_it(tmp_path):
    assert run(tmp_path, THERE | {LOOK.key: note(content="genuine")}, LOOK, posts) == [None, ["genuine"]]


@pytest.mark.parametrize("said", [Gone, {"id": LOOK.key, "type": "Tombstone"}])
def test_a_post_that_is_gone_there_goes_here(tmp_path, said):
    def before(connection: Any) -> None:
        told(connection, ALICE, "Create", note())

    assert run(tmp_path, THERE | {LOOK.key: said}, LOOK, posts, before=before) == [None, []]


@pytest.mark.parametrize(
    "said",
    [
        note(attributedTo="https://evil.example/u"),
        note(to=[f"{ALICE.uri}/followers"], cc=[]),
        note(inReplyTo="https://other.example/1"),
        note(content="a\0b"),
        Unfit,
    ],
)
def test_what_is_no_reply_there_is_none_here(tmp_path, said):
    assert run(tmp_path, THERE | {LOOK.key: said}, LOOK, posts) == [None, []]


def test_a_server_out_of_reach_is_asked_ever_more_rarely_and_then_no_more(tmp_path):
    tries = [errand("fetch-object", LOOK.key, attempts=attempts) for attempts in range(6)]
    times = run(tmp_path, {LOOK.key: Unreachable}, *tries)
    assert [time - NOW for time in times[:-1]] == [60, 300, 1800, 10800, 43200]
    assert times[-1] is None


def test_errands_wait_for_the_catalogue_and_stop_at_closed_doors(tmp_path):
    assert run(tmp_path, {}, LOOK, site=None) == [NOW + 60]
    documents = THERE | {LOOK.key: note()}
    (tmp_path / "second").mkdir()

    def before(connection: Any) -> None:
        moderation.block_domain(connection, "social.example")

    assert run(tmp_path / "second", documents, LOOK, posts, before=before) == [None, []]


def test_a_quote_is_permitted_when_the_post_fetched_bears_it_out(tmp_path):
    post = note(number=9, quote=NOTE)
    asked = f'{{"id":"{ALICE.uri}#1","actor":"{ALICE.uri}","object":"{NOTE}","instrument":"{post["id"]}"}}'
    look = errand("fetch-quote", post["id"], payload=asked)
    assert run(tmp_path, THERE | {post["id"]: post}, look, lambda c: number(c, schema.quote)) == [None, 1]


@pytest.mark.parametrize(("said", "left"), [(Gone, 0), ({}, 1), (Unfit, 1), (Unreachable, 1)])
def test_an_actor_is_purged_only_when_its_own_server_says_that_it_is_gone(tmp_path, said, left):
    def before(connection: Any) -> None:
        told(connection, ALICE, "Like", NOTE)

    look = errand("refresh-actor", ALICE.uri)
    found = run(tmp_path, {ALICE.uri: said}, look, lambda c: number(c, schema.reaction), before=before)
    assert found == [NOW + 60 if said is Unreachable else None, left]
