"""Files are written wholly or not at all, with the permissions that were asked for."""

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tubegen.atomic import create_atomically, write_atomically


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_missing_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a/b/file"
    assert write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert names(path.parent) == ["file"]


def test_equal_content_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"same")
    inode = path.stat().st_ino
    assert not write_atomically(path, b"same")
    assert path.stat().st_ino == inode


def test_a_new_file_gets_what_the_umask_leaves(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_atomically(tmp_path / "file", b"")
    finally:
        os.umask(old)
    assert mode(tmp_path / "file") == 0o640


def test_a_full_disk_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="no space left"):
            write_atomically(path, b"new")
        with pytest.raises(OSError, match="no space left"):
            create_atomically(tmp_path / "other", b"new", mode=0o600)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_an_existing_file_is_not_created_again(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    assert create_atomically(path, b"first", mode=0o600)
    assert not create_atomically(path, b"second", mode=0o600)
    assert path.read_bytes() == b"first"
    assert mode(path) == 0o600
    assert names(tmp_path) == ["key.pem"]


def test_of_many_that_create_a_file_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    with ThreadPoolExecutor(8) as pool:
        wins = list(pool.map(lambda n: create_atomically(path, b"%d" % n * 1000, mode=0o600), range(40)))
    assert sum(wins) == 1
    assert path.read_bytes() == b"%d" % wins.index(True) * 1000
    assert names(tmp_path) == ["key.pem"]
