"""Permissions to quote a video (FEP-044f, interop 6.6). Everybody may; the permission names both posts."""

from hashlib import sha256

import msgspec
from sqlalchemy import Connection

from tubegen.origin import same_origin
from tubegen.sidecar.activitypub.activities import accept_quote
from tubegen.sidecar.activitypub.read import Activity, first_id
from tubegen.sidecar.inbox.outcome import IGNORED, Outcome
from tubegen.sidecar.jobs.kinds import FETCH_QUOTE
from tubegen.sidecar.model import Json, RemoteActor, Site
from tubegen.sidecar.publishing import local_ids
from tubegen.sidecar.store import deliveries, jobs, quotes
from tubegen.sidecar.store.quotes import Quote

_QUOTES = ("quote", "quoteUrl", "quoteUri", "_misskey_quote")
"""Where servers write what a post quotes."""


class Request(msgspec.Struct, frozen=True):
    """What a QuoteRequest asks, as the job carries it."""

    id: str
    actor: str
    object: str
    instrument: str
    """The quoting post."""


def request(
    connection: Connection, site: Site, activity: Activity, sender: RemoteActor, now: float
) -> Outcome:
    """Have the quoting post looked at: only what stands there counts."""
    instrument = first_id(activity.raw.get("instrument"))
    if not same_origin(instrument, sender.uri) or not local_ids.video(connection, site, activity.object_id):
        return IGNORED
    if jobs.crowded(connection, instrument):
        return IGNORED
    asked = Request(activity.id, activity.actor, activity.object_id, instrument)
    jobs.ask(connection, FETCH_QUOTE, instrument, due=now, payload=msgspec.json.encode(asked).decode())
    return Outcome("quote", wake=True)


def grant(
    connection: Connection, site: Site, asked: Request, post: Json, sender: RemoteActor, now: float
) -> Outcome:
    """Give the permission when the quoting post, as fetched, is the asker's and quotes what was asked for."""
    theirs = (
        first_id(post) == asked.instrument and first_id(post.get("attributedTo")) == sender.uri == asked.actor
    )
    quoted = any(first_id(post.get(field)) == asked.object for field in _QUOTES)
    if not theirs or not quoted or not local_ids.video(connection, site, asked.object):
        return IGNORED
    token = sha256(f"{asked.instrument} {asked.object}".encode()).hexdigest()[:32]
    given = Quote(token=token, quoting=asked.instrument, quoted=asked.object, actor=asked.actor)
    quotes.give(connection, given, now)
    question = {"id": asked.id, "type": "QuoteRequest", "actor": asked.actor, "object": asked.object}
    question["instrument"] = asked.instrument
    outgoing = accept_quote(site, question, token, now)
    deliveries.enqueue(connection, outgoing, [sender.inbox], now=now, urgent=True)
    return Outcome("quote", wake=True)
