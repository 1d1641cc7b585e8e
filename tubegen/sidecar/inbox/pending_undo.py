"""Undos and what they undo pass each other on the way: retries come late and out of order (peers 5.1).

An id may be used again for a new Follow or Like, so what is undone by its own id always counts; remembered is only
what must not be undone by a likeness, and for a short while what was undone before it came.
"""

from sqlalchemy import Connection

from tubegen.sidecar.store import processed

EARLY = 600.0
"""Seconds for which an Undo that found nothing keeps what it names from coming."""


def done(connection: Connection, actor: str, uri: str, now: float) -> None:
    """The activity `uri` was undone: a retry of its Undo must not end the next one like it."""
    processed.first_time(connection, processed.fingerprint("undone", actor, uri), now)


def is_done(connection: Connection, actor: str, uri: str) -> bool:
    return processed.seen(connection, processed.fingerprint("undone", actor, uri))


def early(connection: Connection, actor: str, uri: str, now: float) -> None:
    """An Undo found nothing to undo."""
    processed.note(connection, processed.fingerprint("early", actor, uri), now)


def is_early(connection: Connection, actor: str, uri: str, now: float) -> bool:
    """Whether `uri` was undone just before it came."""
    return processed.seen(connection, processed.fingerprint("early", actor, uri), since=now - EARLY)
