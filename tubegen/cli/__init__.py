"""The `tubegen` command: one module per subcommand, loaded when it is asked for.

This is the only room that prints, draws progress and ends the process.
"""

import importlib
import sys
from typing import Any

import click

from tubegen import __version__
from tubegen.cli.say import say_problems
from tubegen.errors import TubegenError

_COMMANDS = {
    "init": "Begin a new site in a folder.",
    "build": "Build the site.",
    "dev": "Build, serve and rebuild while you write.",
    "deploy": "Bring the site to the host it lives on.",
    "serve": "Show the built site in a browser.",
    "sidecar": "Let people follow the site from Mastodon, PeerTube and others.",
    "check": "Tell everything that is wrong, without building.",
    "doctor": "Look whether this machine has what tubegen needs.",
    "cache": "Look after the cache of finished encodes.",
    "clean": "Remove what can be made again.",
    "completion": "Print the completion script of your shell.",
}


class _Lazy(click.Group):
    """Commands are imported when they run: a build must not pay for the web server."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        return importlib.import_module(f"tubegen.cli.{cmd_name}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def main(self, *args: Any, **extra: Any) -> Any:
        """Errors that were foreseen are lines, not tracebacks."""
        try:
            return super().main(*args, **extra)
        except TubegenError as fault:
            say_problems(fault.problems)
            sys.exit(fault.exit_code)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", "-V", message="tubegen %(version)s")
def main() -> None:
    """A folder of videos and markdown becomes a static video site.

    \b
    Begin here:
      tubegen init films         a site that builds, to be filled with yours
      tubegen dev films          watch it grow at http://localhost:8000
      tubegen build films        the finished site in films/public
    """
