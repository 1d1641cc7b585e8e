"""GoToSocial, Misskey, snac2, Takahe, Fedify and Akkoma (peers.md §4, interop §3 and 5.3), Lemmy."""

import re

from tests.sidecar.receivers.rules import (
    PUBLIC,
    Json,
    Rules,
    absent_or,
    are_urls,
    host,
    is_flag,
    is_url,
    same_host,
    time,
)

RESOLVING = {"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"}


def _contexts(document: Json) -> set[str]:
    context = document["@context"]
    return {one for one in ([context] if isinstance(context, str) else context) if isinstance(one, str)}


GOTOSOCIAL_ACTOR: Rules = {
    "it has a key": lambda a: a["publicKey"]["publicKeyPem"],
    "url is a string": lambda a: is_url(a["url"]),
    "webfinger names the same user": lambda a: a["webfinger"].split("@")[0] == a["preferredUsername"],
}

GOTOSOCIAL_NOTE: Rules = {
    "nothing hides the text": lambda n: "name" not in n,
    "the warning is the author's": lambda n: "summary" not in n or n["sensitive"] is True,
    "updated is not before published": lambda n: absent_or(
        n, "updated", lambda u: time(u) >= time(n["published"])
    ),
    "the policy promises quotes alone": lambda n: set(n["interactionPolicy"]) == {"canQuote"},
    "hashtags have a name and an address": lambda n: all(
        t["name"].startswith("#") and is_url(t["href"]) for t in n["tag"]
    ),
}

MISSKEY_ACTOR: Rules = {
    "boxes are of its host": lambda a: same_host(
        a["id"], a["inbox"], a["outbox"], a["followers"], a["following"], a["endpoints"]["sharedInbox"]
    ),
    "username fits": lambda a: re.fullmatch(r"\w([\w\-.]*\w)?", a["preferredUsername"]),
    "name is a string": lambda a: isinstance(a["name"], str),
}

MISSKEY_NOTE: Rules = {
    "attachments are Documents with a string": lambda n: all(
        a["type"] == "Document" and isinstance(a["url"], str) for a in n["attachment"]
    ),
    "hashtags begin with #": lambda n: all(t["name"].startswith("#") for t in n["tag"]),
    "url is related to the id": lambda n: _related(host(n["url"]), host(n["id"])),
}


def _related(one: str, other: str) -> bool:
    return one == other or one.endswith("." + other) or other.endswith("." + one)


TAKAHE_NOTE: Rules = {
    "attributedTo is a string": lambda n: is_url(n["attributedTo"]),
    "url is a string": lambda n: is_url(n["url"]),
}

TAKAHE_ACTOR: Rules = {"url is a string": lambda a: is_url(a["url"])}

SNAC_VIDEO: Rules = {
    "a dict of type Person owns it": lambda v: any(
        isinstance(o, dict) and o["type"] == "Person" for o in v["attributedTo"]
    ),
}

SNAC_ACTIVITY: Rules = {
    "it is for Public by its full name": lambda a: a["type"] == "Accept" or PUBLIC in a["to"],
}

FEDIFY: Rules = {
    "contexts resolve": lambda d: _contexts(d) <= RESOLVING,
}

FEDIFY_VIDEO: Rules = {
    "owners can be written to": lambda v: all(
        is_url(o["inbox"]) and o["preferredUsername"] for o in v["attributedTo"]
    ),
}

ACTIVITY: Rules = {
    "Accept has an id": lambda a: is_url(a["id"]),
    "Accept says the Follow back with addresses": lambda a: (
        a["type"] != "Accept" or all(is_url(a["object"][k]) for k in ("id", "actor", "object"))
    ),
    "Delete carries a Tombstone": lambda a: a["type"] != "Delete" or a["object"]["type"] == "Tombstone",
    "it is addressed as its object": lambda a: (
        a["type"] != "Create" or (a["to"], a["cc"]) == (a["object"]["to"], a["object"]["cc"])
    ),
}

LEMMY_GROUP: Rules = {
    "it has an outbox": lambda g: is_url(g["outbox"]),
    "posting is restricted": lambda g: is_flag(g["postingRestrictedToMods"]),
    "owners are typed": lambda g: all(o["type"] in {"Person", "Group"} for o in g["attributedTo"]),
}

LEMMY_PAGE: Rules = {
    "two typed owners": lambda v: [o["type"] for o in v["attributedTo"]] == ["Person", "Group"],
    "the title is one line": lambda v: v["name"].strip() and "\n" not in v["name"],
    "to and cc are full addresses": lambda v: are_urls(v["to"]) and are_urls(v["cc"]),
    "language has a code and a name": lambda v: absent_or(
        v, "language", lambda t: isinstance(t["identifier"], str) and isinstance(t["name"], str)
    ),
    "image is not an array": lambda v: not isinstance(v.get("image"), list),
    "context is a string": lambda v: absent_or(v, "context", lambda c: isinstance(c, str)),
    "attachments are Documents with a string": lambda v: all(
        a["type"] in {"Link", "Image", "Document"} and is_url(a["url"]) for a in v["attachment"]
    ),
}

AKKOMA_VIDEO: Rules = {
    "a link is a video": lambda v: any(x["mediaType"] == "video/mp4" for x in v["url"]),
    "a link is a page": lambda v: any(x["mediaType"] == "text/html" for x in v["url"]),
    "a Person is in the list": lambda v: any(o["type"] == "Person" for o in v["attributedTo"]),
}

PIXELFED_NOTE: Rules = {
    "attachment is an array of small pictures": lambda n: (
        isinstance(n["attachment"], list)
        and all(a.get("width", 1) <= 5000 and a.get("height", 1) <= 5000 for a in n["attachment"])
    ),
    "attributedTo is a string": lambda n: is_url(n["attributedTo"]),
}
