"""What is undone: by the activity embedded in the Undo, or by its id alone."""

from sqlalchemy import Connection

from tubegen.sidecar.activitypub.read import Activity, Malformed
from tubegen.sidecar.activitypub.read import activity as read_activity
from tubegen.sidecar.inbox import pending_undo as pending_undo
from tubegen.sidecar.inbox.handlers import follow, reaction
from tubegen.sidecar.inbox.outcome import IGNORED, Outcome
from tubegen.sidecar.model import RemoteActor, Site
from tubegen.sidecar.moderation import blocks_and_reports
from tubegen.sidecar.store import followers, reactions


def undo(connection: Connection, site: Site, activity: Activity, sender: RemoteActor, now: float) -> Outcome:
    """Only what the sender itself has done (X-24)."""
    undone_activity = _embedded(activity)
    if undone_activity is None:
        return _by_id(connection, activity.object_id, sender, now)
    if undone_activity.actor != sender.uri:
        return IGNORED
    if undone_activity.type == "Follow":
        return follow.undo(connection, undone_activity, sender, now)
    if undone_activity.type == "Block":
        return blocks_and_reports.unblock(connection, site, undone_activity, sender)
    return (
        reaction.undo(connection, undone_activity, sender, now)
        if undone_activity.type in reaction.KINDS
        else IGNORED
    )


def _embedded(activity: Activity) -> Activity | None:
    """The activity in the Undo; None when only its id stands there. Its ids were allowed with those of the Undo."""
    if activity.object is None:
        return None
    try:
        return read_activity({"actor": activity.actor} | activity.object, plain_http=True)
    except Malformed:
        return None


def _by_id(connection: Connection, uri: str, sender: RemoteActor, now: float) -> Outcome:
    unfollowed = followers.remove_by_follow(connection, sender.uri, uri)
    if unfollowed or reactions.remove_by_activity(connection, sender.uri, uri):
        pending_undo.done(connection, sender.uri, uri, now)
        return Outcome("unfollow" if unfollowed else "unreaction")
    if not pending_undo.is_done(connection, sender.uri, uri):
        pending_undo.early(connection, sender.uri, uri, now)
    return IGNORED
