"""Puts the tracker into an application: its routes, and what it does by itself."""

import asyncio
import logging
from collections.abc import AsyncGenerator

from aiohttp import web

from tubegen.sidecar.publishing.watch import Watch
from tubegen.sidecar.remote.fetch import Fetcher
from tubegen.sidecar.settings import Clock, Settings
from tubegen.sidecar.tracker.allowed import Reader
from tubegen.sidecar.tracker.limits import Limits
from tubegen.sidecar.tracker.socket import Sockets
from tubegen.sidecar.tracker.tracker import Tracker

_SWEEP = 15.0
"""Seconds between two looks for who has gone."""

_log = logging.getLogger(__name__)


def add_tracker(
    app: web.Application, settings: Settings, fetcher: Fetcher, clock: Clock, *, limits: Limits | None = None
) -> None:
    """Answer `/tracker/socket` and `/tracker/stats`. The list of swarms is read as long as the application runs;
    until it was there once, viewers are told to come back."""
    tracker = Tracker(limits)
    sockets = Sockets(tracker, clock, settings.trusted_proxies)
    reader = Reader(settings.catalogue, fetcher if "://" in settings.catalogue else None)

    async def read() -> None:
        allowed = await reader.read()
        if allowed is not None:
            tracker.allow(allowed, clock())

    async def sweep() -> None:
        while True:
            await asyncio.sleep(_SWEEP)
            await sockets.sweep()

    async def work(_: web.Application) -> AsyncGenerator[None]:
        tasks = [asyncio.create_task(Watch(settings.catalogue, read).run()), asyncio.create_task(sweep())]
        for task in tasks:
            task.add_done_callback(_tell)
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(_: web.Application) -> None:
        await sockets.close()

    app.cleanup_ctx.append(work)
    app.on_shutdown.append(close)
    app.router.add_get("/tracker/socket", sockets.answer, allow_head=False)
    app.router.add_get("/tracker/stats", sockets.stats)


def tracker_application(settings: Settings, fetcher: Fetcher, clock: Clock) -> web.Application:
    """The tracker and nothing else: `--role tracker`."""
    app = web.Application()
    add_tracker(app, settings, fetcher, clock)
    return app


def _tell(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("a part of the tracker has failed", exc_info=error)
