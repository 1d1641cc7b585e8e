"""What is believed of a document, and how it is asked for (interop X-30 to X-36)."""

import pytest

from tests.serve.loop import in_a_loop
from tests.sidecar.scripted import HERE, LOOPBACK, bench, fails, fetcher, reply, to
from tubegen.sidecar.remote.answers import is_activity_type
from tubegen.sidecar.remote.fetch import Gone, Unfit, Unreachable


def test_a_document_is_fetched_with_a_signature_and_without_cookies(run):
    """S-41, X-36"""

    async def work(peer, client):
        document = peer.document("/note", type="Note")
        peer.pages["/note"] = reply(document, Set_Cookie="who=you; Path=/")
        for _ in range(2):
            assert await client.get(peer.url("/note#part")) == document
        for asked in peer.asked:
            assert asked.target == "/note"
            assert asked.headers["host"] == peer.base.removeprefix("https://")
            assert f'keyId="{HERE}/ap/instance#main-key"' in asked.headers["signature"]
            assert asked.headers["user-agent"].startswith("tubegen/")
            assert asked.headers["user-agent"].endswith(f"(+{HERE}/)")
            assert asked.headers["accept-encoding"] == "gzip"
            assert not asked.headers.keys() & {"cookie", "authorization", "referer"}

    run(work)


def test_environment_proxies_are_not_asked(run, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")

    async def work(peer, client):
        assert await client.get(peer.document("/note")["id"])

    run(work)


def test_a_document_with_another_id_is_fetched_once_more_at_it(run):
    async def work(peer, client):
        actor = peer.document("/users/alice", type="Person")
        peer.pages["/@alice"] = reply(actor)
        assert await client.get(peer.url("/@alice")) == actor
        assert [asked.target for asked in peer.asked] == ["/@alice", "/users/alice"]

    run(work)


@pytest.mark.parametrize(
    "name", ["https://elsewhere.example/a", "/a", "acct:a@peer.example", "", None, 7, ["x"], "https://[x/"]
)
def test_a_document_with_a_strange_id_is_refused(run, name):
    async def work(peer, client):
        peer.document("/a", id=name)
        await fails(client.get(peer.url("/a")), Unfit, "another id")
        assert len(peer.asked) == 1

    run(work)


def test_ids_that_lead_in_circles_are_followed_once(run):
    async def work(peer, client):
        peer.document("/a", id=peer.url("/b"))
        peer.document("/b", id=peer.url("/a"))
        await fails(client.get(peer.url("/a")), Unfit, "another id")
        assert len(peer.asked) == 2

    run(work)


def test_an_open_redirect_lends_nobody_an_id(monkeypatch, tmp_path):
    async def work():
        async with bench(monkeypatch, tmp_path) as room:
            good, evil = await room.peer("good.example"), await room.peer("evil.example")
            good.pages["/users/a"] = to(evil.url("/forged"))
            evil.document("/forged", id=good.url("/users/a"))
            client = fetcher(LOOPBACK)
            await fails(client.get(good.url("/users/a")), Unfit, "another id")
            evil.document("/forged")
            await fails(client.get(good.url("/users/a")), Unfit, "another id")
            await client.close()

    in_a_loop(work())


def test_this_site_does_not_ask_itself(run):
    async def work(peer, client):
        await fails(client.get(f"{HERE}:443/ap/u/films"), Unfit, "this site itself")

    run(work)


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        ("application/activity+json", True),
        ("application/activity+json; charset=utf-8", True),
        ("Application/Activity+JSON;charset=UTF-8", True),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams"', True),
        (
            'application/ld+json; charset=utf-8; profile="http://x.example/ https://www.w3.org/ns/activitystreams"',
            True,
        ),
        ("application/ld+json", False),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams-evil"', False),
        ("application/activity+json; charset=utf-7", False),
        ("application/json", False),
        ("text/html", False),
        ("text/plain; application/activity+json", False),
        ("application/octet-stream", False),
        ("image/png", False),
        ("", False),
    ],
)
def test_content_types(kind, taken):
    assert is_activity_type(kind) is taken


def test_an_uploaded_file_is_no_actor(run):
    async def work(peer, client):
        peer.pages["/upload"] = reply({"id": peer.url("/upload")}, kind="application/json")
        await fails(client.get(peer.url("/upload")), Unfit, "type")

    run(work)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"[]", "not an object"),
        (b'"text"', "not an object"),
        (b"{", "not JSON"),
        (b'{"id": NaN}', "number"),
        (b'{"id": "a", "id": "b"}', "twice"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b"[" * 20_000, "too deeply"),
        (b"[" * 20_001, "too many parts"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "too deeply"),
        (b'{"id": "\\ud800"}', "half a character"),
        (b'{"@graph": []}', "JSON-LD"),
        (b'{"object": {"@reverse": {}}}', "JSON-LD"),
        (b'{"a": ' + b"9" * 5000 + b"}", "digits"),
    ],
)
def test_json_that_can_be_read_in_two_ways_is_refused(run, body, words):
    async def work(peer, client):
        peer.pages["/a"] = reply(body)
        await fails(client.get(peer.url("/a")), Unfit, words)

    run(work)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, Gone),
        (410, Gone),
        (500, Unreachable),
        (503, Unreachable),
        (429, Unreachable),
        (403, Unfit),
        (202, Unfit),
        (206, Unfit),
    ],
)
def test_what_a_status_means(run, status, error):
    async def work(peer, client):
        peer.pages["/a"] = reply({}, status)
        await fails(client.get(peer.url("/a")), error, str(status))

    run(work)


# Signatures


def test_after_401_the_other_ways_to_sign_are_tried(run):
    async def work(peer, client):
        document = {"id": peer.url("/a?page=1")}
        peer.pages["/a"] = lambda asked: reply(document, 200 if "signature-input" in asked.headers else 401)
        assert await client.get(document["id"]) == document
        full, bare, modern = (asked.headers for asked in peer.asked)
        assert full["signature"] != bare["signature"]
        assert full["date"] == bare["date"]
        assert "keyId" not in modern["signature"]
        assert {asked.target for asked in peer.asked} == {"/a?page=1"}

    run(work)


def test_401_to_all_of_them_is_the_end(run):
    async def work(peer, client):
        peer.pages["/a"] = reply({}, 401)
        await fails(client.get(peer.url("/a")), Unfit, "401")
        assert len(peer.asked) == 2

    run(work)
