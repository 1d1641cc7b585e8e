"""The sample site, built for real and shown in a real browser."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

ROOT = Path(__file__).resolve().parent.parent.parent
NODE_MODULES = Path(__file__).parent / "node_modules"


@pytest.fixture(scope="session")
def sample(once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    """`sample_site` built with quick encodes."""
    return once("sample", build) / "public"


def build(place: Path) -> None:
    shutil.copytree(
        ROOT / "sample_site", place, ignore=shutil.ignore_patterns("making", "public", ".tubegen")
    )
    config = place / "tubegen.toml"
    text = re.sub(r"(?m)^\[media\]$", "", config.read_text("utf-8"))
    media = '\n[media]\nquality = "draft"\nrenditions = [240, 144]\ndownload = 240\n'
    config.write_text(text + media, "utf-8")
    subprocess.run([sys.executable, "-m", "tubegen", "build", str(place), "--quiet"], check=True)


@pytest.fixture(scope="session")
def address(sample: Path) -> Iterator[str]:
    """Where the sample site is served, ending in a slash."""
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tubegen",
            "serve",
            "-o",
            str(sample),
            "--port",
            str(8200 + os.getpid() % 1000),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    words = server.stderr.readline().split()
    yield next(word for word in words if word.startswith("http"))
    server.terminate()
    server.wait()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test when the console shows an error."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(30_000)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if _is_error(message) else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert not errors


def _is_error(message: ConsoleMessage) -> bool:
    """Errors that are ours: the browser also tells every 404, which tests of missing pages ask for, and that
    nobody answers at the address of the sample site's tracker."""
    expected = ("Failed to load resource", "WebSocket connection to 'wss://lamproom.example/")
    return message.type == "error" and not message.text.startswith(expected)
