"""One at a time, where a check and the change that hangs on it must not be parted (interop X-26)."""

from hashlib import sha256

from sqlalchemy import Connection, func, select


def hold(connection: Connection, key: str) -> None:
    """Wait until nobody else holds `key`, and hold it to the end of the transaction.

    SQLite has a single writer: there every transaction holds everything.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_number(key))))


def take(connection: Connection, key: str) -> bool:
    """As `hold`, but without waiting. Whether it is held now."""
    if connection.dialect.name != "postgresql":
        return True
    return connection.execute(select(func.pg_try_advisory_xact_lock(_number(key)))).scalar_one()


def _number(key: str) -> int:
    return int.from_bytes(sha256(key.encode()).digest()[:8], signed=True)
