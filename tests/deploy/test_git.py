"""A branch of a git repository gets the site in one commit each time, and somebody else's push is never lost."""

import subprocess
from pathlib import Path

import pytest

from tests.deploy.conftest import files_of, write
from tubegen.deploy.git import GitBranch
from tubegen.deploy.targets import Conflict, TargetRefused
from tubegen.errors import InputError


def git(folder: Path, *command: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """An empty bare repository, as a forge makes it."""
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    return tmp_path / "remote.git"


@pytest.fixture
def branch(remote: Path, tmp_path: Path) -> GitBranch:
    return GitBranch(str(remote), "pages", tmp_path / "state")


def page(remote: Path, path: str) -> str:
    return git(remote, "show", f"pages:{path}")


def test_every_deploy_is_one_commit_with_the_whole_site(
    branch: GitBranch, remote: Path, public: Path
) -> None:
    assert branch.publish(files_of(public), dry_run=False) == (1, 12)
    assert git(remote, "ls-tree", "-r", "--name-only", "pages").split() == sorted(
        file.path for file in files_of(public)
    )
    assert branch.publish(files_of(public), dry_run=False) == (1, 0)
    write(public, "index.html", "another home")
    assert branch.publish(files_of(public), dry_run=True) == (1, 1)
    assert branch.publish(files_of(public), dry_run=False) == (2, 1)
    assert page(remote, "index.html") == "another home"
    assert git(remote, "rev-list", "--count", "pages") == "2"


def test_going_back_keeps_the_newest_catalogue(branch: GitBranch, remote: Path, public: Path) -> None:
    branch.publish(files_of(public), dry_run=False)
    before = page(remote, "index.html")
    write(public, "index.html", "another home")
    write(public, "federation/index.json", '["a tombstone"]')
    branch.publish(files_of(public), dry_run=False)
    assert branch.roll_back(None, dry_run=False) == (3, 1)
    assert page(remote, "index.html") == before
    assert page(remote, "federation/index.json") == '["a tombstone"]'
    branch.roll_back(2, dry_run=False)
    assert page(remote, "index.html") == "another home"
    with pytest.raises(InputError, match="no generation 9 to go back to; they are: 1 to 3"):
        branch.roll_back(9, dry_run=False)


def test_a_branch_of_others_is_left_alone(
    branch: GitBranch, remote: Path, public: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "--quiet", str(remote), "theirs")
    theirs = tmp_path / "theirs"
    write(theirs, "essay.md", "mine")
    git(theirs, "checkout", "--quiet", "-b", "pages")
    git(theirs, "add", "-A")
    git(theirs, "commit", "--quiet", "-m", "An essay")
    git(theirs, "push", "--quiet", "origin", "pages")
    with pytest.raises(InputError, match="commits that tubegen did not make; name a branch"):
        branch.publish(files_of(public), dry_run=False)
    assert page(remote, "essay.md") == "mine"


def test_a_push_in_between_is_told_and_not_overwritten(
    branch: GitBranch,
    remote: Path,
    public: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    branch.publish(files_of(public), dry_run=False)
    write(public, "index.html", "mine")
    other = GitBranch(str(remote), "pages", tmp_path / "elsewhere")
    push = GitBranch._push  # pyright: ignore[reportPrivateUsage]

    def late(self: GitBranch, *given: object) -> None:
        monkeypatch.setattr(GitBranch, "_push", push)
        write(public, "index.html", "theirs")
        other.publish(files_of(public), dry_run=False)
        push(self, *given)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(GitBranch, "_push", late)
    with pytest.raises(Conflict, match="somebody else pushed to the branch meanwhile; deploy again"):
        branch.publish(files_of(public), dry_run=False)
    assert page(remote, "index.html") == "theirs"


def test_what_the_forge_refuses_is_said_with_a_remedy(branch: GitBranch, remote: Path, public: Path) -> None:
    hook = remote / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'this branch is read-only' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(TargetRefused, match="the forge refuses the push; look at the branch's protection"):
        branch.publish(files_of(public), dry_run=False)
    missing = GitBranch(str(remote.parent / "nowhere.git"), "pages", remote.parent / "other")
    with pytest.raises(TargetRefused, match="there is no such repository"):
        missing.publish(files_of(public), dry_run=False)
