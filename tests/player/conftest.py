"""A small site around the player: real HLS made by ffmpeg, a page as the theme writes it, a server, a browser."""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

import tubegen
from tests.conftest import CHROMIUM_ARGUMENTS, chromium
from tests.player.swarm.stage import CROWD, make_clip

DIST = Path(os.environ.get("PLAYER_DIST", Path(tubegen.__file__).parent / "player" / "dist"))
VIDEO_ID = "3f2c1d60-6f0f-4a52-9e3c-0d6a5a0d8f11"
DURATION = 24
CLIP_SECONDS = 14
FRAME = "document.querySelector('.player').shadowRoot"
LONG = 20_000  # milliseconds; a loaded machine decodes slowly


def ffmpeg(*arguments: str, cwd: Path) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], cwd=cwd, check=True)


def make_media(folder: Path) -> None:
    folder.mkdir(parents=True)
    source = [
        "-f",
        "lavfi",
        "-i",
        f"testsrc2=s=640x360:r=25:d={DURATION}",
        "-f",
        "lavfi",
        "-i",
        f"sine=330:d={DURATION}",
    ]
    h264 = [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "50",
        "-keyint_min",
        "50",
        "-sc_threshold",
        "0",
    ]
    ffmpeg(
        *source,
        "-filter_complex", "[0:v]split[a][b];[b]scale=426:240[small]",
        "-map", "[a]", "-map", "1:a", "-map", "[small]", "-map", "1:a", *h264, "-c:a", "aac",
        "-f", "hls", "-hls_time", "4", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4",
        "-hls_fmp4_init_filename", "init-%v.mp4", "-hls_segment_filename", "%v-%d.m4s",
        "-var_stream_map", "v:0,a:0,name:360p v:1,a:1,name:240p", "%v.m3u8",
        cwd=folder,
    )  # fmt: skip
    ffmpeg(*source, *h264, "-c:a", "aac", "-movflags", "+faststart", "web.mp4", cwd=folder)
    ffmpeg("-ss", "12", "-i", "web.mp4", "-frames:v", "1", "poster.webp", cwd=folder)
    ffmpeg(
        "-i", "web.mp4", "-vf", "fps=1/4,scale=160:90,tile=3x2", "-frames:v", "1", "story.webp", cwd=folder
    )
    (folder / "master.m3u8").write_text(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=400000,RESOLUTION=426x240,FRAME-RATE=25.000,CODECS="avc1.42c015,mp4a.40.2"\n240p.m3u8\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=640x360,FRAME-RATE=25.000,CODECS="avc1.42c01e,mp4a.40.2"\n360p.m3u8\n'
    )
    stamp = "00:00:{:02}.000".format
    (folder / "en.vtt").write_text(
        "WEBVTT\n\n"
        + "\n".join(f"{stamp(s)} --> {stamp(s + 4)}\nWords at {s}\n" for s in range(0, DURATION, 4))
    )
    (folder / "fr.vtt").write_text(
        "WEBVTT\n\n"
        + "\n".join(f"{stamp(s)} --> {stamp(s + 4)}\nMots à {s}\n" for s in range(0, DURATION, 4))
    )
    chapters = [(0, 8, "The beginning"), (8, 16, "Middle & more"), (16, DURATION, "The end")]
    escaped = [(start, end, title.replace("&", "&amp;")) for start, end, title in chapters]
    (folder / "chapters.vtt").write_text(
        "WEBVTT\n\n"
        + "\n".join(f"{stamp(start)} --> {stamp(end)}\n{title}\n" for start, end, title in escaped)
    )
    (folder / "story.vtt").write_text(
        "WEBVTT\n\n"
        + "\n".join(
            f"{stamp(n * 4)} --> {stamp(n * 4 + 4)}\nstory.webp#xywh={n % 3 * 160},{n // 3 * 90},160,90\n"
            for n in range(6)
        )
    )


COMPANIONS = f"""
<details><summary>English</summary><div data-transcript>
{"".join(f'<p><a href="#t={s}">0:{s:02}</a> <span data-t="{s}">Words at {s}.</span></p>' for s in range(0, DURATION, 4))}
</div></details>
<details data-share open><summary>Share</summary>
<input data-share-link aria-label="Link" readonly value="https://films.example/watch/film/">
<textarea data-share-code aria-label="Code" readonly>&lt;iframe src="https://films.example/embed/film/" title="Film"></textarea>
<p data-share-time hidden><label><input type="checkbox"> Start at <span class="clock">0:00</span></label></p>
</details>"""
"""What a watch page has beside the player and the player brings to life."""


def page_html(
    *,
    boot: str,
    module: str,
    strings: dict[str, str] | None = None,
    tracks: bool = True,
    language: str = "en",
    direction: str = "ltr",
    companions: bool = False,
    playlists: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
) -> str:
    told = {
        "id": VIDEO_ID,
        "hls": "../../media/master.m3u8",
        "title": "Test film",
        "artist": "Test channel",
        "artwork": "../../media/poster.webp",
        "embed": False,
        "duration": DURATION,
        "sizes": [(640, 360), (426, 240)],
        "strings": strings or {},
        **(data or {}),
    }
    track_html = """
    <track kind="captions" srclang="fr" label="Français" src="../../media/fr.vtt">
    <track kind="captions" srclang="en" label="English" src="../../media/en.vtt">
    <track kind="chapters" srclang="en" src="../../media/chapters.vtt">
    <track kind="metadata" label="thumbnails" src="../../media/story.vtt">"""
    beside = COMPANIONS if companions else ""
    beside += "".join(
        f'<nav data-playlist="{name}"><a rel="prev" href="../{name}-1/#list={name}" data-title="{name} one">Back</a>'
        f'<a rel="next" href="../{name}-3/#list={name}" data-title="{name} three">On</a></nav>'
        for name in playlists
    )
    attribute = json.dumps(told).replace("&", "&amp;").replace("'", "&#39;")
    return f"""<!doctype html>
<html lang="{language}" dir="{direction}"><head><meta charset="utf-8"><title>Test film</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,">
<style>
  body {{ margin: 0; font: 16px/1.5 system-ui; }} main {{ max-width: 960px; margin: auto; padding: 16px; }}
  .player {{ background: #000; }} .player video {{ display: block; width: 100%; height: auto; }}
  [data-transcript] {{ height: 9em; overflow: auto; line-height: 2em }} [data-transcript] span {{ display: block }}
  [data-theatre=on] {{ position: absolute; inset: 0 }}
</style></head><body><main>
<div{' data-theatre="off"' if companions else ""}><div class="player">
 <video id="video" controls playsinline preload="none" crossorigin="anonymous" width="1280" height="720"
   poster="../../media/poster.webp" data-player='{attribute}'>
  <source src="../../media/web.mp4" type="video/mp4">
  <source src="../../media/master.m3u8" type="application/vnd.apple.mpegurl">{track_html if tracks else ""}
 </video>
</div></div>
<script data-module="../../assets/{module}">{boot}</script>
<h1>Test film</h1>
<p><a id="to-twelve" href="#t=12">0:12</a> <a id="to-nine" href="#t=0m9s">0:09</a></p>
<p><label>Search <input id="search" type="search"></label></p>
{beside}
<p style="margin-top: 150vh">The end of the page</p>
</main></body></html>"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files with byte ranges, as real hosts serve them."""

    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".m3u8": "application/vnd.apple.mpegurl",
        ".m4s": "video/iso.segment",
        ".vtt": "text/vtt",
        ".js": "text/javascript",
    }
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if not wanted or not path.is_file():
            return super().do_GET()
        size = path.stat().st_size
        start, end = int(wanted[1]), min(int(wanted[2] or size - 1), size - 1)
        self.send_response(206)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Range", f"bytes {start}-{end}/{size}")
        self.send_header("Content-Length", str(end - start + 1))
        self.end_headers()
        with path.open("rb") as file:
            file.seek(start)
            self.wfile.write(file.read(end - start + 1))
        return None

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()

    def log_message(self, *args: Any) -> None: ...


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up in the middle of a file is no error."""


@dataclass
class Site:
    root: Path
    address: str
    seen: list[str]
    manifest: dict[str, Any]
    boot: str = field(repr=False)

    def write(self, name: str, **changes: Any) -> str:
        """Writes a page and returns its address."""
        options = {"boot": self.boot, "module": self.manifest["module"]} | changes
        folder = self.root / "watch" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.html").write_text(page_html(**options))
        return f"{self.address}/watch/{name}/"


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory, once: Callable[[str, Callable[[Path], object]], Path]
) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("site")
    shutil.copytree(once("player-media", make_media), root / "media")
    manifest = json.loads((DIST / "manifest.json").read_text())
    (root / "assets").mkdir()
    for name in manifest["files"]:
        shutil.copy(DIST / name, root / "assets")
    server = Server(("127.0.0.1", 0), functools.partial(Handler, directory=str(root)))
    server.seen = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    boot = (DIST / manifest["boot"]).read_text()
    yield Site(root, f"http://127.0.0.1:{server.server_port}", server.seen, manifest, boot)  # type: ignore[attr-defined]
    server.shutdown()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(LONG)
    yield context
    context.close()


@dataclass
class Player:
    """The page with the player, as a viewer handles it."""

    page: Page
    problems: list[str]

    @property
    def start_button(self):
        return self.page.locator(".player-start")

    def start(self) -> None:
        self.start_button.click()
        self.playing()

    def state(self, expression: str) -> Any:
        return self.page.evaluate(
            f"(() => {{ const video = document.querySelector('video'); return {expression} }})()"
        )

    def until(self, expression: str, timeout: float = LONG) -> None:
        self.page.wait_for_function(
            f"(() => {{ const video = document.querySelector('video'); return {expression} }})()",
            timeout=timeout,
        )

    def playing(self) -> None:
        self.until("!video.paused && video.currentTime > 0 && video.readyState >= 3")

    def at(self, seconds: float, tolerance: float = 1.5) -> None:
        self.until(f"Math.abs(video.currentTime - {seconds}) < {tolerance} && !video.seeking")

    def pause(self) -> None:
        self.page.evaluate("document.querySelector('video').pause()")

    def seek(self, seconds: float) -> None:
        self.page.evaluate(f"document.querySelector('video').currentTime = {seconds}")
        self.at(seconds)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def hover(self) -> None:
        """Wakes the controls."""
        box = self.page.locator(".player").bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 3
        self.page.mouse.move(x, y)
        self.page.mouse.move(x + 5, y + 5)

    def open_settings(self, *submenu: str) -> None:
        self.hover()
        self.page.locator("media-settings-menu-button").click()
        expect(self.page.locator("media-settings-menu")).to_be_visible()
        # When it has come in, it takes the focus, from whatever had it.
        self.until(f"{FRAME}.activeElement?.closest('media-settings-menu')")
        for name in submenu:
            self.page.locator("media-settings-menu-item", has_text=name).first.click()


@pytest.fixture
def open_player(context: BrowserContext, site: Site) -> Callable[..., Player]:
    def open_(address: str | None = None, fragment: str = "") -> Player:
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.goto((address or site.write("film")) + fragment)
        return Player(page, problems)

    return open_


@pytest.fixture
def player(open_player: Callable[..., Player]) -> Player:
    return open_player()


@pytest.fixture
def playing(player: Player) -> Player:
    player.start()
    return player


@pytest.fixture(scope="session")
def crowd(browser: Browser) -> Iterator[Browser]:
    """A browser whose pages all run as if they were seen."""
    crowd = browser.browser_type.launch(executable_path=chromium(), args=[*CHROMIUM_ARGUMENTS, *CROWD])
    yield crowd
    crowd.close()


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A silent film that viewers share; what it is encoded to is kept beside it."""
    clip = tmp_path_factory.mktemp("clip") / "clip.mp4"
    make_clip(clip, CLIP_SECONDS)
    return clip
