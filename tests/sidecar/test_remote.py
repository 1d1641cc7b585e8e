"""Other servers' actors and keys: shapes, whose word counts, and how often they are asked (interop S-27 to S-32)."""

import asyncio
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from tests.serve.loop import in_a_loop
from tests.sidecar.scripted import NOW, pem
from tubegen.sidecar.actor_document import is_actor, keys_of, read_actor
from tubegen.sidecar.budget import Budget
from tubegen.sidecar.fetch import Gone, Unfit, Unreachable
from tubegen.sidecar.public_keys import from_multibase, from_pem, to_pem
from tubegen.sidecar.remote import Remote
from tubegen.sidecar.store import people
from tubegen.sidecar.store.database import open_database
from tubegen.sidecar.verify.errors import KeyGone, KeyRefused, KeyUnavailable

CAPTURES = Path(__file__).parents[2].parent / "shared" / "peers" / "captures"
needs_captures = pytest.mark.skipif(not CAPTURES.exists(), reason="no captures of other servers here")

ALICE = "https://peer.example/users/alice"
MAIN = f"{ALICE}#main-key"
PRIVATE = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)


def alice(**fields):
    document = {
        "id": ALICE,
        "type": "Person",
        "preferredUsername": "alice",
        "inbox": f"{ALICE}/inbox",
        "publicKey": {"id": MAIN, "owner": ALICE, "publicKeyPem": pem(PRIVATE)},
        **fields,
    }
    return {name: value for name, value in document.items() if value is not None}


class Web:
    """Stands for the fetcher: documents by address, or what asking for them raises."""

    def __init__(self):
        self.pages = {ALICE: alice()}
        self.asked = []
        self.open = asyncio.Event()
        self.open.set()

    async def get(self, url):
        self.asked.append(url)
        await self.open.wait()
        page = self.pages.get(url, Gone("404"))
        if isinstance(page, Exception):
            raise page
        return page


class Bench:
    def __init__(self, database):
        self.now = NOW
        self.web = Web()
        self.database = database
        self.remote = self.again()

    def again(self):
        """The same sidecar after a restart: nothing in memory."""
        self.remote = Remote(self.web, self.database, lambda: self.now)
        return self.remote

    async def stored(self, uri=ALICE):
        return await self.database.read(lambda connection: people.find(connection, uri))


@pytest.fixture
def run(tmp_path):
    def go(work):
        async def whole():
            database = open_database(f"sqlite:///{tmp_path}/sidecar.db")
            try:
                await work(Bench(database))
            finally:
                database.close()

        in_a_loop(whole())

    return go


async def fails(awaitable, kind, words=None):
    with pytest.raises(kind, match=words):
        await awaitable


# Shapes of keys


@pytest.mark.parametrize(
    ("key_id", "pages"),
    [
        pytest.param(MAIN, {ALICE: alice()}, id="an actor with a key"),
        pytest.param(MAIN, {ALICE: alice(publicKey=[{"id": f"{ALICE}#old", "publicKeyPem": "x"}, alice()["publicKey"]])}, id="a list of keys"),
        pytest.param(ALICE, {ALICE: alice()}, id="key id without fragment, as of PeerTube"),
        pytest.param(
            f"{ALICE}/main-key",
            {
                f"{ALICE}/main-key": {
                    "id": ALICE,
                    "type": "Person",
                    "publicKey": {"id": f"{ALICE}/main-key", "owner": ALICE, "publicKeyPem": pem(PRIVATE)},
                },
                ALICE: alice(publicKey={"id": f"{ALICE}/main-key", "owner": ALICE, "publicKeyPem": pem(PRIVATE)}),
            },
            id="a stub actor, as of GoToSocial",
        ),
        pytest.param(
            "https://peer.example/keys/1",
            {
                "https://peer.example/keys/1": {"id": "https://peer.example/keys/1", "owner": ALICE, "publicKeyPem": pem(PRIVATE)},
                ALICE: alice(publicKey="https://peer.example/keys/1"),
            },
            id="a key of its own, which the owner points to",
        ),
        pytest.param(
            "https://peer.example/keys/1",
            {
                "https://peer.example/keys/1": {"id": "https://peer.example/keys/1", "controller": ALICE, "publicKeyPem": pem(PRIVATE)},
                ALICE: alice(publicKey={"id": "https://peer.example/keys/1", "publicKeyPem": pem(PRIVATE)}),
            },
            id="a key of its own, which the owner repeats",
        ),
    ],
)  # fmt: skip
def test_every_shape_of_key_is_found_and_belongs_to_its_actor(run, key_id, pages):
    async def work(bench):
        bench.web.pages = pages
        for _ in range(2):
            key = await bench.remote.key(key_id)
            assert (key.id, key.owner, to_pem(key.public)) == (key_id, ALICE, pem(PRIVATE))
        assert (await bench.stored()).inbox == f"{ALICE}/inbox"
        asked = len(bench.web.asked)
        await bench.again().key(key_id)
        assert len(bench.web.asked) == asked, "the database knows it"

    run(work)


@pytest.mark.parametrize(
    ("key_id", "pages"),
    [
        pytest.param("acct:alice@peer.example", {}, id="no web address"),
        pytest.param("", {}, id="nothing"),
        pytest.param(MAIN, {ALICE: alice(publicKey=None)}, id="no key"),
        pytest.param(f"{ALICE}#other", {ALICE: alice()}, id="another key"),
        pytest.param(ALICE, {ALICE: alice(publicKey=[alice()["publicKey"], alice()["publicKey"]])}, id="which of two"),
        pytest.param(MAIN, {ALICE: alice(publicKey={"id": MAIN, "owner": ALICE, "publicKeyPem": "nonsense"})}, id="no PEM"),
        pytest.param(MAIN, {ALICE: alice(inbox="https://victim.example/inbox")}, id="an inbox elsewhere"),
        pytest.param(MAIN, {ALICE: alice(publicKey={**alice()["publicKey"], "owner": "https://victim.example/a"})}, id="an owner elsewhere"),
        pytest.param(
            "https://peer.example/keys/1",
            {"https://peer.example/keys/1": {"id": "https://peer.example/keys/1", "owner": ALICE, "publicKeyPem": pem(OTHER)},
             ALICE: alice()},
            id="an owner who does not know it",
        ),
        pytest.param(
            "https://peer.example/keys/1",
            {"https://peer.example/keys/1": {"id": "https://peer.example/keys/1", "owner": ALICE, "publicKeyPem": pem(OTHER)},
             ALICE: alice(publicKey={"id": "https://peer.example/keys/1", "publicKeyPem": pem(PRIVATE)})},
            id="an owner who knows another by this id",
        ),
        pytest.param(
            "https://peer.example/keys/1",
            {"https://peer.example/keys/1": {"id": "https://peer.example/keys/1", "publicKeyPem": pem(OTHER)}},
            id="nobody's",
        ),
    ],
)  # fmt: skip
def test_a_key_without_its_owners_word_is_refused(run, key_id, pages):
    async def work(bench):
        bench.web.pages = pages
        await fails(bench.remote.key(key_id), KeyRefused)
        assert await bench.stored() is None

    run(work)


EVE = "https://evil.example/users/eve"


def eve(*keys):
    """Eve lists her own key as Alice's, before those given."""
    claimed = {"id": MAIN, "owner": EVE, "publicKeyPem": pem(OTHER)}
    return alice(id=EVE, inbox=f"{EVE}/inbox", publicKey=[claimed, *keys])


def test_nobody_takes_the_place_of_anothers_key_by_listing_one_with_its_id(run):
    async def work(bench):
        own = {"id": f"{EVE}#main-key", "owner": EVE, "publicKeyPem": pem(OTHER)}
        bench.web.pages[EVE] = eve(own)
        assert (await bench.remote.actor(EVE)).key_id == own["id"]
        key = await bench.remote.key(MAIN)
        assert (key.owner, to_pem(key.public)) == (ALICE, pem(PRIVATE))
        bench.now += 61
        await bench.remote.actor(EVE, fresh=True)
        asked = len(bench.web.asked)
        assert (await bench.remote.key(MAIN)).owner == ALICE
        assert len(bench.web.asked) == asked, "the good key stays in memory"

    run(work)


def test_a_key_under_a_foreign_id_does_for_nobody(run):
    async def work(bench):
        bench.web.pages[EVE] = eve()
        assert (await bench.remote.actor(EVE)).key_id == ""
        await fails(bench.remote.key(EVE), KeyRefused)
        bench.web.pages[EVE] = alice(
            id=EVE,
            inbox=f"{EVE}/inbox",
            publicKey={"id": f"{EVE}#1", "owner": ALICE, "publicKeyPem": pem(OTHER)},
        )
        bench.now += 61
        assert (await bench.remote.actor(EVE, fresh=True)).key_id == ""
        assert (await bench.remote.key(MAIN)).owner == ALICE

    run(work)


def test_of_two_on_one_host_that_name_a_key_it_belongs_to_the_one_at_its_address(run):
    async def work(bench):
        mallory = "https://peer.example/users/aaron"
        bench.web.pages[mallory] = alice(
            id=mallory,
            inbox=f"{mallory}/inbox",
            publicKey={"id": MAIN, "owner": mallory, "publicKeyPem": pem(OTHER)},
        )
        await bench.remote.actor(mallory)
        await bench.remote.actor(ALICE)
        assert (await bench.again().key(MAIN)).owner == ALICE

    run(work)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (rsa.generate_private_key(65537, 1024), "1024 bits"),
        (ec.generate_private_key(ec.SECP256R1()), "neither"),
    ],
)
def test_keys_of_other_kinds_and_sizes(key, words):
    with pytest.raises(ValueError, match=words):
        from_pem(pem(key))


def test_a_pem_that_is_too_long():
    with pytest.raises(ValueError, match="too long"):
        from_pem(pem(PRIVATE) + " " * 9000)


@given(st.binary(min_size=32, max_size=32))
def test_an_ed25519_multikey_is_read(seed):
    public = ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key()
    letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number, text = int.from_bytes(b"\xed\x01" + public.public_bytes_raw()), ""
    while number:
        number, rest = divmod(number, 58)
        text = letters[rest] + text
    assert to_pem(from_multibase("z" + text)) == to_pem(public)
    for wrong in ("m" + text, "z" + text[:-1], "z" + text + "1", "z" + text[:-1] + "0", "z", "z" + text * 9):
        with pytest.raises(ValueError):
            from_multibase(wrong)


def test_an_ed25519_key_of_an_actor_is_taken(run):
    async def work(bench):
        method = {"id": f"{ALICE}#ed", "type": "Multikey", "controller": ALICE,
                  "publicKeyMultibase": "z6MkhgbwUyrCwg6GoE7ty6AxB8tLNqFs55B9VBLVKRKpcdZB"}  # fmt: skip
        bench.web.pages[ALICE] = alice(assertionMethod=[method])
        for remote in (bench.remote, bench.again()):
            assert isinstance((await remote.key(f"{ALICE}#ed")).public, ed25519.Ed25519PublicKey)
        assert (await bench.remote.key(MAIN)).owner == ALICE

    run(work)


# How often


def test_failures_are_told_apart_and_remembered_for_a_minute(run):
    async def work(bench):
        for error, told in (
            (Gone("410"), KeyGone),
            (Unreachable("503"), KeyUnavailable),
            (Unfit("x"), KeyRefused),
        ):
            bench.web.pages[ALICE] = error
            bench.web.asked.clear()
            for _ in range(3):
                await fails(bench.remote.key(MAIN), told)
            assert len(bench.web.asked) == 1
            bench.now += 61
        bench.web.pages[ALICE] = alice()
        assert (await bench.remote.key(MAIN)).owner == ALICE

    run(work)


def test_a_key_is_fetched_anew_when_a_signature_failed_but_once_a_minute(run):
    async def work(bench):
        await bench.remote.key(MAIN)
        bench.web.pages[ALICE] = alice(publicKey={"id": MAIN, "owner": ALICE, "publicKeyPem": pem(OTHER)})
        assert to_pem((await bench.remote.key(MAIN, fresh=True)).public) == pem(PRIVATE)
        bench.now += 61
        assert to_pem((await bench.remote.key(MAIN)).public) == pem(PRIVATE)
        assert to_pem((await bench.remote.key(MAIN, fresh=True)).public) == pem(OTHER)
        assert to_pem((await bench.again().key(MAIN)).public) == pem(OTHER)
        assert len(bench.web.asked) == 2

    run(work)


def test_an_actor_that_is_looked_at_anew_brings_its_new_key(run):
    async def work(bench):
        for key_id in (MAIN, ALICE):
            await bench.remote.key(key_id)
        bench.now += 61
        bench.web.pages[ALICE] = alice(publicKey={"id": MAIN, "owner": ALICE, "publicKeyPem": pem(OTHER)})
        await bench.remote.actor(ALICE, fresh=True)
        for key_id in (MAIN, ALICE):
            assert to_pem((await bench.remote.key(key_id)).public) == pem(OTHER)

    run(work)


def test_after_a_day_it_is_looked_at_again_if_its_server_answers(run):
    async def work(bench):
        await bench.remote.key(MAIN)
        await bench.remote.actor(ALICE)
        assert len(bench.web.asked) == 1
        bench.now += 86_401
        bench.web.pages[ALICE] = Unreachable("down")
        assert (await bench.remote.key(MAIN)).owner == ALICE
        assert (await bench.remote.actor(ALICE)).uri == ALICE
        await fails(bench.remote.key(MAIN, fresh=True), KeyUnavailable)
        await fails(bench.remote.actor(ALICE, fresh=True), Unreachable)
        bench.now += 61
        bench.web.pages[ALICE] = alice(name="New")
        assert (await bench.remote.actor(ALICE)).name == "New"
        assert (await bench.stored()).name == "New"

    run(work)


def test_all_who_wait_for_the_same_ask_once_and_survive_one_who_leaves(run):
    async def work(bench):
        bench.web.open.clear()
        waiting = [asyncio.create_task(bench.remote.key(MAIN)) for _ in range(20)]
        while not bench.web.asked:
            await asyncio.sleep(0)
        waiting[0].cancel()
        bench.web.open.set()
        done = await asyncio.gather(*waiting, return_exceptions=True)
        assert isinstance(done[0], asyncio.CancelledError)
        assert {key.owner for key in done[1:]} == {ALICE}
        assert bench.web.asked == [ALICE]

    run(work)


def junk(asker, count, host="peer.example"):
    """Key ids of a host, each new, that name nothing there."""
    return [f"https://{host}/users/{asker.replace('.', '-')}-{n}#main-key" for n in range(count)]


def test_who_asks_in_vain_uses_up_its_own_share_of_a_host_and_not_that_of_others(run):
    async def work(bench):
        for n, key_id in enumerate(junk("8.8.8.8", 12)):
            told = KeyGone if n < 5 else KeyUnavailable
            await fails(bench.remote.key(key_id, asker="8.8.8.8"), told)
        assert len(bench.web.asked) == 5
        await fails(bench.remote.key(MAIN, asker="8.8.8.8"), KeyUnavailable)
        assert (await bench.remote.key(MAIN, asker="9.9.9.9")).owner == ALICE
        bench.now += 61
        await fails(bench.remote.key(junk("later", 1)[0], asker="8.8.8.8"), KeyGone)

    run(work)


def test_a_key_that_a_real_document_does_not_have_is_in_vain_too(run):
    async def work(bench):
        for n in range(9):
            told = KeyRefused if n < 5 else KeyUnavailable
            await fails(bench.remote.key(f"{ALICE}#{n}", asker="8.8.8.8"), told)
        assert (await bench.remote.key(MAIN, asker="9.9.9.9")).owner == ALICE

    run(work)


def test_one_address_cannot_use_up_what_may_be_asked_in_all(run):
    async def work(bench):
        for n in range(250):
            await fails(
                bench.remote.key(f"https://{n}.evil.example/k", asker="8.8.8.8"), (KeyGone, KeyUnavailable)
            )
        assert len(bench.web.asked) == 30
        assert (await bench.remote.key(MAIN, asker="9.9.9.9")).owner == ALICE

    run(work)


def test_a_host_with_many_new_people_is_asked_for_all_of_them(run):
    async def work(bench):
        for n in range(90):
            uri = f"https://peer.example/users/{n}"
            key = {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": pem(PRIVATE)}
            bench.web.pages[uri] = alice(id=uri, inbox=f"{uri}/inbox", publicKey=key)
            assert (await bench.remote.key(f"{uri}#main-key", asker="9.9.9.9")).owner == uri

    run(work)


def test_a_host_is_asked_in_vain_sixty_times_a_minute_by_whomever(run):
    async def work(bench):
        for n in range(70):
            (key_id,) = junk(f"{n}", 1)
            await fails(bench.remote.key(key_id, asker=str(n)), KeyGone if n < 60 else KeyUnavailable)
        assert len(bench.web.asked) == 60

    run(work)


def test_a_refusal_of_ours_is_not_held_against_the_server(run):
    async def work(bench):
        for key_id in junk("8.8.8.8", 5):
            await fails(bench.remote.key(key_id, asker="8.8.8.8"), KeyGone)
        bench.now += 59
        await fails(bench.remote.key(MAIN, asker="8.8.8.8"), KeyUnavailable)
        bench.now += 2
        assert (await bench.remote.key(MAIN, asker="8.8.8.8")).owner == ALICE

    run(work)


@pytest.mark.parametrize(
    ("key_ids", "askers", "places"),
    [
        (junk("x", 9), "abcdefghi", 2),
        ([f"https://{n}.example/k" for n in range(9)], "a" * 9, 4),
        ([f"https://{n}.example/k" for n in range(40)], [str(n) for n in range(40)], 32),
    ],
    ids=["one host", "one asker", "all"],
)
def test_few_are_asked_at_once(run, monkeypatch, key_ids, askers, places):
    monkeypatch.setattr("tubegen.sidecar.remote._PATIENCE", 0.2)

    async def work(bench):
        bench.web.open.clear()
        keys = zip(key_ids, askers, strict=True)
        waiting = [asyncio.create_task(bench.remote.key(key_id, asker=asker)) for key_id, asker in keys]
        refused = len(waiting) - places
        while sum(task.done() for task in waiting) < refused:
            await asyncio.wait(
                [task for task in waiting if not task.done()], return_when=asyncio.FIRST_COMPLETED
            )
        assert len(bench.web.asked) == places
        bench.web.open.set()
        done = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(error) for error in done].count(KeyUnavailable) == refused
        assert [type(error) for error in done].count(KeyGone) == places

    run(work)


def test_who_has_no_turn_left_makes_nobody_wait_who_wants_the_same(run):
    async def work(bench):
        bench.web.open.clear()
        slow = [asyncio.create_task(bench.remote.key(f"https://{n}.example/k", asker="a")) for n in range(4)]
        while len(bench.web.asked) < 4:
            await asyncio.sleep(0.01)
        late = asyncio.create_task(bench.remote.key(MAIN, asker="a"))
        await asyncio.sleep(0)
        bench.web.open.set()
        assert (await bench.remote.key(MAIN, asker="b")).owner == ALICE
        await asyncio.gather(*slow, late, return_exceptions=True)

    run(work)


@given(st.lists(st.tuples(st.floats(0, 30), st.sampled_from("abcd")), max_size=200))
def test_no_minute_ever_holds_more_than_the_budget(steps):
    budget, now, granted = Budget(3, 7), 0.0, []
    for pause, host in steps:
        now += pause
        recent = [who for when, who in granted if when > now - 60]
        allowed = len(recent) < 7 and recent.count(host) < 3
        assert budget.spend(host, now) is allowed
        if allowed:
            granted.append((now, host))


# Actors


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
        await bench.database.write(lambda connection: people.forget(connection, ALICE))
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


@needs_captures
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


@needs_captures
def test_both_keys_of_a_fedify_actor_are_read():
    document = json.loads((CAPTURES / "fedify" / "actor.json").read_text())
    usable = [entry for entry in keys_of(document) if entry.public]
    assert [entry.id.partition("#")[2] for entry in usable] == ["main-key", "multikey-2"]
    assert {entry.owner for entry in usable} == {document["id"]}
