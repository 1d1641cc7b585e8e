"""`tubegen dev`"""

import asyncio
import contextlib
import json
import signal
import sys
from pathlib import Path

import click

from tubegen.assemble.pipeline import STATE, Report, Wishes, build
from tubegen.cli.options import now, port_options, site_argument
from tubegen.cli.progress import Lines
from tubegen.cli.say import count, say_problems
from tubegen.config import load_config
from tubegen.errors import InputError, Problem, Problems, TubegenError
from tubegen.serve.server import Reload, application, run
from tubegen.serve.watch import changes

_PATIENCE = 3.0
"""Seconds a build gets to stop its ffmpeg."""


@click.command("dev")
@site_argument()
@port_options()
def command(site: Path, host: str, port: int) -> None:
    """Build the site in SITE, show it, and build again whenever a file changes.

    Drafts are shown. Of a new video the beginning is there within seconds, small; the whole of it
    follows in the background. The result lies in SITE/.tubegen/dev and is not meant for publishing.
    """
    with contextlib.suppress(KeyboardInterrupt):
        try:
            asyncio.run(_Dev(site.absolute()).run(host, port))
        except OSError as fault:
            raise TubegenError(_problem(fault)) from fault


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
            async for _ in changes(self.site, ignored=frozenset({"public", *_store(self.site)})):
                await self.stop_full()
                await self.rebuild()
        finally:
            await self.stop_full()
            await runner.cleanup()

    async def build(self) -> None:
        """What can be shown at once; then the rest begins."""
        wishes = Wishes(output=self.output, now=now(), drafts=True, preview=True)
        try:
            report = await asyncio.to_thread(build, self.site, wishes, Lines())
        except InputError as fault:
            say_problems(fault.problems)
            return
        self.say(report)
        if report.changes.any:
            self.reload.tell()
        if report.previews:
            self.full = asyncio.create_task(self.build_fully(report.previews))

    async def rebuild(self) -> None:
        """Whatever goes wrong is a line: the next change is another try."""
        try:
            await self.build()
        except TubegenError as fault:
            say_problems(fault.problems)
        except OSError as fault:
            say_problems([_problem(fault)])

    async def build_fully(self, films: int) -> None:
        click.echo(f"{count(films, 'video')} in full quality: encoding in the background", err=True)
        command = ("-m", "tubegen", "build", str(self.site), "-o", str(self.output), "--drafts", "--json")
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=pipe, stderr=pipe)
        except OSError as fault:
            say_problems([_problem(fault)])
            return
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            await asyncio.gather(_tell_finished(process.stdout), _tell_problems(process.stderr))
            if code := await process.wait():
                click.echo(
                    f"Full quality: the build ended with exit code {code}; the next change begins it again.",
                    err=True,
                )
            else:
                self.reload.tell()
        finally:
            await _end(process)

    async def stop_full(self) -> None:
        """Finished chunks stay in the cache; the rest is begun again after the quick build."""
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


async def _tell_finished(events: asyncio.StreamReader) -> None:
    async for line in events:
        event = json.loads(line)
        if event["event"] == "finished":
            click.echo(f"{event['video']}: full quality is ready", err=True)


async def _tell_problems(errors: asyncio.StreamReader) -> None:
    """Problems of films and the error that ends a build alike; the quick build has told the warnings."""
    async for line in errors:
        if not line.startswith(b"warning: "):
            click.echo(line.decode(errors="replace").rstrip(), err=True)


async def _end(process: asyncio.subprocess.Process) -> None:
    """An interrupted build stops its ffmpeg; a killed one cannot, and not every system does it in its place."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(process.wait(), _PATIENCE)
    except TimeoutError:
        process.kill()
        await process.wait()


def _store(site: Path) -> tuple[str, ...]:
    """The folder of finished encodes, when it is one in the site: the builds write it themselves."""
    try:
        store = site / load_config(site, Problems(site)).media.cache
    except InputError:
        return ()
    return (str(store.relative_to(site)),) if site in store.parents else ()


def _problem(fault: OSError) -> Problem:
    return Problem(str(fault.filename or ""), 0, fault.strerror or str(fault))
