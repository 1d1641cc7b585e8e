"""Numbers for a monitoring system, in the text format of Prometheus. None of them names a person or a server."""

from collections.abc import Mapping
from functools import cache

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

requests = Counter("tubegen_requests", "Requests answered, by route and status.", ("route", "status"))
received = Counter("tubegen_received", "Requests to an inbox, by how they were answered.", ("answer",))
applied = Counter("tubegen_applied", "Activities processed, by what came of them.", ("outcome",))


def count_received(answer: str) -> None:
    """Count how a request to an inbox was answered, one of few ways."""
    _received(answer).inc()


@cache
def _received(answer: str) -> Counter:
    """Found once."""
    return received.labels(answer)


@cache
def _requests(route: str, status: int) -> Counter:
    return requests.labels(route, str(status))


def count_answer(request: web.Request, response: web.StreamResponse) -> None:
    """Count what is answered; routes by their pattern, so that visitors cannot add any."""
    resource = request.match_info.route.resource
    _requests(resource.canonical if resource else "none", response.status).inc()


def exposition(
    followers: Mapping[str, int], deliveries: Mapping[str, int], activities: Mapping[str, int]
) -> bytes:
    """Everything this process counts, and what the database knows: followers by actor, deliveries by state,
    activities that wait in the inbox or failed."""
    registry = CollectorRegistry()
    following = Gauge("tubegen_followers", "Followers, by actor.", ("actor",), registry=registry)
    for actor, number in followers.items():
        following.labels(actor).set(number)
    waiting = Gauge("tubegen_deliveries", "Deliveries, by state.", ("state",), registry=registry)
    for state, number in deliveries.items():
        waiting.labels(state).set(number)
    inbox = Gauge(
        "tubegen_inbox", "Activities that are not processed, by state.", ("state",), registry=registry
    )
    for state, number in activities.items():
        inbox.labels(state).set(number)
    return generate_latest() + generate_latest(registry)
