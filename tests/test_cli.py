"""The command line as a newcomer meets it."""

from click.testing import CliRunner

from tubegen import __version__
from tubegen.cli import main


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
