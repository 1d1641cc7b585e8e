"""What our actors say, and who says it."""

import pytest

from tests.sidecar import documents
from tests.sidecar.activitypub.worlds import FIRST, SETTINGS, SITE, key, published, rich
from tubegen.sidecar.activitypub import activities, objects
from tubegen.sidecar.activitypub.ids import PUBLIC
from tubegen.sidecar.model import OutgoingActivity, Published

PERSON = SITE.person.id
GROUP = SITE.groups[0].id
NOTE = SITE.names.note(rich().uuid)
VIDEO = SITE.names.video(rich().uuid)
WRITERS = (
    activities.create_note,
    activities.announce_video,
    activities.update_note,
    activities.update_video,
    activities.undo_announce,
    activities.delete_video,
    activities.delete_note,
)


def all_of(video: Published) -> list[OutgoingActivity]:
    return [write(SITE, video) for write in WRITERS]


def test_r4_the_group_says_announce_and_undo_alone() -> None:
    assert {outgoing.type for outgoing in all_of(rich()) if outgoing.actor == GROUP} == {"Announce", "Undo"}
    assert {outgoing.type for outgoing in all_of(rich()) if outgoing.actor == PERSON} == {
        "Create",
        "Update",
        "Delete",
    }


def test_r5_an_edit_is_told_of_both_and_a_removal_of_all_three() -> None:
    outgoing = all_of(rich())
    assert [s.object for s in outgoing if s.type == "Update"] == [NOTE, VIDEO]
    assert [(s.type, s.object) for s in outgoing[4:]] == [
        ("Undo", VIDEO),
        ("Delete", VIDEO),
        ("Delete", NOTE),
    ]


def test_l10_the_same_again_has_the_same_address() -> None:
    assert [outgoing.uri for outgoing in all_of(rich())] == [outgoing.uri for outgoing in all_of(rich())]
    assert [outgoing.uri for outgoing in all_of(rich())] == [
        f"{NOTE}/activity/create",
        f"{VIDEO}/activity/announce",
        f"{NOTE}/activity/update/1795334918",
        f"{VIDEO}/activity/update/1795334918",
        f"{VIDEO}/activity/announce/undo",
        f"{VIDEO}/activity/delete",
        f"{NOTE}/activity/delete",
    ]


def test_l10_each_edit_has_an_address_of_its_own() -> None:
    one, two = (activities.update_note(SITE, published(updated=FIRST + n)).uri for n in (1, 2))
    assert one != two


def test_what_is_sent_agrees_with_its_record() -> None:
    for outgoing in all_of(rich()):
        assert (outgoing.body["id"], outgoing.body["actor"], outgoing.body["type"]) == (
            outgoing.uri,
            outgoing.actor,
            outgoing.type,
        )
        assert outgoing.video == rich().uuid


def test_o5_6_create_and_update_are_addressed_as_their_object() -> None:
    for outgoing in (activities.create_note(SITE, rich()), activities.update_video(SITE, rich())):
        assert (outgoing.body["to"], outgoing.body["cc"]) == (
            outgoing.body["object"]["to"],
            outgoing.body["object"]["cc"],
        )
        assert "@context" not in outgoing.body["object"]


def test_create_carries_the_note_and_weighs_what_it_attaches() -> None:
    outgoing = activities.create_note(SITE, rich())
    assert {"@context": outgoing.body["@context"], **outgoing.body["object"]} == objects.note(SITE, rich())
    assert outgoing.weight == 1_400_000
    assert activities.create_note(SITE, published(documents.video(social=None))).weight == 0
    assert activities.announce_video(SITE, rich()).weight == 0


def test_o85_create_and_announce_are_dated_with_the_object() -> None:
    for write in (activities.create_note, activities.announce_video):
        assert write(SITE, rich()).body["published"] == objects.note(SITE, rich())["published"]


def test_o14_an_update_says_when_and_carries_the_whole() -> None:
    outgoing = activities.update_video(SITE, rich())
    assert outgoing.body["published"] == outgoing.body["object"]["updated"] == "2026-11-22T08:08:38Z"
    assert {"@context": outgoing.body["@context"], **outgoing.body["object"]} == objects.video(SITE, rich())


def test_a41_r8_the_announce_is_the_groups_and_names_the_video() -> None:
    body = activities.announce_video(SITE, rich()).body
    assert (body["object"], body["to"]) == (VIDEO, [PUBLIC])
    assert body["cc"] == [f"{GROUP}/followers", PERSON]
    assert body["id"] == activities.announce_id(VIDEO)


def test_undo_carries_the_announce() -> None:
    body = activities.undo_announce(SITE, rich()).body
    assert body["object"] == activities.bare(activities.announce_video(SITE, rich()).body)


def test_o87_o52_a_delete_is_the_persons_and_carries_a_tombstone() -> None:
    for write, kind in ((activities.delete_note, "Note"), (activities.delete_video, "Video")):
        body = write(SITE, rich()).body
        assert body["actor"] == PERSON
        assert body["object"]["type"] == "Tombstone"
        assert (body["object"]["formerType"], body["object"]["deleted"]) == (kind, "2026-11-22T08:09:08Z")


def test_what_is_not_deleted_cannot_be_said_to_be() -> None:
    with pytest.raises(ValueError, match="not deleted"):
        activities.delete_note(SITE, published())


def test_an_accept_says_the_follow_back_with_addresses() -> None:
    follow = {
        "id": "https://fedify.test/f/1",
        "type": "Follow",
        "actor": {"id": "https://fedify.test/u/fred", "type": "Person"},
        "object": {"id": PERSON},
        "signature": {},
    }
    outgoing = activities.accept_follow(SITE, PERSON, follow, FIRST)
    assert outgoing.body["object"] == {
        "id": "https://fedify.test/f/1",
        "type": "Follow",
        "actor": "https://fedify.test/u/fred",
        "object": PERSON,
    }
    assert outgoing.body["to"] == ["https://fedify.test/u/fred"]
    assert outgoing.uri.startswith(f"{PERSON}/accept/")


def test_who_asks_again_is_answered_again() -> None:
    follow = {"id": "https://gts.test/f/1", "actor": "https://gts.test/u/a"}
    first, same, later = (activities.accept_follow(SITE, PERSON, follow, FIRST + n).uri for n in (0, 0, 60))
    assert first == same
    assert first != later


def test_i51_a_quote_is_accepted_with_its_authorization() -> None:
    request = {
        "id": "https://a.example/q/1",
        "actor": "https://a.example/u/alice",
        "object": NOTE,
        "instrument": {"id": "https://a.example/n/1", "type": "Note"},
    }
    body = activities.accept_quote(SITE, request, "7d1", FIRST).body
    assert body["result"] == SITE.names.quote("7d1")
    assert body["object"]["instrument"] == "https://a.example/n/1"
    assert (body["object"]["type"], body["actor"]) == ("QuoteRequest", PERSON)


def test_an_actors_update_carries_its_document_to_its_followers() -> None:
    outgoing = activities.update_actor(SITE, SITE.groups[0], key(SITE.groups[0]), SETTINGS, now=FIRST)
    assert (outgoing.body["object"]["id"], outgoing.object, outgoing.body["cc"]) == (
        GROUP,
        GROUP,
        [f"{GROUP}/followers"],
    )
    assert outgoing.uri == f"{GROUP}/activity/update/1795334858"
