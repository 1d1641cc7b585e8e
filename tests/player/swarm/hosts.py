"""Web servers of a site and of its mirrors: they count what they send, and misbehave when told."""

from __future__ import annotations

import functools
import http.server
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Fault = Callable[[str, bytes], bytes | int | None]
"""Of the path and the file: other bytes, a status, or None to go on as if nothing were the matter."""

SILENT = 0
"""A status for hosts that take the question and never answer."""


def lying(path: str, data: bytes) -> bytes | None:
    """A segment that is not what its name promises."""
    return bytes(byte ^ 1 for byte in data) if path.endswith(".m4s") else None


@dataclass
class Host:
    root: Path
    fault: Fault | None = None
    sent: dict[str, int] = field(default_factory=dict[str, int])
    """Bytes of bodies by path."""
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Path and `Range` of each question, in the order in which they came."""
    delay: float = 0
    """Seconds before each answer: what a distant host needs."""
    server: http.server.ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        handler = functools.partial(_Handler, host=self, directory=str(self.root))
        self.server = _Server(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/"

    def media(self) -> int:
        """Bytes of segments that were sent."""
        return sum(size for path, size in self.sent.items() if path.endswith(".m4s"))

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up in the middle of a file is no error."""


class _Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".m3u8": "application/vnd.apple.mpegurl",
        ".m4s": "video/iso.segment",
        ".js": "text/javascript",
    }
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, host: Host, **options: Any) -> None:
        self.host = host
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        self.host.asked.append((self.path, self.headers.get("Range", "")))
        place = Path(self.translate_path(self.path))
        place = place / "index.html" if place.is_dir() else place
        data = place.read_bytes() if place.is_file() else b""
        time.sleep(self.host.delay)
        answer = self.host.fault(self.path, data) if self.host.fault else None
        if answer == SILENT and answer is not None:
            time.sleep(60)
            return
        status = answer if isinstance(answer, int) else 200 if place.is_file() else 404
        body = answer if isinstance(answer, bytes) else data if status == 200 else b""
        start = 0
        wanted = self.headers.get("Range", "")
        if status == 200 and wanted.startswith("bytes="):
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            start, end = int(first), min(int(last or len(body) - 1), len(body) - 1)
            status, whole, body = 206, len(body), body[start : end + 1]
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{start + len(body) - 1}/{whole}")  # pyright: ignore[reportPossiblyUnboundVariable]
        self.send_header("Content-Type", self.guess_type(place))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Access-Control-Allow-Origin", "*")
        if status < 400:
            self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(body)
        self.host.sent[self.path] = self.host.sent.get(self.path, 0) + len(body)

    def log_message(self, *args: Any) -> None: ...
