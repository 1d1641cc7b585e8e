"""Which servers look at which kind of document."""

from tests.sidecar.receivers import mastodon, microblogs, peertube
from tests.sidecar.receivers.rules import Json, Rules, complaints

_NOTE: dict[str, Rules] = {
    "Mastodon": mastodon.STATUS,
    "GoToSocial": microblogs.GOTOSOCIAL_NOTE,
    "Misskey": microblogs.MISSKEY_NOTE,
    "Takahe": microblogs.TAKAHE_NOTE,
    "Pixelfed": microblogs.PIXELFED_NOTE,
    "Fedify": microblogs.FEDIFY,
}
_VIDEO: dict[str, Rules] = {
    "PeerTube": peertube.VIDEO,
    "Mastodon": mastodon.STATUS,
    "snac": microblogs.SNAC_VIDEO,
    "Fedify": microblogs.FEDIFY_VIDEO | microblogs.FEDIFY,
    "Lemmy": microblogs.LEMMY_PAGE,
    "Akkoma": microblogs.AKKOMA_VIDEO,
}
_ACTOR: dict[str, Rules] = {
    "PeerTube": peertube.ACTOR,
    "Mastodon": mastodon.ACTOR,
    "GoToSocial": microblogs.GOTOSOCIAL_ACTOR,
    "Misskey": microblogs.MISSKEY_ACTOR,
    "Takahe": microblogs.TAKAHE_ACTOR,
    "Fedify": microblogs.FEDIFY,
}
_ACTIVITY: dict[str, Rules] = {
    "PeerTube": peertube.ACTIVITY,
    "Mastodon": mastodon.ACTIVITY,
    "snac": microblogs.SNAC_ACTIVITY,
    "all": microblogs.ACTIVITY,
    "Fedify": microblogs.FEDIFY,
}

DEMANDS: dict[str, dict[str, Rules]] = {
    "note": _NOTE,
    "video": _VIDEO,
    "actor": _ACTOR,
    "group": {**_ACTOR, "Lemmy": microblogs.LEMMY_GROUP},
    "activity": _ACTIVITY,
    "chapters": {"PeerTube": peertube.CHAPTERS},
    "paged": {"PeerTube": peertube.PAGED},
    "page": {"PeerTube": peertube.PAGE},
    "total": {"PeerTube": peertube.RATES, "Mastodon": mastodon.TOTAL},
    "featured": {"Mastodon": mastodon.FEATURED},
    "replies": {"Mastodon": mastodon.REPLIES},
    "replies page": {"Mastodon": mastodon.REPLIES_PAGE},
}


def refusals(kind: str, document: Json) -> list[str]:
    """`Server: demand` for each demand that a document of this kind does not meet."""
    kind = "group" if kind == "actor" and document["type"] == "Group" else kind
    found = [
        (server, outgoing)
        for server, rules in DEMANDS[kind].items()
        for outgoing in complaints(rules, document)
    ]
    if kind == "activity" and document["type"] in {"Create", "Update"}:
        inner = document["object"]
        context = {"@context": document["@context"]}
        inner_kind = {"Note": "note", "Video": "video", "Group": "group"}.get(inner["type"], "actor")
        return [f"{s}: {d}" for s, d in found] + refusals(inner_kind, {**inner, **context})
    return [f"{server}: {outgoing}" for server, outgoing in found]
