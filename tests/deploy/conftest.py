"""Hosts to deploy to, all of them real: a folder, SeaweedFS as an S3 server, an SSH server with SFTP."""

import asyncio
import datetime as dt
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncssh
import pytest

from tests.deploy.seaweed import KEY, SECRET, s3_server
from tubegen.config import TargetConfig
from tubegen.deploy.files import HashCache, SiteFile, site_files
from tubegen.deploy.targets import Target
from tubegen.deploy.targets.factory import open_target

UUID = "7ceae54e-ec97-4eee-9c4f-8c0265f6762f"


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running S3 server with a bucket `films`."""
    with s3_server(tmp_path_factory.mktemp("seaweed")) as endpoint:
        yield endpoint


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
