"""How other servers find us: WebFinger, host-meta, NodeInfo."""

from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from tests.sidecar.documents import channel, video
from tests.sidecar.routes.served_site import ACTIVITY, BASE, ServedSite, build, visit

FILMS = f"{BASE}/ap/u/films"
WEBFINGER = "/.well-known/webfinger?resource="


FOUND = [
    ("acct:films@films.example", FILMS),  # D-20
    ("acct:FILMS@Films.Example", FILMS),  # D-21
    ("acct:@films@films.example", FILMS),
    ("films@films.example", FILMS),
    ("acct:films@films.example:443", FILMS),
    (FILMS, FILMS),
    ("https://films.example/", FILMS),
    ("https://films.example", FILMS),
    ("acct:films_channel@films.example", f"{BASE}/ap/c/films_channel"),
    (f"{BASE}/ap/c/films_channel", f"{BASE}/ap/c/films_channel"),
    ("https://films.example/channels/main/", f"{BASE}/ap/c/films_channel"),
    ("acct:films.example@films.example", f"{BASE}/ap/instance"),  # D-11
    (f"{BASE}/ap/instance", f"{BASE}/ap/instance"),
]


@pytest.mark.parametrize("encoded", [False, True])  # D-1
def test_who_is_found(tmp_path: Path, encoded: bool) -> None:
    async def look(house: ServedSite) -> None:
        for resource, actor in FOUND:
            found = await house.json(WEBFINGER + (quote(resource, safe="") if encoded else resource))
            assert [link["href"] for link in found["links"] if link["rel"] == "self"] == [actor]  # D-8
            assert found["subject"] == found["subject"].lower()
            document = await house.json(actor.removeprefix(BASE))
            name, host = found["subject"].removeprefix("acct:").split("@")
            assert (name, host) == (document["preferredUsername"].lower(), "films.example")  # D-12

    visit(tmp_path, look)


def test_the_handle_at_the_host_of_the_pages(tmp_path: Path) -> None:
    """D-20: the subject is the identity host's, whichever was asked for."""

    async def look(house: ServedSite) -> None:
        for host in ("films.example", "ap.films.example"):
            found = await house.json(f"{WEBFINGER}acct:films@{host}")
            assert found["subject"] == "acct:films@ap.films.example"

    visit(tmp_path, look, base_url="https://ap.films.example")


NOT_FOUND = [
    ("?resource=acct:nobody@films.example", 404),
    ("?resource=acct:films@elsewhere.example", 404),
    ("?resource=https://films.example/ap/u/nobody", 404),
    ("?resource=mailto:films@films.example", 400),
    ("", 400),
    ("?resource=", 400),
    ("?resource=films", 400),
    ("?resource=acct:films", 400),
    ("?resource=acct:@films.example", 400),
    ("?resource=acct:films@", 400),
    ("?resource=acct:films@%00", 400),
    ("?resource=https://", 400),
    ("?resource=https://[", 400),
]


def test_who_is_not_found(tmp_path: Path) -> None:
    """D-22"""

    async def look(house: ServedSite) -> None:
        for query, status in NOT_FOUND:
            answer = await house.client.get(f"/.well-known/webfinger{query}")
            assert (query, answer.status) == (query, status)
            assert answer.headers["Access-Control-Allow-Origin"] == "*"

    visit(tmp_path, look)


OURS = [
    f"{WEBFINGER}acct:films@films.example",
    f"{WEBFINGER}acct:nobody@films.example",
    "/.well-known/host-meta",
    "/.well-known/nodeinfo",
    "/nodeinfo/2.1",
    "/ap/u/films",
    "/ap/u/nobody",
    "/ap/instance",
    "/ap/c/films_channel/outbox",
    "/ap/v/811a5436-4916-4dbd-a1dc-5c880d6cc0c5",
    "/ap/n/never",
    "/ap/health/ready",
]


def test_before_the_catalogue_was_read(tmp_path: Path) -> None:
    """D-22, A-7: never a 404 while we cannot know."""

    async def look(house: ServedSite) -> None:
        for path in OURS:
            answer = await house.client.get(path, headers=ACTIVITY)
            assert (path, answer.status, answer.headers["Retry-After"]) == (path, 503, "30")
        assert (await house.client.get("/ap/health/live")).status == 200

    visit(tmp_path, look, read=False)


def test_headers_of_webfinger(tmp_path: Path) -> None:
    """D-3, D-22"""

    async def look(house: ServedSite) -> None:
        answer = await house.client.get(f"{WEBFINGER}acct:films@films.example")
        assert answer.headers["Content-Type"] == "application/jrd+json; charset=utf-8"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"] == "public, max-age=3600"

    visit(tmp_path, look)


def test_links_of_one_relation(tmp_path: Path) -> None:
    """D-23"""

    async def look(house: ServedSite) -> None:
        found = await house.json(f"{WEBFINGER}acct:films@films.example&rel=self")
        assert [link["rel"] for link in found["links"]] == ["self"]

    visit(tmp_path, look)


def test_host_meta(tmp_path: Path) -> None:
    """D-24"""
    template = "https://films.example/.well-known/webfinger?resource={uri}"

    async def look(house: ServedSite) -> None:
        answer = await house.client.get("/.well-known/host-meta")
        assert answer.headers["Content-Type"] == "application/xrd+xml; charset=utf-8"
        root = ElementTree.fromstring(await answer.text())
        (link,) = root.iter("{http://docs.oasis-open.org/ns/xri/xrd-1.0}Link")
        assert link.attrib == {"rel": "lrdd", "template": template}
        found = await house.json("/.well-known/host-meta.json")
        assert found["links"] == [{"rel": "lrdd", "template": template}]

    visit(tmp_path, look)


def test_nodeinfo(tmp_path: Path) -> None:
    """D-50, D-51, D-53"""
    uuid = "0f8d7403-c327-4a76-b595-4b588bb0f3be"
    build(
        tmp_path,
        (video(), video(uuid, slug="dunes", channel="dunes")),
        channels=(channel(), channel("dunes", "dunes")),
    )

    async def look(house: ServedSite) -> None:
        links = {link["rel"]: link["href"] for link in (await house.json("/.well-known/nodeinfo"))["links"]}
        assert links["https://www.w3.org/ns/activitystreams#Application"] == f"{BASE}/ap/instance"
        for version in ("2.0", "2.1"):
            schema = f"http://nodeinfo.diaspora.software/ns/schema/{version}"
            answer = await house.client.get(links[schema].removeprefix(BASE))
            assert f'profile="{schema}#"' in answer.headers["Content-Type"]
            found = await answer.json(content_type=None)
            assert found["version"] == version
            assert found["software"]["name"] == "tubegen"
            assert found["openRegistrations"] is False
            assert found["usage"]["localPosts"] == 2
        assert (await house.client.get("/nodeinfo/3.0")).status == 404

    visit(tmp_path, look)
