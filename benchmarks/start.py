"""How long after the click the first picture comes, on a line of 5 Mb/s and 80 ms, against the plain MP4.

The pointer has been on the player before the click for as long as it takes to fetch what it then fetches. With
sharing on there is another viewer, who has the whole film.
"""

import os
import statistics
import tempfile
from pathlib import Path

from benchmarks.audience import Audience, Line, audience
from benchmarks.measure import Row
from tests.player.swarm.stage import SAYS_NO, SAYS_YES, Viewer

_LINE = Line(down=5, up=2, delay=80)
_SECONDS = 20
_PLAIN = """<!doctype html><title>Plain</title>
<video src="{address}" preload="none" muted width="480" height="270"></video>
<button class="player-start">Play</button>
<script>document.querySelector('button').onclick = () => document.querySelector('video').play();</script>
"""


def rows() -> list[Row]:
    runs = int(os.environ.get("RUNS", "5"))
    with tempfile.TemporaryDirectory() as folder, audience(Path(folder), _SECONDS) as site:
        mp4 = site.come().ask("video.querySelector('source[type=\"video/mp4\"]').src")
        (site.public / "plain").mkdir()
        (site.public / "plain" / "index.html").write_text(_PLAIN.format(address=mp4))
        other = site.come(SAYS_YES)
        other.start()
        other.at_end(_SECONDS)
        plain, shared, alone = list[float](), list[float](), list[float]()
        for _ in range(runs):
            plain.append(_plain(site))
            shared.append(_first(site, SAYS_YES, "peers-"))
            alone.append(_first(site, SAYS_NO))
    before = statistics.median(plain)
    figures = {"sharing": statistics.median(shared), "not sharing": statistics.median(alone)}
    return [
        Row(f"click to first picture, {how}", ms, "ms", f"the plain MP4 ({before:.0f} ms)", ms / before, "<= 1.15")
        for how, ms in figures.items()
    ]  # fmt: skip


def _plain(site: Audience) -> float:
    viewer = site.come(line=_LINE, path="plain/")
    return _clicked(viewer)


def _first(site: Audience, wish: str, *parts: str) -> float:
    viewer = site.come(wish, line=_LINE)
    viewer.page.locator(".player").hover()
    for part in ("upgrade-", "engine-", "-0001.", *parts):
        viewer.until(
            f"performance.getEntriesByType('resource').some(({{ name }}) => name.includes('{part}'))"
        )
    return _clicked(viewer)


def _clicked(viewer: Viewer) -> float:
    viewer.start()
    viewer.until("seen.first")
    ms = viewer.ask("seen.first - seen.clicked")
    viewer.context.close()
    return ms
