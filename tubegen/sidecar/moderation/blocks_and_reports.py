"""Who will have nothing of us, and what is reported to the owner."""

from sqlalchemy import Connection

from tubegen.sidecar.activitypub import sanitize
from tubegen.sidecar.activitypub.read import Activity, text
from tubegen.sidecar.inbox.outcome import IGNORED, Outcome
from tubegen.sidecar.model import RemoteActor, Site
from tubegen.sidecar.publishing import local_ids
from tubegen.sidecar.store import followers, moderation

MAX_COMMENT = 2000
"""Characters of a report's words."""
MAX_REPORTED = 20
"""Ids in a report, and the characters of one that are more than any real id has."""
MAX_REPORTED_ID = 500


def block(connection: Connection, site: Site, activity: Activity, sender: RemoteActor, now: float) -> Outcome:
    """Who blocks one of ours gets nothing from it any more."""
    local = local_ids.actor(site, activity.object_id)
    if local is None:
        return IGNORED
    followers.remove(connection, local.id, sender.uri)
    moderation.blocked_us(connection, local.id, sender.uri, now)
    return Outcome("block")


def unblock(connection: Connection, site: Site, undone_activity: Activity, sender: RemoteActor) -> Outcome:
    """It may follow again; it does not follow by itself."""
    local = local_ids.actor(site, undone_activity.object_id)
    if local is None:
        return IGNORED
    moderation.unblocked_us(connection, local.id, sender.uri)
    return Outcome("unblock")


def flag(connection: Connection, site: Site, activity: Activity, sender: RemoteActor, now: float) -> Outcome:
    """Keep a report that concerns us. It comes in the name of a server or of a user, and is never shown."""
    objects = [uri for uri in activity.objects if len(uri) <= MAX_REPORTED_ID][:MAX_REPORTED]
    if not any(local_ids.actor(site, uri) or local_ids.place(connection, site, uri) for uri in objects):
        return IGNORED
    comment = sanitize.plain(text(activity.raw.get("content")), MAX_COMMENT)
    new = moderation.add_report(connection, activity.id, activity.actor, objects, comment, now)
    return Outcome("report" if new else "repeated")
