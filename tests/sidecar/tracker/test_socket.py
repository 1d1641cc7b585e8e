"""The tracker over real sockets: conversations, and visitors who mean no good."""

import asyncio
import contextlib
import json
import socket
import struct
import time
from pathlib import Path

import pytest
from aiohttp import WSServerHandshakeError

from tests.serve.loop import in_a_loop
from tests.sidecar.tracker.station import Viewer, station, write_swarms
from tests.sidecar.tracker.talk import BINARY, PEERTUBE, RIVER, SITE, TIDE, announce, answer, offers, peer
from tubegen.sidecar.inbox.limits import Rate

FREE = Rate(1e6, 1e6)


def test_two_viewers_meet(tmp_path: Path) -> None:
    async def work() -> None:
        async with station(tmp_path) as here:
            first, second = await here.viewer(), await here.viewer("203.0.113.8")
            await first.say(announce(1))
            assert (await first.hear())["incomplete"] == 1
            await second.say(announce(2).encode())
            assert (await second.hear())["incomplete"] == 2
            offer = await first.hear()
            assert (offer["peer_id"], offer["offer"]["type"]) == (peer(2), "offer")
            await first.say(answer(1, 2, offer["offer_id"]))
            got = await second.hear()
            assert (got["peer_id"], got["answer"]["type"], got["offer_id"]) == (
                peer(1),
                "answer",
                offer["offer_id"],
            )
            await first.line.close()
            await here.until(sockets=1, peers=1)
            await second.line.close()
            await here.until(sockets=0, peers=0, swarms=0)

    in_a_loop(work())


def test_a_viewer_of_peertube(tmp_path: Path) -> None:
    async def work() -> None:
        async with station(tmp_path) as here:
            viewer = await here.viewer(origin=PEERTUBE)
            await viewer.say(announce(1, BINARY))
            assert (await viewer.hear())["info_hash"] == BINARY

    in_a_loop(work())


@pytest.mark.parametrize("origin", ["", "null", "http://other.example"])
def test_pages_of_nobody_are_kept_out(tmp_path: Path, origin: str) -> None:
    async def work() -> None:
        async with station(tmp_path) as here:
            with pytest.raises(WSServerHandshakeError) as caught:
                await here.viewer(origin=origin)
            assert caught.value.status == 403

    in_a_loop(work())


def test_who_speaks_no_websocket(tmp_path: Path) -> None:
    async def work() -> None:
        async with station(tmp_path) as here:
            assert (await here.client.get("/tracker/socket", headers={"Origin": SITE})).status == 426
            assert (await here.stats())["sockets"] == 0

    in_a_loop(work())


def test_unknown_hash_is_told_and_closed(tmp_path: Path) -> None:
    async def work() -> None:
        async with station(tmp_path) as here:
            viewer = await here.viewer()
            await viewer.say(announce(1, "x" * 20))
            assert "no video" in (await viewer.hear())["failure reason"]
            assert await viewer.closed() == 1008
            await here.until(sockets=0, peers=0)

    in_a_loop(work())


def test_a_megabyte_ends_the_socket(tmp_path: Path) -> None:
    async def work() -> None:
        async with station(tmp_path) as here:
            viewer = await here.viewer()
            with contextlib.suppress(ConnectionError):
                await viewer.say("x" * 1_000_000)
            assert await viewer.closed() in (1006, 1009)
            await here.until(sockets=0)

    in_a_loop(work())


def test_who_leaves_at_the_door_is_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """At whatever moment."""

    async def work() -> None:
        async with station(tmp_path, connections=FREE) as here:
            for moment in range(12):
                gone = await deaf_viewer(here.client.port)
                for _ in range(moment):
                    await asyncio.sleep(0)
                gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                gone.close()
            await here.until(sockets=0)

    in_a_loop(work())
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("kind", ["messages", "pings"])
def test_a_flood_ends_the_socket(tmp_path: Path, kind: str) -> None:
    async def work() -> None:
        async with station(tmp_path, messages=Rate(1, 30)) as here:
            viewer = await here.viewer()
            with contextlib.suppress(ConnectionError):
                for _ in range(500):
                    await (viewer.say("{") if kind == "messages" else viewer.line.ping())
            await here.until(sockets=0)

    in_a_loop(work())


def test_too_many_sockets_from_one_address(tmp_path: Path) -> None:
    async def work() -> None:
        async with station(tmp_path, sockets_per_address=3) as here:
            household = [await here.viewer(f"2001:db8:0:7::{n}") for n in range(3)]
            with pytest.raises(WSServerHandshakeError) as caught:
                await here.viewer("2001:db8:0:7:ffff::1")
            assert caught.value.status == 429
            await here.viewer("2001:db8:0:8::1")
            await household[0].line.close()
            await here.until(sockets=3)
            await here.viewer("2001:db8:0:7:ffff::1")

    in_a_loop(work())


def test_who_never_reads_is_cut_and_nobody_waits(tmp_path: Path) -> None:
    """A member takes nothing off its line; offers to it pile up, then it is gone."""

    async def work() -> None:
        async with station(tmp_path, offers_between=10**6, announcements=FREE, messages=FREE) as here:
            deaf = await deaf_viewer(here.client.port)
            await here.until(peers=1)
            eager = await here.viewer()
            said, members = 0, 2
            while members == 2:
                said += 1
                await eager.say(announce(2, offers=offers(1, sdp="v=0" + "a" * 8000)))
                members = (await eager.hear())["incomplete"]
                assert said < 1000
            assert said > 10
            assert (await here.until(sockets=1, peers=1))["offers"] == said - 1
            deaf.close()

    in_a_loop(work())


async def deaf_viewer(port: int | None) -> socket.socket:
    """A member of the swarm who announces itself, and reads nothing ever."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(line, ("127.0.0.1", port))
    knock = (
        "GET /tracker/socket HTTP/1.1\r\nHost: films.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Origin: {SITE}\r\nX-Forwarded-For: 8.8.8.8\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    said = announce(1, offers=None).encode()
    frame = bytes([0x81, 0xFE]) + len(said).to_bytes(2, "big") + bytes(4) + said  # masked with nothing
    await loop.sock_sendall(line, knock.encode() + frame)
    return line


def test_a_new_list_holds_at_once(tmp_path: Path) -> None:
    async def work() -> None:
        async with station(tmp_path) as here:
            viewer = await here.viewer()
            await viewer.say(announce(1))
            await viewer.hear()
            write_swarms(tmp_path, hashes=(TIDE.encode().hex(),))
            (tmp_path / "index.json").write_text("{}")  # a build writes this one too: it is what is watched
            await here.until(peers=0, sockets=1)
            await viewer.say(announce(1))
            assert await viewer.closed() == 1008

    in_a_loop(work())


def test_before_there_is_a_list(tmp_path: Path) -> None:
    async def work() -> None:
        async with station(tmp_path, listed=False) as here:
            with pytest.raises(WSServerHandshakeError) as caught:
                await here.viewer()
            assert caught.value.status == 503

    in_a_loop(work())


def test_at_the_end_everybody_is_sent_away(tmp_path: Path) -> None:
    async def work() -> None:
        async with station(tmp_path) as here:
            viewers = [await here.viewer() for _ in range(3)]
            listening = [asyncio.create_task(viewer.closed()) for viewer in viewers]
            begun = time.monotonic()
            await here.client.server.close()
            assert [await one for one in listening] == [1001] * 3
            assert time.monotonic() - begun < 2

    in_a_loop(work())


def test_statistics_are_numbers_alone(tmp_path: Path) -> None:
    async def work() -> None:
        async with station(tmp_path) as here:
            viewer: Viewer = await here.viewer()
            await viewer.say(announce(1, RIVER))
            await viewer.hear()
            answer = await here.client.get("/tracker/stats")
            assert answer.headers["Cache-Control"] == "no-store"
            found = json.loads(await answer.text())
            assert (found["sockets"], found["peers"], found["announcements"]) == (1, 1, 1)
            assert all(type(value) is int for value in found.values())

    in_a_loop(work())
