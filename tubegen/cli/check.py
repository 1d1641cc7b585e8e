"""`tubegen check`"""

import asyncio
import sys
import time
from pathlib import Path

import click

from tubegen.assemble.pipeline import Wishes, check
from tubegen.cli.options import json_option, now, output_folder, output_option
from tubegen.cli.progress import Events, Silent
from tubegen.cli.say import count, say_finding
from tubegen.errors import InputError


@click.command("check")
@click.argument("site", default=".", metavar="[SITE|URL]")
@output_option()
@json_option()
@click.option(
    "--deep", is_flag=True, help="Of a live site: read every segment of the video that is looked at."
)
def command(site: str, output: Path | None, as_json: bool, deep: bool) -> None:
    """Tell everything that is wrong in the folder SITE: settings, texts, links, captions, pictures, videos.

    Nothing is encoded and nothing written. Drafts are checked, too.

    With the address of a live site (https://…), look at what its host makes of it: types, ranges, access from other
    hosts, caching, missing files, hashes.
    """
    if site.startswith(("http://", "https://")):
        _check_live(site, as_json=as_json, deep=deep)
    else:
        folder = click.Path(path_type=Path, file_okay=False, exists=True).convert(site, None, None)
        _check_folder(Path(folder), output, as_json=as_json)


def _check_live(url: str, *, as_json: bool, deep: bool) -> None:
    """Print what a probe of the site at `url` finds; exits with 2 when something does not work."""
    from tubegen.deploy.probe import Finding, probe

    async def look() -> list[Finding]:
        found: list[Finding] = []
        async for finding in probe(url, deep=deep, clock=time.time):
            found.append(finding)
            say_finding(finding.grade, finding.text, finding.hint, as_json=as_json)
        return found

    found = asyncio.run(look())
    bad, weak = (sum(finding.grade == grade for finding in found) for grade in ("bad", "weak"))
    if bad:
        sys.exit(InputError.exit_code)
    if not as_json:
        click.echo(
            "\nThe site plays." + (f" {count(weak, 'thing')} could be better." if weak else ""), err=True
        )


def _check_folder(site: Path, output: Path | None, *, as_json: bool) -> None:
    """Print what is wrong in the folder of a site, or that all is well. Raises InputError."""
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
