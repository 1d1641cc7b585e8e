"""Instants as documents carry them."""

from datetime import UTC, datetime


def stamp(seconds: float) -> str:
    """Seconds since 1970 as RFC 3339 in UTC, down to the second: `2026-11-22T08:07:38Z`.

    No fractions: not every server reads them.
    """
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
