"""The command line as a newcomer meets it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tubegen import __version__
from tubegen.cli import main
from tubegen.config import load_config
from tubegen.errors import Problems


def test_tells_its_version() -> None:
    result = CliRunner().invoke(main, ["--version"])
    assert result.exit_code == 0
    assert result.output == f"tubegen {__version__}\n"


def test_a_folder_that_is_no_site_is_one_line_and_exit_2(tmp_path) -> None:
    result = CliRunner().invoke(main, ["build", str(tmp_path)])
    assert result.exit_code == 2
    assert (
        result.output
        == f"{tmp_path}: there is no tubegen.toml here; name the folder of a site, or make one with: tubegen init FOLDER\n"
    )


def test_a_new_site_is_sound_and_keeps_what_is_secret_or_made_out_of_git(tmp_path: Path) -> None:
    site = tmp_path / "harbour-films"
    assert CliRunner().invoke(main, ["init", str(site)]).exit_code == 0
    assert {"/public/", "/.tubegen/", "/federation/"} <= set((site / ".gitignore").read_text().splitlines())
    config = site / "tubegen.toml"
    config.write_text(config.read_text().replace("# [federation]\n# handle", "[federation]\nhandle"))
    problems = Problems(site)
    assert load_config(site, problems).federation.handle == "films"
    assert not problems


@pytest.fixture
def used_site(new_site: Callable[[dict[str, str | Path]], Path]) -> Callable[[str | Path], Path]:
    """Makes a site whose store is `cache`, with encodes in it, and what dev left."""

    def make(cache: str | Path) -> Path:
        site = new_site({".tubegen/dev/index.html": "quick", "content/tide/index.md": "Tide.\n"})
        with (site / "tubegen.toml").open("a") as config:
            config.write(f'cache = "{cache}"\n')
        encode = site / cache / "objects/aa/encode"
        encode.parent.mkdir(parents=True)
        encode.write_text("slow")
        return site

    return make


def clean(site: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["clean", str(site), *options])


@pytest.mark.parametrize("cache", [".tubegen/cache", ".tubegen/encodes", ".tubegen/a/b", ".tubegen", "store"])
def test_clean_removes_encodes_only_when_told(cache: str, used_site: Callable[[str], Path]) -> None:
    site = used_site(cache)
    assert clean(site).exit_code == 0
    assert (site / cache / "objects/aa/encode").exists()
    assert not (site / ".tubegen/dev").exists()
    assert clean(site, "--encodes").exit_code == 0
    assert not (site / cache / "objects").exists()
    assert sorted(path.name for path in site.iterdir()) == [".tubegen", "content", "tubegen.toml"]
    assert [path.name for path in (site / ".tubegen").iterdir()] == ["lock"]


def test_clean_leaves_what_is_the_authors_in_the_store(used_site: Callable[[str], Path]) -> None:
    site = used_site("content")
    assert clean(site, "--encodes").exit_code == 0
    assert [path.name for path in (site / "content").iterdir()] == ["tide"]


@pytest.mark.parametrize("link", [False, True])
def test_clean_leaves_a_shared_store_alone(
    link: bool, tmp_path: Path, used_site: Callable[[str | Path], Path]
) -> None:
    shared = tmp_path / "shared"
    site = used_site(shared)
    if link:
        config = (site / "tubegen.toml").read_text()
        (site / "tubegen.toml").write_text(config.replace(f'cache = "{shared}"\n', ""))
        (site / ".tubegen/cache").symlink_to(shared)
    result = clean(site, "--encodes")
    assert result.exit_code == 0
    assert "lies outside of the site: it may be shared, and is left alone." in result.output
    assert (shared / "objects/aa/encode").exists()
    assert (site / ".tubegen/cache").is_symlink() == link
    assert not (site / ".tubegen/dev").exists()


def test_clean_removes_nothing_where_the_configuration_cannot_be_read(
    used_site: Callable[[str], Path],
) -> None:
    site = used_site(".tubegen/encodes")
    text = (site / "tubegen.toml").read_text()
    for wrong in ("[site\n", text.replace("cache", "cahce")):
        (site / "tubegen.toml").write_text(wrong)
        result = clean(site, "--encodes")
        assert result.exit_code == 2
        assert result.output.startswith("tubegen.toml:")
    assert (site / ".tubegen/encodes/objects/aa/encode").exists()
    assert (site / ".tubegen/dev").exists()
