"""Which changes in a site's folder are noticed."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.serve.loop import in_a_loop
from tubegen.serve import watch

Next = Callable[[], Awaitable[None]]


@pytest.fixture(autouse=True)
def soon_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_REST", 0.1)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("content", "pages", "public"):
        (tmp_path / name).mkdir()
    (tmp_path / "content/x.md").write_text("Old.\n")
    return tmp_path


@contextlib.asynccontextmanager
async def watching(site: Path, *ignored: str) -> AsyncGenerator[Next]:
    """Gives what waits for the next burst of changes; the watching has begun."""
    bursts = watch.changes(site, ignored=frozenset(ignored or {"public"}))
    first = asyncio.ensure_future(anext(bursts))
    asyncio.get_running_loop().call_soon((site / "begin").mkdir)  # after the first step of `first`
    await asyncio.wait_for(first, 5)

    async def following() -> None:
        await asyncio.wait_for(anext(bursts), 3)

    try:
        yield following
    finally:
        await bursts.aclose()


def test_a_save_by_rename_is_noticed(site: Path) -> None:
    async def run() -> None:
        (site / "content/.x.md.tmp").write_text("New.\n")
        async with watching(site) as following:
            (site / "content/.x.md.tmp").rename(site / "content/x.md")
            await following()

    in_a_loop(run())


def test_a_file_that_is_renamed_to_a_hidden_one_is_noticed(site: Path) -> None:
    async def run() -> None:
        async with watching(site) as following:
            (site / "content/x.md").rename(site / "content/.x.md")
            await following()

    in_a_loop(run())


@pytest.mark.parametrize("at_once", [True, False])
def test_a_folder_that_is_removed_and_made_again_is_watched(site: Path, at_once: bool) -> None:
    async def run() -> None:
        async with watching(site) as following:
            shutil.rmtree(site / "pages")
            if not at_once:
                await following()
            (site / "pages").mkdir()
            await following()
            (site / "pages/about.md").write_text("Us.\n")
            await following()

    in_a_loop(run())


def test_what_tubegen_writes_is_not_noticed(site: Path) -> None:
    (site / "cache").mkdir()

    async def run() -> None:
        async with watching(site, "public", "cache") as following:
            for name in ("tubegen.lock", "public/index.html", "cache/record", ".hidden"):
                (site / ".scratch").write_text("Ours.\n")
                (site / ".scratch").rename(site / name)
                (site / name).write_text("Ours.\n")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(following(), 0.5)

    in_a_loop(run())
