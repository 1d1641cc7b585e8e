"""The MP4 for posts, from the settings to the finished site."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.assemble.sites import SITE, run
from tests.folders import tree, write
from tubegen.assemble import videos

LADDER = "renditions = [180, 120]\n"


@pytest.fixture
def site(tmp_path: Path, cache: Path) -> Path:
    """One film that is large enough for two renditions, and an unlisted one."""
    film = tmp_path / "film.mp4"
    picture, tone = "testsrc2=size=320x180:rate=25:duration=2", "sine=duration=2"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone]
    subprocess.run([*command, "-preset", "ultrafast", str(film)], check=True)
    return write(
        tmp_path / "site",
        {
            "tubegen.toml": SITE.format(cache=cache) + LADDER,
            "content/sea/tide/film.mp4": film,
            "content/sea/secret/film.mp4": film,
            "content/sea/secret/index.md": "---\nunlisted: true\n---\n",
        },
    )


def document(site: Path) -> dict:
    (path,) = (site / "public/federation/videos").iterdir()
    return json.loads(path.read_bytes())


def mp4s(site: Path) -> dict[str, bytes]:
    found = tree(site / "public/media").items()
    return {path: data for path, data in found if path.endswith(".mp4") and "-init." not in path}


def test_a_film_too_large_for_a_post_gets_a_smaller_one(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(site)
    web = document(site)["web"]
    assert document(site)["social"] == web
    assert len(mp4s(site)) == 2

    monkeypatch.setattr(videos, "_attach_max", lambda site, video: 0 if video.unlisted else web["size"] - 1)
    assert run(site).encoded == 0
    social = document(site)["social"]
    assert document(site)["web"] == web
    assert (social["width"], social["height"], social["media_type"]) == (214, 120, "video/mp4")
    path = social["url"].removeprefix("https://films.example/media/")
    assert document(site)["uuid"] in path.rpartition("/")[2]
    assert len(mp4s(site)[path]) == social["size"] < web["size"]
    assert len(mp4s(site)) == 3, "nobody posts about an unlisted film"
    assert not run(site).changes.any


def test_nothing_is_attached_where_the_author_says_so(site: Path) -> None:
    text = SITE.replace("[media]", "attach_max = 0\n\n[media]") + LADDER
    write(site, {"tubegen.toml": text.format(cache=site / "cache")})
    run(site)
    assert document(site)["social"] is None
    assert len(mp4s(site)) == 2


def test_nothing_is_attached_where_nothing_is_posted(site: Path, cache: Path) -> None:
    text = SITE.replace('handle = "harbour"\n', "") + LADDER
    write(site, {"tubegen.toml": text.format(cache=cache)})
    run(site)
    assert document(site)["social"] is None
    assert document(site)["channel"] == "sea"
