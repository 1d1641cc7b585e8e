"""Replies: to a video of ours, by either of its ids, or to a reply that we keep (interop 6.2, 6.3; twovoices R6)."""

from sqlalchemy import Connection

from tubegen.origin import same_origin
from tubegen.sidecar.activitypub import note as notes
from tubegen.sidecar.activitypub import sanitize
from tubegen.sidecar.activitypub.read import Activity, first_id, text, time
from tubegen.sidecar.inbox import forwarded
from tubegen.sidecar.inbox.handlers import deleted_actors
from tubegen.sidecar.inbox.outcome import IGNORED, Outcome
from tubegen.sidecar.jobs.kinds import REFRESH_ACTOR
from tubegen.sidecar.model import Json, RemoteActor, Site
from tubegen.sidecar.publishing import local_ids
from tubegen.sidecar.store import deliveries, jobs, moderation, processed, quotes, remote_actors, replies
from tubegen.sidecar.store.replies import Place, Post

MAX_REPLIES = 100
"""Kept of one actor to one video: more than anybody discusses."""
MAX_WARNING = 500
"""Characters of a content warning."""


def create(
    connection: Connection, site: Site, activity: Activity, sender: RemoteActor, now: float
) -> Outcome:
    """Keep a new reply. One that is kept already stays as it is: its edits may have come first."""
    if activity.object is None:
        return _fetch(connection, activity, sender, now)
    return keep(connection, site, _with_audience(activity), sender, now, edits=False)


def update(
    connection: Connection, site: Site, activity: Activity, sender: RemoteActor, now: float
) -> Outcome:
    """Take over an edit, or the actor's new face."""
    if activity.object_id == activity.actor:
        if remote_actors.find(connection, activity.actor) is None:
            return IGNORED
        jobs.ask(connection, REFRESH_ACTOR, activity.actor, due=now)
        return Outcome("refresh", wake=True)
    if activity.object is None:
        return _fetch(connection, activity, sender, now)
    return keep(connection, site, _with_audience(activity), sender, now)


def delete(
    connection: Connection, site: Site, activity: Activity, sender: RemoteActor, now: float
) -> Outcome:
    """Remove a reply of the sender's, now and for ever; or the sender with all it did."""
    if activity.object_id == activity.actor:
        return deleted_actors.purge(connection, activity.actor, now)
    if not same_origin(activity.object_id, activity.actor):
        return IGNORED
    if replies.author(connection, activity.object_id) not in (None, sender.uri):
        return IGNORED
    return _forget(connection, sender.uri, activity.object_id, now)


def remove(connection: Connection, uri: str, now: float) -> Outcome:
    """Remove a post whose server says that it is gone."""
    author = replies.author(connection, uri)
    return IGNORED if author is None else _forget(connection, author, uri, now)


def _forget(connection: Connection, author: str, uri: str, now: float) -> Outcome:
    """Remove a post and all that names it: its permission to quote us, our yes to that, what is reported of it. It
    cannot come back (I-31)."""
    processed.bury(connection, author, uri, now)
    if quotes.drop(connection, author, uri):
        deliveries.forget_quote(connection, uri)
    if not replies.drop(connection, uri):
        return IGNORED
    moderation.unname(connection, uri)
    return Outcome("deletion")


def keep(
    connection: Connection, site: Site, note: Json, author: RemoteActor, now: float, *, edits: bool = True
) -> Outcome:
    """Keep a reply, or with `edits` its latest state; let it go when it is none any more, or not for the public.

    `note` comes from its author's server: in a request that the author signed, or fetched from there.
    """
    uri = first_id(note)
    if not _is_theirs(note, uri, author):
        return IGNORED
    known = replies.known(connection, uri)
    if known and (known.author != author.uri or not edits):
        return IGNORED
    if processed.buried(connection, author.uri, uri):
        return IGNORED
    place = local_ids.place(connection, site, first_id(note.get("inReplyTo")))
    if known and known.updated is not None and _time_of(note, now) < known.updated:
        return IGNORED
    post = _post(note, uri, place, now) if place else None
    if post is None:
        dropped = known is not None and replies.drop(connection, uri)
        return Outcome("deletion") if dropped else IGNORED
    if known is None and replies.count_by(connection, author.uri, post.video) >= MAX_REPLIES:
        return IGNORED
    row = remote_actors.remember(connection, author)
    if known:
        replies.change(connection, post)
    else:
        replies.add(connection, post, row, now)
    return Outcome("edit" if known else "reply")


def _fetch(connection: Connection, activity: Activity, sender: RemoteActor, now: float) -> Outcome:
    """Have the object looked at where it lives, when only its id was sent: by somebody who takes part here, or of
    a post that we keep. Nothing else shows that it concerns us."""
    if not same_origin(activity.object_id, activity.actor):
        return IGNORED
    if not (
        remote_actors.takes_part(connection, sender.uri) or replies.author(connection, activity.object_id)
    ):
        return IGNORED
    return forwarded.look(connection, activity.object_id, sender, now)


def _is_theirs(note: Json, uri: str, author: RemoteActor) -> bool:
    """I-11, I-13, X-23."""
    mine = first_id(note.get("attributedTo")) == author.uri and same_origin(uri, author.uri)
    return mine and note.get("type") == "Note"


def _with_audience(activity: Activity) -> Json:
    """The embedded object, addressed as the activity is when it names nobody itself (I-21)."""
    note = activity.object or {}
    if "to" in note or "cc" in note:
        return note
    return note | {"to": sorted(activity.to), "cc": sorted(activity.cc)}


def _published(note: Json, now: float) -> float:
    return min(now, max(0.0, time(note.get("published")) or now))


def _time_of(note: Json, now: float) -> float:
    """Of the state that a Note is in."""
    return min(now, time(note.get("updated")) or _published(note, now))


def _post(note: Json, uri: str, place: Place, now: float) -> Post | None:
    """What is kept of a Note; None when it is not public or says nothing."""
    visibility = notes.visibility(note)
    words, language = notes.words(note)
    html = sanitize.paragraphs(words) if notes.is_plain_text(note) else sanitize.html(words)
    if visibility is None or not sanitize.plain(html, 1):
        return None
    published, updated = _published(note, now), time(note.get("updated"))
    return Post(
        uri=uri,
        video=place.video,
        target=place.target,
        in_reply_to=first_id(note.get("inReplyTo")),
        url=notes.page(note) or uri,
        html=html,
        warning=sanitize.plain(text(note.get("summary")), MAX_WARNING),
        language=language,
        visibility=visibility,
        published=published,
        updated=min(now, updated) if updated and updated >= published + 1 else None,
    )
