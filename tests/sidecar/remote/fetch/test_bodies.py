"""How much is read of an answer, and in which packing."""

import asyncio
import gzip
import json
import os
import resource

import pytest

from tests.sidecar.scripted import fails, reply
from tubegen.sidecar.remote.fetch import Unfit


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
