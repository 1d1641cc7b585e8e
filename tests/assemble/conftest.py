"""Three clips that are encoded once for all tests of this room, and sites that share them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.assemble.sites import SITE, make_clip, run
from tests.folders import write


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clips")
    return {colour: make_clip(folder / f"{colour}.mp4", colour) for colour in ("red", "green", "blue")}


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def new_site(tmp_path: Path, clips: dict[str, Path], cache: Path) -> Callable[..., Path]:
    """A site of two channels and two films; `cache` is that of all tests unless another is named."""

    def make(name: str = "site", *, store: Path = cache) -> Path:
        site = tmp_path / name
        files: dict[str, str | Path] = {
            "tubegen.toml": SITE.format(cache=store),
            "content/harbour/tide/film.mp4": clips["red"],
            "content/harbour/tide/index.md": "---\ntitle: Tide\ndate: 2026-01-02\ntags: [sea]\n---\nIn and out.\n",
            "content/harbour/tide/en.vtt": "WEBVTT\n\n00:00.000 --> 00:01.000\nWater\n",
            "content/city/tram/film.mp4": clips["green"],
            "content/city/tram/index.md": "A [film](../../harbour/tide/index.md) beside.\n",
            "pages/about.md": "# About\n",
            "playlists/all.toml": 'title = "All"\nvideos = ["tide", "tram"]\n',
        }
        write(site, files)
        return site

    return make


@pytest.fixture
def site(new_site: Callable[..., Path]) -> Path:
    return new_site()


@pytest.fixture(scope="session")
def built(once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    """A site of two films that is built, with a store of its own."""

    def make(site: Path) -> None:
        write(site, {"tubegen.toml": SITE.format(cache="cache")})
        make_clip(site / "content/tide/film.mp4", "red")
        make_clip(site / "content/tram/film.mp4", "blue")
        run(site)

    return once("built", make)


@pytest.fixture
def moved(built: Path, tmp_path: Path) -> Path:
    """The same, to be changed: a film that lies elsewhere is still known by its content."""
    return Path(shutil.copytree(built, tmp_path / "site"))
