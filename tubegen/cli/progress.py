"""What a build tells while it runs: bars for people, lines for logs, JSON for machines."""

import json
import threading
from types import TracebackType
from typing import Any, Self

import click

from tubegen.cli.say import say_problems, say_warning
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


class Lines(Silent):
    """For logs: a line when a film begins and when it is ready."""

    def planned(self, name: str, frames: int, done: int) -> None:
        kept = f", {done} of them done before" if done else ""
        click.echo(f"{name}: encoding {frames} frames{kept}", err=True)

    def finished(self, name: str) -> None:
        click.echo(f"{name}: ready", err=True)


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

    def event(self, kind: str, **values: object) -> None:
        with self._lock:
            click.echo(json.dumps({"event": kind, **values}, ensure_ascii=False))


class Bars(Silent):
    """For people: a bar for each film in work and one for all, by frames done of frames planned."""

    def __init__(self) -> None:
        self._progress: Any = None
        self._tasks: dict[str, Any] = {}
        self._total: Any = None
        self._lock = threading.Lock()

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def planned(self, name: str, frames: int, done: int) -> None:
        with self._lock:
            progress = self._shown()
            self._tasks[name] = progress.add_task(name, total=frames, completed=done)
            planned = sum(task.total or 0 for task in progress.tasks if task.id != self._total)
            progress.update(self._total, total=planned, advance=done, visible=len(self._tasks) > 1)

    def advanced(self, name: str, frames: int) -> None:
        if self._progress is not None:
            self._progress.advance(self._tasks[name], frames)
            self._progress.advance(self._total, frames)

    def finished(self, name: str) -> None:
        if self._progress is not None:
            self._progress.update(self._tasks[name], visible=False)

    def problem(self, problem: Problem) -> None:
        self._line(lambda: say_problems([problem]))

    def warning(self, problem: Problem) -> None:
        self._line(lambda: say_warning(problem))

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
