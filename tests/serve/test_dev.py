"""The development server goes on, whatever a build runs into, and tells it."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from tests.serve.loop import in_a_loop
from tubegen.assemble.identity import Identities
from tubegen.assemble.output import Changes
from tubegen.assemble.pipeline import Report
from tubegen.cli import dev
from tubegen.errors import Busy, DiskFull, Problem, ToolMissing

NewSite = Callable[[dict[str, str | Path]], Path]


def report(site: Path) -> Report:
    return Report(
        output=site / "public",
        films=0,
        encoded=0,
        previews=0,
        changes=Changes(made=0, linked=0, kept=1, removed=0),
        identities=Identities(by_key={}, moved=(), new=()),
        held=(),
        left_out=(),
        seconds=0,
    )


def run_dev(site: Path, monkeypatch: pytest.MonkeyPatch, *results: BaseException | None) -> None:
    """One build for each of `results`, which it raises; then nothing changes any more."""
    left = iter(results)

    def build(*_: object) -> Report:
        if fault := next(left):
            raise fault
        return report(site)

    async def changes(folder: Path, *, ignored: frozenset[str]) -> AsyncGenerator[None]:
        for _ in results[1:]:
            yield

    monkeypatch.setattr(dev, "build", build)
    monkeypatch.setattr(dev, "changes", changes)
    in_a_loop(dev._Dev(site).run("127.0.0.1", 18200))
    assert next(left, "none") == "none"


def test_a_rebuild_may_fail(
    new_site: NewSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = [
        Busy(Problem("", 0, "busy")),
        DiskFull(Problem("", 0, "full")),
        PermissionError(13, "Permission denied", "secret.md"),
    ]
    run_dev(new_site({}), monkeypatch, None, *faults, None)
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if "unchanged" not in line][1:] == [
        "busy",
        "full",
        "secret.md: Permission denied",
    ]


def test_the_first_build_ends_it(new_site: NewSite, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ToolMissing):
        run_dev(new_site({}), monkeypatch, ToolMissing(Problem("", 0, "no ffmpeg")))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"tubegen.toml": "[site\n"}, "tubegen.toml:1: "),
        ({"content/tide/film.mp4": "no film"}, "content/tide/film.mp4: "),
    ],
)
def test_a_full_build_that_fails_says_so(
    new_site: NewSite, files: dict[str, str | Path], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    in_a_loop(dev._Dev(new_site(files)).build_fully(1))
    begun, problem, end = capsys.readouterr().err.splitlines()
    assert "in full quality" in begun
    assert problem.startswith(said)
    assert end == "Full quality: the build ended with exit code 2; the next change begins it again."


@pytest.mark.parametrize("stubborn", [True, False])
def test_a_full_build_is_interrupted_before_it_is_killed(
    stubborn: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The build is played by a script that notes an interrupt, and ends by it or not."""
    noted = tmp_path / "interrupted"
    script = tmp_path / "build"
    script.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, signal, sys\n"
        "def note(*_):\n"
        f"    pathlib.Path({str(noted)!r}).touch()\n"
        f"    {'pass' if stubborn else 'sys.exit(1)'}\n"
        "signal.signal(signal.SIGINT, note)\n"
        """print('{"event": "finished", "video": "tide"}', flush=True)\n"""
        "while True: signal.pause()\n"
    )
    script.chmod(0o755)
    monkeypatch.setattr(dev.sys, "executable", str(script))
    monkeypatch.setattr(dev, "_PATIENCE", 0.3 if stubborn else 10)
    ready = asyncio.Event()

    def echo(text: str, **_: object) -> None:
        if "full quality is ready" in text:
            ready.set()

    monkeypatch.setattr(dev.click, "echo", echo)

    async def run() -> None:
        site = dev._Dev(tmp_path)
        site.full = asyncio.create_task(site.build_fully(1))
        await asyncio.wait_for(ready.wait(), 5)
        await asyncio.wait_for(site.stop_full(), 5)

    in_a_loop(run())
    assert noted.exists()


@pytest.mark.parametrize(
    ("cache", "ignored"), [("store", ("store",)), ("/elsewhere", ()), (".", ()), ("{site}/a/b", ("a/b",))]
)
def test_a_store_in_the_site_is_not_watched(cache: str, ignored: tuple[str, ...], new_site: NewSite) -> None:
    site = new_site({})
    with (site / "tubegen.toml").open("a") as config:
        config.write(f'cache = "{cache.format(site=site)}"\n')
    assert dev._store(site) == ignored
