"""`tubegen deploy`"""

import asyncio
import datetime as dt
import json
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click
import msgspec

from tubegen.assemble.hidden import hidden_names
from tubegen.assemble.pipeline import STATE, Wishes, build
from tubegen.cli.build import say_report, watcher_for
from tubegen.cli.options import json_option, now, output_folder, output_option, site_argument
from tubegen.cli.say import count, is_terminal, say_warning, size
from tubegen.config import TargetConfig, load_config
from tubegen.deploy.command import run_command
from tubegen.deploy.files import HashCache, SiteFile, site_files
from tubegen.deploy.git import GitBranch
from tubegen.deploy.plan import Changes
from tubegen.deploy.preview import PREVIEWS, preview_files
from tubegen.deploy.run import Outcome, Request, deploy, roll_back
from tubegen.deploy.targets import Target
from tubegen.deploy.targets.factory import open_target
from tubegen.errors import InputError, Problem, Problems


def _preview_name(context: click.Context, parameter: click.Parameter, name: str) -> str:
    if (name and not name.replace("-", "").replace("_", "").isalnum()) or not name.isascii():
        raise click.BadParameter("use letters, digits, - and _")
    return name


def _generation(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value not in (None, "previous") and not value.isdecimal():
        raise click.BadParameter("write a number, or previous")
    return value


@click.command("deploy")
@site_argument()
@output_option()
@json_option()
@click.option("--to", "name", default="", metavar="NAME", help="Which target.  [default: the first one]")
@click.option(
    "--generation",
    metavar="N",
    callback=_generation,
    help="Go back to generation N, or to the `previous` one.",
)
@click.option(
    "--preview",
    default="",
    metavar="NAME",
    callback=_preview_name,
    help="To preview/NAME/ of the target, for no one to find.",
)
@click.option("-n", "--dry-run", is_flag=True, help="Only tell what would be sent and removed.")
@click.option("--yes", is_flag=True, help="Go on where a deploy would ask first.")
def command(
    site: Path,
    output: Path | None,
    as_json: bool,
    name: str,
    generation: str | None,
    preview: str,
    dry_run: bool,
    yes: bool,
) -> None:
    """Build SITE, and bring what changed to the host it lives on.

    Where that is stands in tubegen.toml, below [deploy.NAME]. Videos go first and pages last, and what the site
    names no more stays a while: nobody who is watching meanwhile loses a thing. Keys come from the environment.

    \b
    Examples:
      tubegen deploy                         build, and send what changed
      tubegen deploy --dry-run               what that would be
      tubegen deploy --generation previous   the pages as they were before
      tubegen deploy --preview new-design    beside the site, to show it to friends
    """
    site = site.absolute()
    config = load_config(site, problems := Problems(site))
    problems.raise_if_any()
    target = _choose(config.deploy, name)
    _refuse_impossible(target, generation is not None, preview)
    folder = output_folder(site, output)
    if generation is None:
        with watcher_for(as_json, quiet=False) as watcher:
            report = build(site, Wishes(output=folder, now=now()), watcher)
        if not as_json:
            say_report(report)
    order = _Order(
        site=site,
        address=config.site.url,
        folder=folder,
        target=target,
        state=site / STATE / "deploy" / "-".join(filter(None, (target.name, preview))),
        generation=generation,
        preview=preview,
        dry_run=dry_run,
        assent=yes or bool(preview),
    )
    teller = _Teller(as_json)
    if target.kind == "git":
        _to_branch(order, teller)
    elif target.kind == "command":
        _by_command(order, teller)
    else:
        _to_files(order, teller)


class _Order(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for on the command line, read and checked."""

    site: Path
    address: str
    folder: Path
    target: TargetConfig
    state: Path
    generation: str | None
    preview: str
    dry_run: bool
    assent: bool

    @property
    def number(self) -> int | None:
        """The generation to go back to; None for the previous one."""
        return None if self.generation in (None, "previous") else int(self.generation)

    def files(self) -> list[SiteFile]:
        """The files of the built site."""
        hashes = HashCache(self.site / STATE / "deploy" / "hashes")
        files = site_files(self.folder, hashes)
        hashes.save()
        return preview_files(files) if self.preview else files


def _to_files(order: _Order, teller: "_Teller") -> None:
    """Deploy to a target that holds files."""
    host = open_target(order.target, order.site, below=PREVIEWS + order.preview if order.preview else "")
    request = Request(
        site=order.address,
        state=order.state,
        hidden=hidden_names(order.site, now()),
        assent=order.assent,
        dry_run=order.dry_run,
    )
    if order.generation is not None:
        work = roll_back(host, order.number, request, teller, _clock)
    else:
        work = deploy(host, order.files(), request, teller, _clock)
    teller.ended(asyncio.run(_closing(host, work)), host.address, order.dry_run)


def _to_branch(order: _Order, teller: "_Teller") -> None:
    """Deploy to a branch of a git repository."""
    branch = GitBranch(order.target.url, order.target.branch, order.state)
    if order.generation is not None:
        live, changed = branch.roll_back(order.number, dry_run=order.dry_run)
    else:
        live, changed = branch.publish(order.files(), dry_run=order.dry_run)
    teller.pushed(branch.address, live, changed, order.dry_run)


def _by_command(order: _Order, teller: "_Teller") -> None:
    """Deploy by the author's own command."""
    if order.dry_run:
        click.echo(order.target.command)
        return
    run_command(order.target.command, order.folder, order.address)
    teller.commanded(order.target.name)


def _refuse_impossible(target: TargetConfig, back: bool, preview: str) -> None:
    """Raises InputError for what a kind of target cannot do."""
    place = f"[deploy.{target.name}]"
    if target.kind == "command" and (back or preview):
        text = "a command of your own knows neither generations nor previews"
        raise InputError(
            Problem("tubegen.toml", 0, f"{place}: {text}", "s3, sftp and folder have both, git the first")
        )
    if target.kind == "git" and preview:
        text = "a branch is shown as a whole, a preview in it would be the site"
        raise InputError(
            Problem("tubegen.toml", 0, f"{place}: {text}", "name another branch as a target of its own")
        )


async def _closing(target: Target, work: Coroutine[Any, Any, Outcome]) -> Outcome:
    try:
        return await work
    finally:
        await target.close()


def _choose(targets: tuple[TargetConfig, ...], name: str) -> TargetConfig:
    if not targets:
        hint = (
            'write [deploy.live] with kind = "folder" and url = "/srv/www", say; docs/publish.md shows others'
        )
        raise InputError(Problem("tubegen.toml", 0, "it does not say where the site goes", hint))
    if not name:
        return targets[0]
    found = [target for target in targets if target.name == name]
    if not found:
        names = ", ".join(target.name for target in targets)
        raise InputError(Problem("tubegen.toml", 0, f"there is no [deploy.{name}]", f"there are: {names}"))
    return found[0]


def _clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class _Teller:
    """Says how a deploy goes on: a bar for people, lines for logs, JSON for machines."""

    def __init__(self, as_json: bool) -> None:
        self._json = as_json
        self._total = self._sent = self._files = 0

    def planned(self, changes: Changes) -> None:
        self._total = changes.size
        if self._json:
            self._event("planned", **_facts(changes))
        elif changes.any:
            parts = [f"{count(len(changes.uploads), 'file')} to send, {size(changes.size)}"]
            parts += [f"{changes.gone} to go after a while"] if changes.gone else []
            parts += [f"{len(changes.due)} to remove"] if changes.due else []
            click.echo("; ".join(parts) + ".", err=True)

    def sent(self, path: str, size: int) -> None:
        self._sent += size
        self._files += 1
        if self._json:
            self._event("sent", path=path, size=size)
        elif is_terminal() and self._total:
            click.echo(f"\r{100 * self._sent // self._total:3} %  {self._files} files", nl=False, err=True)

    def waiting(self, problem: Problem, seconds: float) -> None:
        if self._json:
            self._event("waiting", path=problem.path, text=problem.text, seconds=round(seconds, 1))
        else:
            say_warning(Problem(problem.path, 0, problem.text, f"trying again in {seconds:.0f} s"))

    def ended(self, outcome: Outcome, address: str, dry_run: bool) -> None:
        if self._json:
            self._event(
                "deployed",
                target=address,
                generation=outcome.generation,
                sent=outcome.sent,
                bytes=outcome.sent_bytes,
                removed=outcome.removed,
                dry_run=dry_run,
            )
            return
        if is_terminal() and self._files:
            click.echo("\r\033[K", nl=False, err=True)
        if dry_run:
            for file in outcome.changes.uploads:
                click.echo(file.path)
            for name in outcome.changes.due:
                click.echo(f"{name} (removed)")
            return
        sent = (
            f"{count(outcome.sent, 'file')} sent, {size(outcome.sent_bytes)}"
            if outcome.sent
            else "nothing to send"
        )
        click.echo(f"{address}: generation {outcome.generation} is live; {sent}.", err=True)

    def pushed(self, address: str, generation: int, changed: int, dry_run: bool) -> None:
        if self._json:
            self._event("deployed", target=address, generation=generation, sent=changed, dry_run=dry_run)
        elif dry_run:
            click.echo(f"{address}: {count(changed, 'file')} would change.", err=True)
        else:
            click.echo(
                f"{address}: generation {generation} is live; {count(changed, 'file')} changed.", err=True
            )

    def commanded(self, name: str) -> None:
        if self._json:
            self._event("deployed", target=name)
        else:
            click.echo(f"{name}: the command has done its work.", err=True)

    def _event(self, kind: str, **values: object) -> None:
        click.echo(json.dumps({"event": kind, **values}, ensure_ascii=False))


def _facts(changes: Changes) -> dict[str, object]:
    return {
        "files": len(changes.uploads),
        "bytes": changes.size,
        "gone": changes.gone,
        "due": len(changes.due),
        "unchanged": changes.unchanged,
    }
