"""WebFinger, host-meta, NodeInfo."""

import re
from xml.etree import ElementTree

import msgspec
import pytest

from tests.sidecar.activitypub.worlds import SITE
from tubegen.sidecar.activitypub import discovery
from tubegen.sidecar.activitypub.ids import Names

PERSON, GROUP, INSTANCE = SITE.actors


@pytest.mark.parametrize(
    ("resource", "actor"),
    [
        ("acct:films@films.example", PERSON),
        ("acct:FILMS@Films.Example", PERSON),
        ("ACCT:films_channel@films.example", GROUP),
        ("acct:films.example@films.example", INSTANCE),
        ("https://films.example/ap/u/films", PERSON),
        ("https://films.example/AP/c/films_channel", GROUP),
        ("https://films.example/ap/instance", INSTANCE),
        ("https://films.example/channels/main/", GROUP),
        ("https://films.example/channels/main", GROUP),
        ("https://films.example/", PERSON),
        ("https://films.example", PERSON),
        ("acct:films@else.example", None),
        ("acct:nobody@films.example", None),
        ("acct:films", None),
        ("https://films.example/watch/tide/", None),
        ("", None),
    ],
)
def test_d20_d21_who_is_meant(resource: str, actor: object) -> None:
    assert discovery.who(SITE, resource) == actor


def test_d20_both_hosts_are_known_and_the_subject_is_one() -> None:
    split = msgspec.structs.replace(SITE, names=Names("https://fedi.films.example"))
    for host in ("films.example", "fedi.films.example"):
        assert discovery.who(split, f"acct:films@{host}") == PERSON
    assert discovery.webfinger(split, PERSON)["subject"] == "acct:films@fedi.films.example"


def test_d4_d8_d12_one_self_link_equal_to_the_id() -> None:
    for actor in SITE.actors:
        found = discovery.webfinger(SITE, actor)
        selves = [link for link in found["links"] if link["rel"] == "self"]
        assert selves == [{"rel": "self", "type": "application/activity+json", "href": actor.id}]
        assert found["subject"] == f"acct:{actor.username}@films.example"
        assert found["aliases"] == [actor.url, actor.id]


def test_d24_d6_host_meta_leads_to_webfinger() -> None:
    template = "https://films.example/.well-known/webfinger?resource={uri}"
    (link,) = ElementTree.fromstring(discovery.host_meta(SITE))
    assert link.tag == "{http://docs.oasis-open.org/ns/xri/xrd-1.0}Link"
    assert link.attrib == {"rel": "lrdd", "template": template}
    assert discovery.host_meta_json(SITE)["links"] == [{"rel": "lrdd", "template": template}]


def test_d50_d51_nodeinfo_is_found_and_so_is_the_instance() -> None:
    links = {link["rel"]: link["href"] for link in discovery.nodeinfo_links(SITE)["links"]}
    for version in ("2.0", "2.1"):
        found = links[f"http://nodeinfo.diaspora.software/ns/schema/{version}"]
        assert found == f"https://films.example/nodeinfo/{version}"
    assert links["https://www.w3.org/ns/activitystreams#Application"] == INSTANCE.id


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_d50_d53_nodeinfo_is_whole_and_honest(version: discovery.NodeInfoVersion) -> None:
    found = discovery.nodeinfo(SITE, version, software="0.1", posts=3, comments=4)
    assert found["version"] == version
    assert re.fullmatch(r"[a-z0-9-]+", found["software"]["name"])
    assert found["protocols"] == ["activitypub"]
    assert found["openRegistrations"] is False
    assert (found["usage"]["localPosts"], found["usage"]["localComments"]) == (3, 4)
    assert found["usage"]["users"]["total"] == 1
    assert found["metadata"]["nodeName"] == "Example Films"
