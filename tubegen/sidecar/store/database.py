"""One way to read and write, for SQLite in the process and for a PostgreSQL server.

SQLite: a single writer thread takes whatever writes wait and commits them together, each in a savepoint of
its own, with `synchronous=FULL`: what has returned survives a power cut, and a hundred waiting requests
cost one fsync. Readers have connections of their own and see the last commit (WAL).
PostgreSQL: every write is a transaction on a pooled connection; the server groups its own commits.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from math import ceil
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tubegen.errors import DiskFull, InputError, Problem
from tubegen.sidecar.store import migrations

T = TypeVar("T")
Work = Callable[[Connection], T]

Write = tuple[Work[Any], Future[Any]]

_BATCH = 256
_READERS = 4
_CONNECTIONS = 8

PATIENCE = 5.0
"""Seconds that work waits for another process to let go: longer than a busy moment, shorter than the patience
of a server that waits for our answer."""

_TRIES = 4
_IN_EACH_OTHERS_WAY = frozenset({"40001", "40P01", "23505"})
"""What PostgreSQL tells one of two that wait for each other, or insert the same row, at the same moment:
trying again finds what the other has written."""

_SQLITE_IN_TROUBLE = tuple(
    f"SQLITE_{name}"
    for name in ("BUSY", "LOCKED", "FULL", "IOERR", "NOMEM", "READONLY", "CANTOPEN", "CORRUPT")
)
_POSTGRESQL_IN_TROUBLE = frozenset({"08", "25", "40", "53", "55", "57", "58"})
"""Classes: connection, read-only, rolled back, resources, locks, shut down, system. 54 is none: a row is too large."""


class Database:
    """Open it with `open_database`. `read` and `write` run plain functions of a connection in a thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._embedded = engine.dialect.name == "sqlite"
        self._writing = engine.execution_options(writing=True)
        self._threads = ThreadPoolExecutor(
            _READERS if self._embedded else _CONNECTIONS, thread_name_prefix="database"
        )
        self._writes: queue.SimpleQueue[Write | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_all, name="database-writer", daemon=True)
        if self._embedded:
            self._writer.start()

    async def read(self, work: Work[T]) -> T:
        """What `work` finds; it must not write."""
        return await asyncio.wrap_future(self._threads.submit(self._read, work))

    async def write(self, work: Work[T]) -> T:
        """What `work` returns, once its changes are durable. All of them are, or none.

        It may be run again, on a clean slate, when another write got in its way.
        Raises DiskFull when there is no room to remember anything, and what `work` raises.
        """
        if not self._embedded:
            return await asyncio.wrap_future(self._threads.submit(self._write, work))
        done: Future[T] = Future()
        self._writes.put((work, done))
        # A request that goes away must not take its write with it: shield it.
        return await asyncio.shield(asyncio.wrap_future(done))

    def close(self) -> None:
        """Finish what was asked for, then let go of the database."""
        if self._embedded:
            self._writes.put(None)
            self._writer.join()
        self._threads.shutdown()
        self._engine.dispose()

    def _read(self, work: Work[T]) -> T:
        with self._engine.connect() as connection:
            return work(connection)

    def _write(self, work: Work[T]) -> T:
        tries = 0
        while True:
            tries += 1
            try:
                return self._once(work)
            except DBAPIError as error:
                if tries == _TRIES or getattr(error.orig, "sqlstate", None) not in _IN_EACH_OTHERS_WAY:
                    raise _explained(error) from error

    def _once(self, work: Work[T]) -> T:
        with self._writing.begin() as connection:
            return work(connection)

    def _write_all(self) -> None:
        with self._writing.connect() as connection:  # to take one anew takes longer than many a write
            self._write_with(connection)

    def _write_with(self, connection: Connection) -> None:
        while (first := self._writes.get()) is not None:
            batch = [first]
            last = False
            while len(batch) < _BATCH and not self._writes.empty():
                if (more := self._writes.get()) is None:
                    last = True
                    break
                batch.append(more)
            self._commit(connection, batch)
            if last:
                return

    def _commit(self, connection: Connection, batch: list[Write]) -> None:
        results: list[tuple[Future[Any], Any]] = []
        under_way: Write | None = None
        try:
            with connection.begin():
                for under_way in batch:
                    work, done = under_way
                    try:
                        with _savepoint(connection):
                            results.append((done, work(connection)))
                    except OperationalError:  # it may have ended the transaction
                        raise
                    except Exception as error:  # the caller's own: it concerns this write alone
                        done.set_exception(error)
                under_way = None
        except Exception as error:  # nothing of the batch is durable
            if under_way is None and _is_busy(error):
                batch = [*batch, *self._queued()]  # they would wait as long once more
            refused = _explained(error) if isinstance(error, DBAPIError) else error
            self._refuse(connection, batch, under_way, refused)
            return
        for done, result in results:
            done.set_result(result)

    def _queued(self) -> Iterator[Write]:
        """What waits to be written, taken out of the queue."""
        while not self._writes.empty():
            if (write := self._writes.get()) is None:
                self._writes.put(None)
                return
            yield write

    def _refuse(
        self, connection: Connection, batch: list[Write], culprit: Write | None, error: Exception
    ) -> None:
        """Tell those whose writes are lost. If one write broke the transaction, the others go once more without it."""
        others: list[Write] = []
        if culprit is not None and not isinstance(error, DiskFull):
            others = [write for write in batch if write is not culprit and not write[1].done()]
            batch = [culprit]
        for _, done in batch:
            if not done.done():
                done.set_exception(error)
        if others:
            self._commit(connection, others)


def open_database(url: str, *, patience: float = PATIENCE) -> Database:
    """The database at `url`, its tables made if it is new, and migrated if an earlier tubegen made it.

    Work that another process keeps from its tables for longer than `patience` seconds is refused.
    Raises InputError when it cannot be opened or was made by a newer version.
    """
    try:
        engine = _engine(url, patience)
        migrations.prepare(engine.execution_options(writing=True))
    except (ArgumentError, DBAPIError) as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise InputError(Problem("", 0, f"the database cannot be opened: {reason}")) from error
    return Database(engine)


def _engine(url: str, patience: float) -> Engine:
    milliseconds = int(patience * 1000)
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"check_same_thread": False})
        _tune(engine, milliseconds)
        return engine
    address = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(
        address, pool_size=_CONNECTIONS, pool_pre_ping=True, connect_args={"connect_timeout": ceil(patience)}
    )

    @event.listens_for(engine, "connect")
    def connected(raw: Any, _: object) -> None:  # pyright: ignore[reportUnusedFunction]
        raw.execute(f"SET lock_timeout = {milliseconds}")
        raw.commit()

    return engine


def _tune(engine: Engine, patience: int) -> None:
    """Durable at commit, readers beside the writer, and no transaction that starts reading and then writes."""

    @event.listens_for(engine, "connect")
    def connected(raw: sqlite3.Connection, _: object) -> None:  # pyright: ignore[reportUnusedFunction]
        raw.isolation_level = None  # SQLAlchemy says BEGIN, below
        for pragma in (
            f"busy_timeout={patience}",  # first: WAL itself needs a moment alone
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            raw.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def is_passing(error: Exception) -> bool:
    """Whether a failure comes of the state that the database is in, not of what was to be written."""
    if isinstance(error, (DiskFull, PoolTimeout)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if name := getattr(error.orig, "sqlite_errorname", None):
        return str(name).startswith(_SQLITE_IN_TROUBLE)
    state = getattr(error.orig, "sqlstate", None)
    # without a state: there was no connection to ask by
    return state[:2] in _POSTGRESQL_IN_TROUBLE if state else isinstance(error, OperationalError)


def _is_busy(error: Exception) -> bool:
    """Whether SQLite has waited in vain for another process."""
    name = getattr(getattr(error, "orig", None), "sqlite_errorname", "")
    return str(name).startswith("SQLITE_BUSY")


@contextmanager
def _savepoint(connection: Connection) -> Generator[None]:
    """Undo what is done in it when it fails. Told to the driver itself: many a write takes less time than
    SQLAlchemy's own savepoint."""
    driver = cast(sqlite3.Connection, connection.connection.driver_connection)
    driver.execute("SAVEPOINT this")
    try:
        yield
    except BaseException:
        connection.exec_driver_sql("ROLLBACK TO this")
        connection.exec_driver_sql("RELEASE this")
        raise
    driver.execute("RELEASE this")


def _explained(error: DBAPIError) -> Exception:
    """DiskFull if that is what is behind an error; else the error."""
    behind: BaseException | None = error
    while behind is not None:  # when a savepoint cannot be undone any more, that is what is raised last
        words = str(behind)
        if "disk is full" in words or "No space left" in words:
            return DiskFull(Problem("", 0, "the database cannot grow: the disk is full", "make room on it"))
        behind = behind.__context__
    return error
