"""The cache: an entry is whole or not there, whoever works on it at the same time."""

import errno
import fcntl
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from tubegen.errors import DiskFull
from tubegen.media.cache.cache import Cache

KEY = "ab" * 20


class Record(msgspec.Struct):
    size: int


class Other(msgspec.Struct):
    title: str


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def put(cache: Cache, size: int, key: str = KEY) -> None:
    with cache.making() as folder:
        (folder / "film").write_text("x" * size)
        cache.put(key, folder, Record(size))


def scratch(cache: Cache) -> list[str]:
    return os.listdir(cache.root / "scratch")


def test_what_was_put_is_there_and_protected(cache: Cache) -> None:
    assert cache.get(KEY, Record) is None
    put(cache, 3)
    assert cache.get(KEY, Record) == Record(3)
    assert (cache.folder(KEY) / "film").read_text() == "xxx"
    assert (cache.folder(KEY) / "film").stat().st_mode & 0o777 == 0o444
    assert scratch(cache) == []


def test_what_was_dropped_is_gone(cache: Cache) -> None:
    put(cache, 3)
    cache.drop(KEY)
    assert not cache.has(KEY)
    assert not cache.folder(KEY).exists()
    cache.drop(KEY)


def test_a_record_of_another_shape_is_not_there(cache: Cache) -> None:
    put(cache, 3)
    assert cache.get(KEY, Other) is None
    (cache.folder(KEY) / "record.json").chmod(0o644)
    (cache.folder(KEY) / "record.json").write_text("{")
    assert cache.get(KEY, Record) is None


def test_a_new_record_takes_the_place_of_the_old(cache: Cache) -> None:
    put(cache, 3)
    put(cache, 4)
    assert cache.get(KEY, Record) == Record(4)
    assert (cache.folder(KEY) / "film").read_text() == "xxxx"
    assert scratch(cache) == []


def test_who_comes_second_leaves_the_first_in_place(cache: Cache) -> None:
    put(cache, 3)
    inode = (cache.folder(KEY) / "film").stat().st_ino
    put(cache, 3)
    assert (cache.folder(KEY) / "film").stat().st_ino == inode


def test_many_makers_of_one_key(cache: Cache) -> None:
    ready = threading.Barrier(8, timeout=20)

    def make(number: int) -> None:
        for turn in range(20):
            ready.wait()
            put(cache, (number + turn) % 3 + 1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make, range(8)))
    record = cache.get(KEY, Record)
    assert record
    assert len((cache.folder(KEY) / "film").read_text()) == record.size
    assert scratch(cache) == []


def test_a_failure_leaves_nothing(cache: Cache) -> None:
    with pytest.raises(FileNotFoundError), cache.making() as folder:
        (folder / "half").rename(folder / "nowhere" / "half")
    assert scratch(cache) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said(cache: Cache, code: int) -> None:
    with pytest.raises(DiskFull, match="the disk is full"), cache.making():
        raise OSError(code, "no room")


def test_the_sweep_spares_the_living(cache: Cache) -> None:
    with cache.making() as folder:
        (folder / "half").write_text("x")
        cache.sweep()
        assert (folder / "half").exists()


def test_the_sweep_takes_what_the_dead_left(cache: Cache) -> None:
    maker = (
        "import os, signal, sys; from pathlib import Path; from tubegen.media.cache.cache import Cache\n"
        "with Cache(Path(sys.argv[1])).making() as folder:\n"
        "    (folder / 'half').write_text('x'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", maker, str(cache.root)], check=False)
    assert len(scratch(cache)) == 1
    cache.sweep()
    assert scratch(cache) == []


def test_a_folder_that_was_swept_before_it_was_locked_is_made_again(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, swept = fcntl.flock, list[str]()

    def sweep_first(handle: int, how: int) -> None:
        if how == fcntl.LOCK_SH and not swept:
            swept.extend(scratch(cache))
            Cache(cache.root).sweep()
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", sweep_first)
    put(cache, 3)
    assert len(swept) == 1
    assert cache.get(KEY, Record) == Record(3)
    assert scratch(cache) == []
