"""`tubegen check`"""

from pathlib import Path

import click

from tubegen.assemble.pipeline import Wishes, check
from tubegen.cli.options import json_option, now, output_folder, output_option, site_argument
from tubegen.cli.progress import Events, Silent
from tubegen.cli.say import count
from tubegen.errors import InputError


@click.command("check")
@site_argument()
@output_option()
@json_option()
def command(site: Path, output: Path | None, as_json: bool) -> None:
    """Tell everything that is wrong in the folder SITE: settings, texts, links, captions, pictures, videos.

    Nothing is encoded and nothing written. Drafts are checked, too.
    """
    watcher = Events() if as_json else Silent()
    try:
        found = check(site, Wishes(output=output_folder(site, output), now=now(), drafts=True), watcher)
    except InputError as fault:
        if isinstance(watcher, Events):
            for problem in fault.problems:
                watcher.event(
                    "problem", path=problem.path, line=problem.line, text=problem.text, hint=problem.hint
                )
        raise
    if not as_json:
        parts = (
            count(len(found.videos), "video"),
            count(len(found.channels), "channel"),
            count(len(found.pages), "page"),
        )
        click.echo(f"All is well: {', '.join(parts)}.", err=True)
