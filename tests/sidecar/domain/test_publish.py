"""What followers' servers are told when the catalogue changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from sqlalchemy import Connection, select

from tests.sidecar.documents import catalogue, video
from tests.sidecar.stores import open_empty
from tubegen.contract import VideoDocument
from tubegen.sidecar.activitypub.ids import Names
from tubegen.sidecar.model import RemoteActor, Site
from tubegen.sidecar.publishing.local_actors import site_of
from tubegen.sidecar.publishing.publish import GRACE, PublishReport, confirm_removals, publish, removals
from tubegen.sidecar.store import followers, meta, publishing, remote_actors, schema

NOW = 1_800_000_000.0
ONE = "811a5436-4916-4dbd-a1dc-5c880d6cc0c5"
TWO = "2f1c5f0e-6d2b-4a43-9c77-0a5a4bb6f5a1"
SITE: Site = site_of(catalogue(), Names("https://films.example"))
PERSON, GROUP = SITE.person.id, SITE.groups[0].id


@pytest.fixture
def connection(both_stores: None) -> Iterator[Connection]:
    with open_empty() as connection:
        yield connection


def follows(connection: Connection, host: str, local: str) -> None:
    uri = f"https://{host}/users/alice"
    actor = RemoteActor(
        uri=uri,
        host=host,
        type="Person",
        username="alice",
        name="Alice",
        url=uri,
        inbox=f"{uri}/inbox",
        shared_inbox=f"https://{host}/inbox",
        key_id=f"{uri}#main-key",
        key_pem="",
    )
    remote_actors.remember(connection, actor)
    followers.add(connection, local, uri, f"https://{host}/follow/1", NOW)


def tell(connection: Connection, videos: Iterable[VideoDocument], now: float = NOW) -> PublishReport:
    return publish(connection, SITE, {document.uuid: document for document in videos}, now=now)


def outgoing(connection: Connection) -> list[tuple[str, str, str, str]]:
    """Every delivery so far: who, what, about what, to which host."""
    a, d = schema.activity, schema.delivery
    rows = connection.execute(
        select(a.c.actor, a.c.type, a.c.object, d.c.host).join(d, d.c.activity == a.c.id).order_by(d.c.id)
    )
    return [(row.actor, row.type, row.object, row.host) for row in rows]


def site_with_followers(connection: Connection) -> None:
    """Alice of `micro` follows the Person, Alice of `tube` the Group."""
    tell(connection, [])
    follows(connection, "micro.example", PERSON)
    follows(connection, "tube.example", GROUP)


def test_the_first_catalogue_is_adopted_silently(connection: Connection) -> None:
    """O-86"""
    follows(connection, "micro.example", PERSON)
    assert tell(connection, [video(ONE), video(TWO)]) == PublishReport(adopted=2)
    assert outgoing(connection) == []
    found = publishing.find(connection, ONE)
    assert found
    assert not found.announced
    assert found.first == 1_772_150_400.0  # the site's own date, 2026-02-27


def test_a_new_video_is_a_note_by_the_person_and_an_announce_by_the_group(connection: Connection) -> None:
    """R4"""
    site_with_followers(connection)
    assert tell(connection, [video(ONE)]) == PublishReport(announced=1)
    assert outgoing(connection) == [
        (PERSON, "Create", SITE.names.note(ONE), "micro.example"),
        (GROUP, "Announce", SITE.names.video(ONE), "tube.example"),
    ]


def test_it_was_published_when_it_was_announced(connection: Connection) -> None:
    """O-85"""
    site_with_followers(connection)
    tell(connection, [video(ONE)], NOW + 0.7)
    found = publishing.find(connection, ONE)
    assert found
    assert (found.first, found.updated) == (NOW, NOW)


def test_the_same_catalogue_again_says_nothing(connection: Connection) -> None:
    """O-88"""
    site_with_followers(connection)
    tell(connection, [video(ONE)])
    before = outgoing(connection)
    assert tell(connection, [video(ONE)], NOW + 60) == PublishReport()
    assert outgoing(connection) == before


def test_an_edit_updates_both_objects_and_keeps_the_date(connection: Connection) -> None:
    """R4, R5: an edit of the title makes two Updates; O-75: `published` is frozen, `updated` grows."""
    site_with_followers(connection)
    tell(connection, [video(ONE)])
    assert tell(connection, [video(ONE, title="Ebb")], NOW + 60) == PublishReport(updated=1)
    assert outgoing(connection)[2:] == [
        (PERSON, "Update", SITE.names.note(ONE), "micro.example"),
        (PERSON, "Update", SITE.names.video(ONE), "micro.example"),
        (PERSON, "Update", SITE.names.video(ONE), "tube.example"),
    ]
    found = publishing.find(connection, ONE)
    assert found
    assert (found.first, found.updated, found.document.title) == (NOW, NOW + 60, "Ebb")


def test_two_edits_in_a_second_have_two_times(connection: Connection) -> None:
    site_with_followers(connection)
    tell(connection, [video(ONE)])
    for title in ("Ebb", "Flow"):
        tell(connection, [video(ONE, title=title)], NOW + 0.5)
    found = publishing.find(connection, ONE)
    assert found
    assert found.updated == NOW + 2


def test_a_removed_video_is_taken_back_in_the_proven_order(connection: Connection) -> None:
    """R5: Undo(Announce), Delete(Video), Delete(Note); the Deletes by the Person, PeerTube ignores a Group's."""
    site_with_followers(connection)
    tell(connection, [video(ONE), video(TWO, slug="ebb")])
    before = len(outgoing(connection))
    assert tell(connection, [video(TWO, slug="ebb")], NOW + 60) == PublishReport()
    assert tell(connection, [video(TWO, slug="ebb")], NOW + 60 + GRACE) == PublishReport(deleted=1)
    gone = outgoing(connection)[before:]
    assert [(actor, kind) for actor, kind, _, _ in gone if kind in ("Undo", "Delete")] == [
        (GROUP, "Undo"),
        (PERSON, "Delete"),
        (PERSON, "Delete"),
        (PERSON, "Delete"),
    ]
    assert [(about, host) for _, kind, about, host in gone if kind == "Delete"] == [
        (SITE.names.video(ONE), "micro.example"),
        (SITE.names.video(ONE), "tube.example"),
        (SITE.names.note(ONE), "micro.example"),
    ]
    found = publishing.find(connection, ONE)
    assert found
    assert found.deleted == NOW + 60 + GRACE


def test_a_video_that_comes_back_in_time_was_never_gone(connection: Connection) -> None:
    site_with_followers(connection)
    tell(connection, [video(ONE)])
    before = outgoing(connection)
    tell(connection, [], NOW + 60)
    tell(connection, [video(ONE)], NOW + 120)
    assert tell(connection, [], NOW + 60 + GRACE) == PublishReport()
    assert outgoing(connection) == before


def test_a_catalogue_that_lost_much_waits_for_a_yes(connection: Connection) -> None:
    site_with_followers(connection)
    tell(connection, [video(ONE), video(TWO, slug="ebb")])
    tell(connection, [], NOW + 60)
    assert tell(connection, [], NOW + 60 + GRACE) == PublishReport(held=2)
    assert meta.get(connection, meta.HELD)
    assert publishing.count(connection, None) == 2
    assert confirm_removals(connection) == (TWO, ONE)
    assert tell(connection, [], NOW + 61 + GRACE) == PublishReport(deleted=2)
    assert (meta.get(connection, meta.HELD), removals(connection)) == (None, ())


def test_a_yes_is_used_up(connection: Connection) -> None:
    site_with_followers(connection)
    tell(connection, [video(ONE), video(TWO, slug="ebb")])
    assert confirm_removals(connection) == ()
    tell(connection, [], NOW + 60)
    tell(connection, [], NOW + 60 + GRACE)
    assert confirm_removals(connection) == (TWO, ONE)
    # both are back before the yes is read, and vanish again
    assert tell(connection, [video(ONE), video(TWO, slug="ebb")], NOW + 90 + GRACE) == PublishReport()
    assert tell(connection, [], NOW + 120 + GRACE) == PublishReport()
    assert tell(connection, [], NOW + 120 + GRACE * 2) == PublishReport(held=2)


def test_a_yes_covers_what_was_listed(connection: Connection) -> None:
    three = "9a8b7c6d-0000-4000-8000-000000000003"
    site_with_followers(connection)
    films = [video(ONE), video(TWO, slug="ebb"), video(three, slug="neap")]
    tell(connection, films)
    tell(connection, films[2:], NOW + 60)
    tell(connection, films[2:], NOW + 60 + GRACE)
    assert confirm_removals(connection) == (TWO, ONE)
    tell(connection, [], NOW + 61 + GRACE)
    assert publishing.count(connection, None) == 1
    assert tell(connection, [], NOW + 61 + GRACE * 2) == PublishReport(held=1)


def test_a_site_that_begins_without_films_tells_of_its_first_ones(connection: Connection) -> None:
    assert tell(connection, []) == PublishReport()
    follows(connection, "micro.example", PERSON)
    assert tell(connection, [video(ONE)]) == PublishReport(announced=1)


def test_a_first_catalogue_that_was_empty_by_mistake_floods_nobody(connection: Connection) -> None:
    """O-86"""
    assert tell(connection, []) == PublishReport()
    assert tell(connection, [video(ONE), video(TWO)]) == PublishReport(adopted=2)


def test_a_film_of_tomorrow_is_not_adopted_today(connection: Connection) -> None:
    tomorrow = video(TWO, slug="ebb", published="2027-01-16T08:00:00Z")
    assert tell(connection, [video(ONE), tomorrow]) == PublishReport(adopted=1)
    assert tell(connection, [video(ONE), tomorrow], NOW + 86400) == PublishReport(announced=1)


def test_a_deleted_video_stays_deleted(connection: Connection) -> None:
    """O-87"""
    site_with_followers(connection)
    tell(connection, [video(ONE)])
    tell(connection, [], NOW + 1)
    tell(connection, [], NOW + 1 + GRACE)
    confirm_removals(connection)
    assert tell(connection, [], NOW + 2 + GRACE) == PublishReport(deleted=1)
    before = outgoing(connection)
    assert tell(connection, [video(ONE)], NOW + 3 + GRACE) == PublishReport()
    assert outgoing(connection) == before


def test_one_server_gets_one_copy(connection: Connection) -> None:
    """L-2"""
    site_with_followers(connection)
    follows(connection, "micro.example", GROUP)
    tell(connection, [video(ONE)])
    tell(connection, [video(ONE, title="Ebb")], NOW + 60)
    updates = [row for row in outgoing(connection) if row[1] == "Update" and row[2] == SITE.names.video(ONE)]
    assert [host for *_, host in updates] == ["micro.example", "tube.example"]
