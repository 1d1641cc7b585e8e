"""How often other servers are asked, and by whom."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sidecar.remote.remote.web import ALICE, MAIN, OTHER, PRIVATE, alice
from tests.sidecar.scripted import fails, pem
from tubegen.sidecar.remote.budget import Budget
from tubegen.sidecar.remote.fetch import Gone, Unfit, Unreachable
from tubegen.sidecar.remote.public_keys import to_pem
from tubegen.sidecar.signatures.errors import KeyGone, KeyRefused, KeyUnavailable


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
    monkeypatch.setattr("tubegen.sidecar.remote.actors._PATIENCE", 0.2)

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
