"""What we write, beside the documents that five running servers took, field by field.

Each difference is named with its reason; a new one, or one that is no more, fails.
"""

import json
from typing import Any

import pytest

from tests.fixtures import PROVEN
from tests.sidecar import documents
from tests.sidecar.activitypub.worlds import SETTINGS, key, published
from tubegen import contract
from tubegen.sidecar.activitypub import activities, actors, collections, discovery, objects
from tubegen.sidecar.activitypub.ids import Names
from tubegen.sidecar.model import Json
from tubegen.sidecar.publishing.local_actors import site_of

BASE = "https://tubegen.test"
UUID = "811a5436-4916-4dbd-a1dc-5c880d6cc0c5"
GONE = "70a2b743-df84-488b-ba67-9a058dd4cca4"
MEDIA = f"{BASE}/media/{UUID}"
AVATAR = contract.File(url=f"{BASE}/media/avatar.png", media_type="image/png")
SITE = site_of(
    documents.catalogue(
        channels=(
            documents.channel(
                title="Example Films (channel)",
                page=f"{BASE}/videos/",
                description="Short films.",
                avatar=AVATAR,
            ),
        ),
        description="Short films.",
        url=f"{BASE}/",
        avatar=AVATAR,
    ),
    Names(BASE),
)
SMALL = contract.File(url=f"{MEDIA}-social.mp4", media_type="video/mp4", size=581900, width=426, height=240)


def picture(name: str, width: int, height: int) -> contract.File:
    return contract.File(url=f"{BASE}/media/{name}", media_type="image/jpeg", width=width, height=height)


FILM = documents.video(
    UUID,
    title="U u2a",
    description="December 1965: one man and an empty town.",
    html="<p>December 1965: one man and an empty town.</p>",
    tags=(contract.TagEntry("river", f"{BASE}/tags/river/"),),
    licence=None,
    category="",
    page=f"{BASE}/watch/u2a/",
    embed=f"{BASE}/embed/u2a/",
    master=f"{MEDIA}-master.m3u8",
    segments_sha256=f"{MEDIA}-segments-sha256.json",
    web=SMALL,
    social=SMALL,
    poster=picture("poster-850.jpg", 850, 480),
    thumbnail=picture("thumb-280.jpg", 280, 158),
    captions=(contract.CaptionFile(language="en", label="English", url=f"{MEDIA}-en.vtt"),),
)
FIRST, EDITED, REMOVED = 1795334858, 1795334912, 1795334913
NEW = published(FILM, first=FIRST, updated=FIRST)
EDIT = published(documents.msgspec.structs.replace(FILM, title="U u2a edited"), first=FIRST, updated=EDITED)
OLD = published(FILM, uuid=GONE, first=FIRST, updated=FIRST, deleted=REMOVED)

TERMS = "terms for what the trial did not have: quotes, a storyboard, chapters, FEP-2c59; no unused ones"
ALT = "the alt text is the description: nothing else says what there is to see"
POSTER = "Mastodon shows the poster before it plays instead of a frame it takes itself (O-26)"
QUOTES = "without it nobody may quote on Mastodon (O-12, I-50)"
PLACE = "hashtags stand in a paragraph of their own, last: Mastodon shows that as a bar of tags"

NOTE: dict[str, str] = {
    "@context": TERMS,
    "content": PLACE,
    "contentMap.en": PLACE,
    "attachment.0.name": ALT,
    "attachment.0.icon": POSTER,
    "interactionPolicy": QUOTES,
}
VIDEO: dict[str, str] = {
    "@context": TERMS,
    "attachment.0.name": ALT,
    "attachment.0.icon": POSTER,
    "interactionPolicy": QUOTES,
    "embedUrl": "newer PeerTubes let others embed only what has one (interop 5.2)",
    "aspectRatio": "that of the MP4 itself: 426 by 240",
    "url.2.tag.0.href": "the MP4 once more with ?hls=1: there is none for each rendition (R10)",
    "url.2.tag.0.height": "as that MP4 is",
    "url.2.tag.0.width": "as that MP4 is",
    "url.2.tag.0.size": "as that MP4 is",
    "url.2.tag.1.mediaType": "one MP4 less, so the hashes come second",
    "url.2.tag.1.href": "one MP4 less, so the hashes come second",
    "url.2.tag.1.name": "one MP4 less, so the hashes come second",
    "url.2.tag.1.height": "one MP4 less, so the hashes come second",
    "url.2.tag.1.width": "one MP4 less, so the hashes come second",
    "url.2.tag.1.size": "one MP4 less, so the hashes come second",
    "url.2.tag.1.fps": "one MP4 less, so the hashes come second",
    "url.2.tag.2": "one MP4 less, so the hashes come second",
}
ACTOR: dict[str, str] = {
    "@context": TERMS,
    "summary": "it names the other voice (R13)",
    "published": "nobody wrote down when the site began",
    "webfinger": "D-34",
    "attachment": "a link that Mastodon can verify (A-50)",
    "publicKey.publicKeyPem": "another key",
}
INSIDE = {f"object.{path}": why for path, why in NOTE.items() if path != "@context"}

CASES: dict[str, tuple[Json, dict[str, str]]] = {
    "note": (objects.note(SITE, NEW), NOTE),
    "video": (objects.video(SITE, NEW), VIDEO),
    "create-note": (dict(activities.create_note(SITE, NEW).body), {"@context": TERMS, **INSIDE}),
    "update-note": (dict(activities.update_note(SITE, EDIT).body), {"@context": TERMS, **INSIDE}),
    "update-video": (
        dict(activities.update_video(SITE, EDIT).body),
        {"@context": TERMS, **{f"object.{path}": why for path, why in VIDEO.items() if path != "@context"}},
    ),
    "announce-video": (dict(activities.announce_video(SITE, NEW).body), {}),
    "undo-announce": (dict(activities.undo_announce(SITE, OLD).body), {}),
    "delete-note": (dict(activities.delete_note(SITE, OLD).body), {}),
    "delete-video": (dict(activities.delete_video(SITE, OLD).body), {}),
    "accept-films": (
        dict(
            activities.accept_follow(
                SITE,
                SITE.person.id,
                {
                    "id": "http://127.0.0.1:9001/accounts/peertube/follows/59",
                    "actor": "http://127.0.0.1:9001/accounts/peertube",
                },
                FIRST,
            ).body
        ),
        {"id": "made from the Follow and the time, not by chance (L-10)"},
    ),
    "actor-films": (
        actors.actor(SITE, SITE.person, key(SITE.person), SETTINGS),
        {
            **ACTOR,
            "featured": "shows a new follower something (A-30)",
            "attributionDomains": "author's credit on link cards (interop 3.3)",
        },
    ),
    "actor-films_channel": (
        actors.actor(SITE, SITE.groups[0], key(SITE.groups[0]), SETTINGS),
        {**ACTOR, "postingRestrictedToMods": "Lemmy offers to post into it otherwise (A-43)"},
    ),
    "outbox-films": (
        collections.outbox(SITE.person, 1, collections.FIRST),
        {"first": "pages have no query: signatures disagree about those (S-3)", "last": "O-94"},
    ),
    "outbox-films_channel-page1": (
        collections.outbox_page(SITE, SITE.groups[0], [NEW], token="1", following=None, count=1),
        {"@context": "no Video is in it", "id": "no query (S-3)"},
    ),
    "video-comments": (
        collections.paged(f"{SITE.names.video(UUID)}/comments", 0),
        {"first": "no query (S-3)"},
    ),
    "video-comments-page1": (
        collections.page(f"{SITE.names.video(UUID)}/comments", [], token="1", following=None, count=0),
        {"id": "no query (S-3)"},
    ),
    "video-shares-page1": (
        collections.page(
            f"{SITE.names.video(UUID)}/shares",
            [activities.announce_id(SITE.names.video(UUID))],
            token="1",
            following=None,
            count=1,
        ),
        {"id": "no query (S-3)"},
    ),
    "video-likes": (
        collections.total(f"{SITE.names.video(UUID)}/likes", 0),
        {"orderedItems": "an empty list beside a total would be a lie, and nobody needs it (O-93)"},
    ),
    "webfinger-films_channel": (
        discovery.webfinger(SITE, SITE.groups[0]),
        {
            "aliases.0": "the page is an alias too (D-20)",
            "aliases.1": "the page is an alias too (D-20)",
            "links.1.href": "the channel's own page",
            "links.2": "its avatar",
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_only_known_differences_from_what_worked(name: str) -> None:
    ours, reasons = CASES[name]
    theirs = json.loads((PROVEN / f"{name}.json").read_text())
    assert sorted(differences(json.loads(json.dumps(ours)), theirs)) == sorted(reasons)


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where they differ: keys and numbers with dots between. A context is looked at as a whole."""
    if one == other:
        return []
    if path != "@context":
        if isinstance(one, dict) and isinstance(other, dict):
            pairs = [(key, one.get(key), other.get(key)) for key in one.keys() | other.keys()]
            return [d for key, a, b in pairs for d in differences(a, b, f"{path}.{key}".lstrip("."))]
        if isinstance(one, list) and isinstance(other, list):
            padded = [lst + [None] * (max(len(one), len(other)) - len(lst)) for lst in (one, other)]
            pairs = list(zip(range(len(padded[0])), *padded, strict=True))
            return [d for number, a, b in pairs for d in differences(a, b, f"{path}.{number}")]
    return [path]
