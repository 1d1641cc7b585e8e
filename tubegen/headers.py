"""The HTTP headers of each file of a site: one model for `_headers` files, objects in buckets and servers' settings.

Names below `media/`, `assets/` and `files/` carry a hash of their content, so they may be kept for ever (`immutable`,
RFC 8246). Everything else is asked for again.
"""

import re
from posixpath import splitext

import msgspec

FOREVER = "public, max-age=31536000, immutable"
MINUTE = "public, max-age=60"
REVALIDATE = "no-cache"

_FINAL = re.compile(r"(media|assets|files)/")
_REWRITTEN = re.compile(r"media/.*/master\.m3u8")
"""Its captions may change under the same name."""

CONTENT_TYPES = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".htm": "text/html; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4a": "audio/mp4",
    ".m4s": "video/iso.segment",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".srt": "application/x-subrip; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".vtt": "text/vtt; charset=utf-8",
    ".wasm": "application/wasm",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".zip": "application/zip",
}

_BY_NAME = {"feed.xml": "application/atom+xml", "feed.json": "application/feed+json"}


class Headers(
    msgspec.Struct, frozen=True, rename={"content_type": "Content-Type", "cache_control": "Cache-Control"}
):
    """What a host should say of one file."""

    content_type: str
    cache_control: str


def headers_of(path: str) -> Headers:
    """The headers of the file at `path`, relative to the root of the site."""
    return Headers(_content_type(path), _cache_control(path))


def is_final(path: str) -> bool:
    """Whether the content under this name never changes, because the name carries a hash of it."""
    return bool(_FINAL.match(path)) and not _REWRITTEN.match(path)


def _content_type(path: str) -> str:
    name = path.rpartition("/")[2]
    if name in _BY_NAME:
        return _BY_NAME[name]
    return CONTENT_TYPES.get(splitext(name)[1].lower(), "application/octet-stream")


def _cache_control(path: str) -> str:
    if is_final(path):
        return FOREVER
    return MINUTE if _FINAL.match(path) else REVALIDATE
