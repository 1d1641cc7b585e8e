"""Renditions that are one file each, from mirrors: the hash of every range is beside them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route

from tests.player.conftest import DURATION, Player, Site
from tests.player.swarm.hosts import Host

SEGMENT = re.compile(r"/240p\.[\w-]{22}\.mp4$")


def make_single(media: Path, folder: Path) -> None:
    """The smaller rendition of the site's film, in the layout of byte ranges."""
    folder.mkdir(exist_ok=True)  # a worker may come back to this module after others
    playlist = (media / "240p.m3u8").read_text("utf-8")
    init = (media / "init-240p.mp4").read_bytes()
    parts = [(media / name).read_bytes() for name in re.findall(r"^240p-\d+\.m4s$", playlist, re.M)]
    whole = init + b"".join(parts)
    digest = hashlib.sha256(whole).digest()
    name = f"240p.{base64.urlsafe_b64encode(digest[:16]).decode().rstrip('=')}.mp4"
    (folder / name).write_bytes(whole)
    ranges: dict[str, str] = {}
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:4",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        f'#EXT-X-MAP:URI="{name}",BYTERANGE="{len(init)}@0"',
    ]
    start = len(init)
    for data in parts:
        lines += ["#EXTINF:4.000000,", f"#EXT-X-BYTERANGE:{len(data)}@{start}", name]
        ranges[f"{start}-{start + len(data) - 1}"] = hashlib.sha256(data).hexdigest()
        start += len(data)
    (folder / "240p.m3u8").write_text("\n".join([*lines, "#EXT-X-ENDLIST", ""]), "utf-8")
    (folder / "segments-sha256.json").write_text(json.dumps({name: ranges}), "utf-8")
    (folder / "master.m3u8").write_text(
        "#EXTM3U\n#EXT-X-VERSION:7\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=400000,RESOLUTION=426x240,FRAME-RATE=25.000,CODECS="avc1.42c015,mp4a.40.2"\n240p.m3u8\n',
        "utf-8",
    )
    shutil.copy(media / "web.mp4", folder)


def playlist(single: Site) -> list[str]:
    return (single.root / "single" / "240p.m3u8").read_text("utf-8").splitlines()


@pytest.fixture(scope="module")
def single(site: Site) -> Site:
    make_single(site.root / "media", site.root / "single")
    return site


@pytest.fixture
def mirror(single: Site) -> Iterator[Host]:
    host = Host(single.root)
    yield host
    host.close()


@pytest.fixture
def failing(single: Site, mirror: Host, open_player: Callable[..., Player]) -> Player:
    """The site's own host gives two segments and no more."""
    data = {
        "hls": "../../single/master.m3u8",
        "mirrors": [f"{mirror.address}single/"],
        "duration": DURATION,
        "sizes": [],
    }
    player = open_player(single.write("single", data=data))
    given: list[str] = []

    def give(route: Route) -> None:
        if not route.request.url.startswith(single.address):
            return route.continue_()
        given.append(route.request.headers["range"])
        return route.continue_() if len(given) < 4 else route.fulfill(status=503)

    player.page.route(SEGMENT, give)
    return player


def test_a_mirror_takes_over_and_each_range_is_checked(single: Site, mirror: Host, failing: Player) -> None:
    single.seen.clear()
    failing.start()
    failing.until("video.buffered.length && video.buffered.end(0) > 23")
    assert failing.state("video.src").startswith("blob:")
    assert sum(size for path, size in mirror.sent.items() if SEGMENT.search(path)) > 0
    assert [path for path in single.seen if path.endswith(".json")] == ["/single/segments-sha256.json"]
    assert not [path for path in mirror.sent if path.endswith(".json")], "a mirror is not asked what is right"


def test_a_mirror_that_lies_is_not_believed(mirror: Host, failing: Player) -> None:
    told: list[str] = []
    failing.page.on("console", lambda message: told.append(message.text))
    mirror.fault = lambda path, data: bytes(byte ^ 1 for byte in data) if SEGMENT.search(path) else None
    failing.start()
    failing.until("video.currentSrc.endsWith('/web.mp4')", timeout=60_000)
    assert any("not what its name promises" in words for words in told)


@pytest.mark.parametrize(("moment", "segment"), [("", 0), ("#t=9", 2)])
def test_what_is_fetched_ahead_is_asked_for_once(
    mirror: Host, open_player: Callable[..., Player], single: Site, moment: str, segment: int
) -> None:
    """From a host without validators, whose ranges no browser keeps."""
    data = {"hls": f"{mirror.address}single/master.m3u8", "duration": DURATION, "sizes": []}
    player = open_player(single.write("ahead", data=data), fragment=moment)
    starts = [int(line.split("@")[1].rstrip('"')) for line in playlist(single) if "BYTERANGE" in line]
    ahead = [starts[0], starts[1 + segment]]

    def asked() -> list[int]:
        return [int(part[6:].split("-")[0]) for path, part in mirror.asked if SEGMENT.search(path)]

    player.page.locator(".player").hover()
    player.page.wait_for_function(
        "performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.mp4')).length === 2"
    )
    assert asked() == ahead
    player.start()
    player.until("video.buffered.length && video.buffered.end(0) > 23")
    assert sorted(asked()) == sorted({*ahead, *starts[1 + segment :]}), "each once"
    assert player.state("video.src").startswith("blob:")
    assert not player.problems


def test_a_host_that_knows_no_ranges_is_not_asked_for_the_whole_file(
    mirror: Host, open_player: Callable[..., Player], single: Site
) -> None:
    data = {"hls": f"{mirror.address}single/master.m3u8", "duration": DURATION, "sizes": []}
    player = open_player(single.write("ahead", data=data))
    whole: list[Route] = []

    def give(route: Route) -> None:
        whole.append(route)
        if len(whole) <= 2:
            return route.fulfill(status=200, body=b"\0" * 100_000, content_type="video/mp4")
        return route.continue_()

    player.page.route(SEGMENT, give)
    player.page.locator(".player").hover()
    player.page.wait_for_load_state("networkidle")
    assert len(whole) == 2
    player.start()
    assert player.state("video.src").startswith("blob:")
