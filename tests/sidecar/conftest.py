"""The same tests on SQLite and, where Debian's PostgreSQL is installed, on a private cluster of it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.sidecar.stores import Cluster, choose

_BINARIES = Path("/usr/lib/postgresql")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Started for the first test that asks for it; those skip where it cannot be."""
    found = sorted(_BINARIES.glob("*/bin/postgres"))
    if not found:
        pytest.skip("PostgreSQL is not installed")
    if os.getuid():
        pytest.skip("only root can start a cluster as another user")
    user = pwd.getpwnam("postgres")
    folder = Path(tempfile.mkdtemp(prefix="tubegen-pg-"))
    os.chown(folder, user.pw_uid, user.pw_gid)
    binaries, data = found[-1].parent, folder / "data"

    def run(*command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(binaries / command[0]), *command[1:]],
            user="postgres",
            group="postgres",
            extra_groups=[],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    assert run("initdb", "-D", str(data), "-A", "trust", "-N", "--locale=C", "-E", "UTF8").wait(60) == 0
    quick = ("-c", "listen_addresses=", "-c", "fsync=off", "-c", f"unix_socket_directories={folder}")
    start = ("pg_ctl", "-w", "-D", str(data), "-o", " ".join(quick), "-l", str(folder / "log"))
    assert run(*start, "start").wait(60) == 0
    try:
        here = Cluster(folder)
        yield here
        here.close()
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "-D", str(data), "stop").wait(60)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def both_stores(request: pytest.FixtureRequest) -> Iterator[None]:
    """What `stores` hands out is of each kind in turn."""
    kind: str = request.param
    with choose(request.getfixturevalue("cluster")) if kind == "postgresql" else nullcontext():
        yield


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a database that does not exist yet, or is empty; of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'sidecar.db'}"
    here: Cluster = request.getfixturevalue("cluster")
    return here.bare()
