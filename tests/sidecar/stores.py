"""Where tests keep what is stored: in SQLite, or in PostgreSQL while the fixture `both_stores` wants it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, text

from tubegen.sidecar.store import migrations, schema


class Cluster:
    """A PostgreSQL of our own, reached by a socket in `folder`. It makes few databases, since each takes 7 MB."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._admin = _engine(self._address("postgres")).execution_options(isolation_level="AUTOCOMMIT")
        for name in ("bare", "emptied", "shared"):
            self._do(f"create database {name}")
        self._shared = _engine(self._address("shared"))
        migrations.prepare(self._shared)
        self._emptied = _engine(self._address("emptied"))
        migrations.prepare(self._emptied)

    def bare(self) -> str:
        """The address of a database with nothing in it, the same each time: what was there is dropped."""
        self._leave("bare")
        bare = _engine(self._address("bare"))
        with bare.begin() as connection:
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
        bare.dispose()
        return self._address("bare")

    def emptied(self) -> str:
        """The address of a database with empty tables, the same each time."""
        with self._emptied.begin() as connection:
            for table in reversed(schema.metadata.sorted_tables):
                if table is not schema.meta:
                    connection.execute(table.delete())
            connection.execute(schema.meta.delete().where(schema.meta.c.key != "version"))
        return self.filled

    @property
    def filled(self) -> str:
        """The same as a test has left it."""
        return self._address("emptied")

    def connect(self) -> Connection:
        """To tables that are empty as long as nobody commits."""
        return self._shared.connect()

    def close(self) -> None:
        for engine in (self._shared, self._emptied, self._admin):
            engine.dispose()

    def _leave(self, name: str) -> None:
        """End what connections a test may have left open."""
        self._do(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")

    def _do(self, command: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(command))

    def _address(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self._folder}"


def _engine(address: str) -> Engine:
    return create_engine(address.replace("postgresql:", "postgresql+psycopg:"))


class _Chosen:
    """SQLite while there is no cluster."""

    def __init__(self) -> None:
        self.cluster: Cluster | None = None
        self.folder: Path | None = None
        self.connections: list[Connection] = []


_chosen = _Chosen()


@contextmanager
def choose(cluster: Cluster) -> Iterator[None]:
    """PostgreSQL, as long as this lasts."""
    _chosen.cluster = cluster
    try:
        yield
    finally:
        for connection in _chosen.connections:
            connection.close()
        _chosen.cluster = _chosen.folder = None
        _chosen.connections.clear()


def address_in(folder: Path) -> str:
    """Of a database that is `folder`'s own, whichever kind it is; a test uses one after the other."""
    if _chosen.cluster is None:
        return f"sqlite:///{folder / 'sidecar.db'}"
    if folder != _chosen.folder:
        _chosen.folder = folder
        return _chosen.cluster.emptied()
    return _chosen.cluster.filled


def open_empty() -> Connection:
    """To a database with empty tables, for a test that never commits."""
    if _chosen.cluster is not None:
        _chosen.connections.append(_chosen.cluster.connect())
        return _chosen.connections[-1]
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys=ON"))
    connection = engine.connect()
    schema.metadata.create_all(connection)
    return connection
