"""The store: an entry is whole or not there, whoever works on it at the same time."""

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
from tubegen.media.cache.store import Store

KEY = "ab" * 20


class Record(msgspec.Struct):
    size: int


class Other(msgspec.Struct):
    title: str


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def put(store: Store, size: int, key: str = KEY) -> None:
    with store.making() as folder:
        (folder / "film").write_text("x" * size)
        store.put(key, folder, Record(size))


def scratch(store: Store) -> list[str]:
    return os.listdir(store.root / "scratch")


def test_what_was_put_is_there_and_protected(store: Store) -> None:
    assert store.get(KEY, Record) is None
    put(store, 3)
    assert store.get(KEY, Record) == Record(3)
    assert (store.folder(KEY) / "film").read_text() == "xxx"
    assert (store.folder(KEY) / "film").stat().st_mode & 0o777 == 0o444
    assert scratch(store) == []


def test_what_was_dropped_is_gone(store: Store) -> None:
    put(store, 3)
    store.drop(KEY)
    assert not store.has(KEY)
    assert not store.folder(KEY).exists()
    store.drop(KEY)


def test_a_record_of_another_shape_is_not_there(store: Store) -> None:
    put(store, 3)
    assert store.get(KEY, Other) is None
    (store.folder(KEY) / "record.json").chmod(0o644)
    (store.folder(KEY) / "record.json").write_text("{")
    assert store.get(KEY, Record) is None


def test_a_new_record_takes_the_place_of_the_old(store: Store) -> None:
    put(store, 3)
    put(store, 4)
    assert store.get(KEY, Record) == Record(4)
    assert (store.folder(KEY) / "film").read_text() == "xxxx"
    assert scratch(store) == []


def test_who_comes_second_leaves_the_first_in_place(store: Store) -> None:
    put(store, 3)
    inode = (store.folder(KEY) / "film").stat().st_ino
    put(store, 3)
    assert (store.folder(KEY) / "film").stat().st_ino == inode


def test_many_makers_of_one_key(store: Store) -> None:
    ready = threading.Barrier(8, timeout=20)

    def make(number: int) -> None:
        for turn in range(20):
            ready.wait()
            put(store, (number + turn) % 3 + 1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make, range(8)))
    record = store.get(KEY, Record)
    assert record
    assert len((store.folder(KEY) / "film").read_text()) == record.size
    assert scratch(store) == []


def test_a_failure_leaves_nothing(store: Store) -> None:
    with pytest.raises(FileNotFoundError), store.making() as folder:
        (folder / "half").rename(folder / "nowhere" / "half")
    assert scratch(store) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said(store: Store, code: int) -> None:
    with pytest.raises(DiskFull, match="the disk is full"), store.making():
        raise OSError(code, "no room")


def test_the_sweep_spares_the_living(store: Store) -> None:
    with store.making() as folder:
        (folder / "half").write_text("x")
        store.sweep()
        assert (folder / "half").exists()


def test_the_sweep_takes_what_the_dead_left(store: Store) -> None:
    maker = (
        "import os, signal, sys; from pathlib import Path; from tubegen.media.cache.store import Store\n"
        "with Store(Path(sys.argv[1])).making() as folder:\n"
        "    (folder / 'half').write_text('x'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", maker, str(store.root)], check=False)
    assert len(scratch(store)) == 1
    store.sweep()
    assert scratch(store) == []


def test_a_folder_that_was_swept_before_it_was_locked_is_made_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, swept = fcntl.flock, list[str]()

    def sweep_first(handle: int, how: int) -> None:
        if how == fcntl.LOCK_SH and not swept:
            swept.extend(scratch(store))
            Store(store.root).sweep()
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", sweep_first)
    put(store, 3)
    assert len(swept) == 1
    assert store.get(KEY, Record) == Record(3)
    assert scratch(store) == []
