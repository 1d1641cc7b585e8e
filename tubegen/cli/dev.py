"""`tubegen dev`"""

import asyncio
import contextlib
import json
import sys
from pathlib import Path

import click

from tubegen.build.pipeline import STATE, Report, Wishes, build
from tubegen.cli.options import now, port_options, site_argument
from tubegen.cli.progress import Lines
from tubegen.cli.say import count, say_problems
from tubegen.errors import InputError, TubegenError
from tubegen.serve.server import Reload, application, run
from tubegen.serve.watch import changes


@click.command("dev")
@site_argument()
@port_options()
def command(site: Path, host: str, port: int) -> None:
    """Build the site in SITE, show it, and build again whenever a file changes.

    Drafts are shown. Of a new video the beginning is there within seconds, small; the whole of it
    follows in the background. The result lies in SITE/.tubegen/dev and is not meant for publishing.
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_Dev(site.absolute()).run(host, port))


class _Dev:
    """A quick build at every change; the full encodes in a process of their own, which may be killed at any time."""

    def __init__(self, site: Path) -> None:
        self.site = site
        self.output = site / STATE / "dev"
        self.reload = Reload()
        self.full: asyncio.Task[None] | None = None

    async def run(self, host: str, port: int) -> None:
        await self.build()
        self.output.mkdir(parents=True, exist_ok=True)
        runner, port = await run(application(self.output, self.reload), host, port)
        click.echo(
            f"The site is at http://{'localhost' if host == '127.0.0.1' else host}:{port}/  (Ctrl+C ends)",
            err=True,
        )
        try:
            async for _ in changes(self.site, ignored=frozenset({"public"})):
                await self.stop_full()
                await self.build()
        finally:
            await self.stop_full()
            await runner.cleanup()

    async def build(self) -> None:
        """What can be shown at once; then the rest begins."""
        wishes = Wishes(output=self.output, now=now(), drafts=True, preview=True)
        try:
            report = await asyncio.to_thread(build, self.site, wishes, Lines())
        except TubegenError as fault:
            say_problems(fault.problems)
            if not isinstance(fault, InputError):
                raise
            return
        self.say(report)
        if report.changes.any:
            self.reload.tell()
        if report.previews:
            self.full = asyncio.create_task(self.build_fully(report.previews))

    async def build_fully(self, films: int) -> None:
        click.echo(f"{count(films, 'video')} in full quality: encoding in the background", err=True)
        process = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-m",
                "tubegen",
                "build",
                str(self.site),
                "-o",
                str(self.output),
                "--drafts",
                "--json",
            ),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdout is not None
        try:
            async for line in process.stdout:
                event = json.loads(line)
                if event["event"] == "finished":
                    click.echo(f"{event['video']}: full quality is ready", err=True)
            if await process.wait() == 0:
                self.reload.tell()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def stop_full(self) -> None:
        """Finished chunks stay in the store; the rest is begun again after the quick build."""
        if self.full is not None:
            self.full.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.full
            self.full = None

    def say(self, report: Report) -> None:
        changed = (
            f"{count(report.changes.made + report.changes.linked, 'file')} written"
            if report.changes.any
            else "unchanged"
        )
        click.echo(f"{now().astimezone():%H:%M:%S}  {changed} in {report.seconds:.1f} s", err=True)
