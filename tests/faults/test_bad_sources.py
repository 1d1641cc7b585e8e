"""One bad film among good ones: it is named in one line, and the work on the others is kept."""

import os
import shutil
from pathlib import Path

import pytest

from tests.faults.runs import config, finish, start
from tests.folders import write

GARBAGE = bytes((n * 167 + n // 7) % 256 for n in range(20_000))


def test_a_bad_film_among_good_ones(tmp_path: Path, clip: Path) -> None:
    site = write(
        tmp_path / "site",
        {
            "tubegen.toml": config(),
            "content/bad/film.mkv": "",
            "content/tide/film.mp4": clip,
            "content/text/film.mp4": "This is no film.\n",
        },
    )
    (site / "content/bad/film.mkv").write_bytes(GARBAGE)
    code, events, errors = finish(start(site))
    assert code == 2
    assert sorted(line.partition(":")[0] for line in errors.splitlines()) == [
        "content/bad/film.mkv",
        "content/text/film.mp4",
    ]
    assert sorted(event["path"] for event in events if event["event"] == "problem") == [
        "content/bad/film.mkv",
        "content/text/film.mp4",
    ]
    assert not (site / "public").exists()
    assert not (site / "tubegen.lock").exists()
    shutil.rmtree(site / "content/bad")
    shutil.rmtree(site / "content/text")
    code, events, errors = finish(start(site))
    assert code == 0
    assert [event["event"] for event in events] == ["built"]
    assert (site / "public/watch/tide/index.html").is_file()


def test_a_bad_film_leaves_the_old_site(tmp_path: Path, clip: Path) -> None:
    site = write(tmp_path / "site", {"tubegen.toml": config(), "content/tide/film.mp4": clip})
    assert finish(start(site))[0] == 0
    write(site, {"content/text/film.mp4": "This is no film.\n"})
    inode = (site / "public").stat().st_ino
    assert finish(start(site))[0] == 2
    assert (site / "public").stat().st_ino == inode


def test_a_film_that_may_not_be_read(tmp_path: Path, clip: Path) -> None:
    site = write(tmp_path / "site", {"tubegen.toml": config(), "content/tide/film.mp4": clip})
    (site / "content/tide/film.mp4").chmod(0)
    by: tuple[str, ...] = ()
    if os.geteuid() == 0:  # root reads everything, but for this
        if not shutil.which("setpriv"):
            pytest.skip("root reads everything, and there is no setpriv here")
        by = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    code, _, errors = finish(start(site, by=by))
    assert code == 2
    assert errors == "content/tide/film.mp4: cannot be read: permission denied; check its permissions\n"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    site = write(tmp_path / "site", {"tubegen.toml": config(), "content/tide/index.md": "Hello.\n"})
    pipe = site / "content/tide/film.mp4"
    os.mkfifo(pipe)
    handle = os.open(pipe, os.O_RDWR)
    os.write(handle, GARBAGE[:2000])
    code, _, errors = finish(start(site))
    os.close(handle)
    assert code == 2
    assert errors == "content/tide/film.mp4: this is not a file; put the video itself there\n"
