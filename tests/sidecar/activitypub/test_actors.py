"""Person, Groups and Application."""

import msgspec
import pytest

from tests.sidecar import documents
from tests.sidecar.activitypub.worlds import SETTINGS, SITE, key
from tubegen.sidecar.activitypub import actors
from tubegen.sidecar.activitypub.ids import Names
from tubegen.sidecar.activitypub.prose import length
from tubegen.sidecar.model import Json, LocalActor, Site
from tubegen.sidecar.publishing.local_actors import site_of


def written(actor: LocalActor, site: Site = SITE) -> Json:
    return actors.actor(site, actor, key(actor), SETTINGS)


PERSON, GROUP, INSTANCE = (written(actor) for actor in SITE.actors)


def test_a20_person_and_group_have_different_names() -> None:
    assert PERSON["preferredUsername"] != GROUP["preferredUsername"]
    assert [document["type"] for document in (PERSON, GROUP, INSTANCE)] == ["Person", "Group", "Application"]


def test_a21_a_group_is_the_persons() -> None:
    assert GROUP["attributedTo"] == [{"type": "Person", "id": PERSON["id"]}]
    assert "attributedTo" not in PERSON


def test_a43_nobody_else_posts_into_a_group() -> None:
    assert GROUP["postingRestrictedToMods"] is True
    assert "postingRestrictedToMods" not in PERSON


def test_a30_the_person_pins_posts() -> None:
    assert PERSON["featured"] == f"{PERSON['id']}/featured"


def test_d34_webfinger_is_a_handle_without_its_first_at() -> None:
    assert PERSON["webfinger"] == "films@films.example"


def test_a50_the_website_can_be_verified() -> None:
    assert PERSON["attachment"] == [
        {
            "type": "PropertyValue",
            "name": "Website",
            "value": '<a href="https://films.example/" rel="me">https://films.example/</a>',
        }
    ]


def test_attribution_domains_are_those_of_pages_and_identity() -> None:
    split = msgspec.structs.replace(SITE, names=Names("https://fedi.films.example:8443"))
    assert written(SITE.person)["attributionDomains"] == ["films.example"]
    assert written(SITE.person, split)["attributionDomains"] == ["fedi.films.example", "films.example"]


def test_s5_the_key_names_its_owner() -> None:
    for document in (PERSON, GROUP, INSTANCE):
        assert document["publicKey"]["id"] == f"{document['id']}#main-key"
        assert document["publicKey"]["owner"] == document["id"]


def test_every_box_is_there_and_the_shared_one_is_everybodys() -> None:
    for document in (PERSON, GROUP, INSTANCE):
        for box in ("inbox", "outbox", "followers", "following"):
            assert document[box] == f"{document['id']}/{box}"
        assert document["endpoints"] == {"sharedInbox": "https://films.example/ap/inbox"}


def test_an_owner_may_want_not_to_be_found_and_the_server_never_is() -> None:
    hidden = msgspec.structs.replace(SETTINGS, discoverable=False)
    document = actors.actor(SITE, SITE.person, key(SITE.person), hidden)
    assert (document["discoverable"], document["indexable"]) == (False, False)
    assert (PERSON["discoverable"], INSTANCE["discoverable"]) == (True, False)


def test_r13_each_voice_names_the_other() -> None:
    assert "@films_channel@films.example" in PERSON["summary"]
    assert "PeerTube" in PERSON["summary"]
    assert "@films@films.example" in GROUP["summary"]
    assert "twice" in PERSON["summary"]
    assert "twice" in GROUP["summary"]


@pytest.mark.parametrize("about", ["", "a & b", "&" * 3000, "🌊 sea " * 900])
@pytest.mark.parametrize("channels", [0, 1, 9])
def test_r13_summaries_keep_within_peertubes_limit(about: str, channels: int) -> None:
    site = site_of(
        documents.catalogue(
            channels=[documents.channel(handle="c" * 29 + str(n)) for n in range(channels)], description=about
        ),
        Names(f"https://{'a' * 60}.example"),
    )
    summary = written(site.person, site)["summary"]
    assert 3 <= length(summary) <= 1000
    assert summary.count("<p>") == summary.count("</p>") == (2 if about else 1)
    assert ("and others" in summary) == (channels == 9)


def test_peertube_names_have_at_most_120_characters_and_one_at_least() -> None:
    assert length(written(msgspec.structs.replace(SITE.person, name="🌊" * 90))["name"]) <= 120
    assert written(msgspec.structs.replace(SITE.person, name=" "))["name"] == "films"


def test_pictures_are_objects_with_a_string() -> None:
    assert PERSON["icon"] == {
        "type": "Image",
        "mediaType": "image/jpeg",
        "url": "https://films.example/avatar.jpg",
        "width": 120,
        "height": 120,
    }
    assert "image" in GROUP
    assert "image" not in PERSON
