"""What others did with a film: replies and comments by page, likes and dislikes as totals, shares.

Likes, dislikes and shares always answer: PeerTube drops a film without them (R8). Who likes is not told
(O-93); `shares` of the Video lists its Announce, so that PeerTube learns of the channel.
"""

from collections.abc import Mapping

from aiohttp import web
from sqlalchemy import Connection

from tubegen.sidecar.activitypub import activities, collections
from tubegen.sidecar.activitypub.ids import Voice
from tubegen.sidecar.model import Published, Site
from tubegen.sidecar.routes import negotiate
from tubegen.sidecar.routes.objects import about
from tubegen.sidecar.routes.pages import number, token
from tubegen.sidecar.routes.readiness import when_ready
from tubegen.sidecar.services import Services
from tubegen.sidecar.store import reactions, replies

_PER_PAGE = 60

_KINDS: Mapping[str, reactions.Kind] = {"likes": "like", "dislikes": "dislike"}


def routes(services: Services) -> list[web.RouteDef]:
    async def total(request: web.Request, site: Site, video: Published, voice: Voice) -> web.Response:
        kind = request.match_info["kind"]
        count = await services.database.read(
            lambda connection: reactions.count(connection, video.uuid, _KINDS[kind])
        )
        address = f"{_root(site, video, voice)}/{kind}"
        return negotiate.document(request, collections.total(address, count))

    async def shares(request: web.Request, site: Site, video: Published, voice: Voice) -> web.Response:
        """Others' boosts are counted where they happen; what is listed here is our own Announce."""
        address = f"{_root(site, video, voice)}/shares"
        items = [activities.announce_id(site.names.video(video.uuid))] if voice == "video" else []
        if "page" not in request.match_info:
            return negotiate.document(request, collections.paged(address, len(items)))
        if request.match_info["page"] != collections.FIRST:
            return negotiate.unknown()
        content = collections.page(address, items, token=collections.FIRST, following=None, count=len(items))
        return negotiate.document(request, content)

    async def thread(request: web.Request, site: Site, video: Published, voice: Voice) -> web.Response:
        """Replies to this one of the film's ids, oldest first: the other id lists its own (R7)."""
        root = _root(site, video, voice)
        named = request.match_info.get("page")
        page = 1 if named is None else number(named)
        if page is None:
            return negotiate.unknown()

        def read(connection: Connection) -> tuple[int, list[str]]:
            offset = (page - 1) * _PER_PAGE
            found = replies.replies(connection, video.uuid, voice, offset=offset, limit=_PER_PAGE)
            return replies.count(connection, video.uuid, voice), [reply.uri for reply in found]

        count, items = await services.database.read(read)
        following = token(page + 1, count, _PER_PAGE)
        comments = request.match_info["kind"] == "comments"
        if named is None:
            content = (
                collections.paged(f"{root}/comments", count) if comments else collections.replies(root, count)
            )
        elif comments:
            content = collections.page(
                f"{root}/comments", items, token=token(page), following=following, count=count
            )
        else:
            content = collections.replies_page(root, items, token=token(page), following=following)
        return negotiate.document(request, content)

    film = "/ap/{voice:[nv]}/{uuid}"
    threads, totals = f"{film}/{{kind:replies|comments}}", f"{film}/{{kind:likes|dislikes}}"
    return [
        web.get(totals, when_ready(services, about(services, total))),
        web.get(f"{film}/shares", when_ready(services, about(services, shares))),
        web.get(f"{film}/shares/{{page}}", when_ready(services, about(services, shares))),
        web.get(threads, when_ready(services, about(services, thread))),
        web.get(f"{threads}/{{page}}", when_ready(services, about(services, thread))),
    ]


def _root(site: Site, video: Published, voice: Voice) -> str:
    return site.names.note(video.uuid) if voice == "note" else site.names.video(video.uuid)
