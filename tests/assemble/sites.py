"""Small sites, built within this process, and what came out."""

import datetime as dt
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from tubegen.assemble.pipeline import Report, Wishes, build
from tubegen.errors import Problem

NOW = dt.datetime(2026, 5, 1, 12, 0, tzinfo=dt.UTC)

SITE = """\
[site]
title = "Harbour Films"
url = "https://films.example/"

[federation]
handle = "harbour"

[media]
quality = "draft"
cache = "{cache}"
"""


class Log:
    """What a build told."""

    def __init__(self) -> None:
        self.planned_films: list[str] = []
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def planned(self, name: str, frames: int, done: int) -> None:
        self.planned_films.append(name)

    def advanced(self, name: str, frames: int) -> None:
        pass

    def finished(self, name: str) -> None:
        pass

    def problem(self, problem: Problem) -> None:
        self.problems.append(problem)

    def warning(self, problem: Problem) -> None:
        self.warnings.append(problem)

    def estimated(
        self, films: Mapping[str, tuple[int, int]], seconds: Callable[[], float], room: int
    ) -> None:
        pass


def make_clip(path: Path, colour: str, *, seconds: float = 2, options: tuple[str, ...] = ()) -> Path:
    """A small moving picture without sound."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = f"testsrc=size=128x72:rate=25:duration={seconds},drawbox=c={colour}:w=40:h=40:t=fill"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", picture]
    subprocess.run([*command, "-c:v", "libx264", "-preset", "ultrafast", *options, str(path)], check=True)
    return path


def run(site: Path, output: Path | None = None, *, log: Log | None = None, **wishes: object) -> Report:
    wanted = Wishes(output=output or site / "public", **{"now": NOW, **wishes})  # type: ignore[arg-type]
    return build(site, wanted, log or Log())


def stats(folder: Path) -> dict[str, tuple[int, int]]:
    """Inode and time of everything below a folder."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_ino, path.lstat().st_mtime_ns)
        for path in [folder, *folder.rglob("*")]
    }


def scratch(site: Path) -> list[str]:
    """What a build may leave behind only while it runs."""
    hidden = [name for name in os.listdir(site) if name.startswith(".") and name != ".tubegen"]
    state = [name for name in os.listdir(site / ".tubegen") if name.startswith(".")]
    return hidden + state
