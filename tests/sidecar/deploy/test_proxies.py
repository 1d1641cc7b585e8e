"""The configurations in docs/deploy, run by the real servers before a stand-in for the sidecar."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

DOCS = Path(__file__).parents[3] / "docs" / "deploy"
NAME = "films.example"
POST_TYPE = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked, so that a test sees what came through."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Upgrade") == "websocket":
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            return
        lines = [f"{self.command} {self.path}", *(f"{name}: {value}" for name, value in self.headers.items())]
        data = "\n".join(lines).encode() + b"\n\n" + body
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer  # noqa: N815

    def log_message(self, *args: object) -> None:
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("public")
    root.chmod(0o755)
    for parent in root.parents[:2]:
        parent.chmod(0o755)  # the servers' workers are another user
    for path, text in {
        "index.html": "home",
        "404.html": "not here",
        "watch/tide/index.html": "the page",
        "media/u/h/master.m3u8": "#EXTM3U",
        "media/u/h/720p-0001.x.m4s": "0123456789",
        "media/u/h/en.vtt": "WEBVTT",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


@pytest.fixture(scope="module")
def sidecar() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


def nginx(folder: Path, public: Path, sidecar: int, port: int) -> list[str]:
    conf = (DOCS / "nginx.conf").read_text()
    for ours, theirs in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "127.0.0.1:8080": f"127.0.0.1:{sidecar}",
        "/srv/films/public": str(public),
        f"/etc/letsencrypt/live/{NAME}/fullchain.pem": str(folder / "cert.pem"),
        f"/etc/letsencrypt/live/{NAME}/privkey.pem": str(folder / "key.pem"),
    }.items():
        assert ours in conf
        conf = conf.replace(ours, theirs)
    (folder / "films.conf").write_text(conf)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ include /etc/nginx/mime.types; access_log off; {temporary} include films.conf; }}\n"
    )
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, public: Path, sidecar: int, port: int) -> list[str]:
    conf = (DOCS / "Caddyfile").read_text()
    for ours, theirs in {
        f"{NAME} {{\n": f"https://{NAME}:{port} {{\n\ttls {folder}/cert.pem {folder}/key.pem\n",
        "/srv/films/public\n": f"{public}\n",
        "127.0.0.1:8080": f"127.0.0.1:{sidecar}",
    }.items():
        assert ours in conf
        conf = conf.replace(ours, theirs)
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + conf)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


Ask = Callable[..., tuple[int, dict[str, str], str]]


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def ask(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, public: Path, sidecar: int
) -> Iterator[Ask]:
    """Ask the proxy for a path: status, headers with lower-case names, body."""
    program = request.param
    if not shutil.which(program.__name__):
        pytest.skip(f"{program.__name__} is not installed")
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    authority = trustme.CA()
    certificate = authority.issue_cert(NAME)
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(folder / "cert.pem", append=True)
    home = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "output").open("w") as output:
        running = subprocess.Popen(
            program(folder, public, sidecar, port), env=home, stdout=output, stderr=output
        )
    trust = ssl.create_default_context()
    authority.configure_trust(trust)

    def get(path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], str]:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
            trust.wrap_socket(plain, server_hostname=NAME) as connection,
        ):
            head = [f"{'POST' if body is not None else 'GET'} {path} HTTP/1.1", f"Host: {NAME}"]
            head += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
            if body is not None:
                head.append(f"Content-Length: {len(body)}")
            if "Upgrade" not in headers:
                head.append("Connection: close")
            connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + (body or b""))
            data = b""
            while chunk := connection.recv(65536):
                data += chunk
                if "Upgrade" in headers:
                    break
        top, _, rest = data.partition(b"\r\n\r\n")
        status, *lines = top.decode().split("\r\n")
        fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        return int(status.split()[1]), fields, rest.decode()

    _await_answer(get, running, folder / "output")
    yield get
    running.terminate()
    running.wait(10)


def _await_answer(get: Ask, running: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            get("/")
        except OSError:
            assert running.poll() is None, output.read_text()
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.05)  # nothing tells when a foreign program listens
        else:
            return


def test_a_signed_post_reaches_the_sidecar_as_it_was_sent(ask: Ask) -> None:
    status, _, seen = ask(
        "/ap/inbox",
        b'{"type":"Follow"}',
        Date="Sun, 22 Nov 2026 12:00:00 GMT",
        Digest="SHA-256=abc",
        Signature='keyId="https://a.example/u#main-key",headers="(request-target) host"',
        Content_Type=POST_TYPE,
    )
    assert status == 200
    assert seen.startswith("POST /ap/inbox\n")
    for line in (
        f"Host: {NAME}",
        "Digest: SHA-256=abc",
        "Date: Sun, 22 Nov 2026 12:00:00 GMT",
        'Signature: keyId="https://a.example/u#main-key",headers="(request-target) host"',
        f"Content-Type: {POST_TYPE}",
    ):
        assert line.lower() in seen.lower()
    assert seen.endswith('{"type":"Follow"}')


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/webfinger?resource=acct:films@films.example",
        "/.well-known/nodeinfo",
        "/.well-known/host-meta",
        "/nodeinfo/2.1",
        "/ap/u/films",
        "/tracker/socket",
    ],
)
def test_what_is_the_sidecars_goes_there_with_its_query(ask: Ask, path: str) -> None:
    """D-30"""
    status, _, seen = ask(path, Accept="application/activity+json")
    assert status == 200
    assert seen.startswith(f"GET {path}\n")


def test_the_tracker_can_speak_websocket(ask: Ask) -> None:
    """R12"""
    status, headers, _ = ask(
        "/tracker/socket",
        Upgrade="websocket",
        Connection="Upgrade",
        Sec_WebSocket_Version="13",
        Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==",
    )
    assert status == 101
    assert headers["upgrade"] == "websocket"


@pytest.mark.parametrize("accept", ["application/activity+json", POST_TYPE])
def test_a_pasted_address_is_led_to_the_post(ask: Ask, accept: str) -> None:
    status, _, seen = ask("/watch/tide/", Accept=accept)
    assert status == 200
    assert seen.startswith("GET /watch/tide/\n")


def test_people_get_the_page(ask: Ask) -> None:
    status, headers, body = ask("/watch/tide/", Accept="text/html,*/*;q=0.8")
    assert (status, body) == (200, "the page")
    assert "accept" in headers["vary"].lower()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("master.m3u8", "application/vnd.apple.mpegurl"),
        ("720p-0001.x.m4s", "video/iso.segment"),
        ("en.vtt", "text/vtt"),
    ],
)
def test_media_has_its_type_and_may_be_read_from_other_sites(ask: Ask, name: str, kind: str) -> None:
    status, headers, _ = ask(f"/media/u/h/{name}")
    assert status == 200
    assert headers["content-type"].startswith(kind)
    assert headers["access-control-allow-origin"] == "*"


def test_media_can_be_read_in_parts(ask: Ask) -> None:
    status, headers, body = ask("/media/u/h/720p-0001.x.m4s", Range="bytes=2-4")
    assert (status, body) == (206, "234")
    assert headers["content-range"] == "bytes 2-4/10"


def test_what_is_not_there_gets_the_sites_own_page(ask: Ask) -> None:
    for path in ("/nothing", "/watch/nothing/", "/media/nothing.m4s"):
        status, _, body = ask(path)
        assert (status, body) == (404, "not here")
