"""What one server tells of another's people: believed only once their own server says the same (I-12, S-43)."""

from sqlalchemy import Connection

from tubegen.origin import same_origin
from tubegen.sidecar.activitypub.read import Activity, first_id
from tubegen.sidecar.inbox.outcome import IGNORED, Outcome
from tubegen.sidecar.jobs.kinds import FETCH_OBJECT
from tubegen.sidecar.model import RemoteActor, Site
from tubegen.sidecar.publishing import local_ids
from tubegen.sidecar.store import jobs, replies

_TYPES = frozenset({"Create", "Update", "Delete"})


def may_concern_us(activity: Activity) -> bool:
    """Whether it is of a kind that the origin could be worth asking about."""
    if activity.type not in _TYPES or not same_origin(activity.object_id, activity.actor):
        return False
    return activity.type != "Create" or bool(_answered(activity))


def concerns_us(connection: Connection, site: Site, activity: Activity) -> bool:
    """Whether the origin is worth asking: about a reply that we keep, or one to what we keep."""
    if not may_concern_us(activity):
        return False
    if replies.author(connection, activity.object_id):
        return True
    answered = _answered(activity)
    return bool(answered) and local_ids.place(connection, site, answered) is not None


def receive(
    connection: Connection, site: Site, activity: Activity, teller: RemoteActor, now: float
) -> Outcome:
    """Have the object looked at where it lives. The genuine activity, should it still come, is not a repetition."""
    if not concerns_us(connection, site, activity):
        return IGNORED
    return look(connection, activity.object_id, teller, now)


def _answered(activity: Activity) -> str:
    return first_id((activity.object or {}).get("inReplyTo"))


def look(connection: Connection, uri: str, teller: RemoteActor, now: float) -> Outcome:
    """Have a post looked at, because `teller` told of it, unless that would be too much for its server or for one
    teller's server."""
    if jobs.crowded(connection, uri, teller.host):
        return IGNORED
    jobs.ask(connection, FETCH_OBJECT, uri, due=now, payload=teller.host)
    return Outcome("forwarded", wake=True)
