"""`tubegen sidecar`"""

import asyncio
import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tubegen.cli.options import Decorator, json_option, site_argument
from tubegen.errors import InputError, Problem

if TYPE_CHECKING:
    from tubegen.sidecar.settings import Settings

_FLAGS = {
    "base_url": (
        "--base-url",
        "https://HOST",
        "Scheme and host in everybody's handles.  [default: site.url's]",
    ),
    "catalogue": (
        "--catalogue",
        "DIR|URL",
        "Where the site's federation/ folder is.  [default: SITE/public/federation]",
    ),
    "database": (
        "--db",
        "URL",
        "sqlite:///FILE or postgresql://…  [default: SITE/federation/sidecar.sqlite]",
    ),
    "keys": ("--keys", "DIR", "Private keys of the site's actors.  [default: SITE/federation/keys]"),
}
_RUN_FLAGS = {
    "serve": ("--serve", "DIR", "Serve the built site in DIR, too."),
    "listen": ("--listen", "HOST:PORT", "Where to listen.  [default: 127.0.0.1:8080]"),
    "roles": ("--role", "ROLE,…", "What this process does: web, worker, tracker.  [default: all]"),
}


class _Group(click.Group):
    """What is not the name of a subcommand belongs to `run`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["run", *args]
        return super().parse_args(ctx, args)


def _settings_options(flags: dict[str, tuple[str, str, str]]) -> Decorator:
    def all_of_them(function: click.decorators.FC) -> click.decorators.FC:
        for field, (flag, metavar, told) in reversed(flags.items()):
            function = click.option(flag, field, metavar=metavar, help=told)(function)
        return function

    return all_of_them


@click.group("sidecar", cls=_Group)
def command() -> None:
    """Let people follow the site from Mastodon, PeerTube and other servers.

    Without a subcommand it runs: tubegen sidecar films --serve films/public
    """


@command.command("run")
@site_argument()
@_settings_options({**_RUN_FLAGS, **_FLAGS})
def run(site: Path, **flags: str | None) -> None:
    """Run it for the folder SITE, until Ctrl+C or SIGTERM; SIGHUP reads the catalogue at once.

    Settings come from tubegen.toml, then from variables as TUBEGEN_BASE_URL, then from these options.
    """
    gc.disable()  # imports make a great deal and no garbage: a fifth of the start would be spent on looking
    from tubegen.sidecar import logs
    from tubegen.sidecar.run import serve

    gc.freeze()
    gc.enable()

    settings = _settings(site, flags)
    logs.configure(os.environ.get("TUBEGEN_LOG", "INFO").upper())

    def ready(port: int) -> None:
        host = f"[{settings.listen[0]}]" if ":" in settings.listen[0] else settings.listen[0]
        click.echo(f"The sidecar of {settings.base_url} listens at http://{host}:{port}/", err=True)

    asyncio.run(serve(settings, ready=ready))


@command.command("status")
@site_argument()
@_settings_options(_FLAGS)
@click.option("--video", metavar="SLUG|UUID", help="Every delivery about one video.")
@json_option()
def status(site: Path, video: str | None, as_json: bool, **flags: str | None) -> None:
    """Who follows, what waits, which servers are in trouble, who got which video.

    It reads the database, so it works whether the sidecar runs or not.
    """
    from tubegen.cli.sidecar_status import show

    show(_existing(_settings(site, flags)).database, video=video, as_json=as_json)


@command.command("removals")
@site_argument()
@_settings_options(_FLAGS)
@click.option("--confirm", is_flag=True, help="Yes, remove these everywhere, for good.")
def removals(site: Path, confirm: bool, **flags: str | None) -> None:
    """Videos that have left the site, but not yet other servers: too many went at once.

    With --confirm the running sidecar removes them there within seconds. Their addresses on other servers
    can never be used again.
    """
    from tubegen.cli.sidecar_removals import show

    show(_existing(_settings(site, flags)).database, confirm=confirm)


@command.command("block")
@click.argument("domain")
@site_argument()
@_settings_options(_FLAGS)
@click.option("--comment", default="", help="Why, for yourself.")
def block(domain: str, site: Path, comment: str, **flags: str | None) -> None:
    """Have nothing to do with DOMAIN and all below it: nothing is taken from there, sent there, or shown of it.

    The running sidecar heeds it within seconds.
    """
    from tubegen.cli import sidecar_blocks

    sidecar_blocks.block(_existing(_settings(site, flags)).database, domain, comment)


@command.command("unblock")
@click.argument("domain")
@site_argument()
@_settings_options(_FLAGS)
def unblock(domain: str, site: Path, **flags: str | None) -> None:
    """Take back the block of DOMAIN. What came from there meanwhile was refused and is lost."""
    from tubegen.cli import sidecar_blocks

    sidecar_blocks.unblock(_existing(_settings(site, flags)).database, domain)


@command.command("blocks")
@site_argument()
@_settings_options(_FLAGS)
@click.option(
    "--import",
    "file",
    metavar="CSV",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Block what a list exported by Mastodon blocks.",
)
def blocks(site: Path, file: Path | None, **flags: str | None) -> None:
    """The blocked domains."""
    from tubegen.cli import sidecar_blocks

    database = _existing(_settings(site, flags)).database
    if file is not None:
        sidecar_blocks.take_over(database, file)
    else:
        sidecar_blocks.show(database)


@command.command("hide")
@click.argument("url")
@site_argument()
@_settings_options(_FLAGS)
def hide(url: str, site: Path, **flags: str | None) -> None:
    """Show the reply at URL to nobody any more. Where its author's server shows it, it stays.

    The running sidecar heeds it at once, and so it does when the author edits the reply.
    """
    from tubegen.cli import sidecar_replies

    sidecar_replies.hide(_existing(_settings(site, flags)).database, url)


@command.command("unhide")
@click.argument("url")
@site_argument()
@_settings_options(_FLAGS)
def unhide(url: str, site: Path, **flags: str | None) -> None:
    """Show the reply at URL again."""
    from tubegen.cli import sidecar_replies

    sidecar_replies.unhide(_existing(_settings(site, flags)).database, url)


@command.command("rotate-key")
@click.argument("name")
@site_argument()
@_settings_options(_FLAGS)
def rotate_key(name: str, site: Path, **flags: str | None) -> None:
    """Give the actor NAME a new key, after one was seen by others. `instance` is the site as a server.

    The running sidecar tells all followers, by the old key, and then signs with the new one.
    """
    from tubegen.sidecar.activitypub.ids import Names
    from tubegen.sidecar.signatures.keys import KeyRing

    settings = _existing(_settings(site, flags))
    names = Names(settings.base_url)
    keyring = KeyRing(settings.keys)
    keyring.open()
    # which kind of actor it is does not matter to its file
    keyring.prepare_next(names.instance if name == "instance" else names.person(name))
    click.echo(
        f"The new key of {name} waits in {settings.keys}; the running sidecar does the rest.", err=True
    )


def _settings(site: Path, flags: dict[str, str | None]) -> "Settings":
    from tubegen.sidecar.load import load_settings

    given = {field: text for field, text in flags.items() if text is not None}
    return load_settings(site, flags=given, environment=os.environ)


def _existing(settings: "Settings") -> "Settings":
    """Raises InputError when the sidecar has never run here."""
    file = settings.database.removeprefix("sqlite:///")
    if file != settings.database and not Path(file).exists():
        raise InputError(
            Problem(file, 0, "there is no database here", "the sidecar has not run yet: tubegen sidecar")
        )
    return settings
