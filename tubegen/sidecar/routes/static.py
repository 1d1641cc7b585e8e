"""The built site, served from the same origin: what `--serve` is for.

It needs nothing but its folder: pages and films are answered while the catalogue is unread or the database is
away. Only what stands in the folder is given, nothing whose name begins with a dot (but `.well-known`), and
media may be fetched by pages of other servers (A-11).
"""

import asyncio
import gzip
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec
from aiohttp import web

from tubegen.sidecar.routes import negotiate

_TEXT: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".webmanifest": "application/manifest+json",
    ".xml": "application/xml; charset=utf-8",
    ".xsl": "application/xml; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".vtt": "text/vtt; charset=utf-8",
    ".m3u8": "application/vnd.apple.mpegurl",
}
"""What is worth compressing."""

_MEDIA: Mapping[str, str] = {
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".webm": "video/webm",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/vnd.microsoft.icon",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
}

_LONGEST = 2_000_000
"""Bytes of a text that is compressed in memory; above, it goes as it is."""
_KEPT = 16_000_000
"""Bytes of compressed texts that are kept for the next who asks."""

_HASHED = re.compile(
    r".+\.([A-Za-z0-9_-]{22}|[0-9a-f]{16})\.[a-z0-9]+"  # a rendition, a picture; an author's file
    r"|[a-z]+-[A-Z0-9]{8}\.js"  # a part of the player
    r"|segments-sha256\.json"  # in the folder of one encode
)
"""Names that tell their content, and never get another one."""
_FOREVER = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=60"

_SHARED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Length, Content-Range, Accept-Ranges, ETag",
    "X-Content-Type-Options": "nosniff",
}

Alternate = Callable[[str], Awaitable[str | None]]
"""Path of a page → id of the object or actor that it shows."""


class _File(msgspec.Struct, frozen=True):
    path: Path
    size: int
    stamp: int
    """Nanoseconds since 1970."""

    @property
    def headers(self) -> dict[str, str]:
        kind = _TEXT.get(self.path.suffix) or _MEDIA.get(self.path.suffix, "application/octet-stream")
        keep = _FOREVER if _HASHED.fullmatch(self.path.name) else _SHORT
        return {**_SHARED, "Content-Type": kind, "Cache-Control": keep}


class Static:
    """Answers GET and HEAD from `folder`."""

    def __init__(self, folder: Path, alternate: Alternate) -> None:
        self._folder = folder.resolve()
        self._alternate = alternate
        self._compressed: OrderedDict[tuple[Path, int, int], bytes] = OrderedDict()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        # a page asked for by its ActivityPub form: some servers look for that only there (R9, D-41)
        if negotiate.wants(request).activity and (found := await self._alternate(f"/{path}")):
            return negotiate.see(found)
        place = await asyncio.to_thread(self._find, path)
        if isinstance(place, _File):
            return await self._give(request, place, 200)
        if place == "folder":
            return _moved(request)
        missing = await asyncio.to_thread(self._find, "404.html")
        if isinstance(missing, _File):
            return await self._give(request, missing, 404)
        return web.Response(status=404, text="There is no such page.\n", headers=_SHARED)

    def _find(self, path: str) -> "_File | str":
        """The file; "folder" where the address lacks its slash at the end; "" where nothing is."""
        parts = path.split("/")
        if any(part.startswith(".") for part in parts if part != ".well-known") or "\0" in path:
            return ""
        try:
            place = (self._folder / path.lstrip("/")).resolve()
            if not place.is_relative_to(self._folder):
                return ""
            if place.is_dir():
                if path and not path.endswith("/"):
                    return "folder"
                place /= "index.html"
                if not place.resolve().is_relative_to(self._folder):
                    return ""
            elif path.endswith("/"):
                return ""
            if not place.is_file():
                return ""
            found = place.stat()
        except (OSError, ValueError):  # a name too long, or no name at all
            return ""
        return _File(place, found.st_size, found.st_mtime_ns)

    async def _give(self, request: web.Request, file: _File, status: int) -> web.StreamResponse:
        text = file.path.suffix in _TEXT and file.size <= _LONGEST
        if not text or (status == 200 and "Range" in request.headers):
            response = web.FileResponse(file.path, status=status, headers=file.headers)
            if text:
                response.headers["Vary"] = "Accept-Encoding, Accept"
            return response
        return await self._give_text(request, file, status)

    async def _give_text(self, request: web.Request, file: _File, status: int) -> web.Response:
        zipped = _takes_gzip(request)
        tag = f"{file.stamp:x}-{file.size:x}" + ("-gz" if zipped else "")
        headers = {**file.headers, "ETag": f'"{tag}"', "Vary": "Accept-Encoding, Accept"}
        if not zipped:
            headers["Accept-Ranges"] = "bytes"
        if status == 200 and negotiate.knows(request, tag):
            return web.Response(status=304, headers=headers)
        if zipped:
            headers["Content-Encoding"] = "gzip"
        read = self._zipped if zipped else _plain
        content = await asyncio.to_thread(read, file)
        return web.Response(body=content, status=status, headers=headers)

    def _zipped(self, file: _File) -> bytes:
        key = (file.path, file.stamp, file.size)
        if known := self._compressed.pop(key, None):
            self._compressed[key] = known  # the last one asked for goes last
            return known
        content = gzip.compress(file.path.read_bytes(), 6, mtime=0)
        self._compressed[key] = content
        while sum(map(len, self._compressed.values())) > _KEPT:
            self._compressed.popitem(last=False)
        return content


def _plain(file: _File) -> bytes:
    return file.path.read_bytes()


def _moved(request: web.Request) -> web.Response:
    query = f"?{request.query_string}" if request.query_string else ""
    # two slashes at the start would name another server
    place = "/" + request.rel_url.raw_path.strip("/") + "/"
    return web.Response(status=301, headers={**_SHARED, "Location": place + query, "Cache-Control": _SHORT})


def _takes_gzip(request: web.Request) -> bool:
    for part in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _, quality = part.partition(";")
        if name.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
