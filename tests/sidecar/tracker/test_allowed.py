"""The list of swarms, read from the folder of the build or from its web server."""

from pathlib import Path

import pytest

from tests.serve.loop import in_a_loop
from tests.sidecar.tracker.station import write_swarms
from tests.sidecar.tracker.talk import ALLOWED, BINARY, PEERTUBE, RIVER, SITE
from tubegen.sidecar.publishing.catalogue import CatalogueError
from tubegen.sidecar.remote.fetch import Response, Unreachable
from tubegen.sidecar.tracker.allowed import Reader


def test_the_list_of_the_build(tmp_path: Path) -> None:
    async def work() -> None:
        write_swarms(tmp_path)
        reader = Reader(str(tmp_path), None)
        assert await reader.read() == ALLOWED
        assert await reader.read() is None
        write_swarms(tmp_path, hashes=())
        changed = await reader.read()
        assert changed
        assert (changed.own, changed.peertube) == (frozenset(), ALLOWED.peertube)

    in_a_loop(work())


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "[]",
        '{"version": 1, "origins": [], "hashes": ["ab"], "peertube": []}',
        '{"version": 1, "origins": [], "hashes": ["zz"], "peertube": []}',
        '{"version": 99, "origins": [], "hashes": [], "peertube": []}',
    ],
)
def test_a_broken_list_is_none(tmp_path: Path, broken: str) -> None:
    async def work() -> None:
        write_swarms(tmp_path)
        good = (tmp_path / "swarms.json").read_bytes()
        reader = Reader(str(tmp_path), None)
        await reader.read()
        (tmp_path / "swarms.json").write_text(broken)
        for _ in range(2):
            with pytest.raises(CatalogueError):
                await reader.read()
        (tmp_path / "swarms.json").write_bytes(good)
        assert await reader.read() is None

    in_a_loop(work())


def test_no_list(tmp_path: Path) -> None:
    async def work() -> None:
        with pytest.raises(CatalogueError):
            await Reader(str(tmp_path), None).read()

    in_a_loop(work())


class Web:
    """Stands for the fetcher."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.asked: list[str] = []

    async def bytes(self, url: str, **_: object) -> Response:
        self.asked.append(url)
        if not self.body:
            raise Unreachable(f"{url}: no connection")
        return Response(200, {}, self.body)


def test_the_list_from_far_away(tmp_path: Path) -> None:
    async def work() -> None:
        write_swarms(tmp_path)
        web = Web((tmp_path / "swarms.json").read_bytes())
        reader = Reader(f"{SITE}/federation", web)  # type: ignore[arg-type]
        assert await reader.read() == ALLOWED
        assert web.asked == [f"{SITE}/federation/swarms.json"]
        web.body = b""
        with pytest.raises(CatalogueError):
            await reader.read()

    in_a_loop(work())


def test_who_may_join_what() -> None:
    assert ALLOWED.may_join(RIVER, SITE)
    assert not ALLOWED.may_join(RIVER, PEERTUBE)
    assert ALLOWED.may_join(BINARY, PEERTUBE)
    assert not ALLOWED.may_join("x" * 20, SITE)
