"""Each demand is seen to refuse: one change to a document that is taken, and the demand speaks up."""

import copy
import json
from typing import Any

import pytest

from tests.sidecar.activitypub import worlds
from tests.sidecar.receivers import mastodon, microblogs, peertube
from tests.sidecar.receivers.rules import PUBLIC, Json, Rules, complaints
from tubegen.sidecar.activitypub import activities, actors, collections, objects
from tubegen.sidecar.model import OutgoingActivity

GONE = object()
"""Stands for: the field is not there."""

Change = tuple[str, Any]
"""Where, as keys and numbers with dots between, and what to put there."""

RICH = worlds.rich()
NOTE = objects.note(worlds.SITE, RICH)
VIDEO = objects.video(worlds.SITE, RICH)
GROUP = actors.actor(worlds.SITE, worlds.SITE.groups[0], worlds.key(worlds.SITE.groups[0]), worlds.SETTINGS)
PERSON = actors.actor(worlds.SITE, worlds.SITE.person, worlds.key(worlds.SITE.person), worlds.SETTINGS)
ROOT = worlds.SITE.names.video(RICH.uuid)
FOLLOW = {"id": "https://gts.test/f/1", "actor": "https://gts.test/u/a"}


def body(outgoing: OutgoingActivity) -> Json:
    return dict(outgoing.body)


CREATE = body(activities.create_note(worlds.SITE, RICH))
UPDATE = body(activities.update_video(worlds.SITE, RICH))
ANNOUNCE = body(activities.announce_video(worlds.SITE, RICH))
DELETE = body(activities.delete_video(worlds.SITE, RICH))
ACCEPT = body(activities.accept_follow(worlds.SITE, worlds.SITE.person.id, FOLLOW, worlds.FIRST))
PAGE = collections.outbox_page(worlds.SITE, worlds.SITE.groups[0], [RICH], token="1", following="2", count=9)
REMOTE = "https://else.example/x"
LONE_GROUP = [VIDEO["attributedTo"][1]]
LONE_PERSON = [VIDEO["attributedTo"][0]]
TWICE = [VIDEO["url"][2]["tag"][0]] * 2

CASES: list[tuple[Rules, dict[str, tuple[Json, Change]]]] = [
    (
        peertube.VIDEO,
        {
            "type is Video": (VIDEO, ("type", ["Video"])),
            "id is an address": (VIDEO, ("id", "https://localhost/ap/v/1")),
            "uuid is of version 4": (VIDEO, ("uuid", "811a5436-4916-5dbd-a1dc-5c880d6cc0c5")),
            "name has 3 to 120 characters": (VIDEO, ("name", "Up")),
            "duration is plain seconds": (VIDEO, ("duration", "PT1M5S")),
            "views is a whole number": (VIDEO, ("views", GONE)),
            "published is a time": (VIDEO, ("published", "yesterday")),
            "updated is a time": (VIDEO, ("updated", GONE)),
            "originallyPublishedAt is a time": (VIDEO, ("originallyPublishedAt", 7)),
            "icons are JPEG with sizes": (VIDEO, ("icon.0.mediaType", "image/webp")),
            "an icon is wider than 150": (VIDEO, ("icon", [{"width": 150}])),
            "a Group of the same host owns it": (VIDEO, ("attributedTo", LONE_PERSON)),
            "a Person of the same host owns it": (VIDEO, ("attributedTo", LONE_GROUP)),
            "url is an array of Links": (VIDEO, ("url", VIDEO["embedUrl"])),
            "HLS has its exact type and a tag array": (
                VIDEO,
                ("url.2.mediaType", "application/vnd.apple.mpegurl"),
            ),
            "all of the HLS tag is right": (VIDEO, ("url.2.tag.0.fps", 29.97)),
            "HLS files differ in height and rate": (VIDEO, ("url.2.tag", TWICE)),
            "top files are right": (VIDEO, ("url.1.size", "1")),
            "file names are unique in the world": (VIDEO, ("url.2.tag.0.href", VIDEO["url"][1]["href"])),
            "segment hashes are named sha256": (VIDEO, ("url.2.tag.1.name", "sha")),
            "likes and dislikes are addresses": (VIDEO, ("dislikes", {"totalItems": 0})),
            "shares and comments are addresses": (VIDEO, ("comments", GONE)),
            "hasParts is an address": (VIDEO, ("hasParts", [])),
            "content has 3 to 10000 characters": (VIDEO, ("content", "🌊" * 5000)),
            "mediaType is HTML or markdown": (VIDEO, ("mediaType", "")),
            "category is known": (VIDEO, ("category", {"identifier": 1})),
            "licence is known": (VIDEO, ("licence", {"identifier": "MIT"})),
            "language is short": (VIDEO, ("language.identifier", "de-CH-1901-x")),
            "captions are named": (VIDEO, ("subtitleLanguage.0", "en")),
            "preview is an array of storyboards": (VIDEO, ("preview", VIDEO["preview"][0])),
            "tags have 2 to 30 characters and no #": (VIDEO, ("tag.0.name", "#river")),
            "to is public": (VIDEO, ("to", ["as:Public"])),
            "comments are on": (VIDEO, ("commentsPolicy", GONE)),
            "flags are booleans": (VIDEO, ("sensitive", "no")),
            "state is published": (VIDEO, ("state", 2)),
            "aspectRatio is a number": (VIDEO, ("aspectRatio", "16:9")),
            "embedUrl is an address": (VIDEO, ("embedUrl", "/embed")),
        },
    ),
    (
        peertube.ACTOR,
        {
            "type is known": (GROUP, ("type", "Channel")),
            "id and inbox are addresses": (GROUP, ("inbox", GONE)),
            "preferredUsername has its letters": (GROUP, ("preferredUsername", "films channel")),
            "publicKey is one object": (GROUP, ("publicKey", [GROUP["publicKey"]])),
            "the key is SPKI": (GROUP, ("publicKey.publicKeyPem", "-----BEGIN RSA PUBLIC KEY-----")),
            "name has at most 120 characters": (GROUP, ("name", "a" * 121)),
            "summary has 3 to 1000 characters": (GROUP, ("summary", "a" * 1001)),
            "url is a string": (GROUP, ("url", [GROUP["url"]])),
            "it has a shared inbox": (GROUP, ("endpoints", {})),
            "it has an outbox and followers": (GROUP, ("outbox", GONE)),
            "a Group has a Person of its host": (GROUP, ("attributedTo.0.id", REMOTE)),
            "icon is one picture": (GROUP, ("icon", [GROUP["icon"]])),
        },
    ),
    (
        peertube.ACTIVITY,
        {
            "its type is known": (ANNOUNCE, ("type", "Offer")),
            "id and actor are addresses": (ANNOUNCE, ("id", "urn:x")),
            "to and cc are arrays of addresses": (ANNOUNCE, ("to", PUBLIC)),
            "Announce is not a Person's": (ANNOUNCE, ("actor", worlds.SITE.person.id)),
            "Announce names what it is about": (ANNOUNCE, ("object", GONE)),
            "Create and Update carry the object": (CREATE, ("object", NOTE["id"])),
            "Delete is the Person's": (DELETE, ("actor", GROUP["id"])),
            "Delete names an address": (DELETE, ("object.id", GONE)),
            "Accept names actor and Follow": (ACCEPT, ("object.id", GONE)),
        },
    ),
    (
        peertube.PAGED,
        {
            "it is an OrderedCollection": (collections.paged(f"{ROOT}/comments", 1), ("type", "Collection")),
            "totalItems is a number": (collections.paged(f"{ROOT}/comments", 1), ("totalItems", GONE)),
            "first is a page": (collections.paged(f"{ROOT}/comments", 1), ("first", GONE)),
        },
    ),
    (
        peertube.PAGE,
        {
            "orderedItems is an array": (PAGE, ("orderedItems", GONE)),
            "next is an address": (PAGE, ("next", 2)),
            "items are of its host": (PAGE, ("orderedItems.0.actor", REMOTE)),
        },
    ),
    (
        peertube.RATES,
        {"totalItems is a number": (collections.total(f"{ROOT}/likes", 1), ("totalItems", GONE))},
    ),
    (
        peertube.CHAPTERS,
        {
            "id is an address": (objects.chapters(worlds.SITE, RICH), ("id", GONE)),
            "hasPart is an array": (objects.chapters(worlds.SITE, RICH), ("hasPart", {})),
            "titles have 1 to 100 characters": (
                objects.chapters(worlds.SITE, RICH),
                ("hasPart.0.name", ""),
            ),
            "starts are whole seconds, each once": (
                objects.chapters(worlds.SITE, RICH),
                ("hasPart.1.startOffset", 0),
            ),
        },
    ),
    (
        mastodon.STATUS,
        {
            "its context names ActivityStreams": (NOTE, ("@context", ["https://w3id.org/security/v1"])),
            "it is a Note or a Video": (NOTE, ("type", "Article")),
            "its author is of its host": (VIDEO, ("attributedTo.0.id", REMOTE)),
            "it has text": (NOTE, ("content", " ")),
            "published is a time": (NOTE, ("published", GONE)),
            "updated is not before published": (NOTE, ("updated", "2020-01-01T00:00:00Z")),
            "the page comes first": (VIDEO, ("url", VIDEO["url"][::-1])),
            "it is public": (NOTE, ("to", NOTE["cc"])),
            "attachment is an array of at most 4": (NOTE, ("attachment", NOTE["attachment"] * 5)),
            "attachments are downloaded": (NOTE, ("attachment.0.mediaType", "application/x-mpegURL")),
            "attachments have a url, no href": (NOTE, ("attachment.0.href", REMOTE)),
            "alt texts are strings": (NOTE, ("attachment.0.name", "")),
            "hashtags are words": (NOTE, ("tag.0.name", "#2026")),
            "contentMap says what content says": (NOTE, ("contentMap.en", "other")),
            "sensitive is a flag": (NOTE, ("sensitive", GONE)),
            "summary stands for a warning": (NOTE, ("sensitive", False)),
            "everybody may quote": (NOTE, ("interactionPolicy", {})),
            "replies are of its host": (NOTE, ("replies", REMOTE)),
        },
    ),
    (
        mastodon.ACTOR,
        {
            "its context names ActivityStreams": (PERSON, ("@context", "https://w3id.org/security/v1")),
            "id has neither query nor fragment": (PERSON, ("id", PERSON["id"] + "?a")),
            "preferredUsername fits": (PERSON, ("preferredUsername", "-films")),
            "webfinger has no @ before": (PERSON, ("webfinger", "@films@films.example")),
            "it has an inbox": (PERSON, ("inbox", GONE)),
            "url is of its host": (PERSON, ("url", REMOTE)),
            "the key names its owner": (PERSON, ("publicKey.owner", GROUP["id"])),
            "fields are an array": (PERSON, ("attachment", {})),
            "links can be verified": (PERSON, ("attachment.0.value", "https://films.example/")),
            "pictures are strings": (PERSON, ("icon.url", [PERSON["icon"]["url"]])),
            "flags are booleans": (PERSON, ("indexable", GONE)),
            "featured is of its host": (PERSON, ("featured", REMOTE)),
            "attributionDomains are hosts": (PERSON, ("attributionDomains", ["https://films.example"])),
        },
    ),
    (
        mastodon.ACTIVITY,
        {
            "its context names ActivityStreams": (CREATE, ("@context", GONE)),
            "id is of its actor's host": (CREATE, ("actor", REMOTE)),
            "an object made or changed is of its actor's host": (CREATE, ("object.id", REMOTE)),
            "an edit says when": (UPDATE, ("object.updated", GONE)),
            "Announce is public": (ANNOUNCE, ("to", [])),
        },
    ),
    (
        mastodon.FEATURED,
        {
            "items are addresses of its host": (
                collections.featured(worlds.SITE, [RICH]),
                ("orderedItems", [NOTE]),
            )
        },
    ),
    (
        mastodon.REPLIES,
        {
            "it is a Collection": (collections.replies(ROOT, 1), ("type", "OrderedCollection")),
            "the first page is of its host": (collections.replies(ROOT, 1), ("first", REMOTE)),
        },
    ),
    (
        mastodon.REPLIES_PAGE,
        {
            "it is a page of its collection": (
                collections.replies_page(ROOT, [], token="1", following="2"),
                ("partOf", REMOTE),
            ),
            "items are addresses": (
                collections.replies_page(ROOT, [], token="1", following="2"),
                ("items", [NOTE]),
            ),
            "the next page is of its host": (
                collections.replies_page(ROOT, [], token="1", following="2"),
                ("next", REMOTE),
            ),
        },
    ),
    (
        mastodon.TOTAL,
        {"nothing is listed": (collections.total(f"{ROOT}/likes", 1), ("orderedItems", []))},
    ),
    (
        microblogs.GOTOSOCIAL_ACTOR,
        {
            "it has a key": (PERSON, ("publicKey", GONE)),
            "url is a string": (PERSON, ("url", [PERSON["url"]])),
            "webfinger names the same user": (PERSON, ("webfinger", "film@films.example")),
        },
    ),
    (
        microblogs.GOTOSOCIAL_NOTE,
        {
            "nothing hides the text": (NOTE, ("name", "The tide")),
            "the warning is the author's": (NOTE, ("sensitive", False)),
            "updated is not before published": (NOTE, ("updated", "2020-01-01T00:00:00Z")),
            "the policy promises quotes alone": (NOTE, ("interactionPolicy.canReply", {})),
            "hashtags have a name and an address": (NOTE, ("tag.0.href", GONE)),
        },
    ),
    (
        microblogs.MISSKEY_ACTOR,
        {
            "boxes are of its host": (PERSON, ("endpoints.sharedInbox", REMOTE)),
            "username fits": (PERSON, ("preferredUsername", ".films")),
            "name is a string": (PERSON, ("name", None)),
        },
    ),
    (
        microblogs.MISSKEY_NOTE,
        {
            "attachments are Documents with a string": (NOTE, ("attachment.0.url", [REMOTE])),
            "hashtags begin with #": (NOTE, ("tag.0.name", "river")),
            "url is related to the id": (NOTE, ("url", REMOTE)),
        },
    ),
    (
        microblogs.TAKAHE_NOTE,
        {
            "attributedTo is a string": (NOTE, ("attributedTo", [NOTE["attributedTo"]])),
            "url is a string": (NOTE, ("url", [])),
        },
    ),
    (microblogs.TAKAHE_ACTOR, {"url is a string": (PERSON, ("url", [{"href": PERSON["url"]}]))}),
    (
        microblogs.SNAC_VIDEO,
        {"a dict of type Person owns it": (VIDEO, ("attributedTo", [worlds.SITE.person.id]))},
    ),
    (microblogs.SNAC_ACTIVITY, {"it is for Public by its full name": (CREATE, ("to", ["as:Public"]))}),
    (microblogs.FEDIFY, {"contexts resolve": (NOTE, ("@context", [REMOTE]))}),
    (
        microblogs.FEDIFY_VIDEO,
        {"owners can be written to": (VIDEO, ("attributedTo.1.inbox", GONE))},
    ),
    (
        microblogs.ACTIVITY,
        {
            "Accept has an id": (ACCEPT, ("id", GONE)),
            "Accept says the Follow back with addresses": (ACCEPT, ("object.actor", PERSON)),
            "Delete carries a Tombstone": (DELETE, ("object.type", "Video")),
            "it is addressed as its object": (CREATE, ("cc", [])),
        },
    ),
    (
        microblogs.LEMMY_GROUP,
        {
            "it has an outbox": (GROUP, ("outbox", GONE)),
            "posting is restricted": (GROUP, ("postingRestrictedToMods", GONE)),
            "owners are typed": (GROUP, ("attributedTo", [worlds.SITE.person.id])),
        },
    ),
    (
        microblogs.LEMMY_PAGE,
        {
            "two typed owners": (VIDEO, ("attributedTo", LONE_GROUP)),
            "the title is one line": (VIDEO, ("name", "a\nb")),
            "to and cc are full addresses": (VIDEO, ("cc", ["as:Public"])),
            "language has a code and a name": (VIDEO, ("language.name", GONE)),
            "image is not an array": (VIDEO, ("image", [])),
            "context is a string": (VIDEO, ("context", {})),
            "attachments are Documents with a string": (VIDEO, ("attachment.0.type", "Video")),
        },
    ),
    (
        microblogs.AKKOMA_VIDEO,
        {
            "a link is a video": (VIDEO, ("url", VIDEO["url"][:1])),
            "a link is a page": (VIDEO, ("url", VIDEO["url"][1:])),
            "a Person is in the list": (VIDEO, ("attributedTo", LONE_GROUP)),
        },
    ),
    (
        microblogs.PIXELFED_NOTE,
        {
            "attachment is an array of small pictures": (NOTE, ("attachment.0.width", 5001)),
            "attributedTo is a string": (NOTE, ("attributedTo", [NOTE["attributedTo"]])),
        },
    ),
]


@pytest.mark.parametrize(
    ("rules", "outgoing", "document", "change"),
    [(rules, outgoing, *case) for rules, cases in CASES for outgoing, case in cases.items()],
)
def test_a_demand_speaks_up(rules: Rules, outgoing: str, document: Json, change: Change) -> None:
    assert outgoing not in complaints(rules, document)
    assert outgoing in complaints(rules, changed(document, change))


def test_no_demand_goes_unseen() -> None:
    seen = {id(rules): set(cases) for rules, cases in CASES}
    everywhere = [
        value
        for module in (peertube, mastodon, microblogs)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, dict)
    ]
    assert [set(rules) - seen.get(id(rules), set()) for rules in everywhere] == [set()] * len(everywhere)


def changed(document: Json, change: Change) -> Json:
    result = copy.deepcopy(json.loads(json.dumps(document)))
    *way, last = [int(step) if step.isdigit() else step for step in change[0].split(".")]
    place: Any = result
    for step in way:
        place = place[step]
    if change[1] is GONE:
        del place[last]
    else:
        place[last] = change[1]
    return result
