"""Peers that are slow, broken, or not who they say they are."""

import asyncio
import socket
import struct
from datetime import UTC, datetime, timedelta

import pytest

from tests.serve.loop import in_a_loop
from tests.sidecar.scripted import LOOPBACK, Names, bench, fails, fetcher, to
from tubegen.sidecar.remote import fetch
from tubegen.sidecar.remote.fetch import Unfit, Unreachable


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
