"""Running programs and counting what they cost."""

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Cost(NamedTuple):
    cpu: float
    """User and system seconds of the program and all that it started."""
    wall: float


class Row(NamedTuple):
    """One line of the table."""

    name: str
    value: float
    unit: str
    baseline: str
    """What the ratio compares with; empty for a figure that stands alone."""
    ratio: float | None
    goal: str


def cost(command: Sequence[str], **environment: str) -> Cost:
    """Run a command that must succeed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **environment}, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Cost(cpu, time.perf_counter() - started)


def interleaved(runs: int, variants: dict[str, Callable[[], Cost]]) -> dict[str, Cost]:
    """Medians of several rounds; all variants take turns, so that a busy machine is unfair to none."""
    costs: dict[str, list[Cost]] = {name: [] for name in variants}
    for _ in range(runs):
        for name, run in variants.items():
            costs[name].append(run())
    return {
        name: Cost(statistics.median(c.cpu for c in some), statistics.median(c.wall for c in some))
        for name, some in costs.items()
    }
