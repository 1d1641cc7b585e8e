"""Puts the rooms together: the parts of a sidecar made once, and its routes over them."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from aiohttp import web
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from tubegen.errors import InputError, Problem
from tubegen.sidecar import metrics
from tubegen.sidecar.activitypub.ids import Names
from tubegen.sidecar.inbox import receive
from tubegen.sidecar.inbox.queue import InboxQueue
from tubegen.sidecar.model import Site
from tubegen.sidecar.publishing.sync import Synchroniser
from tubegen.sidecar.remote.actors import Remote
from tubegen.sidecar.remote.fetch import Fetcher
from tubegen.sidecar.routes import actors, collections, discovery, health, objects
from tubegen.sidecar.routes.static import Static
from tubegen.sidecar.services import Services
from tubegen.sidecar.settings import Clock, Settings
from tubegen.sidecar.signatures.keys import KeyRing
from tubegen.sidecar.store import publishing, status
from tubegen.sidecar.store.database import open_database
from tubegen.sidecar.tracker.mount import add_tracker

_ALL = 1_000_000
"""More films than any site has."""


class Parts(msgspec.Struct, frozen=True):
    """What `build_services` made; `close` gives it back."""

    services: Services
    synchroniser: Synchroniser

    async def close(self) -> None:
        await self.services.fetcher.close()
        await asyncio.to_thread(self.services.database.close)


async def build_services(settings: Settings, clock: Clock) -> Parts:
    """Open the database and the keys, and take up what the last run knew of the site.

    Raises InputError: the database or a key cannot be used, or they belong to another site.
    """
    _make_room(settings.database)
    database = await asyncio.to_thread(open_database, settings.database)
    try:
        keyring = KeyRing(settings.keys, followed=await database.read(status.followed))
        await asyncio.to_thread(keyring.open)
        fetcher = Fetcher(settings, keyring.of(Names(settings.base_url).instance), clock)
        wake = asyncio.Event()
        synchroniser = Synchroniser(
            settings, database=database, fetcher=fetcher, keyring=keyring, clock=clock, wake=wake
        )
        await synchroniser.restore()
    except BaseException:
        await asyncio.to_thread(database.close)
        raise
    services = Services(
        settings=settings,
        clock=clock,
        database=database,
        fetcher=fetcher,
        remote=Remote(fetcher, database, clock),
        keyring=keyring,
        site=synchroniser.site,
        inbox_queue=InboxQueue(database, clock),
        wake=wake,
    )
    return Parts(services, synchroniser)


def application(services: Services) -> web.Application:
    """All that is answered over HTTP; with `settings.serve`, the built site too."""
    app = web.Application()  # without middlewares: each would cost every request
    app.on_response_prepare.append(_finish)
    for room in (discovery, actors, objects, collections, health, receive):
        app.add_routes(room.routes(services))
    if "tracker" in services.settings.roles:
        add_tracker(app, services.settings, services.fetcher, services.clock)
    if services.settings.serve is not None:
        static = Static(services.settings.serve, _Alternates(services))
        # what begins like one of ours and is none of ours is no file either
        app.router.add_get(r"/{path:(?!ap/|nodeinfo/).*}", static.answer)
    for resource in app.router.resources():
        if isinstance(resource, web.Resource):
            resource.add_route("OPTIONS", _preflight)
    return app


class _Alternates:
    """Which object or actor a page shows; made anew when the catalogue was read anew."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._made_for: Site | None = None
        self._known: dict[str, str] = {}

    async def __call__(self, path: str) -> str | None:
        site = self._services.site()
        if site is not None and site is not self._made_for:
            try:
                self._known = await self._services.database.read(lambda connection: _pages(connection, site))
            except SQLAlchemyError:  # pages need no database
                return None
            self._made_for = site
        return self._known.get(path)


def _pages(connection: Connection, site: Site) -> dict[str, str]:
    videos = publishing.listed(connection, None, limit=_ALL)
    pages = {urlsplit(video.document.page).path: site.names.note(video.uuid) for video in videos}
    # the Person last: of those that share a page it is the one that speaks to people
    return pages | {urlsplit(actor.url).path: actor.id for actor in (*site.groups, site.person)}


async def _finish(request: web.Request, response: web.StreamResponse) -> None:
    """Every answer is counted. A document is data to browsers, whatever strangers have written into it; what runs here is nobody's business
    (X-28)."""
    metrics.count_answer(request, response)
    response.headers["Server"] = "tubegen"
    if "json" in response.headers.get("Content-Type", ""):
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "default-src 'none'"


async def _preflight(_: web.Request) -> web.Response:
    """CORS: what is here may be read from anywhere (A-9)."""
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
        "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match, Range, Signature, Date",
        "Access-Control-Max-Age": "86400",
    }
    return web.Response(status=204, headers=headers)


def _make_room(database: str) -> None:
    """The folder of a database file. Raises InputError when there can be none."""
    if not database.startswith("sqlite:///"):
        return
    folder = Path(database.removeprefix("sqlite:///")).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            Problem(str(folder), 0, f"the database cannot be kept here: {error.strerror}")
        ) from None
