"""Following, and no longer."""

from sqlalchemy import Connection

from tubegen.sidecar.activitypub.activities import accept_follow
from tubegen.sidecar.activitypub.read import Activity, first_id
from tubegen.sidecar.inbox import pending_undo as pending_undo
from tubegen.sidecar.inbox.outcome import IGNORED, Outcome
from tubegen.sidecar.model import RemoteActor, Site
from tubegen.sidecar.publishing import local_ids
from tubegen.sidecar.store import deliveries, followers, moderation, processed, remote_actors


def follow(
    connection: Connection, site: Site, activity: Activity, sender: RemoteActor, now: float
) -> Outcome:
    """Keep the follower and accept, each time anew: the last Accept may be lost, or the key have changed (6.1).

    The Accept goes to the follower's own inbox, as PeerTube demands, and repeats the Follow with plain ids, since
    some servers do not know their own Follow again in any other form.
    """
    local = local_ids.actor(site, activity.object_id)
    if local is None:
        return IGNORED
    if pending_undo.is_early(connection, sender.uri, activity.id, now):
        return IGNORED
    remote_actors.remember(connection, sender)
    moderation.unblocked_us(connection, local.id, sender.uri)
    before = followers.add(connection, local.id, sender.uri, activity.id, now)
    if before is not None:
        processed.first_time(connection, _replaced(sender.uri, before), now)
    asked = {"id": activity.id, "type": "Follow", "actor": activity.actor, "object": local.id}
    outgoing = accept_follow(site, local.id, asked, now)
    deliveries.enqueue(connection, outgoing, [sender.inbox], now=now, urgent=True)
    return Outcome("follow", wake=True)


def undo(connection: Connection, undone_activity: Activity, sender: RemoteActor, now: float) -> Outcome:
    """End what the Follow `undone` began; else, since some ids are made anew, the follow of the same.

    A retried Undo may come after the next Follow: when the Follow that it names was replaced or undone since, it is
    void.
    """
    if followers.remove_by_follow(connection, sender.uri, undone_activity.id):
        pending_undo.done(connection, sender.uri, undone_activity.id, now)
        return Outcome("unfollow")
    replaced = processed.seen(connection, _replaced(sender.uri, undone_activity.id))
    if replaced or pending_undo.is_done(connection, sender.uri, undone_activity.id):
        return IGNORED
    if followers.remove(connection, first_id(undone_activity.raw.get("object")), sender.uri):
        return Outcome("unfollow")
    pending_undo.early(connection, sender.uri, undone_activity.id, now)
    return IGNORED


def _replaced(actor: str, follow_id: str) -> bytes:
    return processed.fingerprint("replaced", actor, follow_id)
