"""What a plan will cost: pixels tell the time, ceilings tell the bytes."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.media.conftest import PAL
from tests.media.test_plan import ABILITIES
from tubegen.config import MediaConfig
from tubegen.media.plan.estimate import download_size, estimate, limits, size
from tubegen.media.plan.plan import Plan, make_plan

PLAN = make_plan(PAL, MediaConfig(), ABILITIES)


def of_quality(quality: str) -> Plan:
    return make_plan(PAL, msgspec.structs.replace(MediaConfig(), quality=quality), ABILITIES)


def test_two_and_a_half_minutes_of_1080p() -> None:
    """The model's figures: 3750 frames of 3.5 megapixels."""
    assert 480 < estimate(PLAN, PLAN.frames).cpu < 530
    assert size(PLAN) == round((5_184_000 + 2_534_400 + 1_229_760 + 434_520 + 4 * 128_000) / 8 * 150)
    assert download_size(PLAN) == round((2_534_400 + 128_000) / 8 * 150)
    assert estimate(PLAN, PLAN.frames).room == round(1.3 * size(PLAN)) + download_size(PLAN)


def test_what_is_done_costs_no_more() -> None:
    assert estimate(PLAN, 0).cpu == 0
    assert estimate(PLAN, 0).room == download_size(PLAN)
    assert estimate(PLAN, PLAN.frames // 2).cpu * 2 == estimate(PLAN, PLAN.frames).cpu


def test_effort_and_the_machine_count() -> None:
    costs = [estimate(of_quality(quality), 100).cpu for quality in ("draft", "default", "archive")]
    assert costs == sorted(costs)
    assert costs[0] * 4 < costs[2]
    assert estimate(PLAN, 100, 3.0).cpu == 3 * estimate(PLAN, 100).cpu


@given(st.integers(min_value=0, max_value=len(PLAN.chunks) - 1))
def test_no_chunk_comes_near_its_limits(number: int) -> None:
    first, end = PLAN.chunks[number]
    bound = limits(PLAN, first, end)
    assert bound.cpu > 40 * estimate(PLAN, end - first).cpu
    assert bound.file > 2 * size(PLAN) * (end - first) / PLAN.frames
    assert bound.file < limits(PLAN).file
    assert bound.memory > 4 << 30
