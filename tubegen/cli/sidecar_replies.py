"""What `tubegen sidecar hide` and `unhide` do."""

import asyncio

import click

from tubegen.errors import InputError, Problem
from tubegen.sidecar.store import replies
from tubegen.sidecar.store.database import open_database


def hide(database: str, url: str) -> None:
    """Raises InputError when no reply with that id or page is kept."""
    _judge(database, url, "hidden")
    click.echo(f"{url} is hidden.", err=True)


def unhide(database: str, url: str) -> None:
    """Raises InputError when no reply with that id or page is kept."""
    _judge(database, url, "shown")
    click.echo(f"{url} is shown.", err=True)


def _judge(database: str, url: str, verdict: replies.Verdict) -> None:
    opened = open_database(database)
    try:
        known = asyncio.run(opened.write(lambda connection: replies.judge(connection, url, verdict)))
    finally:
        opened.close()
    if not known:
        raise InputError(
            Problem("URL", 0, f"no reply is at '{url}'", "copy its address where it was written")
        )
