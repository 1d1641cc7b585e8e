"""Where the site goes: whatever the folder is, the old site or the new one is there, and nobody else's."""

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.assemble.sites import Log, run
from tests.folders import tree, write
from tubegen import atomic
from tubegen.assemble import output
from tubegen.cli import main
from tubegen.errors import DiskFull, InputError


def test_what_tubegen_did_not_make_is_never_replaced(site: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    write(home, {"letter.txt": "dear"})
    log = Log()
    with pytest.raises(InputError, match=r"home: it is there, and tubegen did not make it; choose another"):
        run(site, home, log=log)
    assert tree(home) == {"letter.txt": b"dear"}
    with pytest.raises(InputError, match="tubegen did not make it"):
        run(site, home / "letter.txt")


def test_a_foreign_folder_is_refused_before_any_film_is_encoded(site: Path, tmp_path: Path) -> None:
    write(site, {"tubegen.toml": (site / "tubegen.toml").read_text().replace("/cache", "/other-cache")})
    write(tmp_path / "home", {"letter.txt": "dear"})
    log = Log()
    with pytest.raises(InputError):
        run(site, tmp_path / "home", log=log)
    assert log.planned_films == []


def test_an_empty_folder_is_taken(site: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    run(site, tmp_path / "empty")
    assert (tmp_path / "empty/index.html").is_file()


def test_a_link_to_a_folder_is_followed(site: Path, tmp_path: Path) -> None:
    """As web servers have it: public leads to where the site is served from."""
    (tmp_path / "served").mkdir()
    (site / "public").symlink_to(tmp_path / "served")
    for title in ("One", "Two"):
        write(site, {"pages/about.md": f"# {title}\n"})
        run(site)
        assert (site / "public").is_symlink()
        assert title in (tmp_path / "served/about/index.html").read_text()
    assert sorted(os.listdir(tmp_path)) == ["served", "site"]


OWNERS = {
    ".git/HEAD": "ref",
    ".git/objects/ab/cd": "x",
    ".well-known/security.txt": "y",
    "CNAME": "films.example",
}


def test_what_its_owner_put_at_the_top_of_the_site_stays(site: Path) -> None:
    run(site)
    write(site / "public", {**OWNERS, "watch/CNAME": "no", "notes.txt": "no"})
    (site / "public/.git/refs").mkdir()
    changes = run(site).changes
    assert (changes.made, changes.removed) == (0, 2)
    for title in ("One", "Two"):
        write(site, {"pages/about.md": f"# {title}\n"})
        run(site)
        there = tree(site / "public")
        assert {path: there[path].decode() for path in OWNERS} == OWNERS
        assert (site / "public/.git/refs").is_dir()
        assert not {"watch/CNAME", "notes.txt"} & there.keys()
    assert not run(site).changes.any


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_build_killed_as_the_folders_trade_names_loses_nothing_of_its_owner_s(
    site: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    run(site)
    write(site / "public", OWNERS)
    write(site, {"pages/about.md": "# New\n"})
    trade = output.swap_folders

    def killed(staging: Path, target: Path) -> None:
        if when == "after":
            trade(staging, target)
        monkeypatch.setattr(output, "_clear", lambda *_: None)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(output, "swap_folders", killed)
        with pytest.raises(KeyboardInterrupt):
            run(site)
    monkeypatch.undo()
    run(site)
    there = tree(site / "public")
    assert {path: there[path].decode() for path in OWNERS} == OWNERS
    assert b"New" in there["about/index.html"]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system."""
    here = tmp_path.stat().st_dev
    folders = [Path(name) for name in ("/dev/shm", "/tmp", "/var/tmp", Path.cwd())]
    others = [path for path in folders if os.access(path, os.W_OK) and path.stat().st_dev != here]
    if not others:
        pytest.skip("there is no second file system here")
    with tempfile.TemporaryDirectory(dir=others[0]) as folder:
        yield Path(folder)


def test_another_file_system_gets_copies(site: Path, elsewhere: Path) -> None:
    run(site)
    for _ in range(2):
        report = run(site, elsewhere / "public")
    assert not report.changes.any
    assert tree(elsewhere / "public") == tree(site / "public")
    assert os.listdir(elsewhere) == ["public"]


@pytest.mark.parametrize("code", [errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP])
def test_where_links_are_not_possible_files_are_copied(
    site: Path, tmp_path: Path, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(site)

    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", refuse)
    run(site, tmp_path / "copied")
    assert tree(tmp_path / "copied") == tree(site / "public")
    write(site, {"pages/about.md": "# Another\n"})
    run(site, tmp_path / "copied")
    assert all(path.stat().st_nlink == 1 for path in (tmp_path / "copied").rglob("*.html"))
    assert not run(site, tmp_path / "copied").changes.any


def test_where_folders_cannot_trade_names_they_are_renamed(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic, "_renameat2", lambda *_: False)
    monkeypatch.setattr(atomic.sys, "platform", "linux")
    run(site)
    write(site, {"pages/about.md": "# Another\n"})
    run(site)
    assert "Another" in (site / "public/about/index.html").read_text()
    assert [name for name in os.listdir(site) if "public" in name] == ["public"]


def test_a_failure_while_writing_leaves_the_old_site(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(site)
    before = tree(site / "public")
    write(site, {"pages/about.md": "# Another\n"})

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(output, "_swap", full)
    with pytest.raises(DiskFull, match="the disk is full; free some room; the old site is untouched"):
        run(site)
    assert tree(site / "public") == before
    assert not (site / ".public.new").exists()


def test_what_a_killed_build_left_goes_with_the_next(site: Path) -> None:
    run(site)
    write(site, {".public.new/half/index.html": "half"})
    run(site)
    assert not (site / ".public.new").exists()


def test_a_second_build_says_that_it_is_busy(site: Path) -> None:
    (site / ".tubegen").mkdir()
    with (site / ".tubegen/lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = CliRunner().invoke(main, ["build", str(site)])
        assert result.exit_code == 2
        assert result.stderr == f"{site}: another tubegen is building this site; wait for it, or stop it\n"
        assert not (site / "public").exists()
    assert CliRunner().invoke(main, ["build", str(site)]).exit_code == 0
