"""Equal input, equal bytes; nothing changed, nothing touched; and the promises of the machine-readable report."""

import json
import re
import shutil
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.assemble.sites import NOW, Log, make_clip, run, scratch, stats
from tests.folders import tree, write
from tubegen.cli import main


def test_two_folders_with_caches_of_their_own_give_the_same_bytes(
    new_site: Callable[..., Path], tmp_path: Path
) -> None:
    one, two = new_site("one", store=Path("cache")), new_site("two", store=Path("cache"))
    run(one)
    shutil.copyfile(one / "tubegen.lock", two / "tubegen.lock")
    run(two)
    assert tree(one / "public") == tree(two / "public")
    assert (one / "tubegen.lock").read_bytes() == (two / "tubegen.lock").read_bytes()


def test_a_build_that_changes_nothing_touches_nothing(site: Path) -> None:
    assert run(site).changes.made > 0
    before = stats(site / "public"), (site / "tubegen.lock").stat().st_mtime_ns
    log = Log()
    report = run(site, log=log)
    assert (stats(site / "public"), (site / "tubegen.lock").stat().st_mtime_ns) == before
    assert not report.changes.any
    assert log.planned_films == []
    assert scratch(site) == []


def test_one_word_touches_only_pages_that_show_it(site: Path) -> None:
    run(site)
    before = stats(site / "public")
    write(site, {"pages/about.md": "# About us\n"})
    run(site)
    after = stats(site / "public")
    assert {
        path for path in before if (site / "public" / path).is_file() and before[path] != after[path]
    } == {"about/index.html"}


def test_media_are_hard_links_to_the_store(site: Path, cache: Path) -> None:
    run(site)
    segments = list((site / "public/media").rglob("*.m4s"))
    assert segments
    assert all(segment.stat().st_nlink >= 2 for segment in segments)
    assert segments[0].stat().st_dev == cache.stat().st_dev


def test_the_master_playlist_tells_the_truth(site: Path, tmp_path: Path) -> None:
    write(site, {"content/city/ferry/film.mp4": make_clip(tmp_path / "long.mp4", "blue", seconds=5)})
    run(site)
    masters = list((site / "public/media").rglob("master.m3u8"))
    assert len(masters) == 3
    for master in masters:
        lines = master.read_text().splitlines()
        assert lines[:3] == ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
        told = [
            (dict(re.findall(r'([A-Z-]+)=("[^"]*"|[^,]+)', line)), uri)
            for line, uri in pairwise(lines)
            if line.startswith("#EXT-X-STREAM-INF:")
        ]
        assert told
        for values, uri in told:
            playlist = (master.parent / uri).read_text()
            names = re.findall(r"^[^#\n]+$", playlist, re.M)
            bits = sum((master.parent / name).stat().st_size for name in names) * 8
            seconds = sum(float(s) for s in re.findall(r"#EXTINF:([0-9.]+),", playlist))
            assert int(values["AVERAGE-BANDWIDTH"]) == pytest.approx(bits / seconds, abs=1)
            assert int(values["BANDWIDTH"]) >= int(values["AVERAGE-BANDWIDTH"])
            assert values["RESOLUTION"] == "128x72"
            assert Fraction(values["FRAME-RATE"]) == 25


def test_events_are_json_lines_and_add_up(new_site: Callable[..., Path]) -> None:
    site = new_site(store=Path("cache"))
    result = CliRunner().invoke(main, ["build", str(site), "--json"])
    assert result.exit_code == 0
    assert result.stderr == ""
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert events[-1]["event"] == "built"
    assert events[-1]["videos"] == events[-1]["encoded"] == 2
    for film in ("tide", "tram"):
        own = [event for event in events if event.get("video") == film]
        assert [e["event"] for e in own if e["event"] != "advanced"] == ["planned", "finished"]
        assert own[0]["event"] == "planned"
        assert own[-1]["event"] == "finished"
        steps = [event["frames"] for event in own[1:-1]]
        assert all(step > 0 for step in steps)
        assert own[0]["done"] + sum(steps) == own[0]["frames"] == 50


def test_the_day_of_the_build_can_be_given(
    new_site: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SOURCE_DATE_EPOCH is now: for videos without a date, and for those whose day is still to come."""
    site = new_site()
    write(site, {"content/city/tram/index.md": "---\ndate: 2026-06-01\n---\n"})
    epoch = int(NOW.timestamp())
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(epoch))
    before = CliRunner().invoke(main, ["build", str(site)])
    assert before.exit_code == 0
    assert "Held back: 1 scheduled, the next for 2026-06-01" in before.stderr
    assert not (site / "public/watch/tram").exists()
    assert "added = 2026-05-01" in (site / "tubegen.lock").read_text()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(epoch + 40 * 86400))
    assert CliRunner().invoke(main, ["build", str(site)]).exit_code == 0
    assert (site / "public/watch/tram/index.html").is_file()
    assert (site / "public/watch/tide/index.html").is_file()
