"""Whether the sidecar lives, whether it can answer, and its numbers; the last for this machine alone."""

from ipaddress import ip_address

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from tubegen.sidecar import metrics
from tubegen.sidecar.routes import negotiate
from tubegen.sidecar.services import Services
from tubegen.sidecar.store import status

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


def routes(services: Services) -> list[web.RouteDef]:
    async def live(_: web.Request) -> web.Response:
        return _plain({"live": True})

    async def ready(_: web.Request) -> web.Response:
        """Ready: the catalogue has been read and the database answers."""
        if services.site() is None:
            return negotiate.not_ready("the catalogue has not been read yet")
        try:
            await services.database.read(status.alive)
        except SQLAlchemyError:
            return negotiate.not_ready("the database does not answer")
        return _plain({"ready": True})

    async def numbers(request: web.Request) -> web.Response:
        if not _local(request):
            return negotiate.unknown()
        try:
            numbers = await services.database.read(
                lambda connection: (
                    status.followed(connection),
                    status.states(connection),
                    status.inbox(connection),
                )
            )
        except SQLAlchemyError:
            return negotiate.not_ready("the database does not answer")
        return web.Response(body=metrics.exposition(*numbers), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [
        web.get("/ap/health/live", live),
        web.get("/ap/health/ready", ready),
        web.get("/ap/metrics", numbers),
    ]


def _plain(content: dict[str, bool]) -> web.Response:
    return web.json_response(content, headers={"Cache-Control": "no-store"})


def _local(request: web.Request) -> bool:
    """Asked on this machine, and not through a proxy on it: that one speaks for the whole world."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        here = ip_address(request.remote or "").is_loopback
        host = request.url.host or ""
        return here and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False
