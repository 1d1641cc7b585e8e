"""What a build tells while it runs: bars for people, lines for logs, JSON for machines."""

import json
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import click

from tubegen.cli.say import say_estimate, say_problems, say_warning
from tubegen.errors import Problem


class Silent:
    """Says nothing but what is wrong."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def planned(self, name: str, frames: int, done: int) -> None:
        pass

    def advanced(self, name: str, frames: int) -> None:
        pass

    def finished(self, name: str) -> None:
        pass

    def problem(self, problem: Problem) -> None:
        say_problems([problem])

    def warning(self, problem: Problem) -> None:
        say_warning(problem)

    def estimated(
        self, films: Mapping[str, tuple[int, int]], seconds: Callable[[], float], room: int
    ) -> None:
        pass


class Lines(Silent):
    """For logs: a line when a film begins and when it is ready."""

    def planned(self, name: str, frames: int, done: int) -> None:
        kept = f", {done} of them done before" if done else ""
        click.echo(f"{name}: encoding {frames} frames{kept}", err=True)

    def finished(self, name: str) -> None:
        click.echo(f"{name}: ready", err=True)

    def estimated(
        self, films: Mapping[str, tuple[int, int]], seconds: Callable[[], float], room: int
    ) -> None:
        say_estimate(len(films), seconds(), room)


class Events(Silent):
    """For machines: a JSON object on every line of standard output."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def planned(self, name: str, frames: int, done: int) -> None:
        self.event("planned", video=name, frames=frames, done=done)

    def advanced(self, name: str, frames: int) -> None:
        self.event("advanced", video=name, frames=frames)

    def finished(self, name: str) -> None:
        self.event("finished", video=name)

    def problem(self, problem: Problem) -> None:
        self.event("problem", path=problem.path, line=problem.line, text=problem.text, hint=problem.hint)
        super().problem(problem)

    def warning(self, problem: Problem) -> None:
        self.event("warning", path=problem.path, line=problem.line, text=problem.text, hint=problem.hint)
        super().warning(problem)

    def estimated(
        self, films: Mapping[str, tuple[int, int]], seconds: Callable[[], float], room: int
    ) -> None:
        frames, done = map(sum, zip(*films.values(), strict=True))
        self.event(
            "estimated", videos=len(films), frames=frames, done=done, seconds=round(seconds(), 1), room=room
        )

    def event(self, kind: str, **values: object) -> None:
        with self._lock:
            click.echo(json.dumps({"event": kind, **values}, ensure_ascii=False))


class Meter:
    """Frames done of frames planned, for each film and for all: never less than before, and all of them at the end."""

    def __init__(self) -> None:
        self._films: dict[str, tuple[int, int]] = {}

    def expect(self, name: str, frames: int, done: int) -> None:
        """What is known of a film: before it begins, and again when it does and other builds did some of it."""
        _, before = self._films.get(name, (0, 0))
        self._films[name] = frames, min(frames, max(before, done))

    def advance(self, name: str, frames: int) -> None:
        planned, done = self._films[name]
        self._films[name] = planned, min(planned, done + frames)

    def finish(self, name: str) -> None:
        """Also of a film that was finished elsewhere while this build waited for it."""
        planned, _ = self._films.get(name, (0, 0))
        self._films[name] = planned, planned

    def of(self, name: str) -> tuple[int, int]:
        """(done, planned)."""
        planned, done = self._films[name]
        return done, planned

    @property
    def whole(self) -> tuple[int, int]:
        """(done, planned) of all films."""
        return sum(done for _, done in self._films.values()), sum(
            planned for planned, _ in self._films.values()
        )


class Bars(Silent):
    """For people: a bar for each film in work and one for all, by frames done of frames planned."""

    def __init__(self) -> None:
        self._progress: Any = None
        self._tasks: dict[str, Any] = {}
        self._total: Any = None
        self._meter = Meter()
        self._lock = threading.RLock()

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def estimated(
        self, films: Mapping[str, tuple[int, int]], seconds: Callable[[], float], room: int
    ) -> None:
        say_estimate(len(films), seconds(), room)
        for name, (frames, done) in films.items():
            self._meter.expect(name, frames, done)

    def planned(self, name: str, frames: int, done: int) -> None:
        with self._lock:
            self._meter.expect(name, frames, done)
            self._tasks[name] = self._shown().add_task(name, total=frames)
            self._draw(name)

    def advanced(self, name: str, frames: int) -> None:
        with self._lock:
            self._meter.advance(name, frames)
            self._draw(name)

    def finished(self, name: str) -> None:
        with self._lock:
            self._meter.finish(name)
            if self._progress is not None:
                self._draw(name, visible=False)

    def problem(self, problem: Problem) -> None:
        self._line(lambda: say_problems([problem]))

    def warning(self, problem: Problem) -> None:
        self._line(lambda: say_warning(problem))

    def _draw(self, name: str, *, visible: bool = True) -> None:
        if name in self._tasks:
            self._progress.update(self._tasks[name], completed=self._meter.of(name)[0], visible=visible)
        done, planned = self._meter.whole
        self._progress.update(self._total, completed=done, total=planned, visible=len(self._tasks) > 1)

    def _shown(self) -> Any:
        if self._progress is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=None),
                TaskProgressColumn(),
                TimeRemainingColumn(compact=True, elapsed_when_finished=True),
                console=Console(stderr=True),
                transient=True,
                expand=True,
            )
            self._total = self._progress.add_task("all videos", total=0, visible=False)
            self._progress.start()
        return self._progress

    def _line(self, say: Any) -> None:
        if self._progress is not None:
            self._progress.stop()
        say()
        if self._progress is not None:
            self._progress.start()
