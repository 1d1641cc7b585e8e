"""`tubegen check URL`: every fault of a host is found, and said with what mends it."""

import asyncio
import base64
import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from tubegen.deploy.probe import Finding, probe

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Change = Callable[[web.Request, web.Response], web.Response | None]

TYPES = {
    "m3u8": "application/vnd.apple.mpegurl",
    "m4s": "video/iso.segment",
    "mp4": "video/mp4",
    "vtt": "text/vtt",
    "html": "text/html",
}


def name_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()[:16]).rstrip(b"=").decode()


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """The files of a site with one video, named as a build names them."""
    folder = tmp_path / "public"
    media = folder / "media/video/0123456789abcdef"
    media.mkdir(parents=True)
    (folder / "watch/tide").mkdir(parents=True)
    parts = []
    for n in range(8):
        data = f"segment {n}".encode() * 100
        parts.append(f"240p-{n}.{name_of(data)}.m4s")
        (media / parts[-1]).write_bytes(data)
    (media / "240p.m3u8").write_text("#EXTM3U\n" + "\n".join(parts))
    (media / "master.m3u8").write_text("#EXTM3U\n240p.m3u8\n")
    (media / "video-240p.mp4").write_bytes(bytes(range(256)) * 20)
    (media / "captions-en.x.vtt").write_text("WEBVTT\n")
    at = "../../media/video/0123456789abcdef"
    (folder / "watch/tide/index.html").write_text(
        f'<video src="{at}/video-240p.mp4"><track src="{at}/captions-en.x.vtt">'
        f'<div data-video="{{&#34;master&#34;:&#34;{at}/master.m3u8&#34;}}"></div>'
    )
    (folder / "index.html").write_text('<a href="watch/tide/">The tide</a>')
    return folder


def good(public: Path) -> Handler:
    """A host that does everything right."""

    async def answer(request: web.Request) -> web.Response:
        path = public / request.path.lstrip("/")
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            return web.Response(status=404)
        body, status = path.read_bytes(), 200
        headers = {
            "Access-Control-Allow-Origin": "*",
            "Content-Type": TYPES[path.suffix[1:]],
            "Server": "nginx",
        }
        final = path.suffix in (".m4s", ".mp4")
        headers["Cache-Control"] = "public, max-age=31536000, immutable" if final else "no-cache"
        if (wanted := request.http_range).start is not None:
            headers["Content-Range"] = f"bytes {wanted.start}-{(wanted.stop or len(body)) - 1}/{len(body)}"
            body, status = body[wanted], 206
        return web.Response(body=body, status=status, headers=headers)

    return answer


def findings(
    handler: Handler, *, deep: bool = False, clock: Callable[[], float] = time.time
) -> list[Finding]:
    async def look() -> list[Finding]:
        app = web.Application()
        app.router.add_get("/{path:.*}", handler)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        try:
            return [finding async for finding in probe(f"http://127.0.0.1:{port}/", deep=deep, clock=clock)]
        finally:
            await runner.cleanup()

    return asyncio.run(look())


def changed(public: Path, change: Change) -> Handler:
    """A host that does everything right but for `change`, which may return another answer."""

    async def answer(request: web.Request) -> web.StreamResponse:
        right = await good(public)(request)
        assert isinstance(right, web.Response)
        return change(request, right) or right

    return answer


def test_nothing_is_said_against_a_host_that_does_everything_right(public: Path) -> None:
    found = findings(good(public), deep=True)
    assert [finding for finding in found if finding.grade != "good"] == []
    assert "8 segments are what their names say" in {finding.text for finding in found}


def header(suffix: str, name: str, value: str | None) -> Change:
    def change(request: web.Request, answer: web.Response) -> None:
        if request.path.endswith(suffix):
            answer.headers.pop(name, None)
            if value is not None:
                answer.headers[name] = value

    return change


def no_ranges(request: web.Request, answer: web.Response) -> web.Response | None:
    return web.Response(body=b"x" * 5120, headers=answer.headers) if answer.status == 206 else None


def wrong_total(request: web.Request, answer: web.Response) -> None:
    if answer.status == 206:
        answer.headers["Content-Range"] = "bytes 0-99/9999"


def home_for_all(request: web.Request, answer: web.Response) -> web.Response | None:
    return web.Response(text="<html>", content_type="text/html") if answer.status == 404 else None


def pointer(request: web.Request, answer: web.Response) -> web.Response | None:
    text = b"version https://git-lfs.github.com/spec/v1\n"
    return web.Response(body=text, headers=answer.headers) if request.path.endswith(".mp4") else None


def origin_only(request: web.Request, answer: web.Response) -> None:
    if "Origin" not in request.headers:
        answer.headers.pop("Access-Control-Allow-Origin", None)


def minified(request: web.Request, answer: web.Response) -> web.Response | None:
    return web.Response(body=b"smaller", headers=answer.headers) if request.path.endswith(".m4s") else None


def lost(request: web.Request, answer: web.Response) -> web.Response | None:
    return web.Response(status=404) if request.path.endswith("master.m3u8") else None


@pytest.mark.parametrize(
    ("change", "grade", "text", "hint"),
    [
        (
            header(".m3u8", "Content-Type", "text/plain"),
            "bad",
            "is called text/plain",
            "types { application/vnd.apple",
        ),
        (
            header(".vtt", "Content-Type", "application/octet-stream"),
            "bad",
            "is called application/octet",
            "text/vtt vtt",
        ),
        (no_ranges, "weak", "ranges are answered with 200", '[media] segments = "files"'),
        (wrong_total, "bad", "Content-Range says 9999 bytes, but", ""),
        (header(".mp4", "Content-Encoding", "gzip"), "bad", "come compressed", "never compress video"),
        (
            header("", "Access-Control-Allow-Origin", None),
            "bad",
            "closed to pages of other hosts",
            "add_header",
        ),
        (origin_only, "weak", "a cache will answer wrongly", 'Access-Control-Allow-Origin "*"'),
        (home_for_all, "bad", "does not exist is answered with 200", "single-page apps"),
        (header(".m4s", "Cache-Control", "no-cache"), "weak", "not kept by caches", "immutable"),
        (header("master.m3u8", "Cache-Control", "max-age=864000"), "bad", "is kept for 10 days", "no-cache"),
        (pointer, "bad", "is a pointer of Git LFS", "git lfs pull"),
        (minified, "bad", "is not what its name says", "minifying"),
        (lost, "bad", "master.m3u8 answers 404", "deploy again"),
    ],
)
def test_a_fault_is_found_and_said_with_what_mends_it(
    public: Path, change: Change, grade: str, text: str, hint: str
) -> None:
    faults = [finding for finding in findings(changed(public, change)) if finding.grade != "good"]
    assert any(f.grade == grade and text in f.text and hint in f.hint for f in faults), faults


def test_a_clock_that_is_off_by_an_hour_is_said(public: Path) -> None:
    found = findings(good(public), clock=lambda: time.time() + 3600)
    assert "the host's clock and this machine's differ by 60 minutes" in {finding.text for finding in found}


def test_what_is_no_site_is_said(tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    (tmp_path / "public/index.html").write_text("Hello")
    assert [f.text for f in findings(good(tmp_path / "public")) if "names no video: is it a site" in f.text]


@pytest.fixture
def caddy(public: Path) -> "AsyncIterator[str]":
    """A Caddy that serves the files without a word of configuration."""
    assert shutil.which("caddy"), "scripts/need caddy"
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["caddy", "file-server", "--root", str(public), "--listen", f"127.0.0.1:{port}"],
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)  # there is no event to await
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.kill()
        server.wait()


def test_the_command_says_what_to_write_for_the_server_that_answered(caddy: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tubegen", "check", caddy, "--json"], capture_output=True, text=True
    )
    assert done.returncode == 2
    found = {(f["grade"], f["hint"]) for f in map(json.loads, done.stdout.splitlines())}
    assert ("bad", 'header /media/* Access-Control-Allow-Origin "*"') in found
    plain = subprocess.run([sys.executable, "-m", "tubegen", "check", caddy], capture_output=True, text=True)
    assert "BAD " in plain.stdout
    assert "ok    ranges are right" in plain.stdout
