"""What the site's host has to send when several viewers watch the same film, and what each of them notices of it.

Real browsers' pages, a real tracker, a minute of film in one rendition played at its own speed; each viewer has a
context of their own, so that nothing is shared but what they give each other. The same with sharing off tells when
the first picture would have come; the same with the defaults of p2p-media-loader what our policy is worth.

`ROWS="two eight" RUNS=1 python -m benchmarks swarm` takes some of the rows, once each; all take most of an hour.
"""

import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.audience import Audience, Line, Watched, audience
from benchmarks.measure import Row
from tests.player.swarm.stage import LIAR, SAYS_NO

_APART = 3
_NONE: tuple[str, ...] = ()
_THIN = Line(down=1.5, up=1, delay=80)
_LONELY_S = 8
"""For so long after the last has come, those who share nothing are watched."""


class _Case(NamedTuple):
    title: str
    crowd: int
    goal: str = ""
    """Copies."""
    apart: float = _APART
    seconds: int = 60
    until: float | None = None
    """Seconds that each stays; to the end when None."""
    line: Line | None = None
    liars: int = 0
    """Of the crowd; they come first."""


_CASES = {
    "two": _Case("2 viewers", 2, "<= 1.10"),
    "four": _Case("4 viewers", 4, "<= 1.20"),
    "eight": _Case("8 viewers", 8, "<= 1.50"),
    "together": _Case("4 viewers at once", 4, apart=0),
    "longer": _Case("4 viewers, 2 minutes", 4, seconds=120),
    "leavers": _Case("6 viewers, 15 s apart, each for 30 s", 6, apart=15, until=30),
    "thin": _Case("4 viewers, lines of 1.5 Mb/s", 4, line=_THIN),
    "liar": _Case("a liar, then 2 viewers", 3, liars=1),
    "long": _Case("4 viewers, 10 minutes", 4, seconds=600),
}
_USUAL = [name for name in _CASES if name != "long"]


def rows() -> list[Row]:
    names = os.environ.get("ROWS", "").split() or _USUAL
    runs = int(os.environ.get("RUNS", "3"))
    found: list[Row] = []
    for seconds in sorted({_CASES[name].seconds for name in names}):
        with tempfile.TemporaryDirectory() as folder, audience(Path(folder), seconds) as site:
            for name in names:
                if _CASES[name].seconds == seconds:
                    found += _rows(site, _CASES[name], runs)
    return found


def _rows(site: Audience, case: _Case, runs: int) -> list[Row]:
    """Sharing and not sharing take turns; the library's defaults are seen once, they are far from both."""
    shared, alone = list[Watched](), list[Watched]()
    for _ in range(runs):
        shared.append(_watch(site, case))
        alone.append(_alone(site, case))
        print(f"{case.title}: {shared[-1]}, alone: {alone[-1]}", file=sys.stderr)
    defaults = _watch(site, case, library=True)
    copies, first, waited = _median(shared, "copies"), _median(shared, "first"), _median(shared, "waited")
    before = _median(alone, "first")
    return [
        Row(f"{case.title}: sent by the host", copies, "copies", f"the library's defaults ({defaults.copies:.2f})",
            copies / defaults.copies, case.goal),
        Row(f"{case.title}: first picture", first, "ms", f"without sharing ({before:.0f} ms)", first / before, "<= 1"),
        Row(f"{case.title}: waited", waited, "s",
            f"without sharing ({_median(alone, 'waited'):.2f} s), defaults ({defaults.waited:.2f} s)", None, "0"),
    ]  # fmt: skip


def _watch(site: Audience, case: _Case, *, library: bool = False) -> Watched:
    crowd = [(LIAR,)] * case.liars + [_NONE] * (case.crowd - case.liars)
    return site.watch(crowd, case.apart, until=case.until, line=case.line, library=library)


def _alone(site: Audience, case: _Case) -> Watched:
    """On a thin line to the end, to see whether anybody waits; else only for the first picture."""
    until = None if case.line else (case.crowd - 1) * case.apart + _LONELY_S
    return site.watch([(SAYS_NO,)] * case.crowd, case.apart, until=until, line=case.line)


def _median(runs: list[Watched], name: str) -> float:
    read: Callable[[Watched], float] = lambda one: getattr(one, name)  # noqa: E731
    return statistics.median(read(one) for one in runs)
