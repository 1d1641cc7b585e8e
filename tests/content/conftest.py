"""Sites of texts: their films are never opened, so an empty file will do."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from tubegen.content.load import load_site
from tubegen.content.model import Site
from tubegen.errors import Problems

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)

SITE_TOML = '[site]\ntitle = "Harbour Films"\nurl = "https://films.example/"\n'


class Written:
    """A site as it was read, with the lines of what is wrong in it."""

    def __init__(self, site: Site, problems: Problems) -> None:
        self.site = site
        self.problems = problems
        self.lines = [str(problem) for problem in sorted(problems.found)]

    @property
    def slugs(self) -> list[str]:
        return [video.slug for video in self.site.videos]


@pytest.fixture
def problems(tmp_path: Path) -> Problems:
    return Problems(tmp_path)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Writes files by their path in the site, as bytes of UTF-8; tubegen.toml comes by itself."""

    def make(files: dict[str, str]) -> Path:
        for name, text in {"tubegen.toml": SITE_TOML, **files}.items():
            place = tmp_path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode())
        return tmp_path

    return make


@pytest.fixture
def load(write: Callable[[dict[str, str]], Path]) -> Callable[..., Written]:
    """Writes a site and reads it."""

    def read(files: dict[str, str], *, now: dt.datetime = NOW, drafts: bool = False) -> Written:
        folder = write(files)
        problems = Problems(folder)
        return Written(load_site(folder, problems, now=now, drafts=drafts), problems)

    return read


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden", default=False))
