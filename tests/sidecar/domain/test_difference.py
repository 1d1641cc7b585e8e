"""What a new catalogue changes: the pure half of publishing."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tests.sidecar.documents import video
from tubegen.contract import VideoDocument
from tubegen.sidecar.publishing.publish import GRACE, difference, fingerprint
from tubegen.sidecar.store.publishing import Known

NOW = 1_800_000_000.0


def name(n: int) -> str:
    return str(UUID(int=n << 80 | 4 << 76 | 2 << 62, version=4))


def catalogue(*numbers: int, **changes: object) -> dict[str, VideoDocument]:
    return {name(n): video(name(n), **changes) for n in numbers}


def known(*numbers: int, missing: float | None = None, deleted: float | None = None) -> dict[str, Known]:
    return {
        name(n): Known(
            uuid=name(n), fingerprint=fingerprint(video(name(n))), updated=0, missing=missing, deleted=deleted
        )
        for n in numbers
    }


def test_nothing_new_says_nothing() -> None:
    assert difference(catalogue(1, 2), known(1, 2), now=NOW) == difference({}, {}, now=NOW)


def test_new_videos_are_told_in_the_order_of_their_dates() -> None:
    documents = catalogue(1, published="2026-03-02T00:00:00Z") | catalogue(
        2, published="2026-03-01T00:00:00Z"
    )
    assert difference(documents, {}, now=NOW).new == (name(2), name(1))


def test_a_date_to_come_is_waited_for() -> None:
    documents = catalogue(1, published="2100-01-01T00:00:00Z")
    assert difference(documents, {}, now=NOW).new == ()
    assert difference(documents, {}, now=4_200_000_000.0).new == (name(1),)


def test_only_what_other_servers_are_told_counts_as_a_change() -> None:
    assert difference(catalogue(1, title="Ebb"), known(1), now=NOW).changed == (name(1),)
    assert difference(catalogue(1), known(1), now=NOW).changed == ()


def test_a_missing_video_is_given_time_to_come_back() -> None:
    rest, others = catalogue(2), known(2)
    assert difference(rest, known(1) | others, now=NOW).missing == (name(1),)
    assert difference(rest, known(1, missing=NOW - GRACE + 1) | others, now=NOW).removed == ()
    assert difference(rest, known(1, missing=NOW - GRACE) | others, now=NOW).removed == (name(1),)
    assert difference(catalogue(1), known(1, missing=NOW - GRACE), now=NOW).back == (name(1),)


def test_a_yes_is_for_the_videos_it_names_and_waits_for_nothing() -> None:
    old = known(*range(1, 8), missing=NOW - GRACE)
    change = difference({}, old | known(8), now=NOW, confirmed={name(1), name(8)})
    assert change.removed == tuple(sorted([name(1), name(8)]))
    assert change.held == tuple(sorted(map(name, range(2, 8))))


def test_a_yes_for_what_is_there_is_none() -> None:
    there = difference(catalogue(1), known(1), now=NOW, confirmed={name(1)})
    assert there == difference({}, {}, now=NOW)


def test_a_catalogue_without_videos_deletes_nothing_by_itself() -> None:
    change = difference({}, known(1, missing=NOW - GRACE), now=NOW)
    assert (change.removed, change.held) == ((), (name(1),))


def test_many_removals_at_once_are_held() -> None:
    six = {**known(*range(1, 7), missing=NOW - GRACE), **known(*range(10, 100))}
    change = difference(catalogue(*range(10, 100)), six, now=NOW)
    assert (len(change.held), change.removed) == (6, ())


def test_two_of_ten_are_many_and_one_is_not() -> None:
    two = {**known(1, 2, missing=NOW - GRACE), **known(*range(10, 18))}
    assert len(difference(catalogue(*range(10, 18)), two, now=NOW).held) == 2
    one = {**known(1, missing=NOW - GRACE), **known(2)}
    assert difference(catalogue(2), one, now=NOW).removed == (name(1),)


def test_a_deleted_id_never_comes_back() -> None:
    """O-87"""
    assert difference(catalogue(1), known(1, deleted=NOW - 1), now=NOW) == difference({}, {}, now=NOW)


numbers = st.sets(st.integers(1, 12))


@given(numbers, numbers, numbers, numbers)
def test_every_video_has_one_fate(
    there: set[int], gone: set[int], deleted: set[int], confirmed: set[int]
) -> None:
    state = {
        **known(*there),
        **known(*(gone - there), missing=NOW - GRACE),
        **known(*(deleted - there - gone), deleted=1.0),
    }
    documents = catalogue(*(there | deleted))
    change = difference(documents, state, now=NOW, confirmed=set(map(name, confirmed)))
    fates = [*change.new, *change.changed, *change.missing, *change.removed, *change.held]
    assert len(fates) == len(set(fates))
    assert set(change.removed) | set(change.held) == {
        name(n) for n in gone - there - (deleted & set())
    } - set(documents)
    assert not set(change.held) & set(map(name, confirmed))
    assert not change.held or set(change.removed) <= set(map(name, confirmed))
    assert not {name(n) for n in deleted - there - gone} & set(fates)
