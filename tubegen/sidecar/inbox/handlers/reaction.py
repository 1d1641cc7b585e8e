"""Likes, dislikes, emoji and boosts of our videos."""

from sqlalchemy import Connection

from tubegen.sidecar.activitypub import sanitize
from tubegen.sidecar.activitypub.read import Activity, text
from tubegen.sidecar.inbox import pending_undo as pending_undo
from tubegen.sidecar.inbox.outcome import IGNORED, Outcome
from tubegen.sidecar.model import RemoteActor, Site
from tubegen.sidecar.publishing import local_ids
from tubegen.sidecar.store import reactions, remote_actors
from tubegen.sidecar.store.reactions import Kind

KINDS: dict[str, Kind] = {"Like": "like", "EmojiReact": "like", "Dislike": "dislike", "Announce": "boost"}
"""Type of an activity → what it is counted as."""

MAX_EMOJI = 50
"""Characters: an emoji, or a `:name:`."""


def react(connection: Connection, site: Site, activity: Activity, sender: RemoteActor, now: float) -> Outcome:
    video = local_ids.video(connection, site, activity.object_id)
    if video is None or pending_undo.is_early(connection, sender.uri, activity.id, now):
        return IGNORED
    reactions.put(
        connection,
        KINDS[activity.type],
        remote_actors.remember(connection, sender),
        activity.object_id,
        video=video.video,
        emoji=_emoji(activity),
        activity=activity.id,
        now=now,
    )
    return Outcome("reaction")


def undo(connection: Connection, undone_activity: Activity, sender: RemoteActor, now: float) -> Outcome:
    """Take back the reaction with this id; else, since some ids are made anew, the one to the same object.

    A retried Undo may come after the next reaction: when what it names was undone before, it is void.
    """
    emoji = _emoji(undone_activity)
    if reactions.remove_by_activity(connection, sender.uri, undone_activity.id, emoji):
        pending_undo.done(connection, sender.uri, undone_activity.id, now)
        return Outcome("unreaction")
    if pending_undo.is_done(connection, sender.uri, undone_activity.id):
        return IGNORED
    if reactions.remove(
        connection, sender.uri, KINDS[undone_activity.type], undone_activity.object_id, emoji
    ):
        return Outcome("unreaction")
    pending_undo.early(connection, sender.uri, undone_activity.id, now)
    return IGNORED


def _emoji(activity: Activity) -> str:
    """What stands in for the heart, where something does."""
    emoji = text(activity.raw.get("content")) or text(activity.raw.get("_misskey_reaction"))
    return sanitize.plain(emoji, MAX_EMOJI)
