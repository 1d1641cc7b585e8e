"""Collections: how many there are, and pages of what may be listed.

A page's address is the collection's with a token behind it, never a query: signatures disagree about those
(S-3). Which tokens there are is for the routes to say; the first page's is `FIRST`. Followers and likes are
totals alone: who they are is nobody's business (O-93, O-95).
"""

from collections.abc import Sequence

from tubegen.sidecar.activitypub import activities, contexts, ids
from tubegen.sidecar.model import Json, LocalActor, Published, Site

FIRST = "1"
FEATURED = 5
"""Mastodon fetches no outbox of whom it comes to know: these few show a new follower something (A-30)."""


def page_id(collection: str, token: str) -> str:
    return f"{collection}/{token}"


def total(collection: str, count: int) -> Json:
    """Of `followers`, `following`, `likes` and `dislikes`. PeerTube stops dead where the last two lack it (R8)."""
    return {
        "@context": contexts.PLAIN,
        "id": collection,
        "type": "OrderedCollection",
        "totalItems": count,
    }


def paged(collection: str, count: int) -> Json:
    """Of `comments` and `shares`, and as an `outbox` begins: PeerTube reads items only from the page that `first` names (R7)."""
    return {**total(collection, count), "first": page_id(collection, FIRST)}


def outbox(actor: LocalActor, count: int, last: str) -> Json:
    """`last` is the token of the page with the oldest (O-94)."""
    collection = ids.outbox(actor.id)
    return {**paged(collection, count), "last": page_id(collection, last)}


def page(collection: str, items: Sequence[str], *, token: str, following: str | None, count: int) -> Json:
    """A page of `comments` or `shares`: addresses; `following` is the next page's token, None on the last."""
    return _page(collection, list(items), token=token, following=following, count=count)


def outbox_page(
    site: Site,
    actor: LocalActor,
    videos: Sequence[Published],
    *,
    token: str,
    following: str | None,
    count: int,
) -> Json:
    """A page of what `actor` has said of `videos`: the Person Create(Note), a Group Announce (A-31).

    Newest first is for the caller to see to (O-94).
    """
    collection = ids.outbox(actor.id)
    say = activities.create_note if actor.kind == "Person" else activities.announce_video
    items = [activities.bare(say(site, video).body) for video in videos]
    found = _page(collection, items, token=token, following=following, count=count)
    return {**found, "@context": contexts.NOTE if actor.kind == "Person" else contexts.PLAIN}


def featured(site: Site, videos: Sequence[Published]) -> Json:
    """The Person's pinned posts: addresses of Notes (A-30)."""
    items = [site.names.note(video.uuid) for video in videos[:FEATURED]]
    return {**total(ids.featured(site.person.id), len(items)), "orderedItems": items}


def replies(root: str, count: int) -> Json:
    """Public replies to the Note or Video `root`, wherever they live: Mastodon builds threads from it (O-91)."""
    collection = f"{root}/replies"
    return {**paged(collection, count), "type": "Collection"}


def replies_page(root: str, items: Sequence[str], *, token: str, following: str | None) -> Json:
    collection = f"{root}/replies"
    found: Json = {
        "@context": contexts.PLAIN,
        "id": page_id(collection, token),
        "type": "CollectionPage",
        "partOf": collection,
        "items": list(items),
    }
    return found if following is None else {**found, "next": page_id(collection, following)}


def _page(
    collection: str, items: Sequence[str | Json], *, token: str, following: str | None, count: int
) -> Json:
    found: Json = {
        "@context": contexts.PLAIN,
        "id": page_id(collection, token),
        "type": "OrderedCollectionPage",
        "partOf": collection,
        "totalItems": count,
        "orderedItems": items,
    }
    return found if following is None else {**found, "next": page_id(collection, following)}
