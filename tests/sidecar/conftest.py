"""The same tests on SQLite and, where PostgreSQL is installed, on a private cluster of it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.sidecar.stores import Cluster, choose


def _binaries() -> Path | None:
    """The folder of PostgreSQL's programs: the newest of Debian's or Homebrew's, or the one on the PATH."""
    for folder, pattern in (("/usr/lib/postgresql", "*"), ("/opt/homebrew/opt", "postgresql@*")):
        if found := sorted(Path(folder).glob(f"{pattern}/bin/initdb")):
            return found[-1].parent
    program = shutil.which("initdb")
    return Path(program).resolve().parent if program else None


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Started for the first test that asks for it; those skip where it cannot be."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="tubegen-pg-"))
    data = folder / "data"
    as_user: dict[str, Any] = {}
    if os.getuid() == 0:  # whom PostgreSQL refuses
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}

    def run(*command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(binaries / command[0]), *command[1:]],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_user,
        )

    assert (
        run(
            "initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-N", "--locale=C", "-E", "UTF8"
        ).wait(60)
        == 0
    )
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
