"""Our actors' documents and their collections: followers, following, outbox, featured.

Followers are a total and nothing else (O-95). An actor that the catalogue does not name any more but that
has followers or films is not unknown, we are unsure: 404 would end it everywhere (A-7).
"""

from aiohttp import web
from sqlalchemy import Connection

from tubegen.sidecar.activitypub import actors, collections, ids
from tubegen.sidecar.model import LocalActor, Published, Site
from tubegen.sidecar.routes import negotiate
from tubegen.sidecar.routes.pages import PER_PAGE, behind, place
from tubegen.sidecar.routes.readiness import when_ready
from tubegen.sidecar.services import Services
from tubegen.sidecar.store import followers, publishing

_MAX_AGE = 300

_PATHS = ("/ap/u/{name}", "/ap/c/{name}", "/ap/instance")


def routes(services: Services) -> list[web.RouteDef]:
    handlers = _Actors(services)
    found: list[web.RouteDef] = []
    for path in _PATHS:
        found += [
            web.get(path, when_ready(services, handlers.actor)),
            web.get(f"{path}/followers", when_ready(services, handlers.followers)),
            web.get(f"{path}/following", when_ready(services, handlers.following)),
            web.get(f"{path}/featured", when_ready(services, handlers.featured)),
            web.get(f"{path}/outbox", when_ready(services, handlers.outbox)),
            web.get(f"{path}/outbox/{{page}}", when_ready(services, handlers.outbox_page)),
        ]
    return found


class _Actors:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def actor(self, request: web.Request, site: Site) -> web.Response:
        if (actor := _meant(request, site)) is None:
            return await self._unknown(request, site)
        if negotiate.wants(request).page:
            return negotiate.see(actor.url)
        key = self._services.keyring.of(actor.id)
        content = actors.actor(site, actor, key, self._services.settings)
        return negotiate.document(request, content, max_age=_MAX_AGE)

    async def followers(self, request: web.Request, site: Site) -> web.Response:
        if (actor := _meant(request, site)) is None:
            return await self._unknown(request, site)
        count = await self._services.database.read(lambda connection: followers.count(connection, actor.id))
        return negotiate.document(request, collections.total(ids.followers(actor.id), count))

    async def following(self, request: web.Request, site: Site) -> web.Response:
        if (actor := _meant(request, site)) is None:
            return await self._unknown(request, site)
        return negotiate.document(request, collections.total(ids.following(actor.id), 0))

    async def featured(self, request: web.Request, site: Site) -> web.Response:
        """The Person's newest films; the others pin nothing (A-30)."""
        if (actor := _meant(request, site)) is None:
            return await self._unknown(request, site)
        if actor.kind != "Person":
            return negotiate.document(request, collections.total(ids.featured(actor.id), 0))
        videos = await self._services.database.read(
            lambda connection: publishing.listed(connection, None, limit=collections.FEATURED)
        )
        return negotiate.document(request, collections.featured(site, videos))

    async def outbox(self, request: web.Request, site: Site) -> web.Response:
        if (actor := _meant(request, site)) is None:
            return await self._unknown(request, site)
        address = ids.outbox(actor.id)
        if actor.kind == "Application":  # it signs, and says nothing
            return negotiate.document(request, collections.total(address, 0))
        channel = _channel(actor)

        def read(connection: Connection) -> tuple[int, publishing.Place | None]:
            count = publishing.count(connection, channel)
            before_last = (count - 1) // PER_PAGE * PER_PAGE
            return count, publishing.place(connection, channel, before_last) if before_last > 0 else None

        count, before = await self._services.database.read(read)
        last = behind(*before) if before else collections.FIRST
        return negotiate.document(request, collections.outbox(actor, count, last))

    async def outbox_page(self, request: web.Request, site: Site) -> web.Response:
        """Newest first (O-94). PeerTube walks through all of them after a Follow (A-31).

        Each page begins behind the last film of the one before, so that a film which appears meanwhile makes
        none come twice or not at all.
        """
        actor, page = _meant(request, site), request.match_info["page"]
        after = None if page == collections.FIRST else place(page)
        if actor is None:
            return await self._unknown(request, site)
        if actor.kind == "Application" or (after is None and page != collections.FIRST):
            return negotiate.unknown()
        channel = _channel(actor)

        def read(connection: Connection) -> tuple[int, list[Published]]:
            videos = publishing.listed(connection, channel, after=after, limit=PER_PAGE + 1)
            return publishing.count(connection, channel), videos

        count, videos = await self._services.database.read(read)
        shown = videos[:PER_PAGE]
        following = behind(shown[-1].first, shown[-1].uuid) if len(videos) > PER_PAGE else None
        content = collections.outbox_page(site, actor, shown, token=page, following=following, count=count)
        return negotiate.document(request, content)

    async def _unknown(self, request: web.Request, site: Site) -> web.Response:
        name = request.match_info.get("name", "")
        kind = "Group" if request.path.startswith("/ap/c/") else "Person"
        actor = site.names.of(kind, name)

        def known(connection: Connection) -> bool:
            return followers.count(connection, actor) > 0 or (
                kind == "Group" and publishing.count(connection, name) > 0
            )

        if await self._services.database.read(known):
            return negotiate.not_ready("the catalogue does not name this actor now")
        return negotiate.unknown()


def _meant(request: web.Request, site: Site) -> LocalActor | None:
    """The actor whose id is in the path."""
    parts = request.path.split("/")
    path = "/".join(parts[: 3 if parts[2] == "instance" else 4])
    return next((actor for actor in site.actors if actor.id == f"{site.names.base}{path}"), None)


def _channel(actor: LocalActor) -> str | None:
    """Whose films its outbox is about: the Person speaks of all."""
    return None if actor.kind == "Person" else actor.username
