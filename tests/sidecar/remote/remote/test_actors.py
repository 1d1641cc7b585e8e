"""Actors of other servers: their shapes, and their end."""

import json

import pytest

from tests.fixtures import CAPTURES
from tests.sidecar.remote.remote.web import ALICE, MAIN, alice
from tests.sidecar.scripted import NOW, fails
from tubegen.sidecar.remote.actor_document import is_actor, keys_of, read_actor
from tubegen.sidecar.remote.fetch import Gone, Unfit
from tubegen.sidecar.remote.public_keys import from_pem
from tubegen.sidecar.signatures.errors import KeyGone
from tubegen.sidecar.store import remote_actors


def test_an_actor_must_be_the_one_that_was_asked_for(run):
    async def work(bench):
        bench.web.pages["https://peer.example/@alice"] = alice()
        await fails(bench.remote.actor("https://peer.example/@alice"), Unfit, "another id")

    run(work)


def test_an_actor_that_is_gone_is_marked_and_may_come_back(run):
    async def work(bench):
        await bench.remote.actor(ALICE)
        bench.now += 61
        bench.web.pages[ALICE] = Gone("410")
        await fails(bench.remote.actor(ALICE, fresh=True), Gone)
        assert (await bench.stored()).gone == bench.now
        await fails(bench.remote.actor(ALICE), Gone)
        await fails(bench.remote.key(MAIN), KeyGone)
        bench.now += 61
        bench.web.pages[ALICE] = alice()
        assert (await bench.remote.actor(ALICE)).gone is None
        assert (await bench.stored()).gone is None

    run(work)


def test_of_an_actor_that_left_nothing_stays_in_memory(run):
    async def work(bench):
        await bench.remote.key(MAIN)
        await bench.remote.actor(ALICE)
        asked = len(bench.web.asked)
        await bench.database.write(lambda connection: remote_actors.forget(connection, ALICE))
        await bench.remote.actor(ALICE)
        assert len(bench.web.asked) == asked
        bench.remote.forget(ALICE)
        bench.web.pages.clear()
        await fails(bench.remote.key(MAIN), KeyGone)
        await fails(bench.remote.actor(ALICE), Gone)

    run(work)


def test_a_key_that_is_gone_marks_the_actor_at_the_same_address(run):
    async def work(bench):
        await bench.remote.key(MAIN)
        bench.now += 61
        bench.web.pages[ALICE] = Gone("410")
        await fails(bench.remote.key(MAIN, fresh=True), KeyGone)
        assert (await bench.stored()).gone == bench.now

    run(work)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"type": "Person", "username": "alice", "name": "", "url": ALICE, "shared_inbox": "", "hides": frozenset()}),
        ({"type": ["Thing", "Service"]}, {"type": "Service"}),
        ({"preferredUsername": None}, {"username": ""}),
        ({"name": "a\0" + "x" * 9000}, {"name": "a" + "x" * 499}),
        ({"name": ["x"], "url": 7, "endpoints": "x", "tag": {"a": 1}, "summary": 3}, {"name": "", "url": ALICE, "shared_inbox": ""}),
        ({"url": [{"type": "Link", "href": "https://peer.example/@alice"}, "x"]}, {"url": "https://peer.example/@alice"}),
        ({"url": ["javascript:alert(1)", "https://peer.example/a"]}, {"url": "https://peer.example/a"}),
        ({"icon": [{"type": "Image"}], "assertionMethod": "x"}, {"username": "alice"}),
        ({"endpoints": {"sharedInbox": "https://peer.example/inbox"}}, {"shared_inbox": "https://peer.example/inbox"}),
        ({"endpoints": {"sharedInbox": "https://victim.example/inbox"}}, {"shared_inbox": ""}),
        ({"publicKey": None}, {"key_id": "", "key_pem": ""}),
        ({"hidesToPublicFromUnauthedWeb": True}, {"hides": frozenset({"public"})}),
        ({"hidesCcPublicFromUnauthedWeb": True}, {"hides": frozenset({"unlisted"})}),
        ({"_misskey_requireSigninToViewContents": True}, {"hides": frozenset({"public", "unlisted"})}),
        ({"_misskey_makeNotesHiddenBefore": -86400}, {"hides": frozenset({"public", "unlisted"})}),
        ({"_misskey_makeNotesHiddenBefore": None, "indexable": False}, {"hides": frozenset({"search"})}),
        ({"indexable": True}, {"hides": frozenset()}),
        ({"summary": '<p>hello <a href="/t">#<span>nobot</span></a></p>'}, {"hides": frozenset({"public", "unlisted"})}),
        ({"tag": [{"type": "Hashtag", "name": "#NoIndex"}]}, {"hides": frozenset({"public", "unlisted"})}),
    ],
)  # fmt: skip
def test_actors_are_read_in_all_their_shapes(fields, expected):
    actor = read_actor(alice(**fields), fetched=NOW)
    assert {name: getattr(actor, name) for name in expected} == expected
    assert (actor.uri, actor.host, actor.fetched) == (ALICE, "peer.example", NOW)


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "Note"},
        {"type": None},
        {"inbox": None},
        {"inbox": ["https://peer.example/inbox"]},
        {"inbox": "https://peer.example:8443/inbox"},
        {"inbox": "http://peer.example/inbox"},
        {"inbox": "/inbox"},
        {"id": ALICE + "a" * 2000},
    ],
)
def test_what_is_no_actor_is_refused(fields):
    with pytest.raises(Unfit):
        read_actor(alice(**fields), fetched=NOW)


def test_actors_of_real_servers_are_read():
    files = [*CAPTURES.glob("*/actors/*.json"), *CAPTURES.glob("peertube/actor-*.json")]
    assert len(files) > 15
    for file in files:
        document = json.loads(file.read_text())
        if not is_actor(document):  # the stub that GoToSocial shows to whoever does not sign
            assert [entry.id for entry in keys_of(document) if entry.public] == [f"{document['id']}/main-key"]
            continue
        actor = read_actor(document, fetched=NOW)
        assert actor.uri == document["id"]
        assert actor.username == document.get("preferredUsername", "")
        assert actor.key_id == document["publicKey"]["id"]
        assert from_pem(actor.key_pem).key_size >= 2048
        assert actor.shared_inbox == document.get("endpoints", {}).get("sharedInbox", "")
        assert ("unlisted" in actor.hides) is document.get("hidesCcPublicFromUnauthedWeb", False)


def test_both_keys_of_a_fedify_actor_are_read():
    document = json.loads((CAPTURES / "fedify" / "actor.json").read_text())
    usable = [entry for entry in keys_of(document) if entry.public]
    assert [entry.id.partition("#")[2] for entry in usable] == ["main-key", "multikey-2"]
    assert {entry.owner for entry in usable} == {document["id"]}
