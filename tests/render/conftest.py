"""A rendered site without ffmpeg: texts from tests/golden/site, films from `records`."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.render import records
from tubegen.config import ThemeConfig
from tubegen.errors import Problems
from tubegen.render import player
from tubegen.render.library import Library
from tubegen.render.output import Output
from tubegen.render.site import render_site
from tubegen.render.theme import Theme, load_theme

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
SITE = GOLDEN / "site"

Rendered = dict[str, Output]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(autouse=True, scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory):
    """A player's bundle of three words: pages are the same whatever the player's sources say."""
    dist = tmp_path_factory.mktemp("dist")
    (dist / "boot.js").write_text('import("player.js")\n', "utf-8")
    (dist / "player.js").write_text("export {}\n", "utf-8")
    manifest = {"boot": "boot.js", "module": "player.js", "files": ["boot.js", "player.js"]}
    (dist / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(player, "DIST", dist)
        player.load_bundle.cache_clear()
        yield dist
    player.load_bundle.cache_clear()


@pytest.fixture(scope="session")
def library() -> Library:
    return records.read(SITE)


@pytest.fixture(scope="session")
def theme() -> Theme:
    return load_theme(SITE, ThemeConfig())


@pytest.fixture(scope="session")
def render(theme: Theme) -> Callable[..., Rendered]:
    """Renders a library; mistakes in it fail the test."""

    def outputs(library: Library, theme: Theme = theme) -> Rendered:
        problems = Problems(library.site.folder)
        made = render_site(library, theme, memo={}, digest=digest, problems=problems)
        assert not problems, problems.found
        return {output.path: output for output in made}

    return outputs


@pytest.fixture(scope="session")
def rendered(render: Callable[..., Rendered], library: Library, bundle: Path) -> Rendered:
    return render(library)


@pytest.fixture(scope="session")
def written(rendered: Rendered) -> dict[str, bytes]:
    """Every file that rendering makes itself, by its path."""
    return {path: output.make() for path, output in rendered.items() if output.make}


@pytest.fixture(scope="session")
def uuid_of_tide(library: Library) -> str:
    return library.by_slug()["tide"].uuid


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden", default=False))


@pytest.fixture
def write(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Writes a site by the paths of its files; tubegen.toml comes by itself."""

    def make(files: dict[str, str]) -> Path:
        toml = '[site]\ntitle = "Harbour Films"\nurl = "https://films.example/"\n'
        for name, text in {"tubegen.toml": toml, **files}.items():
            place = tmp_path / "site" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, "utf-8")
        return tmp_path / "site"

    return make
