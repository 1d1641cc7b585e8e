"""`tubegen clean`"""

import contextlib
import shutil
from pathlib import Path

import click

from tubegen.assemble.pipeline import STATE
from tubegen.atomic import build_lock
from tubegen.cli.options import site_argument
from tubegen.cli.say import size
from tubegen.config import load_config
from tubegen.errors import Problems
from tubegen.media.cache.cache import PARTS


@click.command("clean")
@site_argument()
@click.option(
    "--encodes", is_flag=True, help="Remove finished encodes too: the next build encodes every video again."
)
def command(site: Path, encodes: bool) -> None:
    """Remove what can be made again from the folder SITE.

    Without --encodes only quick things go: what the development server made, remembered pages. The built
    site itself stays, and so does a cache of encodes outside of SITE, which others may use.
    """
    site = site.absolute()
    state, cache = site / STATE, _cache_folder(site)
    shared = not cache.resolve().is_relative_to(site.resolve())
    parts = [cache / name for name in PARTS if (cache / name).exists()]
    if encodes and shared and parts:
        click.echo(f"{cache} lies outside of the site: it may be shared, and is left alone.", err=True)
    going = parts if encodes and not shared else []
    staying = [part.resolve() for part in parts if part not in going]
    if not state.is_dir() and not going:
        click.echo("There is nothing to remove.", err=True)
        return
    removed = 0
    with build_lock(state / "lock"):
        for part in going:
            removed += _remove(part)
        if going:
            with contextlib.suppress(OSError):  # something else is in it, or it is a link
                cache.rmdir()
        for place in state.iterdir():
            if place.name != "lock" and not any(part.is_relative_to(place.resolve()) for part in staying):
                removed += _remove(place)
    click.echo(f"Removed {size(removed)}.", err=True)


def _cache_folder(site: Path) -> Path:
    """Raises InputError when tubegen.toml has mistakes: a misspelt `cache` must not cost the encodes."""
    problems = Problems(site)
    config = load_config(site, problems)
    problems.raise_if_any()
    return site / config.media.cache


def _remove(place: Path) -> int:
    """The bytes that went."""
    if place.is_symlink() or not place.is_dir():
        amount = place.lstat().st_size
        place.unlink()
        return amount
    amount = sum(file.lstat().st_size for file in place.rglob("*") if file.is_file())
    shutil.rmtree(place)
    return amount
