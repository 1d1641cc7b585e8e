"""A site with one film, built for real, and viewers of it in one browser."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, BrowserContext, Page

from tests.player.swarm.hosts import Host
from tests.player.swarm.meeting import Meeting

PATIENCE = 60_000
"""Milliseconds; a loaded machine decodes slowly."""

_OFTEN = 100
"""Milliseconds between two looks: not with each picture, which costs as much as playing."""

CROWD = (
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--mute-audio",
)
"""Arguments of a browser whose pages all run as if they were seen."""

SAYS_YES = "localStorage['tubegen:sharing'] = 'true';"
SAYS_NO = "localStorage['tubegen:sharing'] = 'false';"
LIAR = """
const send = RTCDataChannel.prototype.send;
RTCDataChannel.prototype.send = function (data) {
  const bytes = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength).slice();
  if (bytes.length > 20000) bytes[bytes.length - 1] ^= 1;
  send.call(this, bytes);
};
"""
"""Gives others something else than their segments."""

CONNECTIONS = """
window.connections = [];
window.met = 0;
const announcing = [];
window.announce = () => announcing.forEach((act) => act());
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) {
    super(...given);
    connections.push(this);
    this.addEventListener('connectionstatechange', () => (met += this.connectionState === 'connected'));
  }
};
const every = setInterval;
window.setInterval = (act, ms, ...given) => {
  if (ms === 30000) announcing.push(act);
  return every(act, ms, ...given);
};
window.inState = (state) => connections.filter((one) => one.connectionState === state).length;
"""
"""Keeps all connections, and what announces the viewer to the tracker for each rendition every thirty seconds."""

_WATCH = """
window.seen = { stalls: 0, stalled: 0, first: 0, begun: 0, clicked: 0, ended: false, appended: [] };
const append = SourceBuffer.prototype.appendBuffer;
SourceBuffer.prototype.appendBuffer = function (data) {
  const copy = data.slice(0);
  if (crypto.subtle) seen.appended.push(crypto.subtle.digest('SHA-256', copy).then((digest) =>
    btoa(String.fromCharCode(...new Uint8Array(digest, 0, 16))).replaceAll('+', '-').replaceAll('/', '_').slice(0, 22)));
  append.call(this, data);
};
addEventListener('DOMContentLoaded', () => {
  const video = document.querySelector('video');
  let since = 0;
  addEventListener('click', () => (seen.clicked ||= performance.now()), true);
  video.addEventListener('playing', () => {
    if (since) seen.stalled += performance.now() - since;
    since = 0;
    seen.begun ||= performance.now();
  });
  const look = () => video.requestVideoFrameCallback(() => (seen.first ||= performance.now()));
  video.addEventListener('loadeddata', look);
  video.addEventListener('waiting', () => {
    const ahead = [...Array(video.buffered.length).keys()].some((n) => video.buffered.end(n) > video.currentTime + 0.3);
    // Before it has begun it has not been interrupted; with something to show, the machine is too busy.
    if (!seen.begun || video.seeking || video.ended || ahead) return;
    seen.stalls += 1;
    since = performance.now();
  });
  video.addEventListener('ended', () => (seen.ended = true));
});
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def make_clip(path: Path, seconds: int, *languages: str) -> None:
    """Moving enough to be worth some bytes; without languages silent, for sound would run longer."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = f"testsrc2=s=640x360:r=25:d={seconds},noise=alls=12:allf=t"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-map", "0"]
    inputs = [f"anoisesrc=d={seconds}:seed={n}:amplitude=0.3" for n, _ in enumerate(languages)]
    for n, (sound, language) in enumerate(zip(inputs, languages, strict=True)):
        at = command.index("-map")
        command[at:at] = ["-f", "lavfi", "-i", sound]
        command += ["-map", f"{n + 1}", f"-metadata:s:a:{n}", f"language={language}"]
    codec = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-b:v", "900k"]
    subprocess.run([*command, *codec, str(path)], check=True)


def build(
    folder: Path,
    clip: Path,
    address: str,
    tracker: str,
    *,
    mode: str = "on",
    mirrors: tuple[str, ...] = (),
    layout: str = "files",
) -> Path:
    """The published site; its only film is `film`."""
    files = {
        "tubegen.toml": f"""[site]
title = "Swarm"
url = "{address}"
[media]
quality = "draft"
renditions = [360]
segments = "{layout}"
cache = "{clip.parent / "cache"}"
[p2p]
mode = "{mode}"
tracker = "{tracker}"
mirrors = {list(mirrors)}
""",
        "content/films/index.md": "---\ntitle: Films\n---\n",
        "content/films/film.md": "---\ntitle: Film\ndate: 2026-01-01\n---\n",
    }
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    shutil.copyfile(clip, folder / "content" / "films" / "film.mp4")
    subprocess.run([sys.executable, "-m", "tubegen", "build", str(folder), "--quiet"], check=True)
    return folder / "public"


class Traffic(NamedTuple):
    """Megabytes, and how many are connected."""

    site: float
    received: float
    given: float
    viewers: int


@dataclass
class Viewer:
    context: BrowserContext
    page: Page
    problems: list[str]
    told: list[str]
    """On the console."""

    def start(self) -> None:
        self.page.locator(".player-start").click()

    def ask(self, expression: str) -> Any:
        return self.page.evaluate(
            f"(() => {{ const video = document.querySelector('video'); return {expression} }})()"
        )

    def until(self, expression: str, timeout: float = PATIENCE) -> None:
        self.page.wait_for_function(
            f"(() => {{ const video = document.querySelector('video'); return {expression} }})()",
            timeout=timeout,
            polling=_OFTEN,
        )

    def until_told(self, text: str) -> None:
        """Wait for it on the console."""
        if not any(text in told for told in self.told):
            self.page.wait_for_event("console", lambda message: text in message.text)

    def playing(self) -> None:
        self.until("!video.paused && video.currentTime > 0 && video.readyState >= 3")

    def appended(self) -> set[str]:
        """What names promise, of all that has gone into the decoder."""
        return set(self.page.evaluate("Promise.all(seen.appended)"))

    def traffic(self) -> Traffic:
        """Opens the panel when it is not open."""
        if not self.page.locator(".figures").count():
            self.open_figures()
        read = self.figures
        size = lambda name: float(read()[name].split()[0])  # noqa: E731
        return Traffic(
            size("From the site"),
            size("From other viewers"),
            size("To other viewers"),
            int(size("Viewers connected")),
        )

    def at_end(self, seconds: float, *, hurry: bool = True) -> None:
        """Wait for the film's end; in a hurry, at three times its speed from here on."""
        if hurry:
            self.ask("video.playbackRate = 3")
        self.until("seen.ended", timeout=seconds * 1000 + PATIENCE)

    def has_it_all(self) -> None:
        """Wait until the film is in the decoder, from its beginning to its end."""
        self.until("video.buffered.length === 1 && video.buffered.end(0) > video.duration - 0.5")

    def figures(self) -> dict[str, str]:
        """What the panel says, by the name of each figure."""
        self.page.locator(".figures dt").first.wait_for()
        return self.page.evaluate(
            """() => Object.fromEntries([...document.querySelector('.player').shadowRoot
            .querySelectorAll('.figures dt')].map((dt) => [dt.textContent, dt.nextElementSibling.textContent]))"""
        )

    def open_figures(self) -> None:
        self.page.locator(".player").hover()
        self.page.locator("media-settings-menu-button").click()
        self.page.locator("media-settings-menu-item.figures-item").click()


def come(browser: Browser, address: str, *scripts: str, path: str = "watch/film/", **options: Any) -> Viewer:
    """Opens a page, that of the film, in a context of its own."""
    context = browser.new_context(
        **{"viewport": {"width": 1000, "height": 800}, "locale": "en-GB", **options}
    )
    context.set_default_timeout(PATIENCE)
    for script in (_WATCH, *scripts):
        context.add_init_script(script)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(f"{address}{path}")
    return Viewer(context, page, problems, told)


class Built(NamedTuple):
    """A site with its film, its host and its mirror, and where its viewers meet."""

    host: Host
    mirror: Host
    port: int
    folder: Path


@dataclass
class Stage:
    browser: Browser
    host: Host
    mirror: Host
    meeting: Meeting
    public: Path
    folder: Path

    @property
    def copy(self) -> int:
        """Bytes of all segments."""
        return sum(path.stat().st_size for path in self.public.rglob("*.m4s"))

    def genuine(self) -> set[str]:
        """What the names of all segments and init segments promise."""
        names = [path.name for path in (*self.public.rglob("*.m4s"), *self.public.rglob("*init*.mp4"))]
        return {name.split(".")[-2] for name in names}

    def come(self, *scripts: str) -> Viewer:
        return come(self.browser, self.host.address, *scripts)

    def two(self, *scripts: str) -> tuple[Viewer, Viewer]:
        """One who has been watching for a while, and one who has just begun, with these scripts in the first."""
        first = self.come(*scripts)
        first.start()
        first.until("video.currentTime > 3")
        second = self.come()
        second.start()
        return first, second


@contextmanager
def publish(folder: Path, clip: Path, layout: str = "files") -> Iterator[Built]:
    site = folder / "site"
    (site / "public").mkdir(parents=True)
    host, mirror, port = Host(site / "public"), Host(site / "public"), free_port()
    tracker = f"ws://127.0.0.1:{port}/tracker/socket"
    build(site, clip, host.address, tracker, mirrors=(mirror.address,), layout=layout)
    yield Built(host, mirror, port, site)
    host.close()
    mirror.close()


@contextmanager
def perform(browser: Browser, built: Built) -> Iterator[Stage]:
    """Everybody is well, and nobody has come."""
    for one in (built.host, built.mirror):
        one.fault = None
        one.sent.clear()
        one.asked.clear()
    meeting = Meeting(built.port)
    meeting.open(built.folder / "public" / "federation")
    yield Stage(browser, built.host, built.mirror, meeting, built.folder / "public", built.folder)
    for context in browser.contexts:
        context.close()
    meeting.kill()
