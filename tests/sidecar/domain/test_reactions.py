"""Likes, boosts, reports, quotes, and what is forwarded or unknown."""

import json

import pytest

from tests.sidecar.domain.scene import (
    ALICE,
    BOB,
    GONE,
    NAMES,
    NOTE,
    NOW,
    PERSON,
    SITE,
    TIDE,
    VIDEO,
    note,
    number,
    open_scene,
    rows,
    someone,
    told,
)
from tubegen.sidecar.activitypub.read import activity
from tubegen.sidecar.inbox.handlers import quote
from tubegen.sidecar.inbox.process import receive
from tubegen.sidecar.store import moderation, quotes, reactions, schema

pytestmark = pytest.mark.usefixtures("both_stores")


def test_an_actor_counts_once_over_both_ids():
    connection = open_scene()
    for who, target in ((ALICE, NOTE), (ALICE, VIDEO), (ALICE, NOTE), (BOB, VIDEO)):
        assert told(connection, who, "Like", target) == "reaction"
    told(connection, ALICE, "Announce", NOTE)
    told(connection, ALICE, "Dislike", VIDEO)
    counts = [reactions.count(connection, TIDE, kind) for kind in ("like", "boost", "dislike")]
    assert counts == [2, 1, 1]


def test_emoji_are_kept_as_short_text():
    connection = open_scene()
    told(connection, ALICE, "Like", NOTE, content=":blobcat:", _misskey_reaction=":blobcat:")
    told(connection, BOB, "EmojiReact", NOTE, content="<img src=x>🎬" + "x" * 200)
    assert sorted(row["emoji"][:8] for row in rows(connection, schema.reaction)) == [":blobcat", "🎬xxxxxxx"]
    assert reactions.count(connection, TIDE, "like") == 2


def test_an_emoji_stands_beside_a_like_and_is_taken_back_alone():
    """snac2 gives all emoji of an actor for one post the same id (seen on the wire)."""
    connection = open_scene()
    told(connection, ALICE, "Like", NOTE, id=f"{ALICE.uri}/l/77")
    for emoji in ("🦋", "🐟"):
        told(connection, ALICE, "EmojiReact", NOTE, id=f"{ALICE.uri}/e/77", content=emoji)
    inner = {
        "id": f"{ALICE.uri}/e/77",
        "type": "EmojiReact",
        "actor": ALICE.uri,
        "object": NOTE,
        "content": "🦋",
    }
    assert told(connection, ALICE, "Undo", inner, id=f"{ALICE.uri}#undo") == "unreaction"
    assert sorted(row["emoji"] for row in rows(connection, schema.reaction)) == ["", "🐟"]
    assert reactions.count(connection, TIDE, "like") == 1


def test_like_undo_and_like_again_with_the_same_id():
    """snac2 (peers 5.2)."""
    connection = open_scene()
    like = {"id": f"{ALICE.uri}/l/77", "type": "Like", "actor": ALICE.uri, "object": NOTE}
    for _ in range(2):
        assert told(connection, ALICE, "Like", NOTE, id=like["id"]) == "reaction"
        assert reactions.count(connection, TIDE, "like") == 1
        assert told(connection, ALICE, "Undo", like, id=f"{ALICE.uri}#undo") == "unreaction"
        assert reactions.count(connection, TIDE, "like") == 0


@pytest.mark.parametrize(
    "inner",
    [
        f"{ALICE.uri}#Like",
        {"id": f"{ALICE.uri}#Like", "type": "Like", "actor": ALICE.uri, "object": NOTE},
        [{"id": f"{ALICE.uri}#another", "type": "Like", "actor": {"id": ALICE.uri}, "object": {"id": NOTE}}],
        {"id": f"{ALICE.uri}#another", "type": "Like", "object": NOTE},
    ],
)
def test_an_undo_is_matched_by_id_else_by_actor_and_object(inner):
    connection = open_scene()
    told(connection, ALICE, "Like", NOTE)
    told(connection, BOB, "Like", NOTE)
    assert told(connection, ALICE, "Undo", inner) == "unreaction"
    assert reactions.count(connection, TIDE, "like") == 1
    assert not reactions.remove(connection, ALICE.uri, "like", NOTE)


def test_nobody_undoes_the_like_of_another():
    connection = open_scene()
    told(connection, ALICE, "Like", NOTE)
    for inner in (
        f"{ALICE.uri}#Like",
        {"id": f"{ALICE.uri}#Like", "type": "Like", "actor": ALICE.uri, "object": NOTE},
    ):
        assert told(connection, BOB, "Undo", inner) == "ignored"
    assert reactions.count(connection, TIDE, "like") == 1


def test_reactions_to_what_is_not_ours_or_deleted_are_ignored():
    connection = open_scene()
    for target in (NAMES.note(GONE), "https://social.example/1", f"{NOTE}#x", PERSON):
        assert told(connection, ALICE, "Like", target) == "ignored"
    assert number(connection, schema.reaction) == number(connection, schema.remote_actor) == 0


@pytest.mark.parametrize(
    "kind",
    ["View", "Accept", "Reject", "Add", "Remove", "ApproveReply", "FeatureRequest", "Nonsense"],
)
def test_what_we_do_not_know_changes_nothing(kind):
    connection = open_scene()
    assert told(connection, ALICE, kind, VIDEO) == "ignored"


def test_reports_are_kept_once_when_they_concern_us():
    connection = open_scene()
    server = someone("social.example")
    flag = [PERSON, NOTE]
    assert told(connection, server, "Flag", flag, content="<b>spam</b>") == "report"
    assert told(connection, server, "Flag", flag, content="<b>spam</b>") == "repeated"
    assert told(connection, server, "Flag", "https://other.example/1", id=f"{server.uri}#2") == "ignored"
    (row,) = rows(connection, schema.report)
    assert (json.loads(row["objects"]), row["comment"], row["actor"]) == (flag, "spam", server.uri)


def test_domain_rules_hold_for_whole_labels_in_every_spelling():
    connection = open_scene()
    moderation.block_domain(connection, "Bad.Example.")
    moderation.block_domain(connection, "bücher.example")
    for host in ("bad.example", "a.b.bad.example", "bad.example:8443", "xn--bcher-kva.example"):
        assert moderation.is_blocked(connection, host), host
    for host in ("notbad.example", "bad.example.org", "example", "[2001:db8::1]:8443"):
        assert not moderation.is_blocked(connection, host), host
    moderation.unblock_domain(connection, "bad.example")
    assert not moderation.is_blocked(connection, "bad.example")


def test_what_is_forwarded_is_looked_up_at_its_origin_and_the_genuine_one_still_counts():
    connection = open_scene()
    create = {"id": f"{ALICE.uri}#Create", "type": "Create", "actor": ALICE.uri, "object": note()}
    relay = someone("relay", "relay.example")
    assert receive(connection, SITE, activity(create), relay, now=NOW).what == "forwarded"
    assert number(connection, schema.post) == 0
    assert [row["key"] for row in rows(connection, schema.job)] == [note()["id"]]
    assert receive(connection, SITE, activity(create), ALICE, now=NOW).what == "reply"
    delete = {"id": f"{ALICE.uri}#Delete", "type": "Delete", "actor": ALICE.uri, "object": note()["id"]}
    assert receive(connection, SITE, activity(delete), relay, now=NOW).what == "forwarded"
    assert number(connection, schema.post) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"object": note(inReplyTo="https://other.example/1")},
        {"object": note(id="https://other.example/statuses/1")},
        {"type": "Follow", "object": PERSON},
        {"type": "Like", "object": NOTE},
    ],
)
def test_forwarded_things_that_do_not_concern_us_are_dropped(change):
    connection = open_scene()
    create = {"id": f"{ALICE.uri}#1", "type": "Create", "actor": ALICE.uri, "object": note()} | change
    assert receive(connection, SITE, activity(create), BOB, now=NOW).what == "ignored"
    assert number(connection, schema.job) == number(connection, schema.follower) == 0


ASKED = quote.Request(f"{ALICE.uri}#ask", ALICE.uri, NOTE, f"{ALICE.uri}/statuses/9")


@pytest.mark.parametrize("field", ["quote", "quoteUrl", "quoteUri", "_misskey_quote"])
def test_a_quote_is_permitted_once_the_quoting_post_has_been_seen(field):
    connection = open_scene()
    inline = note(number=9, quote=NOTE)
    assert told(connection, ALICE, "QuoteRequest", NOTE, id=ASKED.id, instrument=inline) == "quote"
    (row,) = rows(connection, schema.job)
    assert (row["kind"], row["key"], json.loads(row["payload"])["object"]) == (
        "fetch-quote",
        ASKED.instrument,
        NOTE,
    )
    assert number(connection, schema.quote) == 0
    post = note(number=9) | {field: NOTE}
    assert quote.grant(connection, SITE, ASKED, post, ALICE, NOW).what == "quote"
    (given,) = rows(connection, schema.quote)
    assert quotes.find(connection, given["token"]).quoting == ASKED.instrument
    outgoing = json.loads(rows(connection, schema.activity)[0]["body"])
    assert (outgoing["type"], outgoing["result"]) == ("Accept", NAMES.quote(given["token"]))
    assert outgoing["object"]["instrument"] == ASKED.instrument
    assert [row["inbox"] for row in rows(connection, schema.delivery)] == [ALICE.inbox]


@pytest.mark.parametrize(
    ("post", "sender"),
    [
        (note(number=9), ALICE),
        (note(number=9, quote=VIDEO), ALICE),
        (note(number=8, quote=NOTE), ALICE),
        (note(BOB, number=9, quote=NOTE), BOB),
        (note(number=9, quote=NOTE), BOB),
    ],
)
def test_no_permission_for_another_post_another_object_or_another_author(post, sender):
    connection = open_scene()
    assert quote.grant(connection, SITE, ASKED, post, sender, NOW).what == "ignored"
    assert number(connection, schema.quote) == number(connection, schema.activity) == 0


def test_a_quoting_post_of_another_server_is_not_even_looked_at():
    connection = open_scene()
    assert told(connection, ALICE, "QuoteRequest", NOTE, instrument="https://evil.example/1") == "ignored"
    assert number(connection, schema.job) == 0


def test_an_actor_that_has_changed_is_looked_at_again_if_we_know_it():
    connection = open_scene()
    assert told(connection, ALICE, "Update", {"id": ALICE.uri, "type": "Person"}) == "ignored"
    told(connection, ALICE, "Like", NOTE)
    assert told(connection, ALICE, "Update", {"id": ALICE.uri, "type": "Person", "name": "A"}) == "refresh"
    assert [(row["kind"], row["key"]) for row in rows(connection, schema.job)] == [
        ("refresh-actor", ALICE.uri)
    ]


def undoing(like: str) -> dict[str, str]:
    return {"id": f"{ALICE.uri}#{like}", "type": "Like", "actor": ALICE.uri, "object": NOTE}


def test_likes_and_their_undos_may_pass_each_other():
    connection = open_scene()
    for name in ("1", "2"):
        told(connection, ALICE, "Like", NOTE, id=f"{ALICE.uri}#{name}")
        assert told(connection, ALICE, "Undo", undoing("1")) == ("unreaction" if name == "1" else "ignored")
    assert number(connection, schema.reaction) == 1
    assert told(connection, ALICE, "Undo", undoing("2")) == "unreaction"
    assert told(connection, ALICE, "Undo", undoing("3")) == "ignored"
    assert told(connection, ALICE, "Like", NOTE, id=f"{ALICE.uri}#3") == "ignored"
    assert number(connection, schema.reaction) == 0


def test_a_like_whose_id_is_used_again_counts():
    """As of snac2."""
    connection = open_scene()
    for _ in range(3):
        assert told(connection, ALICE, "Like", NOTE) == "reaction"
        undone_activity = undoing("Like")
        assert told(connection, ALICE, "Undo", undone_activity) == "unreaction"
        assert told(connection, ALICE, "Undo", undone_activity) == "ignored"


def test_who_asks_for_a_quote_once_more_is_answered_once_more():
    connection = open_scene()
    post = note(number=9, quote=NOTE)
    for number_, at in ((1, NOW), (2, NOW), (2, NOW + 60)):
        asked = quote.Request(f"{ALICE.uri}#ask{number_}", ALICE.uri, NOTE, post["id"])
        assert quote.grant(connection, SITE, asked, post, ALICE, at).what == "quote"
    assert number(connection, schema.delivery) == 3
    assert number(connection, schema.quote) == 1


def test_reports_have_bounds():
    connection = open_scene()
    long = [f"https://x.example/{nth:04}" + "y" * 1000 for nth in range(50)]
    many = [NOTE, *long, *(f"https://x.example/{nth}" for nth in range(50))]
    outcomes = [told(connection, ALICE, "Flag", many, id=f"{ALICE.uri}#{nth}") for nth in range(102)]
    assert outcomes == ["report"] * 100 + ["repeated"] * 2
    assert len(json.loads(rows(connection, schema.report)[0]["objects"])) == 20
    assert told(connection, someone("bob", "b.example"), "Flag", [NOTE]) == "report"


def test_a_permission_goes_with_the_post_that_has_it():
    connection = open_scene()
    post = note(number=9, quote=NOTE)
    quote.grant(connection, SITE, ASKED, post, ALICE, NOW)
    told(connection, BOB, "Delete", post["id"])
    assert number(connection, schema.quote) == 1
    told(connection, ALICE, "Delete", post["id"])
    assert number(connection, schema.quote) == 0


def test_of_a_post_that_is_deleted_nothing_stays():
    """I-31: neither what it was given nor what was said of it; and of others' nothing goes."""
    connection = open_scene()
    uris = note()["id"], note(number=10)["id"]  # ones that begin alike
    for nth, uri in enumerate(uris):
        told(connection, ALICE, "Create", note(id=uri), id=f"{ALICE.uri}#c{nth}")
        told(connection, BOB, "Flag", [ALICE.uri, uri], id=f"{BOB.uri}#{nth}")
        asked = quote.Request(f"{ALICE.uri}#q{nth}", ALICE.uri, NOTE, uri)
        quote.grant(connection, SITE, asked, note(id=uri, quote=NOTE), ALICE, NOW)
    told(connection, BOB, "Flag", uris[0], id=f"{BOB.uri}#alone")
    assert told(connection, ALICE, "Delete", uris[0]) == "deletion"
    for table in schema.metadata.sorted_tables:
        assert f"{uris[0]}'" not in str(rows(connection, table)).replace('"', "'"), table.name
    kept = sorted(json.loads(row["objects"]) for row in rows(connection, schema.report))
    assert kept == [[ALICE.uri], [ALICE.uri, uris[1]]]
    counted = schema.quote, schema.activity, schema.delivery
    assert [number(connection, table) for table in counted] == [1, 1, 1]


def test_of_an_actor_that_is_deleted_nothing_stays():
    connection = open_scene()
    quote.grant(connection, SITE, ASKED, note(number=9, quote=NOTE), ALICE, NOW)
    told(connection, ALICE, "Follow", PERSON)
    told(connection, ALICE, "Create", note())
    assert told(connection, BOB, "Flag", [ALICE.uri, note()["id"]]) == "report"
    told(connection, ALICE, "Flag", [NOTE])
    told(connection, ALICE, "Block", PERSON)
    assert told(connection, ALICE, "Delete", ALICE.uri) == "departure"
    for table in schema.metadata.sorted_tables:
        assert ALICE.uri not in str(rows(connection, table)), table.name
    assert told(connection, ALICE, "Create", note(), id=f"{ALICE.uri}#again") == "ignored"
