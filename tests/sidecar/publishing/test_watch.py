"""When the catalogue is read."""

import asyncio
from pathlib import Path

from tests.serve.loop import in_a_loop
from tubegen.errors import Problem
from tubegen.sidecar.publishing.catalogue import CatalogueError
from tubegen.sidecar.publishing.watch import Watch


class Reader:
    """Tells when it was called; fails as long as `broken`."""

    def __init__(self) -> None:
        self.broken = False
        self._calls: asyncio.Queue[None] = asyncio.Queue()

    async def __call__(self) -> None:
        self._calls.put_nowait(None)
        if self.broken:
            raise CatalogueError(Problem("x", 0, "half written"))

    async def called(self) -> None:
        await asyncio.wait_for(self._calls.get(), 10)

    @property
    def calm(self) -> bool:
        return self._calls.empty()


def watched(catalogue: str, look: object, **times: float) -> None:
    async def go() -> None:
        reader = Reader()
        watch = Watch(catalogue, reader, **{"look": 0.01, "every": 1000, "again": 1000, **times})
        task = asyncio.create_task(watch.run())
        await reader.called()
        await look(reader, watch)  # type: ignore[operator]
        task.cancel()

    in_a_loop(go())


def test_a_folder_is_read_when_its_index_changes(tmp_path: Path) -> None:
    async def look(reader: Reader, _: Watch) -> None:
        assert reader.calm
        (tmp_path / "index.json").write_text("{}")  # the first build
        await reader.called()
        (tmp_path / "new").write_text("{}")
        (tmp_path / "new").replace(tmp_path / "index.json")
        await reader.called()

    watched(str(tmp_path), look)


def test_somebody_asks() -> None:
    """SIGHUP"""

    async def look(reader: Reader, watch: Watch) -> None:
        watch.now()
        await reader.called()
        assert reader.calm

    watched("https://films.example/federation", look)


def test_it_is_read_now_and_then_anyway(tmp_path: Path) -> None:
    async def look(reader: Reader, _: Watch) -> None:
        await reader.called()

    watched(str(tmp_path), look, every=0.02)


def test_a_failure_is_tried_again_soon(tmp_path: Path) -> None:
    async def look(reader: Reader, watch: Watch) -> None:
        reader.broken = True
        watch.now()
        for _ in range(3):
            await reader.called()

    watched(str(tmp_path), look, again=0.02)
