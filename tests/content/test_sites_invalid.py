"""Sites with mistakes in them: what the author is told, word for word.

Each folder of tests/sites_invalid is a site. `films.txt` names the videos that the test puts there,
`latin-1.txt` the files that it writes in that encoding;
`expected.txt` is what both `tubegen check` and `tubegen build` say. With an `expected-build.txt` they differ.
"""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tubegen.cli import main

SITES = Path(__file__).resolve().parent.parent / "sites_invalid"
OURS = ("films.txt", "latin-1.txt", "expected*.txt")


@pytest.fixture(scope="session")
def probed(film: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that knows the film, so that no case has to start ffprobe."""
    site = tmp_path_factory.mktemp("probed")
    (site / "tubegen.toml").write_text('[site]\ntitle = "A"\nurl = "https://a.example/"\n', "utf-8")
    (site / "content/a").mkdir(parents=True)
    shutil.copyfile(film, site / "content/a/film.mp4")
    result = CliRunner().invoke(main, ["check", str(site)])
    assert result.exit_code == 0, result.output
    return site / ".tubegen/cache"


def named(listing: Path) -> list[str]:
    return listing.read_text("utf-8").split() if listing.exists() else []


@pytest.mark.parametrize("command", ["check", "build"])
@pytest.mark.parametrize("case", sorted(SITES.iterdir()), ids=lambda path: path.name)
def test_every_mistake_is_a_line_and_nothing_is_written(
    case: Path, command: str, film: Path, probed: Path, tmp_path: Path, update_golden: bool
) -> None:
    site = tmp_path / "site"
    shutil.copytree(case, site, ignore=shutil.ignore_patterns(*OURS))
    shutil.copytree(probed, site / ".tubegen/cache")
    for name in named(case / "latin-1.txt"):
        (site / name).write_bytes((site / name).read_text("utf-8").encode("latin-1"))
    for name in named(case / "films.txt"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(film, site / name)

    result = CliRunner().invoke(main, [command, str(site)])

    own = case / f"expected-{command}.txt"
    expected = own if own.exists() else case / "expected.txt"
    if update_golden:
        expected.write_text(result.output, "utf-8")
    assert result.output == expected.read_text("utf-8")
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit), "a traceback"
    assert not {"public", "tubegen.lock"} & {path.name for path in site.iterdir()}
