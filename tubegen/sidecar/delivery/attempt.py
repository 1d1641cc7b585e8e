"""One attempt at a delivery, and what is written down of it."""

from functools import partial

import msgspec
from sqlalchemy import Connection

from tubegen.sidecar.activitypub import sanitize
from tubegen.sidecar.delivery.policy import (
    KEPT,
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
    other,
)
from tubegen.sidecar.delivery.ports import Keys, Poster, Sign
from tubegen.sidecar.jobs.kinds import CONFIRM_ACTOR
from tubegen.sidecar.model import Scheme
from tubegen.sidecar.remote.answers import FetchError, address_of
from tubegen.sidecar.settings import Clock
from tubegen.sidecar.store import deliveries, hosts, jobs
from tubegen.sidecar.store.deliveries import Delivery, Mark
from tubegen.sidecar.store.hosts import HostState

_SHOWN = 200
"""Characters of an answer that are kept: enough to see why."""


class Attempt(msgspec.Struct, frozen=True):
    result: Result
    scheme: Scheme
    """How it was signed in the end."""
    knocked: bool
    """Whether that was the second way."""


class Sender:
    """Signs and posts."""

    def __init__(self, poster: Poster, keys: Keys, sign: Sign, clock: Clock) -> None:
        self._poster = poster
        self._keys = keys
        self._sign = sign
        self._clock = clock

    async def send(self, delivery: Delivery, scheme: Scheme) -> Attempt:
        """Send it, and once more signed the other way when the signature may be what is refused (S-8).

        Raises InputError when the actor's key cannot be used.
        """
        first = Attempt(await self._post(delivery, scheme), scheme, knocked=False)
        if not isinstance(_judge(first, HostState(), 0, now=0, jitter=0)[0], ReKnock):
            return first
        return Attempt(await self._post(delivery, other(scheme)), other(scheme), knocked=True)

    async def _post(self, delivery: Delivery, scheme: Scheme) -> Result:
        key = self._keys.of(delivery.actor, activity=delivery.uri)

        # Signed for this moment: some receivers take no date that is five minutes old (S-4).
        def headers(url: str):
            return self._sign(key, "POST", url, delivery.body, now=self._clock(), scheme=scheme)

        try:
            url = address_of(delivery.inbox)
            answer = await self._poster.post(url, delivery.body, headers(url), sign_again=headers)
        except FetchError as error:
            return Result(None, error=str(error)[:_SHOWN])
        # An error page is a whole document of markup; the owner wants its words, on one line.
        said = sanitize.plain(answer.text, _SHOWN) if answer.status >= 300 else ""
        return Result(answer.status, answer.retry_after, said)


def settle(
    connection: Connection,
    delivery: Delivery,
    attempt: Attempt,
    host: str,
    owner: str,
    *,
    now: float,
    jitter: float,
    more: bool,
) -> Delivery | None:
    """Write down what came of an attempt, and give the next delivery for the host.

    Without one, or unless `more` are wanted, the host is given back. Deliveries are written down one by one,
    so that a crash repeats those under way and no other.
    """
    state = hosts.hold(connection, host, owner, now)
    verdict, after = _judge(attempt, state or HostState(), delivery.attempts, now=now, jitter=jitter)
    if isinstance(verdict, Refused) and verdict.missing:
        _look_after(connection, delivery.inbox, now)
    deliveries.settle(connection, delivery.id, _mark(verdict, attempt.result), now)
    if state is None:  # it took so long that another worker has the host now
        return None
    hosts.keep(connection, host, after)
    if dormant(after):
        deliveries.drop(connection, host, now - KEPT, now)
    if broken(state) and not broken(after):
        hosts.hurry(connection, host, now)
    rests = after.open_until > now
    return next_for(connection, host, owner, now=now, more=more and not rests)


def next_for(connection: Connection, host: str, owner: str, *, now: float, more: bool) -> Delivery | None:
    """The next delivery for a host that is held, or its release."""
    following = deliveries.take(connection, host, now) if more else None
    if following is None:
        hosts.release(connection, host, owner)
    return following


def _judge(
    attempt: Attempt, host: HostState, attempts: int, *, now: float, jitter: float
) -> tuple[Verdict, HostState]:
    how = partial(judge, attempt.result, host, scheme=attempt.scheme, knocked=attempt.knocked)
    return how(attempts=attempts, now=now, jitter=jitter)


def _look_after(connection: Connection, inbox: str, now: float) -> None:
    """An inbox is not there: go to the personal ones, or find out whether its actor is gone too (L-6)."""
    if deliveries.scatter(connection, inbox, now=now):
        return
    for actor in deliveries.owners(connection, inbox):
        jobs.ask(connection, CONFIRM_ACTOR, actor, due=now)


def _mark(verdict: Verdict, result: Result) -> Mark:
    mark = partial(Mark, status=result.status, error=result.error)
    match verdict:
        case Delivered():
            return mark(state="delivered")
        case Retry(at):
            return mark(state="waiting", due=at)
        case Refused():
            return mark(state="refused")
        case GiveUp() | ReKnock():
            return mark(state="given up")
