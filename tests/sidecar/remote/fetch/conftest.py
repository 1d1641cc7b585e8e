"""A peer over TLS and the one client for other servers."""

import pytest

from tests.serve.loop import in_a_loop
from tests.sidecar.scripted import LOOPBACK, bench, fetcher


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
