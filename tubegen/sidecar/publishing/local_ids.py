"""Which of the ids that others name are ours."""

from sqlalchemy import Connection

from tubegen.sidecar.model import LocalActor, Site
from tubegen.sidecar.store import replies
from tubegen.sidecar.store.replies import Place

MAX_DEPTH = 30
"""How deep in a thread a reply may stand (interop I-10)."""


def actor(site: Site, uri: str) -> LocalActor | None:
    return next((local for local in site.actors if local.id == uri), None)


def video(connection: Connection, site: Site, uri: str) -> Place | None:
    """The living video whose Note or Video `uri` is."""
    about = site.names.about(uri)
    if about is None or not replies.alive(connection, about[1]):
        return None
    return Place(video=about[1], target=about[0], depth=0)


def place(connection: Connection, site: Site, uri: str) -> Place | None:
    """Where `uri` stands in a conversation of ours: a video's id, or a reply that we keep."""
    if found := video(connection, site, uri):
        return found
    found = replies.place(connection, uri, deepest=MAX_DEPTH - 1)
    return found if found and replies.alive(connection, found.video) else None
