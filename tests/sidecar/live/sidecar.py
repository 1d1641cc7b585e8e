"""The real `tubegen sidecar`, a process of its own behind TLS, for a site whose catalogue a test writes."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from sqlalchemy import Connection

from tests.sidecar.documents import write_catalogue
from tests.sidecar.live.tls import Tls, terminated
from tubegen.contract import VideoDocument
from tubegen.sidecar.activitypub.ids import Names
from tubegen.sidecar.store import inbox_queue
from tubegen.sidecar.store.database import Database, open_database

T = TypeVar("T")

_SECONDS = 20
_LISTENS = re.compile(rb"listens at http://127\.0\.0\.1:(\d+)/")


class Sidecar:
    """What a test does with a running one."""

    def __init__(
        self, names: Names, catalogue: Path, database: Database, process: asyncio.subprocess.Process
    ) -> None:
        self.names = names
        self._catalogue = catalogue
        self._database = database
        self._process = process

    def publish(self, *videos: VideoDocument) -> None:
        """The site has these videos now, and the sidecar is to look at once."""
        write_catalogue(self._catalogue, videos)
        self._process.send_signal(signal.SIGHUP)

    async def document(self, address: str, *, status: int = 200) -> dict[str, Any]:
        """What anybody finds at an address, as ActivityPub, when what was acknowledged is processed."""
        await self._worked_in()
        async with (
            aiohttp.ClientSession(headers={"Accept": "application/activity+json"}) as session,
            session.get(address, ssl=False) as answer,
        ):
            assert answer.status == status, f"{address}: {answer.status}"
            return await answer.json(content_type=None)

    async def total(self, collection: str) -> int:
        return (await self.document(collection))["totalItems"]

    async def numbers(self) -> str:
        """Its metrics, as Prometheus reads them."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.names.base}/ap/metrics", ssl=False) as answer,
        ):
            return await answer.text()

    async def _worked_in(self) -> None:
        """The other process tells nobody when it is: so its inbox queue is looked at until it is empty."""
        while (await self._database.read(inbox_queue.waits)).rows:
            await asyncio.sleep(0.01)

    async def database(self, work: Callable[[Connection], T]) -> T:
        """For what is at no address; as of when what was acknowledged is processed."""
        await self._worked_in()
        return await self._database.write(work)


@asynccontextmanager
async def sidecar(folder: Path, tls: Tls, *videos: VideoDocument) -> AsyncGenerator[Sidecar]:
    """One that has taken up a site with `videos` and answers. It must end well, without a word of alarm."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    async with terminated(tls, port) as outside:
        names = Names(f"https://localhost:{outside}")
        catalogue = write_catalogue(folder / "catalogue", videos)
        database = f"sqlite:///{folder / 'sidecar.db'}"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tubegen", "sidecar", folder, "--listen", "127.0.0.1:0"),
            *("--base-url", names.base, "--catalogue", catalogue, "--db", database),
            stderr=asyncio.subprocess.PIPE,
            env={
                **os.environ,
                "SSL_CERT_FILE": str(tls.authority),
                "TUBEGEN_PRIVATE_NETWORKS": "127.0.0.0/8, ::1/128",
            },
        )
        log = asyncio.create_task(_log(process, port))
        try:
            async with asyncio.timeout(_SECONDS):
                await asyncio.wait({port, log}, return_when=asyncio.FIRST_COMPLETED)
                assert port.done(), "it ended before it listened"
            opened = open_database(database)
            try:
                one = Sidecar(names, catalogue, opened, process)
                await _ready(one)
                yield one
            finally:
                opened.close()
            told = await _end(process, log)
        except Exception as failure:
            failure.add_note(await _end(process, log))
            raise
        finally:
            if process.returncode is None:
                process.kill()
    alarm = [line for line in told.splitlines() if '"level":"info"' not in line and "listens at" not in line]
    assert (process.returncode, alarm) == (0, [])


async def _end(process: asyncio.subprocess.Process, log: asyncio.Task[str]) -> str:
    """Let it end as a service manager would; what it said in its life."""
    if process.returncode is None:
        process.terminate()
    async with asyncio.timeout(_SECONDS):
        await process.wait()
        return await log


async def _log(process: asyncio.subprocess.Process, port: asyncio.Future[int]) -> str:
    """All that the process says until it ends."""
    assert process.stderr
    told = b""
    async for line in process.stderr:
        told += line
        if found := _LISTENS.search(line):
            port.set_result(int(found[1]))
    return told.decode()


async def _ready(one: Sidecar) -> None:
    """It listens before it has read the catalogue, and says by 503 that it has not."""
    async with asyncio.timeout(_SECONDS):
        while True:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"{one.names.base}/ap/health/ready", ssl=False) as answer,
            ):
                if answer.status == 200:
                    return
            await asyncio.sleep(0.02)
