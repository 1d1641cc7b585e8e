"""`--keep-going`: a refused source costs its own film at most, and nothing that followers know."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.assemble.sites import make_clip
from tests.folders import write
from tubegen.cli import main


@pytest.fixture
def site(moved: Path) -> Path:
    return moved


def build(site: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["build", str(site), "--keep-going", *options])


def published(site: Path) -> set[str]:
    index = json.loads((site / "public/federation/index.json").read_bytes())
    documents = (site / "public/federation" / video["document"] for video in index["videos"])
    return {json.loads(path.read_bytes())["slug"] for path in documents}


def test_a_new_film_that_is_refused_is_left_out(site: Path) -> None:
    write(site, {"content/text/film.mp4": "No film.\n", "content/pine/index.md": "Pine.\n"})
    shutil.copyfile(site / "content/tide/film.mp4", site / "content/pine/film.mp4")
    result = build(site, "-q")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "content/text/film.mp4: this is a text file, not a video; check how it was copied, or remove it",
        "Left out: text.",
    ]
    assert published(site) == {"tide", "tram", "pine"}
    assert '"text"' not in (site / "tubegen.lock").read_text()
    write(site, {"content/text/index.md": "It has no page yet.\n"})
    assert json.loads(build(site, "--json").stdout.splitlines()[-1])["left_out"] == ["text"]


def test_a_published_film_whose_source_broke_stays_as_it_was(site: Path) -> None:
    before = (site / "tubegen.lock").read_bytes()
    page = (site / "public/watch/tide/index.html").read_bytes()
    write(site, {"content/tide/film.mp4": "Broken now.\n"})
    result = build(site, "-q")
    assert result.exit_code == 0
    (line,) = result.stderr.splitlines()
    assert line.startswith("warning: content/tide/film.mp4: this is a text file, not a video; ")
    assert "the site keeps the film as it was encoded before" in line
    assert (site / "public/watch/tide/index.html").read_bytes() == page
    assert (site / "tubegen.lock").read_bytes() == before
    assert published(site) == {"tide", "tram"}


def test_a_published_film_that_cannot_be_kept_stops_the_build(site: Path) -> None:
    write(site, {"content/tide/film.mp4": "Broken now.\n"})
    shutil.rmtree(site / "cache/objects")
    result = build(site, "-q")
    assert result.exit_code == 2
    assert "it was published, and what was encoded of it before is not in the cache any more" in result.stderr
    assert published(site) == {"tide", "tram"}


def test_the_collection_keeps_what_was_published_of_a_broken_source(site: Path) -> None:
    write(site, {"content/tide/film.mp4": "Broken now.\n"})
    CliRunner().invoke(main, ["cache", "gc", str(site), "--older-than", "0"])
    assert build(site, "-q").exit_code == 0


def test_the_plan_is_told_and_nothing_is_done(site: Path) -> None:
    make_clip(site / "content/long/film.mp4", "green", seconds=40)
    write(site, {"content/text/film.mp4": "No film.\n"})
    before = sorted((site / "cache/objects").rglob("*.m4s"))
    result = CliRunner().invoke(main, ["build", str(site), "--plan"])
    assert result.exit_code == 2
    assert result.stderr.startswith("content/text/film.mp4: this is a text file")
    told = result.stdout.splitlines()
    assert "  source     MP4, h264 128x72, 25 fps, 40.0 s" in told
    assert "  72p        128x72 h264, at most 0.10 Mb/s" in told
    assert any(line.startswith("  to encode  6 of 6 chunks, about ") for line in told)
    assert told[-1].startswith("3 videos, 1 to encode: 6 of 8 chunks, about ")
    lines = CliRunner().invoke(main, ["build", str(site), "--plan", "--json"]).stdout.splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["event"] for event in events] == ["problem", "plan", "plan", "plan", "total"]
    assert {event["video"]: event["chunks_to_do"] for event in events if event["event"] == "plan"} == {
        "long": 6,
        "tide": 0,
        "tram": 0,
    }
    assert sorted((site / "cache/objects").rglob("*.m4s")) == before
    assert not (site / "cache/scratch").exists() or not any((site / "cache/scratch").iterdir())
