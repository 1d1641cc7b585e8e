"""Our Notes and Videos and what hangs on them: activities, chapters, permissions to quote.

A film that is deleted answers 410 with a Tombstone for ever (A-8, R5); one that is in the catalogue and not
published yet answers 503, since soon it will be there.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from tubegen.sidecar.activitypub import activities, objects
from tubegen.sidecar.activitypub.ids import Voice
from tubegen.sidecar.model import Published, Site
from tubegen.sidecar.publishing import local_ids
from tubegen.sidecar.routes import negotiate
from tubegen.sidecar.routes.readiness import when_ready
from tubegen.sidecar.services import Services
from tubegen.sidecar.store import publishing, quotes, status

VOICES: dict[str, Voice] = {"n": "note", "v": "video"}
"""How the two ids of a film begin, after `/ap/`."""

_GONE_AGE = 86400

About = Callable[[web.Request, Site, Published, Voice], Awaitable[web.Response]]


def routes(services: Services) -> list[web.RouteDef]:
    async def activity(request: web.Request, site: Site, video: Published, voice: Voice) -> web.Response:
        """Create and Announce hold for as long as the film does; they need not have been sent to anybody."""
        write = activities.create_note if voice == "note" else activities.announce_video
        said = write(site, video)
        if said.uri == f"{site.names.base}{request.path}":
            return negotiate.document(request, said.body)
        return await spoken(request, site)

    async def spoken(request: web.Request, site: Site) -> web.Response:
        """Those that were sent once: Update, Delete, Undo."""
        uri = f"{site.names.base}{request.path}"
        if body := await services.database.read(lambda connection: status.activity_body(connection, uri)):
            content: dict[str, Any] = msgspec.json.decode(body)
            return negotiate.document(request, content)
        return negotiate.unknown()

    async def quote(request: web.Request, site: Site) -> web.Response:
        name = request.match_info["token"]

        def look(connection: Connection) -> quotes.Quote | None:
            given = quotes.find(connection, name)
            return given if given and local_ids.video(connection, site, given.quoted) else None

        given = await services.database.read(look)
        if given is None:
            return negotiate.unknown()
        content = objects.quote_authorization(site, name, quoting=given.quoting, quoted=given.quoted)
        return negotiate.document(request, content)

    film = "/ap/{voice:[nv]}/{uuid}"
    outliving = f"{film}/activity/{{name:delete|announce/undo}}"
    return [
        web.get(film, when_ready(services, about(services, _root))),
        web.get(f"{film}/chapters", when_ready(services, about(services, _chapters))),
        web.get(outliving, when_ready(services, spoken)),
        web.get(f"{film}/activity/{{name:.+}}", when_ready(services, about(services, activity))),
        web.get("/ap/quotes/{token}", when_ready(services, quote)),
    ]


def about(services: Services, answer: About) -> Callable[[web.Request, Site], Awaitable[web.Response]]:
    """`answer`, given the film that the path names; or that it is gone, not there yet, or unknown."""

    async def handle(request: web.Request, site: Site) -> web.Response:
        uuid, voice = request.match_info["uuid"], VOICES[request.match_info["voice"]]
        video = await services.database.read(lambda connection: publishing.find(connection, uuid))
        if video is None:
            if any(entry.uuid == uuid for entry in site.catalogue.videos):
                return negotiate.not_ready("this film is being published")
            return negotiate.unknown()
        if video.deleted is not None:
            return _gone(request, site, video, voice, video.deleted)
        return await answer(request, site, video, voice)

    return handle


def _gone(request: web.Request, site: Site, video: Published, voice: Voice, since: float) -> web.Response:
    address = site.names.note(video.uuid) if voice == "note" else site.names.video(video.uuid)
    content = objects.tombstone(address, "Note" if voice == "note" else "Video", since)
    return negotiate.document(request, content, max_age=_GONE_AGE, status=410)


async def _root(request: web.Request, site: Site, video: Published, voice: Voice) -> web.Response:
    if negotiate.wants(request).page:
        return negotiate.see(video.document.page)
    write = objects.note if voice == "note" else objects.video
    return negotiate.document(request, write(site, video))


async def _chapters(request: web.Request, site: Site, video: Published, voice: Voice) -> web.Response:
    if voice == "note" or not video.document.chapters:
        return negotiate.unknown()
    return negotiate.document(request, objects.chapters(site, video))
