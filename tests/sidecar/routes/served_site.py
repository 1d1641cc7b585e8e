"""A whole sidecar over a small site, asked through HTTP; its clock stands still."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

from aiohttp.test_utils import TestClient, TestServer

from tests.serve.loop import in_a_loop
from tests.sidecar.documents import video, write_catalogue
from tubegen import contract
from tubegen.sidecar.activitypub.ids import Names
from tubegen.sidecar.app import Parts, application, build_services
from tubegen.sidecar.settings import Clock, Settings
from tubegen.sidecar.signatures.keys import KeyRing

BASE = "https://films.example"
NOW = 1_800_000_000.0
ACTIVITY = {"Accept": "application/activity+json"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
TIDE = "811a5436-4916-4dbd-a1dc-5c880d6cc0c5"

Client = TestClient  # type: ignore[type-arg]


class ServedSite(NamedTuple):
    parts: Parts
    client: Client
    folder: Path

    async def json(self, path: str, **headers: str) -> dict[str, Any]:
        answer = await self.client.get(path, headers=ACTIVITY | headers)
        assert answer.status == 200, (path, answer.status)
        return await answer.json(content_type=None)

    async def write(self, work: Callable[[Any], Any]) -> Any:
        return await self.parts.services.database.write(work)


@cache
def keys() -> Path:
    """Made once: a key takes its time."""
    folder = Path(mkdtemp()) / "keys"
    ring = KeyRing(folder)
    ring.open()
    names = Names(BASE)
    for actor in (names.instance, names.person("films"), names.group("films_channel")):
        ring.of(actor)
    return folder


def settings(folder: Path, **changes: Any) -> Settings:
    fields: dict[str, Any] = {
        "base_url": BASE,
        "catalogue": str(folder / "public/federation"),
        "database": f"sqlite:///{folder / 'state/sidecar.sqlite'}",
        "keys": folder / "state/keys",
    }
    return Settings(**(fields | changes))


def build(folder: Path, videos: tuple[contract.VideoDocument, ...] | None = None, **changes: Any) -> None:
    """The site, as far as the sidecar sees it."""
    write_catalogue(folder / "public/federation", (video(),) if videos is None else videos, **changes)


@asynccontextmanager
async def house(
    folder: Path, *, read: bool = True, clock: Clock = lambda: NOW, **changes: Any
) -> AsyncGenerator[ServedSite]:
    """`read`: the catalogue has been read."""
    if not (folder / "state/keys").exists():
        shutil.copytree(keys(), folder / "state/keys")
    parts = await build_services(settings(folder, **changes), clock)
    try:
        if read:
            await parts.synchroniser.synchronise()
        async with TestClient(TestServer(application(parts.services))) as client:
            yield ServedSite(parts, client, folder)
    finally:
        await parts.close()


def visit(folder: Path, look: Callable[[ServedSite], Awaitable[None]], **changes: Any) -> None:
    """`look` at a house in `folder`, built with one film unless something is built there already."""
    if not (folder / "public/federation").exists():
        build(folder)

    async def go() -> None:
        async with house(folder, **changes) as found:
            await asyncio.wait_for(look(found), 30)

    in_a_loop(go())
