"""Answers that need to know who we are: until that is known, and while the database is away, 503 (A-7)."""

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from tubegen.errors import TubegenError
from tubegen.sidecar.model import Site
from tubegen.sidecar.routes import negotiate
from tubegen.sidecar.services import Services

Answer = Callable[[web.Request, Site], Awaitable[web.Response]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = logging.getLogger(__name__)


def when_ready(services: Services, answer: Answer) -> Handler:
    """`answer`, given the site; 503 with Retry-After where it cannot know."""

    async def handle(request: web.Request) -> web.Response:
        if (site := services.site()) is None:
            return negotiate.not_ready("the catalogue has not been read yet")
        try:
            return await answer(request, site)
        except (SQLAlchemyError, TubegenError) as error:
            _log.error("cannot answer", extra={"path": request.path, "error": str(error)})
            return negotiate.not_ready("the database or a key cannot be read")

    return handle
