"""Words to the terminal: problems to standard error, one line each."""

import json
import sys
from collections.abc import Iterable

import click

from tubegen.errors import Problem


def say_problems(problems: Iterable[Problem]) -> None:
    """One line for each mistake."""
    for problem in problems:
        place, _, rest = str(problem).partition(": ") if problem.path else ("", "", str(problem))
        start = f"{click.style(place, bold=True)}: " if place else ""
        click.echo(start + rest, err=True)


def say_warning(problem: Problem) -> None:
    click.echo(f"{click.style('warning', fg='yellow')}: {problem}", err=True)


def say_estimate(films: int, seconds: float, room: int) -> None:
    """What a build is about to do."""
    click.echo(
        f"To encode: {count(films, 'video')}, about {span(seconds)}, at most {size(room)} on the disk.",
        err=True,
    )


def say_finding(grade: str, text: str, hint: str, *, as_json: bool) -> None:
    """One thing that a look from outside found: good, weak or bad, and what mends it."""
    if as_json:
        click.echo(json.dumps({"grade": grade, "text": text, "hint": hint}, ensure_ascii=False))
        return
    mark, colour = {"good": ("ok  ", "green"), "weak": ("weak", "yellow"), "bad": ("BAD ", "red")}[grade]
    click.echo(f"{click.style(mark, fg=colour)}  {printable(text)}" + (f"; {hint}" if hint else ""))


def is_terminal() -> bool:
    """Whether somebody watches standard error."""
    return sys.stderr.isatty()


def size(amount: float) -> str:
    """Bytes for people."""
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def span(seconds: float) -> str:
    """A time for people, such as `40 s`, `12 min` or `3.5 h`."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def count(number: int, one: str, many: str = "") -> str:
    """`1 video`, `3 videos`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def printable(text: str) -> str:
    """Words of strangers, which must not paint on the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
