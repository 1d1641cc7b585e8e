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


class Costs(NamedTuple):
    """What something cost in each round of a comparison."""

    rounds: tuple[Cost, ...]

    @property
    def cpu(self) -> float:
        return statistics.median(cost.cpu for cost in self.rounds)

    @property
    def wall(self) -> float:
        return statistics.median(cost.wall for cost in self.rounds)

    def cpu_against(self, other: "Costs") -> float:
        """Median of the ratios within the rounds: a machine changes its speed from one to the next."""
        return statistics.median(a.cpu / b.cpu for a, b in zip(self.rounds, other.rounds, strict=True))

    def wall_against(self, other: "Costs") -> float:
        return statistics.median(a.wall / b.wall for a, b in zip(self.rounds, other.rounds, strict=True))

    def and_then(self, other: "Costs") -> "Costs":
        """Both, one after the other."""
        pairs = zip(self.rounds, other.rounds, strict=True)
        return Costs(tuple(Cost(a.cpu + b.cpu, a.wall + b.wall) for a, b in pairs))


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

    def run() -> None:
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **environment}, check=False
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr[-2000:]}")

    return own_cost(run, resource.RUSAGE_CHILDREN)


def own_cost(work: Callable[[], object], *who: int) -> Cost:
    """Of what is done here, and by the programs that it starts."""
    who = who or (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)

    def spent() -> float:
        return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, who))

    before, started = spent(), time.perf_counter()
    work()
    return Cost(spent() - before, time.perf_counter() - started)


def interleaved(runs: int, variants: dict[str, Callable[[], Cost]]) -> dict[str, Costs]:
    """Several rounds; all variants take turns, so that a busy machine is unfair to none."""
    rounds = [{name: run() for name, run in variants.items()} for _ in range(runs)]
    return {name: Costs(tuple(each[name] for each in rounds)) for name in variants}


class Silent:
    """Progress that nobody looks at."""

    def planned(self, name: str, frames: int, done: int) -> None: ...

    def advanced(self, name: str, frames: int) -> None: ...

    def finished(self, name: str) -> None: ...
