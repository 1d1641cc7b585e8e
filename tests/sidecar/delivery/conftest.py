"""The same queue on SQLite and, where Debian's PostgreSQL is installed, on a private cluster of it."""

import asyncio
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from tubegen.sidecar.store.database import Database, open_database

_BINARIES = Path("/usr/lib/postgresql")
_numbers = itertools.count()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Callable[[], str]]:
    """Makes empty databases; returns their addresses."""
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
        yield lambda: _new_database(folder)
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "-D", str(data), "stop").wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _new_database(socket: Path) -> str:
    name = f"test{next(_numbers)}"
    address = f"postgresql://postgres@/{{}}?host={socket}"
    admin = create_engine(
        address.format("postgres").replace("postgresql:", "postgresql+psycopg:"),
        isolation_level="AUTOCOMMIT",
    )
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
    admin.dispose()
    return address.format(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a database that does not exist yet, or is empty."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'sidecar.db'}"
    return request.getfixturevalue("cluster")()


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    opened = open_database(address)
    yield opened
    opened.close()


class Store:
    """A database to be asked without a loop: `store(function, arguments…)` is a transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def __call__(self, work: Callable[..., object], *args: object, **named: object) -> object:
        def transaction(connection: Connection) -> object:
            return work(connection, *args, **named)

        return asyncio.run(self._write(transaction))

    async def _write(self, work: Callable[[Connection], object]) -> object:
        return await self.database.write(work)


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)
