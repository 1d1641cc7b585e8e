"""What to make of an answer to a delivery. Pure: the time and the dice are arguments (interop §7.2).

A delivery that failed is tried again for about three days. A host that fails is left alone: a minute after
each of its first failures, half an hour from the fifth on, doubling up to a day; then one delivery is the
probe. After failures on seven days with nothing between them it is dormant: probed once a week, and what has
waited longer than that is given up. Its followers stay; the first sign of life wakes it (`store.hosts.revive`).
"""

import math

import msgspec

from tubegen.sidecar.model import Scheme
from tubegen.sidecar.store.hosts import HostState

_MINUTE, _HOUR, DAY = 60.0, 3600.0, 86400.0

SCHEDULE = (
    *(1 * _MINUTE, 5 * _MINUTE, 15 * _MINUTE),
    *(1 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, 24 * _HOUR, 24 * _HOUR),
)
"""Seconds to wait after each attempt that failed; the one after the last wait is the last attempt."""

JITTER = 0.2
"""How much of a wait is left to chance, so that not all come back in the same second."""

BREAKS_AT = 5
"""Failures in a row after which a host is only probed."""

DORMANT_AFTER = 7
"""Distinct days of failure in a row."""

KEPT = 7 * DAY
"""How long activities wait for a dormant host."""

LONGEST_RETRY_AFTER = DAY

_FIRST_PAUSE = 1 * _MINUTE
_FIRST_BREAK = 30 * _MINUTE
_LONGEST_BREAK = DAY

_TRY_AGAIN = frozenset({401, 408, 425, 429})
"""Refusals that may pass (L-5). Of the answers from 500 on, all but 501 may."""


class Result(msgspec.Struct, frozen=True):
    """What an attempt brought: an answer, or an error on the way."""

    status: int | None
    """None when no answer came: no address, no connection, no TLS, no time left."""
    retry_after: float | None = None
    """Seconds, as the server asks, however absurd."""
    error: str = ""


class Delivered(msgspec.Struct, frozen=True):
    pass


class Retry(msgspec.Struct, frozen=True):
    at: float


class Refused(msgspec.Struct, frozen=True):
    """For good. `missing`: the inbox is not there, which is to be looked into (L-6)."""

    missing: bool


class GiveUp(msgspec.Struct, frozen=True):
    """It may pass, but was tried often enough."""


class ReKnock(msgspec.Struct, frozen=True):
    """Once more at once, signed in the other way (S-8)."""

    scheme: Scheme


Verdict = Delivered | Retry | Refused | GiveUp | ReKnock


def judge(
    result: Result,
    host: HostState,
    *,
    attempts: int,
    scheme: Scheme,
    knocked: bool,
    now: float,
    jitter: float,
) -> tuple[Verdict, HostState]:
    """What becomes of a delivery, and how its host is doing now.

    `attempts`: those before this one. `scheme`: how it was signed. `knocked`: whether that was the second
    way already. `jitter`: from -1 to 1.
    """
    status = result.status
    if status in (401, 403) and not knocked:
        return ReKnock(other(scheme)), host
    if status is not None and 200 <= status < 300:
        return Delivered(), msgspec.structs.replace(_well(host), scheme=scheme, last_success=now)
    chance = 1 + JITTER * jitter
    if _host_failed(status):
        host = _worse(host, result, now, chance)
    else:
        host = msgspec.structs.replace(_well(host), last_error=_words(result))
    if not (_host_failed(status) or status in _TRY_AGAIN):
        return Refused(missing=status in (404, 405, 410)), host
    asked = _asked(result.retry_after)
    if asked:
        host = msgspec.structs.replace(host, open_until=max(host.open_until, now + asked))
    if attempts >= len(SCHEDULE):
        return GiveUp(), host
    return Retry(now + max(SCHEDULE[attempts] * chance, asked)), host


def other(scheme: Scheme) -> Scheme:
    return "rfc9421" if scheme == "cavage" else "cavage"


def dormant(host: HostState) -> bool:
    return host.failing_days >= DORMANT_AFTER


def broken(host: HostState) -> bool:
    """Whether only a probe is sent, when its time has come."""
    return host.failures >= BREAKS_AT


def _host_failed(status: int | None) -> bool:
    """Whether the trouble is the host's as a whole and may pass. 1xx is no answer."""
    return status is None or status < 200 or (status >= 500 and status != 501)


def _well(host: HostState) -> HostState:
    return msgspec.structs.replace(
        host, failures=0, failing_since=None, failing_days=0, open_until=0, last_error=""
    )


def _worse(host: HostState, result: Result, now: float, chance: float) -> HostState:
    today = math.floor(now / DAY)
    new_day = host.failing_days == 0 or today > host.failed_on
    worse = msgspec.structs.replace(
        host,
        failures=host.failures + 1,
        failing_since=now if host.failing_since is None else host.failing_since,
        failing_days=host.failing_days + new_day,
        failed_on=max(today, host.failed_on) if host.failing_days else today,
        last_error=_words(result),
    )
    return msgspec.structs.replace(worse, open_until=now + _pause(worse, chance))


def _pause(host: HostState, chance: float) -> float:
    """Seconds that a failing host is left alone."""
    if dormant(host):
        return KEPT
    if not broken(host):
        return _FIRST_PAUSE * chance
    doublings = min(host.failures - BREAKS_AT, 16)  # far beyond the longest break
    return min(_FIRST_BREAK * 2**doublings * chance, _LONGEST_BREAK)


def _asked(retry_after: float | None) -> float:
    """The seconds of a Retry-After that can be believed; 0 for none, for those past, and for what is no number."""
    if retry_after is None or math.isnan(retry_after):
        return 0
    return min(max(retry_after, 0), LONGEST_RETRY_AFTER)


def _words(result: Result) -> str:
    return result.error if result.status is None else f"status {result.status} {result.error}".rstrip()
