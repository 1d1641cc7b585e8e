"""The sample site, built for real and shown in a real browser."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

ROOT = Path(__file__).resolve().parent.parent.parent
NODE_MODULES = Path(__file__).parent / "node_modules"


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`sample_site` built with quick encodes; built once for all workers."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "sample"
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "public").exists():
            shutil.copytree(
                ROOT / "sample_site", place, ignore=shutil.ignore_patterns("making", "public", ".tubegen")
            )
            config = place / "tubegen.toml"
            text = re.sub(r"(?m)^\[media\]$", "", config.read_text("utf-8"))
            config.write_text(text + '\n[media]\nquality = "draft"\nrenditions = [480, 240]\n', "utf-8")
            subprocess.run([sys.executable, "-m", "tubegen", "build", str(place), "--quiet"], check=True)
    return place / "public"


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
