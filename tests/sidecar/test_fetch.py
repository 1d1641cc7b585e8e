"""The one client for other servers, against peers that do all they can (interop X-30 to X-36, S-3, S-6, S-8)."""

import asyncio
import gzip
import json
import os
import resource
import socket
import struct
from datetime import UTC, datetime, timedelta

import pytest

from tests.serve.loop import in_a_loop
from tests.sidecar.scripted import HERE, NOW, Names, bench, fetcher, reply, to
from tubegen.sidecar import fetch
from tubegen.sidecar.answers import is_activity_type
from tubegen.sidecar.fetch import Gone, Unfit, Unreachable

LOOPBACK = "127.0.0.0/8"


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run `work(peer, client)`: a peer over TLS, and a client that may talk to loopback."""

    def go(work, *networks, names=None, peer=None):
        async def whole():
            async with bench(monkeypatch, tmp_path) as room:
                server = await room.peer(**(peer or {}))
                client = fetcher(*(networks or (LOOPBACK,)), names=names)
                try:
                    await work(server, client)
                finally:
                    await client.close()

        in_a_loop(whole())

    return go


async def fails(awaitable, kind, words=None):
    with pytest.raises(kind, match=words):
        await awaitable


# What is believed


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


# Redirects


def test_redirects_are_signed_anew(run):
    async def work(peer, client):
        document = peer.document("/users/a")
        peer.pages["/@a"] = to("/users/a", 301)
        assert await client.get(peer.url("/@a")) == document
        first, second = (asked.headers["signature"] for asked in peer.asked)
        assert first != second

    run(work)


def test_three_redirects_are_followed_and_no_more(run):
    async def work(peer, client):
        for n in range(4):
            peer.pages[f"/{n}"] = to(f"/{n + 1}", 307)
        peer.document("/4")
        assert await client.get(peer.url("/1"))
        peer.asked.clear()
        await fails(client.get(peer.url("/0")), Unfit, "redirected more than 3 times")
        assert len(peer.asked) == 4
        peer.pages["/round"] = to("/round")
        await fails(client.get(peer.url("/round")), Unfit, "redirected")

    run(work)


@pytest.mark.parametrize(
    "where", ["http://peer.example/a", "ftp://x/", "https://user:word@peer.example/", "", "https://"]
)
def test_a_redirect_that_gives_tls_up_is_refused(run, where):
    async def work(peer, client):
        peer.pages["/a"] = to(where)
        peer.pages[""] = reply({})
        await fails(client.get(peer.url("/a")), Unfit)

    run(work)


@pytest.mark.parametrize(
    "where",
    [
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
    ],
)
def test_a_redirect_into_a_private_network_is_refused(run, where):
    async def work(peer, client):
        peer.pages["/a"] = to(where)
        await fails(client.get(peer.url("/a")), Unfit, "not a public one")

    run(work)


# Addresses


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:{port}/a",
        "https://0x7f.1:{port}/a",
        "https://127.1:{port}/a",
        "https://2130706433:{port}/a",
        "https://[::ffff:127.0.0.1]:{port}/a",
        "https://localhost:{port}/a",
        "http://127.0.0.1:{port}/a",
        "ftp://peer.example/a",
        "file:///etc/passwd",
        "//peer.example/a",
        "https://peer.example\\@127.0.0.1/",
        "https://peer.example/ a\n",
        "",
        "https://peer.example/" + "a" * 2000,
        "https://peer.example:0/a",
        "https://[::1%25lo]:{port}/a",
        "https://[fe80::1%lo]:{port}/a",
        "https://0.0.0.0:{port}/a",
        "https://[64:ff9b::7f00:1]:{port}/a",
        "https://[2002:7f00:1::]:{port}/a",
    ],
)
def test_no_address_leads_to_this_machine(run, url):
    async def work(peer, client):
        port = peer.base.rpartition(":")[2]
        url_there = url.format(port=port)
        await fails(client.get(url_there), (Unfit, Unreachable))
        await fails(client.post(url_there, b"{}", {}), (Unfit, Unreachable))
        assert not peer.asked

    run(work, "192.0.2.0/24")


def test_the_address_decides_and_not_the_name(run):
    """A resolver that says something else each time (DNS rebinding)."""

    async def work(peer, client):
        await fails(client.get(peer.url("/a")), Unfit, "not a public one")
        assert not peer.asked

    names = Names("127.0.0.1", "10.0.0.1")
    run(work, "192.0.2.0/24", names=names)
    assert names.asked


def test_public_servers_are_asked_at_port_443_only(run):
    async def work(peer, client):
        await fails(client.get("https://peer.example:8443/a"), Unfit, "not a public one")

    run(work, names=Names("1.1.1.1"))


def test_plain_http_within_a_loopback_exception(run):
    async def work(peer, client):
        document = peer.document("/a")
        assert await client.get(peer.url("/a")) == document
        assert (await client.post(peer.url("/a"), b"{}", {})).status == 200

    run(work, peer={"tls": False})


# Bodies


def test_a_packed_body_is_unpacked(run):
    async def work(peer, client):
        document = {"id": peer.url("/a"), "content": "x" * 500}
        peer.pages["/a"] = reply(gzip.compress(json.dumps(document).encode()), Content_Encoding="gzip")
        assert await client.get(peer.url("/a")) == document

    run(work)


def test_a_bomb_is_not_unpacked(run):
    bomb = gzip.compress(bytes(200_000_000), 1)

    async def work(peer, client):
        peer.pages["/a"] = reply(bomb, Content_Encoding="gzip")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        await fails(client.get(peer.url("/a")), Unfit, "more than")
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kB

    run(work)


@pytest.mark.parametrize("packing", ["gzip, gzip", "br", "deflate", "gzip"])
def test_packings_not_asked_for_are_refused(run, packing):
    async def work(peer, client):
        document = json.dumps({"id": peer.url("/a")}).encode()
        packed = document if packing == "gzip" else gzip.compress(gzip.compress(document))
        peer.pages["/a"] = reply(packed, Content_Encoding=packing)
        await fails(client.get(peer.url("/a")), Unfit, "gzip")

    run(work)


def test_a_body_that_was_made_to_grow_is_refused(run):
    async def work(peer, client):
        document = {"id": peer.url("/a"), "content": "x" * 500_000}
        peer.pages["/a"] = reply(gzip.compress(json.dumps(document).encode()), Content_Encoding="gzip")
        await fails(client.get(peer.url("/a")), Unfit, "grows")

    run(work)


def test_addresses_have_two_thousand_characters_at_most(run):
    async def work(peer, client):
        await fails(client.get(peer.url("/" + "a" * 2000)), Unfit, "longer than 2000")

    run(work)


def test_a_packed_body_that_is_cut_short_is_refused(run):
    async def work(peer, client):
        packed = gzip.compress(json.dumps({"id": peer.url("/a")}).encode())
        peer.pages["/a"] = reply(packed[:-9], Content_Encoding="gzip")
        await fails(client.get(peer.url("/a")), Unfit, "cut short")

    run(work)


def test_a_body_ends_at_a_megabyte(run):
    sent = 0

    async def endless(_, writer):
        nonlocal sent
        writer.write(b"HTTP/1.1 200 -\r\nContent-Type: application/activity+json\r\n\r\n")
        while sent < 50_000_000:
            writer.write(os.urandom(10_000))
            sent += 10_000
            await writer.drain()
            await asyncio.sleep(0)  # a stream that is shutting down swallows writes without ever waiting

    async def work(peer, client):
        peer.pages["/a"] = endless
        await fails(client.get(peer.url("/a")), Unfit, "more than 1000000 bytes")
        assert sent < 50_000_000
        just = b'{"id": "' + peer.url("/b").encode() + b'"'
        peer.pages["/b"] = reply(just + b" " * (1_000_000 - len(just) - 1) + b"}")
        assert await client.get(peer.url("/b"))
        peer.pages["/b"] = reply(just + b" " * (1_000_000 - len(just)) + b"}")
        await fails(client.get(peer.url("/b")), Unfit, "more than")

    run(work)


# Servers that misbehave


def test_a_body_drop_by_drop_meets_the_deadline(run, monkeypatch):
    monkeypatch.setattr(fetch, "_GET_SECONDS", 0.5)

    async def drops(_, writer):
        writer.write(b"HTTP/1.1 200 -\r\nContent-Type: application/activity+json\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    async def work(peer, client):
        peer.pages["/a"] = drops
        await fails(client.get(peer.url("/a")), Unreachable, "in time")

    run(work)


def test_redirects_share_one_deadline(run, monkeypatch):
    monkeypatch.setattr(fetch, "_GET_SECONDS", 0.5)

    async def late(asked, writer):
        await asyncio.sleep(0.3)
        writer.write(to(asked.target + "0"))

    async def work(peer, client):
        peer.pages |= {"/0": late, "/00": late}
        await fails(client.get(peer.url("/0")), Unreachable, "in time")
        assert len(peer.asked) == 2

    run(work)


@pytest.mark.parametrize("status", [b"100 Continue", b"103 Early Hints"])
def test_a_storm_of_preliminaries_meets_the_deadline(run, monkeypatch, status):
    monkeypatch.setattr(fetch, "_GET_SECONDS", 0.5)

    async def storm(_, writer):
        while True:
            writer.write((b"HTTP/1.1 " + status + b"\r\n\r\n") * 100)
            await writer.drain()
            await asyncio.sleep(0.01)

    async def work(peer, client):
        peer.pages["/a"] = storm
        await fails(client.get(peer.url("/a")), (Unreachable, Unfit))

    run(work)


def test_a_server_that_never_shakes_hands_meets_the_deadline(run, monkeypatch):
    monkeypatch.setattr(fetch, "_GET_SECONDS", 0.3)
    monkeypatch.setattr(fetch, "_POST_SECONDS", 0.3)

    async def work(peer, client):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"https://peer.example:{silent.getsockname()[1]}/a"
            await fails(client.get(url), Unreachable, "in time")
            await fails(client.post(url, b"{}", {}), Unreachable, "in time")

    run(work)


def test_a_reset_in_the_middle_is_unreachable(run):
    async def reset(_, writer):
        writer.write(
            b"HTTP/1.1 200 -\r\nContent-Type: application/activity+json\r\nContent-Length: 99\r\n\r\n{"
        )
        await writer.drain()
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        writer.transport.abort()

    async def work(peer, client):
        peer.pages["/a"] = reset
        await fails(client.get(peer.url("/a")), Unreachable, "broke")

    run(work)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 -\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(100_000)),
        b"HTTP/1.1 200 -\r\nX: " + b"y" * 1_000_000,
        b"HTTP/1.1 200 " + b"y" * 1_000_000,
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    ],
)
def test_floods_of_headers_and_other_protocols(run, head):
    async def work(peer, client):
        peer.pages["/a"] = head + b"\r\n\r\n{}"
        await fails(client.get(peer.url("/a")), (Unfit, Unreachable))

    run(work)


def test_nobody_there(run):
    async def work(peer, client):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            await fails(client.get(f"https://peer.example:{free.getsockname()[1]}/a"), Unreachable)

    run(work)


def test_a_name_without_address(run):
    class Nowhere(Names):
        async def resolve(self, host, port=0, family=socket.AF_INET):
            raise OSError(socket.EAI_NONAME, "no such name")

    async def work(peer, client):
        await fails(client.get("https://gone.example/a"), Unreachable, "no such name")

    run(work, names=Nowhere())


@pytest.mark.parametrize("fault", ["expired", "another host", "another authority"])
def test_a_certificate_that_does_not_hold(monkeypatch, tmp_path, fault):
    import trustme

    async def work():
        async with bench(monkeypatch, tmp_path) as room:
            if fault == "expired":
                past = datetime.now(UTC) - timedelta(days=1)
                certificate = room.ca.issue_cert("peer.example", not_after=past)
            elif fault == "another host":
                certificate = room.ca.issue_cert("elsewhere.example")
            else:
                certificate = trustme.CA().issue_cert("peer.example")
            peer = await room.peer(certificate=certificate)
            peer.document("/a")
            client = fetcher(LOOPBACK)
            await fails(client.get(peer.url("/a")), Unreachable, "certificate")
            await client.close()
            assert not peer.asked

    in_a_loop(work())


# POST


def test_a_post_sends_exactly_what_it_is_given(run):
    async def work(peer, client):
        peer.pages["/inbox"] = reply(b"welcome", 202, kind="text/plain", Date="Fri, 15 Jan 2027 08:00:00 GMT")
        body = b'{"a": 1}\n'
        answer = await client.post(peer.url("/inbox"), body, {"Signature": "mine", "Content-Type": "x/y"})
        assert (answer.status, answer.text, answer.date) == (202, "welcome", NOW)
        assert answer.retry_after is None
        (asked,) = peer.asked
        assert (asked.method, asked.body) == ("POST", body)
        assert asked.headers["signature"] == "mine"
        assert asked.headers["content-type"] == "x/y"

    run(work)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("Fri, 15 Jan 2027 08:01:00 GMT", 60),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("٣", None),
    ],
)
def test_retry_after(run, value, seconds):
    async def work(peer, client):
        peer.pages["/inbox"] = reply(b"", 503).replace(
            b"\r\n\r\n", f"\r\nRetry-After: {value}\r\n\r\n".encode()
        )
        answer = await client.post(peer.url("/inbox"), b"{}", {})
        assert (answer.status, answer.retry_after) == (503, seconds)

    run(work)


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_post_is_not_redirected(run, status):
    async def work(peer, client):
        peer.pages["/inbox"] = to("/elsewhere", status)
        answer = await client.post(peer.url("/inbox"), b"{}", {}, sign_again=lambda url: {})
        assert answer.status == status
        assert len(peer.asked) == 1

    run(work)


def test_a_post_follows_307_and_308_on_the_same_host_signed_anew(run):
    async def work(peer, client):
        peer.pages |= {
            "/inbox": to("/inbox/", 308),
            "/inbox/": reply(b"", 202),
            "/away": to("https://x.example/", 307),
        }
        sign_again = lambda url: {"Signature": url}  # noqa: E731
        assert (await client.post(peer.url("/inbox"), b"{}", {}, sign_again=sign_again)).status == 202
        assert peer.asked[-1].headers["signature"] == peer.url("/inbox/")
        assert peer.asked[-1].body == b"{}"
        assert (await client.post(peer.url("/away"), b"{}", {}, sign_again=sign_again)).status == 307
        assert (await client.post(peer.url("/inbox"), b"{}", {})).status == 308
        peer.pages["/round"] = to("/round", 307)
        peer.asked.clear()
        assert (await client.post(peer.url("/round"), b"{}", {}, sign_again=sign_again)).status == 307
        assert len(peer.asked) == 4

    run(work)


def test_the_status_of_a_post_counts_whatever_becomes_of_the_body(run, monkeypatch):
    monkeypatch.setattr(fetch, "_ANSWER_SECONDS", 0.3)

    async def stalls(_, writer):
        writer.write(b"HTTP/1.1 202 -\r\nContent-Length: 99\r\n\r\nabc")
        await writer.drain()
        await asyncio.sleep(5)

    async def work(peer, client):
        peer.pages |= {"/huge": reply(b"x" * 70_000, 202), "/stalls": stalls}
        peer.pages["/odd"] = reply(b"x", 202, Content_Encoding="br")
        for path in peer.pages:
            answer = await client.post(peer.url(path), b"{}", {})
            assert (answer.status, answer.text) == (202, "")

    run(work)


def test_an_answer_that_comes_just_in_time_counts_whatever_it_looks_like(run, monkeypatch):
    monkeypatch.setattr(fetch, "_POST_SECONDS", 5)

    async def late(_, writer):
        await asyncio.sleep(0.3)
        writer.write(reply(b"<p>Thanks", 202, kind="text/html"))

    async def work(peer, client):
        peer.pages["/inbox"] = late
        assert (await client.post(peer.url("/inbox"), b"{}", {})).status == 202

    run(work)


def test_a_post_without_answer_is_unreachable(run, monkeypatch):
    monkeypatch.setattr(fetch, "_POST_SECONDS", 0.3)

    async def silent(_, writer):
        await asyncio.sleep(5)

    async def work(peer, client):
        peer.pages["/inbox"] = silent
        await fails(client.post(peer.url("/inbox"), b"{}", {}), Unreachable, "in time")

    run(work)
