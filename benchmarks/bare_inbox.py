"""The baseline of `inbox`: an aiohttp server that verifies one key's signatures, parses, stores, and that is all.

Signature header, Digest, RSA, JSON, whose key it is, a row in a commit that many share. It takes the request as it
should be: no limits, no rules, no doubts, no keys to look up.
"""

import asyncio
import base64
import json
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import cast

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from benchmarks.measure import ROOT


def make_table(connection: sqlite3.Connection) -> None:
    """With what makes a commit durable."""
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE activity (uri TEXT PRIMARY KEY, body BLOB)")


@contextmanager
def bare_inbox(file: Path, pem: str) -> Generator[tuple[int, int]]:
    """Process id and port of one that runs."""
    command = [sys.executable, "-m", __name__, str(file), pem]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.pid, int(process.stdout.readline())
        finally:
            process.terminate()


class _Bare:
    def __init__(self, file: Path, public: RSAPublicKey) -> None:
        self._public = public
        self._waiting: list[tuple[str, bytes, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        make_table(self._connection)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = request.headers
        told = dict(part.split("=", 1) for part in headers["Signature"].split(","))
        lines = [
            f"{name}: {'post ' + request.path if name == '(request-target)' else headers[name]}"
            for name in told["headers"].strip('"').split()
        ]
        signature = base64.b64decode(told["signature"].strip('"'))
        self._public.verify(signature, "\n".join(lines).encode(), PKCS1v15(), SHA256())
        if headers["Digest"] != "SHA-256=" + base64.b64encode(sha256(body).digest()).decode():
            raise web.HTTPUnauthorized
        activity = json.loads(body)
        if activity["actor"] != told["keyId"].strip('"').partition("#")[0]:
            raise web.HTTPUnauthorized
        stored = asyncio.get_running_loop().create_future()
        self._waiting.append((activity["id"], body, stored))
        self._arrived.set()
        await stored
        return web.Response(status=202)

    async def write(self) -> None:
        """Commit together what has come meanwhile."""
        while await self._arrived.wait():
            self._arrived.clear()
            batch, self._waiting = self._waiting, []
            await asyncio.to_thread(self._commit, [(uri, body) for uri, body, _ in batch])
            for _, _, stored in batch:
                stored.set_result(None)

    def _commit(self, rows: list[tuple[str, bytes]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO activity VALUES (?, ?)", rows)
        self._connection.execute("COMMIT")


async def _serve(file: Path, pem: str) -> None:
    bare = _Bare(file, cast(RSAPublicKey, load_pem_public_key(pem.encode())))
    app = web.Application()
    app.router.add_post("/ap/inbox", bare.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await bare.write()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), sys.argv[2]))
