"""`tubegen build`"""

import sys
from pathlib import Path

import click

from tubegen.assemble.pipeline import Report, Wishes, build, plan
from tubegen.cli.options import drafts_option, json_option, now, output_folder, output_option, site_argument
from tubegen.cli.plans import say_plans
from tubegen.cli.progress import Bars, Events, Lines, Silent
from tubegen.cli.say import count, is_terminal
from tubegen.errors import InputError, TubegenError


@click.command("build")
@site_argument()
@output_option()
@drafts_option()
@json_option()
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but what is wrong.")
@click.option(
    "--plan", "only_plan", is_flag=True, help="Tell what would be encoded and what it takes; do nothing."
)
@click.option(
    "--keep-going",
    is_flag=True,
    help="Write the site without the videos whose sources are refused, and exit with 1.",
)
@click.option(
    "--engine",
    envvar="TUBEGEN_ENGINE",
    default="",
    metavar="dask://HOST:PORT",
    help="Encode on the workers of a dask scheduler; see docs/cluster.md.  [default: this machine]",
)
def command(
    site: Path,
    output: Path | None,
    drafts: bool,
    as_json: bool,
    quiet: bool,
    only_plan: bool,
    keep_going: bool,
    engine: str,
) -> None:
    """Build the site in the folder SITE (this folder, when none is named).

    Only what changed is done again. The old site stays in place until the new one is whole.

    \b
    Examples:
      tubegen build                       this folder, into ./public
      tubegen build films -o /srv/www     another folder, to where a web server looks
      tubegen build --json | jq .event    events for machines
      tubegen build --plan                sizes, time and room, before anything is encoded
    """
    wishes = Wishes(
        output=output_folder(site, output), now=now(), drafts=drafts, keep_going=keep_going, engine=engine
    )
    with watcher_for(as_json, quiet=quiet) as watcher:
        if only_plan:
            films, refused = plan(site, wishes, watcher)
            say_plans(films, as_json=as_json)
            sys.exit(InputError.exit_code if refused else 0)
        report = build(site, wishes, watcher)
    if isinstance(watcher, Events):
        watcher.event("built", **_facts(report))
    elif not quiet:
        say_report(report)
    if report.left_out:
        click.echo(f"Left out: {', '.join(report.left_out)}.", err=True)
        sys.exit(TubegenError.exit_code)


def watcher_for(as_json: bool, *, quiet: bool) -> Silent:
    """Who tells of a build: bars for people, lines for logs, JSON for machines."""
    if as_json:
        return Events()
    if quiet:
        return Silent()
    return Bars() if is_terminal() else Lines()


def say_report(report: Report) -> None:
    """What the build did, in a few lines."""
    for old, new in report.identities.moved:
        click.echo(f"{new} is the video that was {old}: it keeps its identity.", err=True)
    if report.identities.new:
        click.echo(
            f"{count(len(report.identities.new), 'new video')} got an identity in tubegen.lock: commit that file.",
            err=True,
        )
    if report.held:
        dates = sorted(held.until for held in report.held if held.until)
        drafts = sum(held.until is None for held in report.held)
        parts = [count(drafts, "draft")] if drafts else []
        if dates:
            parts.append(f"{len(dates)} scheduled, the next for {dates[0]:%Y-%m-%d %H:%M %Z}")
        click.echo(f"Held back: {', '.join(parts)}.", err=True)
    changes = report.changes
    done = (
        f"{changes.made + changes.linked} files written, {changes.kept} unchanged"
        if changes.any
        else "nothing to do"
    )
    click.echo(
        f"{count(report.films, 'video')}, {done}, in {report.seconds:.1f} s: {report.output}", err=True
    )


def _facts(report: Report) -> dict[str, object]:
    return {
        "output": str(report.output),
        "videos": report.films,
        "encoded": report.encoded,
        "made": report.changes.made,
        "linked": report.changes.linked,
        "kept": report.changes.kept,
        "removed": report.changes.removed,
        "new": list(report.identities.new),
        "left_out": list(report.left_out),
        "seconds": round(report.seconds, 3),
    }
