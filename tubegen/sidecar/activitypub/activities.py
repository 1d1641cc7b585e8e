"""What our actors say. Each activity's address is made from what it is about, so that saying it again after
a crash says the same (L-10).

The Group says only Announce and Undo(Announce), the Person everything else about a video (R4). An edit is
told twice, of the Note and of the Video; a removal in the order Undo, Delete(Video), Delete(Note) (R5).
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, cast

from tubegen.sidecar.activitypub import actors, contexts, ids, objects
from tubegen.sidecar.activitypub.ids import PUBLIC
from tubegen.sidecar.activitypub.stamps import stamp
from tubegen.sidecar.model import Json, LocalActor, LocalKey, OutgoingActivity, Published, Site
from tubegen.sidecar.settings import Settings


def create_note(site: Site, video: Published) -> OutgoingActivity:
    """Every following server fetches the attached MP4 at once (R16): it is what the activity weighs."""
    social = video.document.social
    return _about(
        site, video, "Create", objects.note(site, video), at=video.first, weight=social.size if social else 0
    )


def announce_video(site: Site, video: Published) -> OutgoingActivity:
    """The Group's, with the Video's address alone: PeerTube fetches it from there anyway."""
    group, target = site.names.group(video.channel), site.names.video(video.uuid)
    return _outgoing(
        video,
        {
            "@context": contexts.PLAIN,
            "id": announce_id(target),
            "type": "Announce",
            "actor": group,
            "published": stamp(video.first),
            "to": [PUBLIC],
            "cc": [ids.followers(group), site.person.id],
            "object": target,
        },
        about=target,
    )


def announce_id(video: str) -> str:
    """The address of the Group's Announce of the Video `video`: `shares` lists it (R8)."""
    return f"{video}/activity/announce"


def update_note(site: Site, video: Published) -> OutgoingActivity:
    """`updated` of the video is in the address: it must grow by a second at least with each edit (O-75)."""
    return _about(site, video, "Update", objects.note(site, video), at=video.updated)


def update_video(site: Site, video: Published) -> OutgoingActivity:
    """Like `update_note`; it goes to the followers of the Group and of the Person (R3)."""
    return _about(site, video, "Update", objects.video(site, video), at=video.updated)


def delete_note(site: Site, video: Published) -> OutgoingActivity:
    """Raises ValueError when the video is not deleted."""
    return _delete(site, video, site.names.note(video.uuid), "Note")


def delete_video(site: Site, video: Published) -> OutgoingActivity:
    """The Person's: PeerTube and others ignore the Group's (O-52). Raises ValueError as `delete_note`."""
    return _delete(site, video, site.names.video(video.uuid), "Video")


def undo_announce(site: Site, video: Published) -> OutgoingActivity:
    announced = announce_video(site, video)
    return _outgoing(
        video,
        {
            "@context": contexts.PLAIN,
            "id": f"{announced.uri}/undo",
            "type": "Undo",
            "actor": announced.actor,
            "to": [PUBLIC],
            "cc": [ids.followers(announced.actor)],
            "object": bare(announced.body),
        },
        about=announced.object,
    )


def update_actor(
    site: Site, actor: LocalActor, key: LocalKey, settings: Settings, *, now: float
) -> OutgoingActivity:
    """The actor's profile anew; `now`, in seconds since 1970, tells one change from the next."""
    document = actors.actor(site, actor, key, settings)
    body: Json = {
        "@context": document["@context"],
        "id": f"{actor.id}/activity/update/{int(now)}",
        "type": "Update",
        "actor": actor.id,
        "published": stamp(now),
        "to": [PUBLIC],
        "cc": [ids.followers(actor.id)],
        "object": bare(document),
    }
    return OutgoingActivity(uri=body["id"], actor=actor.id, type="Update", object=actor.id, body=body)


def accept_follow(site: Site, actor: str, follow: Json, now: float) -> OutgoingActivity:
    """Yes to `follow`, which `actor` got; to be sent to the follower's own inbox, never a shared one.

    The Follow is said back with addresses alone: some leave it pending when they find a whole actor in it.
    Who asks again is answered again, so `now` is in the address.
    """
    asked: Json = {"id": follow["id"], "type": "Follow", "actor": address(follow["actor"]), "object": actor}
    token = sha256(str(follow["id"]).encode()).hexdigest()[:16]
    body: Json = {
        "@context": contexts.PLAIN,
        "id": f"{actor}/accept/{token}-{int(now)}",
        "type": "Accept",
        "actor": actor,
        "to": [asked["actor"]],
        "object": asked,
    }
    return OutgoingActivity(uri=body["id"], actor=actor, type="Accept", object=asked["id"], body=body)


def accept_quote(site: Site, request: Json, token: str, now: float) -> OutgoingActivity:
    """Yes to a QuoteRequest; `result` is where the permission called `token` can be checked (I-51).

    As with a Follow, who asks again is answered again.
    """
    asking = sha256(str(request["id"]).encode()).hexdigest()[:16]
    keys = ("actor", "object", "instrument")
    asked: Json = {
        "id": request["id"],
        "type": "QuoteRequest",
        **{key: address(request[key]) for key in keys},
    }
    body: Json = {
        "@context": contexts.QUOTE_ACCEPT,
        "id": f"{site.person.id}/accept/quote-{asking}-{int(now)}",
        "type": "Accept",
        "actor": site.person.id,
        "to": [asked["actor"]],
        "object": asked,
        "result": site.names.quote(token),
    }
    return OutgoingActivity(
        uri=body["id"], actor=site.person.id, type="Accept", object=asked["id"], body=body
    )


def bare(document: Mapping[str, Any]) -> Json:
    """A document to be put inside another, whose context speaks for it."""
    return {key: value for key, value in document.items() if key != "@context"}


def address(value: Any) -> str:
    """The id of an object given whole or by its id."""
    return cast("Json", value)["id"] if isinstance(value, dict) else value


def _about(
    site: Site, video: Published, kind: str, document: Json, *, at: float, weight: int = 0
) -> OutgoingActivity:
    """Create or Update by the Person, addressed as the object itself is (interop 5.6)."""
    target: str = document["id"]
    path = "create" if kind == "Create" else f"update/{int(at)}"
    body: Json = {
        "@context": document["@context"],
        "id": f"{target}/activity/{path}",
        "type": kind,
        "actor": site.person.id,
        "published": stamp(at),
        "to": document["to"],
        "cc": document["cc"],
        "object": bare(document),
    }
    return _outgoing(video, body, about=target, weight=weight)


def _delete(site: Site, video: Published, target: str, former: str) -> OutgoingActivity:
    if video.deleted is None:
        raise ValueError(f"{video.uuid} is not deleted")
    body: Json = {
        "@context": contexts.PLAIN,
        "id": f"{target}/activity/delete",
        "type": "Delete",
        "actor": site.person.id,
        "to": [PUBLIC],
        "cc": [ids.followers(site.person.id)],
        "object": bare(objects.tombstone(target, former, video.deleted)),
    }
    return _outgoing(video, body, about=target)


def _outgoing(video: Published, body: Json, *, about: str, weight: int = 0) -> OutgoingActivity:
    return OutgoingActivity(
        uri=body["id"],
        actor=body["actor"],
        type=body["type"],
        object=about,
        body=body,
        video=video.uuid,
        weight=weight,
    )
