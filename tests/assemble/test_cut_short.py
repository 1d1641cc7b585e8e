"""A film whose picture ends before its sound or its tables do is published, and its author is told."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.assemble.sites import Log, make_clip, run
from tests.folders import write


def publishes_with_a_warning(site: Path, text: str = "the film breaks off after ") -> None:
    log = Log()
    report = run(site, log=log)
    (warning,) = log.warnings
    assert warning.path == "content/harbour/cut/film.mp4"
    assert warning.text.startswith(text)
    assert log.problems == []
    assert report.films == 3
    assert (site / "public/watch/cut/index.html").is_file()


def test_a_broken_download(site: Path, clip: Callable[[str], Path]) -> None:
    write(site, {"content/harbour/cut/film.mp4": clip("bbb_truncated_faststart.mp4")})
    publishes_with_a_warning(site)


def test_a_film_that_ends_when_its_tables_do_not(site: Path, tmp_path: Path) -> None:
    """The tables come first and tell of eight seconds; the rest of the file is missing."""
    whole = make_clip(
        tmp_path / "whole.mp4", "blue", seconds=8, options=("-movflags", "+faststart", "-g", "25")
    )
    data = whole.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(data[: len(data) * 6 // 10])
    write(site, {"content/harbour/cut/film.mp4": tmp_path / "cut.mp4"})
    publishes_with_a_warning(site)


def test_sound_that_goes_on(site: Path, tmp_path: Path) -> None:
    sound = ("-f", "lavfi", "-i", "sine=duration=3", "-map", "0:v", "-map", "1:a")
    film = tmp_path / "film.mp4"
    make_clip(tmp_path / "picture.mp4", "blue", seconds=1)
    subprocess.run(["ffmpeg", "-v", "error", "-i", tmp_path / "picture.mp4", *sound, film], check=True)
    write(site, {"content/harbour/cut/film.mp4": film})
    publishes_with_a_warning(site, "the sound goes on for 2.0 s after the last picture, which is held")
