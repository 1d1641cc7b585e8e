"""Actors that leave: deleted with all they did here, or moved to another server."""

from sqlalchemy import Connection

from tubegen.sidecar.activitypub.read import Activity
from tubegen.sidecar.inbox.outcome import IGNORED, Outcome
from tubegen.sidecar.model import RemoteActor, Site
from tubegen.sidecar.store import deliveries, followers, moderation, processed, quotes, remote_actors, replies


def purge(connection: Connection, actor: str, now: float) -> Outcome:
    """Remove a deleted actor, its follows, posts and reactions, and all that names it (I-31). What it wrote cannot
    come back."""
    known = remote_actors.find(connection, actor)
    if known and known.inbox != known.shared_inbox:
        deliveries.forget_accepts(connection, known.inbox)
    quotes.drop_all(connection, actor)
    moderation.forget(connection, actor)
    for uri in replies.by(connection, actor):
        processed.bury(connection, actor, uri, now)
        moderation.unname(connection, uri)
    moderation.unname(connection, actor)
    return Outcome("departure") if remote_actors.forget(connection, actor) else IGNORED


def move(connection: Connection, site: Site, activity: Activity, sender: RemoteActor, now: float) -> Outcome:
    """Let the old account go; the new one sends a Follow of its own."""
    if activity.object_id != sender.uri or not followers.remove_all(connection, sender.uri):
        return IGNORED
    return Outcome("move")
