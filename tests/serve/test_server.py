"""What a browser gets from the server of one person."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer

from tests.serve.loop import in_a_loop
from tubegen.serve.server import Reload, application, run

PAGE = "<!doctype html><title>x</title><body><p>Tide</p></body>"
Client = TestClient  # type: ignore[type-arg]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site, and beside it what must not be served."""
    (tmp_path / "secret.txt").write_text("secret")
    site = tmp_path / "site"
    (site / "watch/été 1").mkdir(parents=True)
    (site / "index.html").write_text(PAGE)
    (site / "watch/été 1/index.html").write_text(PAGE)
    (site / "404.html").write_text("<body>Not here</body>")
    (site / "film.m4s").write_bytes(bytes(range(100)))
    (site / "link.txt").symlink_to(tmp_path / "secret.txt")
    (site / "out").symlink_to(tmp_path)
    for name in ("list.m3u8", "film.mp4", "de.vtt", "app.js"):
        (site / name).write_text("x")
    return site


def visit(folder: Path, look: Callable[[Client], Awaitable[None]], *, reload: Reload | None = None) -> None:
    async def go() -> None:
        async with TestClient(TestServer(application(folder, reload))) as client:
            await look(client)

    in_a_loop(go())


@pytest.mark.parametrize(
    ("wanted", "first", "last"), [("10-19", 10, 19), ("90-", 90, 99), ("-5", 95, 99), ("90-500", 90, 99)]
)
def test_a_range(folder: Path, wanted: str, first: int, last: int) -> None:
    async def look(client: Client) -> None:
        answer = await client.get("/film.m4s", headers={"Range": f"bytes={wanted}"})
        assert answer.status == 206
        assert answer.headers["Content-Range"] == f"bytes {first}-{last}/100"
        assert await answer.read() == bytes(range(first, last + 1))

    visit(folder, look)


def test_a_range_behind_the_end(folder: Path) -> None:
    async def look(client: Client) -> None:
        answer = await client.get("/film.m4s", headers={"Range": "bytes=100-"})
        assert answer.status == 416
        assert answer.headers["Content-Range"] == "bytes */100"

    visit(folder, look)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("list.m3u8", "application/vnd.apple.mpegurl"),
        ("film.m4s", "video/iso.segment"),
        ("film.mp4", "video/mp4"),
        ("de.vtt", "text/vtt; charset=utf-8"),
        ("app.js", "text/javascript; charset=utf-8"),
        ("", "text/html; charset=utf-8"),
    ],
)
def test_content_types(folder: Path, name: str, kind: str) -> None:
    async def look(client: Client) -> None:
        answer = await client.get(f"/{name}")
        assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    visit(folder, look)


def test_a_folder_without_slash_is_redirected(folder: Path) -> None:
    async def look(client: Client) -> None:
        answer = await client.get("/watch/été 1", allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (301, "/watch/%C3%A9t%C3%A9%201/")
        assert await (await client.get("/watch/été 1")).text() == PAGE

    visit(folder, look)


@pytest.mark.parametrize("path", ["/nowhere", "/nowhere/", "/index.html/x", "/watch/"])
def test_what_is_not_there(folder: Path, path: str) -> None:
    async def look(client: Client) -> None:
        answer = await client.get(path)
        assert (answer.status, await answer.text()) == (404, "<body>Not here</body>")
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"

    visit(folder, look)


def test_a_site_without_a_page_for_it(folder: Path) -> None:
    (folder / "404.html").unlink()

    async def look(client: Client) -> None:
        assert (await client.get("/nowhere")).status == 404

    visit(folder, look)


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/watch/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/..%5csecret.txt",
        "//secret.txt",
        "{parent}/secret.txt",
        "/{parent}/secret.txt",
        "/link.txt",
        "/out/secret.txt",
        "/out",
        "/x%00/../../secret.txt",
    ],
)
def test_nothing_outside_is_served(folder: Path, path: str) -> None:
    """Sent as it stands: a client would tidy the path."""

    async def look(client: Client) -> None:
        reader, writer = await asyncio.open_connection(client.host, client.port)
        wanted = path.format(parent=folder.parent)
        writer.write(f"GET {wanted} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        assert answer.split()[1] in (b"400", b"403", b"404")
        assert not answer.endswith(b"secret")

    visit(folder, look)


def test_pages_reload_only_where_they_are_live(folder: Path) -> None:
    async def plain(client: Client) -> None:
        assert await (await client.get("/")).text() == PAGE
        assert (await client.get("/_tubegen/reload")).status == 404

    async def live(client: Client) -> None:
        for path in ("/", "/nowhere"):
            text = await (await client.get(path)).text()
            assert "new EventSource('/_tubegen/reload')" in text
            assert text.endswith("</script></body>")
        assert await (await client.get("/app.js")).text() == "x"

    visit(folder, plain)
    visit(folder, live, reload=Reload())


def test_open_pages_are_told(folder: Path) -> None:
    reload = Reload()

    async def look(client: Client) -> None:
        async with client.get("/_tubegen/reload") as events:
            assert events.headers["Content-Type"] == "text/event-stream"
            assert await events.content.readuntil(b"\n\n") == b": connected\n\n"
            reload.tell()
            message = await asyncio.wait_for(events.content.readuntil(b"\n\n"), 5)
            assert message == b"data: changed\n\n"

    visit(folder, look, reload=reload)


def test_the_next_free_port(folder: Path) -> None:
    async def look() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            runner, other = await run(application(folder), "127.0.0.1", port)
            try:
                assert port < other < port + 20
                async with ClientSession() as client, client.get(f"http://127.0.0.1:{other}/") as answer:
                    assert answer.status == 200
            finally:
                await runner.cleanup()

    in_a_loop(look())
