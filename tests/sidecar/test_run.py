"""A sidecar as it is run: how long it keeps what it is connected to."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

from tests.serve.loop import in_a_loop
from tests.sidecar.routes.served_site import settings
from tests.sidecar.tracker.station import write_swarms
from tubegen.sidecar.run import serve

NGINX = 75.0
"""Seconds for which nginx keeps an idle connection to us, as it comes."""
CONFIGURATION = Path(__file__).parents[2] / "docs/deploy/nginx.conf"


def test_an_idle_connection_outlives_the_front_servers(tmp_path: Path) -> None:
    """R15: what PeerTube sends into a connection that is being closed it never sends again."""
    write_swarms(tmp_path / "public/federation")
    listening = asyncio.Event()
    ports: list[int] = []

    def ready(port: int) -> None:
        ports.append(port)
        listening.set()

    async def work() -> None:
        loop = asyncio.get_running_loop()
        begun, ahead = loop.time, 0.0
        loop.time = lambda: begun() + ahead  # type: ignore[method-assign]
        ends: list[Callable[[], None]] = []
        # signals belong to the main thread
        loop.add_signal_handler = lambda _, end: ends.append(end)  # type: ignore[method-assign,misc]
        running = asyncio.create_task(
            serve(settings(tmp_path, listen=("127.0.0.1", 0), roles=frozenset({"tracker"})), ready=ready)
        )
        await asyncio.wait_for(listening.wait(), 10)
        reader, writer = await asyncio.open_connection("127.0.0.1", *ports)

        async def ask() -> bytes:
            writer.write(b"GET /tracker/stats HTTP/1.1\r\nHost: films.example\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"Content-Length: (\d+)", head)
            assert length
            await reader.readexactly(int(length[1]))
            return head

        for idle in (0.0, NGINX + 15):
            ahead += idle
            await asyncio.sleep(0.05)  # what is due by the clock is done
            assert (await ask()).startswith(b"HTTP/1.1 200 ")
        ahead += 600
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
        ends[0]()
        await running

    in_a_loop(work())


def test_the_front_server_of_our_pages_keeps_them_longer_still() -> None:
    """R15"""
    kept = re.search(r"^\s*keepalive_timeout (\d+)s;", CONFIGURATION.read_text(), re.MULTILINE)
    assert kept
    assert int(kept[1]) > NGINX
