"""What is made of an answer: the table of L-4 to L-7, and what holds whatever happens in whatever order."""

import math

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tubegen.sidecar.delivery.policy import (
    BREAKS_AT,
    DAY,
    KEPT,
    SCHEDULE,
    Delivered,
    GiveUp,
    Refused,
    ReKnock,
    Result,
    Retry,
    Verdict,
    broken,
    dormant,
    judge,
)
from tubegen.sidecar.store.hosts import HostState

NOW = 1_000_000.0


def verdict(
    status: int | None,
    *,
    attempts: int = 0,
    retry_after: float | None = None,
    jitter: float = 0,
    knocked: bool = True,
    host: HostState | None = None,
) -> tuple[Verdict, HostState]:
    return judge(
        Result(status, retry_after, "why"),
        host or HostState(),
        attempts=attempts,
        scheme="cavage",
        knocked=knocked,
        now=NOW,
        jitter=jitter,
    )


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_delivered(status: int) -> None:
    ill = HostState(failures=9, failing_days=3, failing_since=1, open_until=2, last_error="timeout")
    assert verdict(status, host=ill) == (Delivered(), HostState(failed_on=0, last_success=NOW))


@pytest.mark.parametrize("status", [400, 403, 406, 409, 413, 415, 422, 451, 501, 300, 301, 302, 307])
def test_refused_for_good(status: int) -> None:
    """L-5. The host is well: it answered."""
    told, host = verdict(status, host=HostState(failures=3))
    assert told == Refused(missing=False)
    assert (host.failures, host.last_success, host.last_error) == (0, None, f"status {status} why")


@pytest.mark.parametrize("status", [404, 405, 410])
def test_not_there(status: int) -> None:
    assert verdict(status)[0] == Refused(missing=True)


@pytest.mark.parametrize("status", [401, 408, 425, 429])
def test_try_again_though_the_host_is_well(status: int) -> None:
    told, host = verdict(status)
    assert told == Retry(NOW + 60)
    assert host.failures == 0
    assert host.open_until == 0


@pytest.mark.parametrize("status", [None, 100, 500, 502, 503, 504, 520, 599])
def test_try_again_for_the_host_is_ill(status: int | None) -> None:
    told, host = verdict(status)
    assert told == Retry(NOW + 60)
    assert (host.failures, host.failing_days, host.failing_since, host.open_until) == (1, 1, NOW, NOW + 60)


@pytest.mark.parametrize("status", [401, 403])
def test_the_other_signature_first(status: int) -> None:
    assert verdict(status, knocked=False) == (ReKnock("rfc9421"), HostState())
    assert not isinstance(verdict(status, knocked=True)[0], ReKnock)


def test_what_worked_is_remembered() -> None:
    how = {"attempts": 0, "knocked": True, "now": NOW, "jitter": 0}
    assert judge(Result(202), HostState(), scheme="rfc9421", **how)[1].scheme == "rfc9421"
    assert judge(Result(401), HostState(), scheme="rfc9421", **how)[1].scheme == "cavage"


def test_the_schedule() -> None:
    waits = [verdict(503, attempts=attempts)[0] for attempts in range(11)]
    hours = [1 / 60, 5 / 60, 15 / 60, 1, 3, 6, 12, 24, 24]
    assert waits == [Retry(NOW + hour * 3600) for hour in hours] + [GiveUp(), GiveUp()]
    assert verdict(503, attempts=3, jitter=1)[0] == Retry(NOW + 3600 * 1.2)
    assert verdict(503, attempts=3, jitter=-1)[0] == Retry(NOW + 3600 * 0.8)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        *((None, 60), (0, 60), (-5, 60), (30, 60), (600, 600)),
        *((3.15e9, DAY), (math.inf, DAY), (-math.inf, 60), (math.nan, 60)),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(status: int, asked: float | None, wait: float) -> None:
    told, host = verdict(status, retry_after=asked)
    assert told == Retry(NOW + wait)
    rests = wait if status == 503 or (asked or 0) > 60 else 30 if asked == 30 else -NOW
    assert host.open_until == NOW + rests


def test_the_breaker() -> None:
    host, pauses = HostState(), []
    for _ in range(13):
        _, host = verdict(None, host=host)
        pauses.append(host.open_until - NOW)
    minutes = [1, 1, 1, 1, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440]
    assert pauses == [minute * 60 for minute in minutes]
    assert host.failing_days == 1


def test_seven_days() -> None:
    host = HostState()
    for day in range(7):
        assert not dormant(host)
        for hour in (0, 5):
            failed = Result(None, error="timeout")
            at = NOW + day * DAY + hour
            _, host = judge(failed, host, attempts=0, scheme="cavage", knocked=False, now=at, jitter=0)
    assert dormant(host)
    assert host.open_until == NOW + 6 * DAY + 5 + KEPT


STATUSES = st.sampled_from([None, 200, 202, 301, 400, 401, 403, 404, 405, 408, 410, 425, 429, 500, 501, 503])


class Host(RuleBasedStateMachine):
    """One delivery after another to a host that does what it likes, under a clock that only we move."""

    @initialize(now=st.floats(0, 4e9))
    def begin(self, now: float) -> None:
        self.now = now
        self.host = HostState()
        self.attempts = 0
        self.scheme = "cavage"
        self.days: set[int] = set()
        self.row = 0
        self.last: Verdict | None = None
        self.tried = now

    @rule(seconds=st.floats(0, 3 * DAY))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def wait_out_the_break(self) -> None:
        self.now = max(self.now, self.host.open_until)

    @precondition(lambda self: self.host.open_until <= self.now)
    @rule(
        status=STATUSES,
        asked=st.none() | st.floats(),
        knocked=st.booleans(),
        jitter=st.floats(-1, 1),
    )
    def attempt(self, status: int | None, asked: float | None, knocked: bool, jitter: float) -> None:
        before = self.host
        self.last, self.host = judge(
            Result(status, asked),
            before,
            attempts=self.attempts,
            scheme=self.host.scheme,
            knocked=knocked,
            now=self.now,
            jitter=jitter,
        )
        if not isinstance(self.last, ReKnock):
            self.tried = self.now
        failed = status is None or (status >= 500 and status != 501)
        if isinstance(self.last, ReKnock):
            assert not knocked
            assert self.last.scheme != before.scheme
            assert self.host == before
        elif failed:
            self.row += 1
            self.days.add(math.floor(self.now / DAY))
        else:
            self.row = 0
            self.days.clear()
        if isinstance(self.last, Retry):
            self.attempts += 1
            assert self.last.at > self.now
            assert self.last.at <= self.now + DAY * 1.2
            assert self.attempts <= len(SCHEDULE)
        elif not isinstance(self.last, ReKnock):
            self.attempts = 0

    @invariant()
    def counts(self) -> None:
        if not hasattr(self, "host"):
            return
        assert self.host.failures == self.row
        assert self.host.failing_days == len(self.days)
        assert broken(self.host) == (self.row >= BREAKS_AT)
        assert (self.host.failing_since is None) == (self.row == 0)

    @invariant()
    def rests(self) -> None:
        """A failing host rests, at least 48 s; from the fifth failure half an hour; never over a week."""
        if not hasattr(self, "host") or self.last is None:
            return
        pause = self.host.open_until - self.tried
        if self.row:
            assert pause > (47 if self.row < BREAKS_AT else 23 * 60)
            assert pause <= (KEPT if dormant(self.host) else DAY) + 1
        else:
            assert self.host.open_until == 0 or pause <= DAY + 1

    @invariant()
    def can_be_kept(self) -> None:
        if hasattr(self, "host"):
            assert msgspec.convert(msgspec.to_builtins(self.host), HostState) == self.host


Host.TestCase.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestHost = Host.TestCase
