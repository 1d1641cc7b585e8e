"""What is new in the catalogue, and what the fediverse is told of it.

    new              Create(Note) by the Person, Announce(Video) by the channel's Group
    changed          Update of both, by the Person
    gone for good    Undo(Announce), Delete(Video), Delete(Note), in this order (R5)

The first catalogue is adopted silently: its videos can be found and fetched, but nobody's timeline is
flooded with years of work. A video that is not in the catalogue any more is given an hour to come back, and
many that vanish at once, or the last ones, wait for the owner's yes: a broken build must not delete a channel
everywhere. The yes is for the videos that it was asked for, and is used up by them.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Mapping

import msgspec
from sqlalchemy import Connection

from tubegen.contract import VideoDocument
from tubegen.sidecar.activitypub import activities
from tubegen.sidecar.model import OutgoingActivity, Published, Site
from tubegen.sidecar.store import deliveries, followers, meta, publishing, status
from tubegen.sidecar.store.publishing import Known

GRACE = 3600.0
"""Seconds that a video may be missing before it counts as removed."""

MANY = 5
"""More removals than this at once wait for a yes; so do two or more that are over a tenth of the site."""

_NONE = "none"
"""In place of the time at which films were adopted: there were none."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What a catalogue changes, by UUID; each in the order in which it is to be told."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """Not seen for the first time."""
    back: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    """Missing for longer than the grace, or with the owner's yes: to be deleted."""
    held: tuple[str, ...] = ()
    """Missing for longer than the grace, but too many at once."""


class PublishReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a synchronisation did."""

    adopted: int = 0
    announced: int = 0
    updated: int = 0
    deleted: int = 0
    held: int = 0
    """Removals that wait for the owner's yes."""


def difference(
    documents: Mapping[str, VideoDocument],
    known: Mapping[str, Known],
    *,
    now: float,
    confirmed: Collection[str] = (),
) -> Difference:
    """`confirmed`: videos whose removal the owner has said yes to, so that they wait for nothing."""
    alive = {uuid: video for uuid, video in known.items() if video.deleted is None}
    out = [uuid for uuid, document in documents.items() if _date(document) <= now]
    gone = [uuid for uuid in alive if uuid not in documents]
    agreed = [uuid for uuid in gone if uuid in confirmed]
    due = [uuid for uuid in gone if uuid not in confirmed and _expired(alive[uuid], now)]
    too_many = len(due) > MANY or (len(due) > 1 and len(due) * 10 > len(alive))
    held = due if too_many or not documents else []
    return Difference(
        # An id that was deleted can never be used again (O-87), so what is in `known` is not new.
        new=tuple(sorted((u for u in out if u not in known), key=lambda u: (_date(documents[u]), u))),
        changed=tuple(u for u in out if u in alive and alive[u].fingerprint != fingerprint(documents[u])),
        missing=tuple(u for u in gone if alive[u].missing is None and u not in agreed),
        back=tuple(u for u, video in alive.items() if u in documents and video.missing is not None),
        removed=tuple(sorted(agreed if held else agreed + due)),
        held=tuple(sorted(held)),
    )


def fingerprint(document: VideoDocument) -> str:
    """Equal for documents that say the same to other servers."""
    # The order of fields is the struct's own, so that equal documents are equal bytes.
    return hashlib.sha256(msgspec.json.encode(document)).hexdigest()


def publish(
    connection: Connection,
    site: Site,
    documents: Mapping[str, VideoDocument],
    *,
    now: float,
    before: Mapping[str, float] | None = None,
) -> PublishReport:
    """Tell the difference: rows and deliveries in the caller's transaction.

    `before`: when videos were published, by UUID, as is remembered elsewhere: this database may be an old copy of the
    one that was there when they were announced.
    """
    before = before or {}
    if _is_to_be_adopted(connection):
        return _adopt(connection, site, documents, now, before)
    confirmed = _uuids(meta.get(connection, meta.CONFIRMED))
    meta.drop(connection, meta.CONFIRMED)
    change = difference(documents, publishing.known(connection), now=now, confirmed=confirmed)
    forgotten = [uuid for uuid in change.new if uuid in before]
    for uuid in change.new:
        if uuid in before:
            _add(connection, site, documents[uuid], before[uuid], announced=True)
        else:
            _announce(connection, site, documents[uuid], now)
    for uuid in change.back:
        publishing.miss(connection, uuid, None)
    for uuid in change.changed:
        _update(connection, site, documents[uuid], now)
    for uuid in change.missing:
        publishing.miss(connection, uuid, now)
    for uuid in change.removed:
        _delete(connection, site, uuid, now)
    if change.held:
        meta.put(connection, meta.HELD, msgspec.json.encode(change.held).decode())
    else:
        meta.drop(connection, meta.HELD)
    return PublishReport(
        adopted=len(forgotten),
        announced=len(change.new) - len(forgotten),
        updated=len(change.changed),
        deleted=len(change.removed),
        held=len(change.held),
    )


def publish_profiles(
    connection: Connection, site: Site, profiles: Mapping[str, OutgoingActivity], now: float
) -> int:
    """Tell the followers of each actor, by id, whose profile is not the one they were told last."""
    report = 0
    for actor, outgoing in profiles.items():
        key = f"profile:{actor}"
        # A new key is told of by its rotation, which must not be followed by the same news again.
        profile = {name: value for name, value in outgoing.body["object"].items() if name != "publicKey"}
        now_says = hashlib.sha256(msgspec.json.encode(profile, order="sorted")).hexdigest()
        before = meta.get(connection, key)
        if before == now_says:
            continue
        meta.put(connection, key, now_says)
        if before is not None:
            deliveries.enqueue(connection, outgoing, followers.inboxes(connection, [actor]), now=now)
            report += 1
    return report


def confirm_removals(connection: Connection) -> tuple[str, ...]:
    """The owner's yes to the removals that wait for it now; heeded when the catalogue is read next. Their UUIDs."""
    held = removals(connection)
    if held:
        both = sorted({*held, *_uuids(meta.get(connection, meta.CONFIRMED))})
        meta.put(connection, meta.CONFIRMED, msgspec.json.encode(both).decode())
    return held


def removals(connection: Connection) -> tuple[str, ...]:
    """UUIDs of the videos whose removal waits for the owner's yes."""
    return _uuids(meta.get(connection, meta.HELD))


def _uuids(kept: str | None) -> tuple[str, ...]:
    return msgspec.json.decode(kept, type=tuple[str, ...]) if kept else ()


def _is_to_be_adopted(connection: Connection) -> bool:
    """The first films of a site, unless it began without any and people follow it already, to hear of them."""
    adopted = meta.get(connection, meta.ADOPTED)
    return adopted is None or (adopted == _NONE and not status.followed(connection))


def _adopt(
    connection: Connection,
    site: Site,
    documents: Mapping[str, VideoDocument],
    now: float,
    before: Mapping[str, float],
) -> PublishReport:
    """What was there before the first follower: outbox and featured, but nobody is told."""
    out = [document for document in documents.values() if _date(document) <= now]
    for document in out:
        first = before.get(document.uuid, _date(document))
        _add(connection, site, document, first, announced=document.uuid in before)
    meta.put(connection, meta.ADOPTED, str(now) if out else _NONE)
    return PublishReport(adopted=len(out))


def _announce(connection: Connection, site: Site, document: VideoDocument, now: float) -> None:
    # Mastodon keeps a post out of home feeds whose `published` is over six hours old: it is now (O-85).
    video = _add(connection, site, document, now, announced=True)
    _enqueue(connection, site, video, now, activities.create_note, [site.person.id])
    _enqueue(connection, site, video, now, activities.announce_video, [site.names.group(video.channel)])


def _add(
    connection: Connection, site: Site, document: VideoDocument, first: float, *, announced: bool
) -> Published:
    video = _published(site, document, first, first, announced=announced)
    publishing.add(connection, video, fingerprint(document))
    return video


def _update(connection: Connection, site: Site, document: VideoDocument, now: float) -> None:
    before = publishing.find(connection, document.uuid)
    assert before is not None
    # Always later than the last: receivers drop the rest.
    updated = max(now, before.updated + 1)
    video = _published(site, document, before.first, updated, announced=before.announced)
    publishing.change(connection, video, fingerprint(document))
    everyone = [site.person.id, site.names.group(video.channel)]
    _enqueue(connection, site, video, now, activities.update_note, [site.person.id], video.uuid)
    _enqueue(connection, site, video, now, activities.update_video, everyone, video.uuid)


def _delete(connection: Connection, site: Site, uuid: str, now: float) -> None:
    video = publishing.find(connection, uuid)
    assert video is not None
    group, person = site.names.group(video.channel), site.person.id
    publishing.delete(connection, uuid, now)
    gone = msgspec.structs.replace(video, deleted=now)
    _enqueue(connection, site, gone, now, activities.undo_announce, [group], uuid)
    _enqueue(connection, site, gone, now, activities.delete_video, [person, group], uuid)
    _enqueue(connection, site, gone, now, activities.delete_note, [person], uuid)


def _enqueue(
    connection: Connection,
    site: Site,
    video: Published,
    now: float,
    activity: Callable[[Site, Published], OutgoingActivity],
    actors: list[str],
    uuid: str = "",
) -> None:
    """To the followers of some of our actors, and to who took part in the video `uuid`."""
    deliveries.enqueue(
        connection, activity(site, video), followers.inboxes(connection, actors, video=uuid), now=now
    )


def _published(
    site: Site, document: VideoDocument, first: float, updated: float, *, announced: bool
) -> Published:
    # Whole seconds: the documents carry no more.
    handles = {channel.name: channel.handle for channel in site.catalogue.channels}
    return Published(
        uuid=document.uuid,
        channel=handles[document.channel],
        document=document,
        first=float(int(first)),
        updated=float(int(updated)),
        announced=announced,
    )


def _date(document: VideoDocument) -> float:
    return dt.datetime.fromisoformat(document.published).timestamp()


def _expired(video: Known, now: float) -> bool:
    return video.missing is not None and now - video.missing >= GRACE
