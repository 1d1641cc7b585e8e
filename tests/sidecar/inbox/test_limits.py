"""Who sends too much, or too much that is wrong, has to wait, and nobody else."""

from typing import Any

import msgspec
import pytest

from tests.sidecar.domain.scene import (
    ALICE,
    BOB,
    NOTE,
    someone,
)
from tests.sidecar.inbox.station import Station, signed, townsfolk
from tests.sidecar.inbox.test_inbox import LIKE, at
from tubegen.sidecar.inbox.limits import Buckets, Limits, Rate
from tubegen.sidecar.signatures.errors import KeyUnavailable

pytestmark = pytest.mark.usefixtures("both_stores")


def test_who_sends_too_much_is_told_when_to_come_again_and_the_others_are_served(tmp_path):
    """By what a host has signed: nobody uses up the allowance of another by naming it."""
    carol = someone("carol", "other.example")

    async def work(here: Station) -> None:
        forged = signed(BOB, LIKE, key_id=ALICE.key_id, Digest="SHA-256=AAAA")
        for _ in range(5):
            assert (await here.send(forged)).status == 401
        assert [(await here.tell(ALICE, "Like", NOTE)).status for _ in range(3)] == [202, 202, 429]
        answer = await here.tell(BOB, "Like", NOTE)
        assert (answer.status, answer.headers["retry-after"]) == (429, "10")
        assert (await here.tell(carol, "Like", NOTE)).status == 202
        here.now += 10
        assert (await here.tell(ALICE, "Like", NOTE)).status == 202

    limits = Limits(host=Rate(0.1, 2))
    at(tmp_path, work, town=townsfolk(ALICE, BOB, carol), limits=limits)


def test_an_address_of_many_bad_requests_has_to_wait(tmp_path):
    async def work(here: Station) -> None:
        bad = signed(ALICE, LIKE, Digest="SHA-256=AAAA")
        assert [(await here.send(bad)).status for _ in range(4)] == [401, 401, 401, 429]
        asked = len(here.town.asked)
        assert (await here.tell(ALICE, "Like", NOTE)).status == 429
        assert len(here.town.asked) == asked
        here.now += 60
        assert (await here.tell(ALICE, "Like", NOTE)).status == 202

    at(tmp_path, work, limits=Limits(refused=Rate(0.1, 3)))


def test_who_makes_us_look_for_keys_in_vain_has_to_wait_too(tmp_path):
    """L-31: a key out of reach is no fault of the request, but somebody makes us reach for it."""

    async def work(here: Station) -> None:
        here.town.trouble = KeyUnavailable
        assert [(await here.tell(ALICE, "Like", NOTE)).status for _ in range(4)] == [503, 503, 503, 429]
        assert set(here.town.askers) == {"unknown"}

    at(tmp_path, work, limits=Limits(refused=Rate(0.1, 3)))


def test_buckets_fill_again_and_do_not_grow_without_bound():
    buckets = Buckets(Rate(2, 4))
    assert [buckets.take("a", 0) for _ in range(5)] == [0, 0, 0, 0, 0.5]
    assert buckets.take("a", 0.5) == 0
    assert buckets.take("a", -100) > 0
    assert [buckets.take("a", 1000) for _ in range(5)] == [0, 0, 0, 0, 0.5]
    for index in range(50_000):
        buckets.take(str(index), 1000)
    assert buckets.wait("a", 1000) == 0


def test_who_asks_through_a_front_server_has_limits_of_its_own(tmp_path):
    async def work(here: Station) -> None:
        bad = signed(ALICE, LIKE, Digest="SHA-256=AAAA")

        async def statuses(request: Any, *proxies: str) -> list[int]:
            sent = [(*request.headers, ("X-Forwarded-For", front)) for front in proxies]
            return [
                (await here.send(msgspec.structs.replace(request, headers=headers))).status
                for headers in sent
            ]

        assert await statuses(bad, *["8.8.8.8"] * 3) == [401, 401, 429]
        neighbours = [f"2606:4700::{number}" for number in range(3)]
        assert await statuses(bad, *neighbours) == [401, 401, 429]
        assert await statuses(signed(ALICE, LIKE), "8.8.4.4", "8.8.8.8") == [202, 429]

    at(tmp_path, work, limits=Limits(refused=Rate(0.1, 2)))
