"""One at a time, where a check and the change that hangs on it must not be parted (interop X-26)."""

from hashlib import sha256

from sqlalchemy import Connection, func, select


def hold(connection: Connection, key: str) -> None:
    """Wait until nobody else holds `key`, and hold it to the end of the transaction.

    SQLite has a single writer: there every transaction holds everything.
    """
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(sha256(key.encode()).digest()[:8], signed=True)
        connection.execute(select(func.pg_advisory_xact_lock(number)))
