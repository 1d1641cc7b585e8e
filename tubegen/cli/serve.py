"""`tubegen serve`"""

import asyncio
import contextlib
from pathlib import Path

import click

from tubegen.cli.options import output_folder, output_option, port_options, site_argument
from tubegen.errors import InputError, Problem
from tubegen.serve.server import application, run


@click.command("serve")
@site_argument()
@output_option()
@port_options()
def command(site: Path, output: Path | None, host: str, port: int) -> None:
    """Show the built site of the folder SITE in a browser.

    For looking at it here; on the internet, any web server can serve the folder.
    """
    folder = output_folder(site, output)
    if not (folder / "index.html").is_file():
        raise InputError(
            Problem(str(folder), 0, "there is no built site here", f"build it first: tubegen build {site}")
        )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(folder, host, port))


async def _serve(folder: Path, host: str, port: int) -> None:
    runner, port = await run(application(folder), host, port)
    click.echo(f"The site is at http://{_shown(host)}:{port}/  (Ctrl+C ends)", err=True)
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def _shown(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "::1", "0.0.0.0") else host  # noqa: S104 - shown, not bound
