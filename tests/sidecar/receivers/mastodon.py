"""Mastodon 4.4 to 4.7 (interop §2.1, §3.3, §5.1)."""

import re

from tests.sidecar.receivers.rules import (
    PEM,
    PUBLIC,
    Json,
    Rules,
    absent_or,
    are_urls,
    is_flag,
    is_number,
    is_time,
    is_url,
    same_host,
    speaks_activitystreams,
    time,
)

DOWNLOADED = {"video/webm", "video/mp4", "video/quicktime", "video/ogg", "image/jpeg", "image/png"}
USERNAME = r"[a-z0-9_]+([.-]+[a-z0-9_]+)*"


def _author(status: Json) -> str:
    owner = status["attributedTo"]
    return owner if isinstance(owner, str) else owner[0]["id"]


def _page(status: Json) -> str:
    """It looks for `mimeType`, which nobody writes, so that the first element is what it takes for the page."""
    return status["url"] if isinstance(status["url"], str) else status["url"][0]["href"]


def _text(status: Json) -> str:
    return status["content"] if status["type"] == "Note" else status["name"]


STATUS: Rules = {
    "its context names ActivityStreams": speaks_activitystreams,
    "it is a Note or a Video": lambda s: s["type"] in {"Note", "Video"},
    "its author is of its host": lambda s: same_host(s["id"], _author(s)),
    "it has text": lambda s: _text(s).strip(),
    "published is a time": lambda s: is_time(s["published"]),
    "updated is not before published": lambda s: absent_or(
        s, "updated", lambda u: time(u) >= time(s["published"])
    ),
    "the page comes first": lambda s: (
        is_url(_page(s)) and (isinstance(s["url"], str) or s["url"][0]["mediaType"] == "text/html")
    ),
    "it is public": lambda s: PUBLIC in s["to"] and are_urls(s["cc"]),
    "attachment is an array of at most 4": lambda s: (
        isinstance(s["attachment"], list) and len(s["attachment"]) <= 4
    ),
    "attachments are downloaded": lambda s: all(a["mediaType"] in DOWNLOADED for a in s["attachment"]),
    "attachments have a url, no href": lambda s: all(
        is_url(a["url"]) and "href" not in a for a in s["attachment"]
    ),
    "alt texts are strings": lambda s: all(0 < len(a["name"]) <= 10_000 for a in s["attachment"]),
    "hashtags are words": lambda s: (
        all(re.search(r"[^\W\d_]", t["name"]) for t in s["tag"])
        and (s["type"] != "Note" or not any(re.search(r"\s", t["name"]) for t in s["tag"]))
    ),
    "contentMap says what content says": lambda s: absent_or(
        s, "contentMap", lambda m: list(m.values()) == [s["content"]]
    ),
    "sensitive is a flag": lambda s: is_flag(s["sensitive"]),
    "summary stands for a warning": lambda s: absent_or(s, "summary", lambda w: w and s["sensitive"]),
    "everybody may quote": lambda s: PUBLIC in s["interactionPolicy"]["canQuote"]["automaticApproval"],
    "replies are of its host": lambda s: same_host(s["id"], s["replies"]),
}

ACTOR: Rules = {
    "its context names ActivityStreams": speaks_activitystreams,
    "id has neither query nor fragment": lambda a: is_url(a["id"]) and not re.search(r"[?#]", a["id"]),
    "preferredUsername fits": lambda a: re.fullmatch(USERNAME, a["preferredUsername"]),
    "webfinger has no @ before": lambda a: re.fullmatch(r"[^@]+@[^@]+", a["webfinger"]),
    "it has an inbox": lambda a: is_url(a["inbox"]),
    "url is of its host": lambda a: a["type"] == "Application" or same_host(a["url"], a["id"]),
    "the key names its owner": lambda a: (
        a["publicKey"]["owner"] == a["id"]
        and a["publicKey"]["id"] == a["id"] + "#main-key"
        and a["publicKey"]["publicKeyPem"].startswith(PEM)
    ),
    "fields are an array": lambda a: isinstance(a.get("attachment", []), list),
    "links can be verified": lambda a: all(
        re.fullmatch(r'<a href="(https://[^"]+)" rel="me">\1</a>', field["value"])
        for field in a.get("attachment", [])
    ),
    "pictures are strings": lambda a: all(is_url(a[k]["url"]) for k in ("icon", "image") if k in a),
    "flags are booleans": lambda a: all(
        is_flag(a[k]) for k in ("discoverable", "indexable", "manuallyApprovesFollowers")
    ),
    "featured is of its host": lambda a: absent_or(a, "featured", lambda f: same_host(f, a["id"])),
    "attributionDomains are hosts": lambda a: absent_or(
        a, "attributionDomains", lambda d: d and not any("/" in one or ":" in one for one in d)
    ),
}

ACTIVITY: Rules = {
    "its context names ActivityStreams": speaks_activitystreams,
    "id is of its actor's host": lambda a: same_host(a["id"], a["actor"]),
    "an object made or changed is of its actor's host": lambda a: (
        a["type"] not in {"Create", "Update"} or same_host(a["actor"], a["object"]["id"])
    ),
    "an edit says when": lambda a: (
        a["type"] != "Update"
        or a["object"]["type"] not in {"Note", "Video"}
        or is_time(a["object"]["updated"])
    ),
    "Announce is public": lambda a: a["type"] != "Announce" or PUBLIC in a["to"],
}

FEATURED: Rules = {
    "items are addresses of its host": lambda c: all(same_host(c["id"], item) for item in c["orderedItems"]),
}

REPLIES: Rules = {
    "it is a Collection": lambda c: c["type"] == "Collection" and is_number(c["totalItems"]),
    "the first page is of its host": lambda c: same_host(c["id"], c["first"]),
}

REPLIES_PAGE: Rules = {
    "it is a page of its collection": lambda c: (
        c["type"] == "CollectionPage" and c["id"].startswith(c["partOf"])
    ),
    "items are addresses": lambda c: are_urls(c["items"]),
    "the next page is of its host": lambda c: absent_or(c, "next", lambda n: same_host(n, c["id"])),
}

TOTAL: Rules = {
    "nothing is listed": lambda c: (
        is_number(c["totalItems"]) and not {"first", "items", "orderedItems"} & set(c)
    ),
}
