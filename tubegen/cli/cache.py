"""`tubegen cache`"""

import datetime as dt
import json
import sys
import time
from pathlib import Path

import click

from tubegen.assemble.cache import belongings, opened
from tubegen.assemble.pipeline import Wishes
from tubegen.cli.options import json_option, now, output_folder, site_argument
from tubegen.cli.progress import Silent
from tubegen.cli.say import count, size
from tubegen.errors import TubegenError
from tubegen.media.cache.inventory import Entry, collect, entries, fault

_DAY = 24 * 3600


@click.group("cache")
def command() -> None:
    """Look after the cache of finished work: see what is in it, remove what is not needed, check it.

    \b
    Examples:
      tubegen cache list films             what is there, and of which video
      tubegen cache gc films --dry-run     what could go
      tubegen cache verify films --deep    read every file and compare it with its name
    """


@command.command("list")
@site_argument()
@json_option()
def list_entries(site: Path, as_json: bool) -> None:
    """List what is in the cache of SITE: its kind, its size, when it was used last, and for which file.

    What belongs to no file of this site was made of files that are gone or changed, or for another site that
    shares the cache.
    """
    with opened(site) as cache, cache.in_use():
        owners = belongings(site, _wishes(site), cache, Silent())
        found = sorted(entries(cache), key=lambda entry: (owners.get(entry.key, "~"), -entry.size))
    if as_json:
        for entry in found:
            click.echo(json.dumps(_facts(entry, owners.get(entry.key, "")), ensure_ascii=False))
        return
    for entry in found:
        click.echo(_line(entry, owners.get(entry.key, "-")))
    click.echo(f"{count(len(found), 'entry', 'entries')}, {size(sum(e.size for e in found))}.", err=True)


@command.command("gc")
@site_argument()
@click.option(
    "--older-than",
    default=30,
    show_default=True,
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Keep what was used within so many days: the cache may serve other sites, too.",
)
@click.option("-n", "--dry-run", is_flag=True, help="Only tell what would go.")
def gc(site: Path, older_than: int, dry_run: bool) -> None:
    """Remove from the cache of SITE what the site does not ask for any more.

    What its videos need stays, drafts included. While a build works with the cache nothing is removed.
    """
    with opened(site) as cache, cache.alone():
        owners = belongings(site, _wishes(site), cache, Silent())
        before = time.time() - older_than * _DAY
        gone = collect(cache, owners, before, really=not dry_run)
    for entry in gone:
        click.echo(_line(entry, "-"))
    would = "Would remove" if dry_run else "Removed"
    total = size(sum(entry.size for entry in gone))
    click.echo(f"{would} {count(len(gone), 'entry', 'entries')}, {total}.", err=True)


@command.command("verify")
@site_argument()
@click.option("--deep", is_flag=True, help="Read every file that is named by its content, too.")
@click.option("--repair", is_flag=True, help="Remove what is broken: the next build makes it again.")
def verify(site: Path, deep: bool, repair: bool) -> None:
    """Check that everything in the cache of SITE is whole; say what is not, and exit with 1."""
    broken: list[tuple[str, str]] = []
    with opened(site) as cache, cache.alone() if repair else cache.in_use():
        for entry in entries(cache):
            if said := fault(cache, entry.key, deep=deep):
                broken.append((str(cache.folder(entry.key)), said))
                if repair:
                    cache.drop(entry.key)
    for place, said in broken:
        click.echo(
            f"{place}: {said}" + ("; it was removed" if repair else "; remove it with --repair"), err=True
        )
    if broken:
        sys.exit(TubegenError.exit_code)
    click.echo("Everything is whole.", err=True)


def _wishes(site: Path) -> Wishes:
    return Wishes(output=output_folder(site, None), now=now())


def _line(entry: Entry, owner: str) -> str:
    used = dt.datetime.fromtimestamp(entry.used, dt.UTC)
    return f"{entry.key[:12]}  {entry.kind:<13} {size(entry.size):>7}  {used:%Y-%m-%d}  {owner}"


def _facts(entry: Entry, owner: str) -> dict[str, object]:
    return {"key": entry.key, "kind": entry.kind, "size": entry.size, "used": entry.used, "file": owner}
