"""PeerTube 6.3 (peertube.md §5, interop 5.2); most were tried on the running server."""

import re
from uuid import UUID

from tests.sidecar.receivers.rules import (
    PEM,
    PUBLIC,
    Json,
    Rules,
    absent_or,
    are_urls,
    host,
    is_flag,
    is_number,
    is_time,
    is_url,
    same_host,
    size,
    unique,
)

KNOWN = {
    "Create",
    "Update",
    "Delete",
    "Follow",
    "Accept",
    "Reject",
    "Announce",
    "Undo",
    "Like",
    "View",
    "Flag",
}


def _files(video: Json) -> list[Json]:
    return [link for link in _hls(video)["tag"] if link.get("mediaType") == "video/mp4"]


def _hls(video: Json) -> Json:
    playlists = [link for link in video["url"] if link["mediaType"] == "application/x-mpegURL"]
    return playlists[0]


def _mp4s(video: Json) -> list[Json]:
    return [link for link in video["url"] if link["mediaType"] == "video/mp4"] + _files(video)


def _is_file(link: Json) -> bool:
    numbers = is_number(link["height"]) and is_number(link["size"])
    return numbers and is_url(link["href"]) and absent_or(link, "fps", is_number)


def _basename(address: str) -> str:
    return address.rsplit("/", 1)[1]


def _is_icon(icon: Json) -> bool:
    sized = is_number(icon["width"]) and is_number(icon["height"])
    return icon["type"] == "Image" and icon["mediaType"] == "image/jpeg" and sized and is_url(icon["url"])


def _named(thing: Json, known: object = None) -> bool:
    return isinstance(thing["identifier"], str) and (known is None or thing["identifier"] in known)


def _of(video: Json, kind: str) -> list[str]:
    return [owner["id"] for owner in video["attributedTo"] if owner["type"] == kind]


def _sheet(preview: list[Json]) -> bool:
    sheet = preview[0]["url"][0]
    numbers = all(is_number(sheet[key]) for key in ("width", "height", "tileWidth", "tileHeight"))
    return (
        preview[0]["rel"] == ["storyboard"]
        and sheet["mediaType"] == "image/jpeg"
        and numbers
        and re.fullmatch(r"PT[1-9]\d*S", sheet["tileDuration"]) is not None
    )


VIDEO: Rules = {
    "type is Video": lambda v: v["type"] == "Video",
    "id is an address": lambda v: is_url(v["id"]),
    "uuid is of version 4": lambda v: UUID(v["uuid"]).version == 4 and str(UUID(v["uuid"])) == v["uuid"],
    "name has 3 to 120 characters": lambda v: 3 <= size(v["name"]) <= 120,
    "duration is plain seconds": lambda v: re.fullmatch(r"PT\d+S", v["duration"]),
    "views is a whole number": lambda v: is_number(v["views"]),
    "published is a time": lambda v: is_time(v["published"]),
    "updated is a time": lambda v: is_time(v["updated"]),
    "originallyPublishedAt is a time": lambda v: absent_or(v, "originallyPublishedAt", is_time),
    "icons are JPEG with sizes": lambda v: v["icon"] and all(map(_is_icon, v["icon"])),
    "an icon is wider than 150": lambda v: max(icon["width"] for icon in v["icon"]) > 150,
    "a Group of the same host owns it": lambda v: same_host(v["id"], *_of(v, "Group")) and _of(v, "Group"),
    "a Person of the same host owns it": lambda v: same_host(v["id"], *_of(v, "Person")) and _of(v, "Person"),
    "url is an array of Links": lambda v: (
        isinstance(v["url"], list) and all(x["type"] == "Link" for x in v["url"])
    ),
    "HLS has its exact type and a tag array": lambda v: isinstance(_hls(v)["tag"], list),
    "all of the HLS tag is right": lambda v: (
        all(map(_is_file, _files(v))) and all(is_url(link["href"]) for link in _hls(v)["tag"])
    ),
    "HLS files differ in height and rate": lambda v: unique((x["height"], x.get("fps")) for x in _files(v)),
    "top files are right": lambda v: all(_is_file(x) for x in _mp4s(v)),
    "file names are unique in the world": lambda v: (
        unique(_basename(x["href"]) for x in _mp4s(v))
        and all(v["uuid"] in _basename(x["href"]) for x in _mp4s(v))
    ),
    "segment hashes are named sha256": lambda v: all(
        link["name"] == "sha256" for link in _hls(v)["tag"] if link["mediaType"] == "application/json"
    ),
    "likes and dislikes are addresses": lambda v: is_url(v["likes"]) and is_url(v["dislikes"]),
    "shares and comments are addresses": lambda v: is_url(v["shares"]) and is_url(v["comments"]),
    "hasParts is an address": lambda v: absent_or(v, "hasParts", is_url),
    "content has 3 to 10000 characters": lambda v: absent_or(v, "content", lambda c: 3 <= size(c) < 10_000),
    "mediaType is HTML or markdown": lambda v: v["mediaType"] in {"text/html", "text/markdown"},
    "category is known": lambda v: absent_or(v, "category", lambda c: _named(c, set(map(str, range(1, 19))))),
    "licence is known": lambda v: absent_or(v, "licence", lambda c: _named(c, set("1234567"))),
    "language is short": lambda v: absent_or(
        v, "language", lambda c: _named(c) and 1 <= len(c["identifier"]) <= 10
    ),
    "captions are named": lambda v: all(_named(c) and is_url(c["url"]) for c in v["subtitleLanguage"]),
    "preview is an array of storyboards": lambda v: absent_or(
        v, "preview", lambda p: isinstance(p, list) and _sheet(p)
    ),
    "tags have 2 to 30 characters and no #": lambda v: all(
        2 <= size(tag["name"]) <= 30 and not tag["name"].startswith("#") for tag in v["tag"]
    ),
    "to is public": lambda v: are_urls(v["to"]) and PUBLIC in v["to"],
    "comments are on": lambda v: v["commentsPolicy"] == 1 and v["commentsEnabled"] is True,
    "flags are booleans": lambda v: all(
        is_flag(v[key]) for key in ("sensitive", "downloadEnabled", "waitTranscoding", "isLiveBroadcast")
    ),
    "state is published": lambda v: v["state"] == 1,
    "aspectRatio is a number": lambda v: absent_or(v, "aspectRatio", lambda a: isinstance(a, float | int)),
    "embedUrl is an address": lambda v: absent_or(v, "embedUrl", is_url),
}

ACTOR: Rules = {
    "type is known": lambda a: a["type"] in {"Person", "Group", "Application", "Service", "Organization"},
    "id and inbox are addresses": lambda a: is_url(a["id"]) and is_url(a["inbox"]),
    "preferredUsername has its letters": lambda a: re.fullmatch(r"[A-Za-z0-9\-_.:]+", a["preferredUsername"]),
    "publicKey is one object": lambda a: a["publicKey"]["owner"] == a["id"] and is_url(a["publicKey"]["id"]),
    "the key is SPKI": lambda a: (
        a["publicKey"]["publicKeyPem"].startswith(PEM) and 10 <= len(a["publicKey"]["publicKeyPem"]) <= 5000
    ),
    "name has at most 120 characters": lambda a: 1 <= size(a["name"]) <= 120,
    "summary has 3 to 1000 characters": lambda a: absent_or(a, "summary", lambda s: 3 <= size(s) <= 1000),
    "url is a string": lambda a: is_url(a["url"]),
    "it has a shared inbox": lambda a: is_url(a["endpoints"]["sharedInbox"]),
    "it has an outbox and followers": lambda a: is_url(a["outbox"]) and is_url(a["followers"]),
    "a Group has a Person of its host": lambda a: (
        a["type"] != "Group"
        or (
            [o["type"] for o in a["attributedTo"]].count("Person") == 1
            and same_host(a["id"], *(o["id"] for o in a["attributedTo"]))
        )
    ),
    "icon is one picture": lambda a: absent_or(
        a, "icon", lambda i: i["type"] == "Image" and is_url(i["url"])
    ),
}

ACTIVITY: Rules = {
    "its type is known": lambda a: a["type"] in KNOWN,
    "id and actor are addresses": lambda a: is_url(a["id"]) and is_url(a["actor"]),
    "to and cc are arrays of addresses": lambda a: are_urls(a.get("to", [])) and are_urls(a.get("cc", [])),
    "Announce is not a Person's": lambda a: a["type"] != "Announce" or "/u/" not in a["actor"],
    "Announce names what it is about": lambda a: a["type"] != "Announce" or is_url(a["object"]),
    "Create and Update carry the object": lambda a: (
        a["type"] not in {"Create", "Update"} or is_url(a["object"]["id"])
    ),
    "Delete is the Person's": lambda a: a["type"] != "Delete" or "/u/" in a["actor"],
    "Delete names an address": lambda a: a["type"] != "Delete" or is_url(a["object"]["id"]),
    "Accept names actor and Follow": lambda a: a["type"] != "Accept" or is_url(a["object"]["id"]),
}

PAGED: Rules = {
    "it is an OrderedCollection": lambda c: c["type"] == "OrderedCollection",
    "totalItems is a number": lambda c: is_number(c["totalItems"]),
    "first is a page": lambda c: is_url(c["first"]) and host(c["first"]) == host(c["id"]),
}

PAGE: Rules = {
    "orderedItems is an array": lambda c: isinstance(c["orderedItems"], list),
    "next is an address": lambda c: absent_or(c, "next", is_url),
    "items are of its host": lambda c: all(
        same_host(c["id"], item["actor"]) for item in c["orderedItems"] if isinstance(item, dict)
    ),
}

RATES: Rules = {"totalItems is a number": lambda c: is_number(c["totalItems"])}

CHAPTERS: Rules = {
    "id is an address": lambda c: is_url(c["id"]),
    "hasPart is an array": lambda c: isinstance(c["hasPart"], list),
    "titles have 1 to 100 characters": lambda c: all(1 <= size(p["name"]) <= 100 for p in c["hasPart"]),
    "starts are whole seconds, each once": lambda c: (
        all(is_number(p["startOffset"]) for p in c["hasPart"])
        and unique(p["startOffset"] for p in c["hasPart"])
    ),
}
