"""Replies: which are kept, who sees them, how they change and go."""

import pytest

from tests.sidecar.domain.scene import (
    ALICE,
    BOB,
    GONE,
    NAMES,
    NOTE,
    NOW,
    PERSON,
    TIDE,
    VIDEO,
    note,
    number,
    open_scene,
    rows,
    someone,
    told,
)
from tubegen.sidecar.activitypub.ids import PUBLIC
from tubegen.sidecar.store import replies, schema

pytestmark = pytest.mark.usefixtures("both_stores")


def test_replies_to_both_ids_are_one_conversation():
    connection = open_scene()
    assert told(connection, ALICE, "Create", note()) == "reply"
    bobs = note(BOB, inReplyTo=[VIDEO], published="2027-01-15T07:30:00Z")
    assert told(connection, BOB, "Create", bobs) == "reply"
    kept = replies.replies(connection, TIDE)
    assert [(reply.author_handle, reply.in_reply_to) for reply in kept] == [
        ("alice@social.example", NOTE),
        ("bob@social.example", VIDEO),
    ]
    assert replies.count(connection, TIDE) == 2
    assert replies.count(connection, TIDE, "video") == 1
    assert [reply.author for reply in replies.replies(connection, TIDE, "note")] == [ALICE.uri]


@pytest.mark.parametrize("spelling", [PUBLIC, "as:Public", "Public"])
@pytest.mark.parametrize("form", [str, lambda uri: [uri], lambda uri: [PERSON, uri], lambda uri: {"id": uri}])
def test_public_has_three_spellings_and_several_shapes(spelling, form):
    connection = open_scene()
    told(connection, ALICE, "Create", note(to=form(spelling), cc=PERSON))
    assert [row["visibility"] for row in rows(connection, schema.post)] == ["public"]


def test_unlisted_is_kept_and_not_shown_and_what_is_narrower_is_not_kept():
    connection = open_scene()
    followers = f"{ALICE.uri}/followers"
    told(connection, ALICE, "Create", note(to=followers, cc=[PUBLIC]))
    assert [row["visibility"] for row in rows(connection, schema.post)] == ["unlisted"]
    assert replies.replies(connection, TIDE) == []
    assert replies.count(connection, TIDE) == 0
    # The audience of the activity does not widen that of its object.
    for to, cc in ((followers, PERSON), (PERSON, []), ([], None)):
        told(connection, BOB, "Create", note(BOB, to=to, cc=cc), to=[PUBLIC], id=f"{BOB.uri}#{to}")
    assert number(connection, schema.post) == 1


def test_an_object_that_names_no_audience_has_that_of_its_activity():
    connection = open_scene()
    bare = {key: value for key, value in note().items() if key not in ("to", "cc")}
    assert told(connection, ALICE, "Create", bare, to="as:Public") == "reply"
    assert (
        told(connection, BOB, "Create", bare | {"id": f"{BOB.uri}/1", "attributedTo": BOB.uri}) == "ignored"
    )


def test_an_author_who_hides_posts_from_the_web_is_kept_and_not_shown():
    connection = open_scene()
    shy = someone("shy", hides=frozenset({"public", "unlisted"}))
    told(connection, shy, "Create", note(shy))
    assert number(connection, schema.post) == 1
    assert replies.replies(connection, TIDE) == []
    unsearchable = someone("quiet", hides=frozenset({"search"}))
    told(connection, unsearchable, "Create", note(unsearchable))
    assert [reply.searchable for reply in replies.replies(connection, TIDE)] == [False]


@pytest.mark.parametrize(
    "changes",
    [
        {"inReplyTo": NAMES.note(GONE)},
        {"inReplyTo": "https://social.example/users/bob/statuses/77"},
        {"inReplyTo": None},
        {"inReplyTo": f"{NOTE}/"},
        {"attributedTo": BOB.uri},
        {"attributedTo": [BOB.uri, ALICE.uri]},
        {"attributedTo": None},
        {"id": "https://elsewhere.example/statuses/1"},
        {"type": "Question"},
        {"type": "Page"},
        {"content": "<p> </p>"},
        {"content": None},
    ],
)
def test_what_is_no_reply_of_the_actors_to_us_is_not_kept(changes):
    connection = open_scene()
    assert told(connection, ALICE, "Create", note(**changes)) == "ignored"
    assert number(connection, schema.post) == 0


def test_threads_go_thirty_deep_and_no_deeper():
    connection = open_scene()
    above, kept = NOTE, 0
    for depth in range(1, 40):
        reply = note(number=depth, inReplyTo=above)
        kept += told(connection, ALICE, "Create", reply, id=f"{ALICE.uri}#{depth}") == "reply"
        above = reply["id"]
    assert kept == 30
    assert replies.count(connection, TIDE, "note") == 30


def test_an_edit_with_an_id_used_before_is_applied_and_an_older_one_is_not():
    """GoToSocial has one id for every Update of a post (peers 5.1)."""
    connection = open_scene()
    told(connection, ALICE, "Create", note())
    for minute, words in ((10, "one"), (30, "three"), (20, "two")):
        edit = note(content=f"<p>{words}</p>", updated=f"2027-01-15T07:{minute}:00Z")
        told(connection, ALICE, "Update", edit)
    assert [row["html"] for row in rows(connection, schema.post)] == ["<p>three</p>"]
    again = note(content="<p>three</p>", updated="2027-01-15T07:30:00Z")
    assert told(connection, ALICE, "Update", again) == "repeated"


def test_edits_without_a_time_are_told_apart_by_what_they_say():
    connection = open_scene()
    told(connection, ALICE, "Create", note())
    assert told(connection, ALICE, "Update", note(content="one")) == "edit"
    assert told(connection, ALICE, "Update", note(content="two")) == "edit"
    assert told(connection, ALICE, "Update", note(content="one")) == "repeated"
    assert [row["html"] for row in rows(connection, schema.post)] == ["two"]


def test_a_create_that_comes_after_its_update_changes_nothing():
    connection = open_scene()
    told(connection, ALICE, "Update", note(content="edited", updated="2027-01-15T07:10:00Z"))
    assert told(connection, ALICE, "Create", note()) == "ignored"
    assert [row["html"] for row in rows(connection, schema.post)] == ["edited"]


def test_the_same_create_twice_is_one_reply():
    connection = open_scene()
    assert told(connection, ALICE, "Create", note()) == "reply"
    assert told(connection, ALICE, "Create", note()) == "repeated"
    assert told(connection, ALICE, "Create", note(), id=f"{ALICE.uri}#again") == "ignored"
    assert number(connection, schema.post) == 1


def test_an_edit_that_narrows_the_audience_takes_the_reply_down():
    connection = open_scene()
    told(connection, ALICE, "Create", note())
    narrow = note(to=f"{ALICE.uri}/followers", cc=[], updated="2027-01-15T07:10:00Z")
    assert told(connection, ALICE, "Update", narrow) == "deletion"
    assert number(connection, schema.post) == 0


@pytest.mark.parametrize(
    "form", [lambda uri: uri, lambda uri: {"id": uri, "type": "Tombstone"}, lambda uri: [uri]]
)
def test_a_deleted_reply_goes_and_does_not_come_back(form):
    connection = open_scene()
    told(connection, ALICE, "Create", note())
    assert told(connection, ALICE, "Delete", form(note()["id"])) == "deletion"
    assert told(connection, ALICE, "Create", note(), id=f"{ALICE.uri}#late") == "ignored"
    assert number(connection, schema.post) == 0


def test_a_delete_that_comes_first_keeps_the_create_out():
    connection = open_scene()
    told(connection, ALICE, "Delete", note()["id"])
    assert told(connection, ALICE, "Create", note()) == "ignored"
    assert number(connection, schema.post) == 0


def test_nobody_changes_or_deletes_the_reply_of_another():
    """Not even of the same server (X-24), nor by claiming another's words for oneself."""
    connection = open_scene()
    told(connection, ALICE, "Create", note())
    forged = note(attributedTo=BOB.uri, content="forged", updated="2027-01-15T07:10:00Z")
    stranger = someone("mallory", "evil.example")
    for who in (BOB, stranger):
        assert told(connection, who, "Delete", note()["id"]) == "ignored"
        assert told(connection, who, "Update", forged) == "ignored"
        assert told(connection, who, "Update", note(content="forged")) == "ignored"
    assert [row["html"] for row in rows(connection, schema.post)] == ["<p>How calm!</p>"]
    assert number(connection, schema.tombstone) == 0


def test_a_deleted_actor_takes_everything_along():
    connection = open_scene()
    told(connection, ALICE, "Follow", PERSON)
    told(connection, ALICE, "Create", note())
    told(connection, ALICE, "Like", NOTE)
    told(connection, BOB, "Like", NOTE)
    assert told(connection, ALICE, "Delete", {"id": ALICE.uri, "type": "Person"}) == "departure"
    assert [number(connection, table) for table in (schema.follower, schema.post, schema.reaction)] == [
        0,
        0,
        1,
    ]
    assert told(connection, ALICE, "Create", note(), id=f"{ALICE.uri}#late") == "ignored"


def test_markdown_and_plain_text_are_shown_as_typed():
    """PeerTube's comments (peertube 5.8)."""
    connection = open_scene()
    told(connection, ALICE, "Create", note(content="1 < 2\nyes\n\n**so**", mediaType="text/markdown"))
    assert replies.replies(connection, TIDE)[0].html == "<p>1 &lt; 2<br>yes</p><p>**so**</p>"


def test_language_warning_page_and_times_are_kept_within_bounds():
    connection = open_scene()
    told(
        connection,
        ALICE,
        "Create",
        note(
            content=None,
            contentMap={"gd": "<p>ciamar</p>"},
            summary="<b>spoilers</b> &amp;c",
            url=[{"type": "Link", "mediaType": "text/html", "href": "https://social.example/@alice/1"}],
            published="2999-01-01T00:00:00Z",
        ),
    )
    told(connection, BOB, "Create", note(BOB, url="javascript:alert(1)", published="soon"))
    first, second = sorted(replies.replies(connection, TIDE), key=lambda reply: reply.author)
    assert (first.language, first.warning, first.html) == ("gd", "spoilers &c", "<p>ciamar</p>")
    assert first.url == "https://social.example/@alice/1"
    assert (first.published, second.published) == (NOW, NOW)
    assert second.url == note(BOB)["id"]


def test_a_reply_by_its_bare_id_is_fetched_from_its_own_server_only():
    connection = open_scene()
    told(connection, ALICE, "Follow", PERSON)
    assert told(connection, ALICE, "Create", note()["id"]) == "forwarded"
    assert told(connection, ALICE, "Create", "https://elsewhere.example/1") == "ignored"
    assert [(row["kind"], row["key"]) for row in rows(connection, schema.job)] == [
        ("fetch-object", note()["id"])
    ]


def test_nobody_buries_the_post_of_another_before_it_arrives():
    connection = open_scene()
    told(connection, someone("mallory"), "Delete", note()["id"])
    assert told(connection, ALICE, "Create", note()) == "reply"
    told(connection, ALICE, "Delete", note(number=2)["id"])
    assert told(connection, ALICE, "Create", note(number=2), id=f"{ALICE.uri}#2") == "ignored"


def test_an_older_state_that_is_not_public_does_not_hide_a_newer_one_that_is():
    connection = open_scene()
    told(connection, ALICE, "Create", note())
    told(connection, ALICE, "Update", note(content="new", updated="2027-01-15T07:20:00Z"))
    private = note(to=[f"{ALICE.uri}/followers"], cc=[], updated="2027-01-15T07:10:00Z")
    assert told(connection, ALICE, "Update", private, id=f"{ALICE.uri}#late") == "ignored"
    assert number(connection, schema.post) == 1
    private = private | {"updated": "2027-01-15T07:30:00Z"}
    assert told(connection, ALICE, "Update", private, id=f"{ALICE.uri}#now") == "deletion"


def test_nobody_writes_more_than_a_hundred_replies_to_one_video():
    connection = open_scene()
    outcomes = [told(connection, ALICE, "Create", note(number=n), id=f"{ALICE.uri}#{n}") for n in range(102)]
    assert outcomes == ["reply"] * 100 + ["ignored"] * 2
    assert told(connection, ALICE, "Update", note(number=1, updated="2027-01-15T07:20:00Z")) == "edit"
    assert told(connection, BOB, "Create", note(BOB)) == "reply"
