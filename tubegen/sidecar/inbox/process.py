"""The one entry for what other servers say, once it is known who says it."""

from collections.abc import Callable, Mapping

import msgspec
from sqlalchemy import Connection

from tubegen.sidecar.activitypub.read import Activity
from tubegen.sidecar.inbox import forwarded
from tubegen.sidecar.inbox.handlers import deleted_actors, follow, quote, reaction, reply, undo
from tubegen.sidecar.inbox.outcome import IGNORED, Outcome
from tubegen.sidecar.model import RemoteActor, Site
from tubegen.sidecar.moderation import blocks_and_reports
from tubegen.sidecar.store import locks, processed

Handler = Callable[[Connection, Site, Activity, RemoteActor, float], Outcome]

_HANDLERS: Mapping[str, Handler] = {
    "Follow": follow.follow,
    "Create": reply.create,
    "Update": reply.update,
    "Delete": reply.delete,
    "Undo": undo.undo,
    **dict.fromkeys(reaction.KINDS, reaction.react),
    "Block": blocks_and_reports.block,
    "Flag": blocks_and_reports.flag,
    "Move": deleted_actors.move,
    "QuoteRequest": quote.request,
}
_ONCE = frozenset({"Create", "Update", "Delete", "Flag", "QuoteRequest"})
"""Types to be heeded once. All others say how things stand: saying it again, with the same id, may be meant so."""


def receive(
    connection: Connection, site: Site, activity: Activity, sender: RemoteActor, *, now: float
) -> Outcome:
    """Change what `activity`, signed by `sender`, asks to be changed. Types that we do not know change nothing.

    When the sender is not the actor, nothing in it is believed: its object is looked up where it lives.
    """
    if activity.actor != sender.uri:
        return forwarded.receive(connection, site, activity, sender, now)
    handler = _HANDLERS.get(activity.type)
    if handler is None:
        return IGNORED
    locks.hold(connection, activity.actor)
    if activity.type in _ONCE and not processed.first_time(connection, _fingerprint(activity), now):
        return Outcome("repeated")
    return handler(connection, site, activity, sender, now)


def _fingerprint(activity: Activity) -> bytes:
    """Not by the id alone: GoToSocial gives each edit of a post the same (peers 5.1)."""
    state = (
        str(activity.updated)
        if activity.updated
        else msgspec.json.encode(activity.raw.get("object")).decode()
    )
    return processed.fingerprint(activity.actor, activity.type, activity.id, activity.object_id, state)
