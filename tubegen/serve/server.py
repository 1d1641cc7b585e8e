"""A static web server for one person: byte ranges, the right types, live reload. Not for the internet."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt; charset=utf-8",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
}
_RELOAD_PATH = "/_tubegen/reload"
_RELOAD_SCRIPT = (
    b"<script>{const s=new EventSource('" + _RELOAD_PATH.encode() + b"');"
    b"s.onmessage=()=>location.reload();addEventListener('pagehide',()=>s.close())}</script>"
)


class Reload:
    """Open pages that wait to be told of a change."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Queue[None]] = set()

    def tell(self) -> None:
        for queue in self._waiting:
            queue.put_nowait(None)

    async def listen(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events (HTML §9.2): a message at each change."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        await response.write(b": connected\n\n")
        queue: asyncio.Queue[None] = asyncio.Queue()
        self._waiting.add(queue)
        try:
            while True:
                await queue.get()
                await response.write(b"data: changed\n\n")
        except (ConnectionResetError, asyncio.CancelledError):
            return response
        finally:
            self._waiting.discard(queue)


def application(folder: Path, reload: Reload | None = None) -> web.Application:
    """An application that serves `folder`; with `reload`, pages are told of changes."""
    app = web.Application(middlewares=[_no_surprises])
    if reload is not None:
        app.router.add_get(_RELOAD_PATH, reload.listen)

    async def serve(request: web.Request) -> web.StreamResponse:
        return _answer(folder.resolve(), request, live=reload is not None)

    app.router.add_get("/{path:.*}", serve)
    return app


async def run(app: web.Application, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Start to serve; gives the runner, to be cleaned up, and the port: the next free one when `port` is taken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    for candidate in range(port, port + 20):
        try:
            await web.TCPSite(runner, host, candidate).start()
        except OSError:
            if candidate == port + 19:
                raise
        else:
            return runner, candidate
    raise AssertionError("unreachable")


@web.middleware
async def _no_surprises(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    response = await handler(request)
    if not response.prepared:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cache-Control", "no-cache")
        response.headers.setdefault("Access-Control-Allow-Origin", "*")
    return response


def _answer(folder: Path, request: web.Request, *, live: bool) -> web.StreamResponse:
    try:
        place = (folder / request.match_info["path"]).resolve()
    except (OSError, ValueError):
        raise web.HTTPBadRequest from None
    if not place.is_relative_to(folder):
        raise web.HTTPNotFound
    if place.is_dir():
        if not request.path.endswith("/"):
            raise web.HTTPMovedPermanently(f"{request.path}/")
        place /= "index.html"
    if not place.is_file():
        missing = folder / "404.html"
        if not missing.is_file():
            raise web.HTTPNotFound
        return _page(missing, live=live, status=404)
    if place.suffix == ".html":
        return _page(place, live=live)
    headers = {"Content-Type": TYPES[place.suffix]} if place.suffix in TYPES else {}
    return web.FileResponse(place, headers=headers)


def _page(file: Path, *, live: bool, status: int = 200) -> web.Response:
    body = file.read_bytes()
    if live:
        body = body.replace(b"</body>", _RELOAD_SCRIPT + b"</body>", 1)
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8")
