"""`tubegen clean`"""

import shutil
from pathlib import Path

import click

from tubegen.build.files import locked
from tubegen.build.pipeline import STATE
from tubegen.cli.options import site_argument
from tubegen.cli.say import size


@click.command("clean")
@site_argument()
@click.option(
    "--encodes", is_flag=True, help="Remove finished encodes too: the next build encodes every video again."
)
def command(site: Path, encodes: bool) -> None:
    """Remove what can be made again from the folder SITE.

    Without --encodes only quick things go: what the development server made, remembered pages. The built
    site itself stays.
    """
    state = site.absolute() / STATE
    if not state.is_dir():
        click.echo("There is nothing to remove.", err=True)
        return
    before = _bytes(state)
    with locked(state / "lock"):
        for place in state.iterdir():
            if place.name != "lock" and (encodes or place.name != "cache"):
                shutil.rmtree(place) if place.is_dir() else place.unlink()
    click.echo(f"Removed {size(before - _bytes(state))}.", err=True)


def _bytes(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file())
