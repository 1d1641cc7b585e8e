"""What is sent, and what the answer means."""

import asyncio

import pytest

from tests.sidecar.scripted import NOW, fails, reply, to
from tubegen.sidecar.remote import fetch
from tubegen.sidecar.remote.fetch import Unreachable


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
