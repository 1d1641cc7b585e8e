"""`tubegen deploy` as an author types it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tubegen.deploy.manifest import FILE

TOML = """\
[site]
title = "Harbour Films"
url = "https://films.example/"

[media]
quality = "draft"

[deploy.live]
kind = "folder"
url = "www"

[deploy.own]
kind = "command"
command = "test -f $TUBEGEN_OUTPUT/index.html && echo $TUBEGEN_SITE > told"
"""


def tubegen(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tubegen", "deploy", *words], cwd=site, capture_output=True, text=True
    )


@pytest.fixture
def site(new_site: Callable[[dict[str, str | Path]], Path], film: Path) -> Path:
    unlisted = "---\ntitle: Rehearsal\nunlisted: true\n---\nFor friends."
    return new_site(
        {"tubegen.toml": TOML, "content/a/rehearsal/film.mp4": film, "content/a/rehearsal/index.md": unlisted}
    )


def test_from_a_folder_to_a_live_site_and_back(site: Path) -> None:
    done = tubegen(site)
    assert done.returncode == 0, done.stderr
    assert "generation 1 is live" in done.stderr
    assert "rehearsal" not in (site / "www" / FILE).read_text()  # it is unlisted
    assert (site / "www/watch/rehearsal/index.html").is_file()
    (site / "pages").mkdir()
    (site / "pages/about.md").write_text("# About")
    events = [json.loads(line) for line in tubegen(site, "--json").stdout.splitlines()]
    assert events[-1]["generation"] == 2
    assert "about/index.html" in {event.get("path") for event in events}
    assert tubegen(site, "--generation", "previous").returncode == 0
    home = (site / "public/index.html").read_text()
    assert (site / "www/index.html").read_text() != home or "about" not in home


def test_a_preview_is_found_by_nobody_who_was_not_told(site: Path) -> None:
    assert tubegen(site, "--preview", "new").returncode == 0
    assert '<meta name="robots" content="noindex">' in (site / "www/preview/new/index.html").read_text()
    assert not (site / "www/preview/new/federation").exists()
    assert not (site / "www/index.html").exists()
    assert tubegen(site).returncode == 0  # a preview is nobody else's file


def test_a_command_of_ones_own(site: Path) -> None:
    assert tubegen(site, "--to", "own").returncode == 0
    assert (site / "told").read_text() == "https://films.example/\n"
    (site / "tubegen.toml").write_text(TOML.replace("test -f", "exit 3; test -f"))
    done = tubegen(site, "--to", "own")
    assert done.returncode == 2
    assert "the command ended with 3" in done.stderr


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ('[deploy.a]\nurl = "www"', "'kind' is missing; write one of: s3, sftp, folder, git, command"),
        ('[deploy.a]\nkind = "ftp"\nurl = "x"', "'ftp' is not a kind of target"),
        (
            '[deploy.a]\nkind = "s3"\nurl = "https://x"',
            "'https://x' is not an address for kind = \"s3\"; write such as",
        ),
        ('[deploy.a]\nkind = "sftp"\nurl = "sftp://a:b@c/d"', "a password stands in it; take it out"),
        (
            '[deploy.a]\nkind = "folder"\nurl = "x"\nsecret_key = "x"',
            "'secret_key' is a secret, and this file is shared",
        ),
        ('[deploy.a]\nkind = "folder"', "'url' is missing"),
        ("", "it does not say where the site goes; write [deploy.live]"),
    ],
)
def test_what_is_wrong_in_the_settings_is_one_line(site: Path, table: str, line: str) -> None:
    (site / "tubegen.toml").write_text(TOML.partition("[deploy")[0] + table)
    done = tubegen(site)
    assert done.returncode == 2
    assert line in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_what_is_wrong_on_the_command_line_is_said(site: Path) -> None:
    assert "there is no [deploy.live2]; there are: live, own" in tubegen(site, "--to", "live2").stderr
    assert "write a number, or previous" in tubegen(site, "--generation", "last").stderr
    assert "use letters, digits, - and _" in tubegen(site, "--preview", "../x").stderr
