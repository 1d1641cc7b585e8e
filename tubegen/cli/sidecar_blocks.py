"""What `tubegen sidecar block`, `unblock` and `blocks` do."""

import asyncio
import csv
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
from sqlalchemy import Connection

from tubegen.cli.say import count, printable
from tubegen.errors import InputError, Problem
from tubegen.origin import normal_host
from tubegen.sidecar.store import moderation
from tubegen.sidecar.store.database import open_database

T = TypeVar("T")

_DOMAIN = "#domain"
"""Column of Mastodon's list of blocked domains."""
_COMMENT = "#public_comment"
_SEVERITY = "#severity"


def block(database: str, domain: str, comment: str) -> None:
    """Raises InputError when it is no domain."""
    name = _named(domain, "DOMAIN", 0)
    _write(database, lambda connection: moderation.block_domain(connection, name, comment))
    click.echo(f"{name} is blocked: nothing is taken from there, sent there, or shown of it.", err=True)


def unblock(database: str, domain: str) -> None:
    """Raises InputError when it is no domain."""
    name = _named(domain, "DOMAIN", 0)
    _write(database, lambda connection: moderation.unblock_domain(connection, name))
    click.echo(f"{name} is not blocked.", err=True)


def show(database: str) -> None:
    """List the blocked domains."""
    for domain, comment in _write(database, moderation.rules):
        click.echo(f"{domain}  {printable(comment)}".rstrip())


def take_over(database: str, file: Path) -> None:
    """Block what Mastodon's CSV `file` names; what it only limits is left out. Raises InputError when it is none."""
    found = _read(file)

    def work(connection: Connection) -> None:
        for domain, comment in found.items():
            moderation.block_domain(connection, domain, comment)

    _write(database, work)
    click.echo(f"{count(len(found), 'domain')} blocked.", err=True)


def _read(file: Path) -> dict[str, str]:
    """Domains and comments."""
    with file.open(newline="", encoding="utf-8-sig") as lines:
        table = csv.DictReader(lines)
        if _DOMAIN not in (table.fieldnames or ()):
            hint = "export it in Mastodon: Moderation, Federation, Export"
            raise InputError(Problem(str(file), 1, f"there is no column {_DOMAIN}", hint))
        return {
            _named(row[_DOMAIN], str(file), table.line_num): row.get(_COMMENT) or ""
            for row in table
            if row.get(_SEVERITY, "suspend") == "suspend"
        }


def _named(domain: str, where: str, line: int) -> str:
    try:
        return normal_host(domain.strip())
    except ValueError as error:
        raise InputError(
            Problem(where, line, f"cannot be '{domain}': {error}", "as in: bad.example")
        ) from None


def _write(database: str, work: Callable[[Connection], T]) -> T:
    opened = open_database(database)
    try:
        return asyncio.run(opened.write(work))
    finally:
        opened.close()
