"""Runs a sidecar: its roles in one process, from the first request to a graceful end."""

import asyncio
import errno
import logging
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from tubegen.errors import InputError, Problem
from tubegen.sidecar.app import Parts, application, build_services
from tubegen.sidecar.delivery.worker import Worker
from tubegen.sidecar.inbox.worker import InboxWorker
from tubegen.sidecar.jobs.handlers import JobHandlers
from tubegen.sidecar.publishing import key_rotation
from tubegen.sidecar.publishing.catalogue import CatalogueError
from tubegen.sidecar.publishing.watch import Watch
from tubegen.sidecar.remote.fetch import Fetcher
from tubegen.sidecar.settings import Clock, Settings
from tubegen.sidecar.signatures.sign import sign
from tubegen.sidecar.store import meta
from tubegen.sidecar.tracker.mount import tracker_application

_FOLLOW = 5.0
"""Seconds between two looks of a web process at what the worker process has read."""
_ROTATE = 10.0
"""Seconds between two looks for keys to be changed."""
_HEED = 3.0
"""Seconds between two looks for the owner's yes."""
_REVIVE = 5.0
"""Seconds before a part that failed is started again."""
_LAST_REQUESTS = 10.0
"""Seconds that requests under way are given at the end."""
_KEEPALIVE = 120.0
"""Seconds that an idle connection is kept: longer than nginx keeps it, so that no request meets its end (R15)."""

_log = logging.getLogger(__name__)


async def serve(
    settings: Settings, *, clock: Clock = time.time, ready: Callable[[int], None] = lambda _: None
) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reads the catalogue at once. `ready` gets the port when it listens.

    Raises InputError: the settings cannot be worked with, the port is taken, or there is no catalogue and
    none was ever read.
    """
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, end.set)
    if not settings.roles & {"web", "worker"}:
        await _track(settings, clock, end, ready)
        return
    parts = await build_services(settings, clock)
    try:
        await _run(parts, end, ready)
    finally:
        await parts.close()


async def _track(settings: Settings, clock: Clock, end: asyncio.Event, ready: Callable[[int], None]) -> None:
    """The tracker needs neither database nor keys."""
    fetcher = Fetcher(settings, None, clock)
    try:
        runner = await _listen(tracker_application(settings, fetcher, clock), settings, ready)
        await end.wait()
        _log.info("ending")
        await runner.cleanup()
    finally:
        await fetcher.close()


async def _run(parts: Parts, end: asyncio.Event, ready: Callable[[int], None]) -> None:
    settings = parts.services.settings
    app = _answered(parts)
    runner = await _listen(app, settings, ready) if app is not None else None
    background: list[asyncio.Task[None]] = []
    worker: Worker | None = None
    inbox_worker: InboxWorker | None = None
    try:
        if "worker" in settings.roles:
            worker = _worker(parts)
            inbox_worker = _inbox_worker(parts)
            watch = Watch(settings.catalogue, parts.synchroniser.synchronise)
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, watch.now)
            await _first(parts)
            background = [
                _alive("watch", watch.run),
                _alive("owner", lambda: _repeat(lambda: _heed(parts, watch), _HEED)),
                _alive("rotation", lambda: _repeat(lambda: key_rotation.advance(parts.services), _ROTATE)),
                _alive("inbox", inbox_worker.run),
                _alive("worker", worker.run),
            ]
        else:
            background = [_alive("restore", lambda: _repeat(parts.synchroniser.restore, _FOLLOW))]
        await end.wait()
        _log.info("ending")
    finally:
        if runner is not None:
            await runner.cleanup()
        for part in (inbox_worker, worker):
            if part is not None:
                part.stop()
        await _finish(background)


def _answered(parts: Parts) -> web.Application | None:
    services = parts.services
    if "web" in services.settings.roles:
        return application(services)
    if "tracker" in services.settings.roles:
        return tracker_application(services.settings, services.fetcher, services.clock)
    return None


async def _listen(app: web.Application, settings: Settings, ready: Callable[[int], None]) -> web.AppRunner:
    host, port = settings.listen
    runner = web.AppRunner(
        app,
        access_log=None,
        auto_decompress=False,  # an inbox takes bodies as they are
        lingering_time=1,  # seconds in which what a refused client still sends is thrown away
        keepalive_timeout=_KEEPALIVE,
        shutdown_timeout=_LAST_REQUESTS,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        raise _not_there(host, port, error) from None
    found: int = runner.addresses[0][1]
    ready(found)
    return runner


def _not_there(host: str, port: int, error: OSError) -> InputError:
    if error.errno == errno.EADDRINUSE:
        return InputError(
            Problem("--listen", 0, f"something listens at {host}:{port} already", "choose another port")
        )
    return InputError(Problem("--listen", 0, f"cannot listen at {host}:{port}: {error.strerror}"))


def _worker(parts: Parts) -> Worker:
    services = parts.services
    handlers = JobHandlers(
        services.database,
        services.site,
        fetcher=services.remote,
        actors=services.remote,
        clock=services.clock,
    )
    return Worker(
        services.settings,
        services.database,
        poster=services.fetcher,
        keys=services.keyring,
        sign=sign,
        clock=services.clock,
        wake=services.wake,
        handlers=handlers.handlers,
    )


def _inbox_worker(parts: Parts) -> InboxWorker:
    services = parts.services
    return InboxWorker(
        services.database,
        services.site,
        actors=services.remote,
        clock=services.clock,
        arrived=services.inbox_queue.arrived,
        wake=services.wake,
    )


async def _first(parts: Parts) -> None:
    """Raises InputError where nothing can come of waiting: a folder without a usable catalogue, and none known
    from before. One far away may come back."""
    if parts.services.site() is not None or parts.services.settings.catalogue.startswith("https://"):
        return
    try:
        await parts.synchroniser.synchronise()
    except CatalogueError as error:
        folder = Path(parts.services.settings.catalogue)
        if not (folder / "index.json").exists():
            raise InputError(
                Problem(str(folder), 0, "there is no catalogue here", "build the site first: tubegen build")
            ) from None
        raise InputError(*error.problems) from None


async def _heed(parts: Parts, watch: Watch) -> None:
    """Read the catalogue at once when the owner has said yes to removals, which happens then."""
    database = parts.services.database
    if await database.read(lambda connection: meta.get(connection, meta.CONFIRMED)) is not None:
        watch.now()


def _alive(name: str, run: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
    """A task that starts `run` again when it fails: a fault in one part must not end the others."""

    async def keep() -> None:
        while True:
            try:
                await run()
            except Exception:
                _log.exception("a part failed and is started again", extra={"part": name})
                await asyncio.sleep(_REVIVE)
            else:
                return

    return asyncio.create_task(keep(), name=name)


async def _repeat(work: Callable[[], Awaitable[None]], pause: float) -> None:
    while True:
        await work()
        await asyncio.sleep(pause)


async def _finish(tasks: list[asyncio.Task[None]]) -> None:
    """The worker ends by itself, after its deliveries, and so does the inbox; the others wait for nothing."""
    for task in tasks:
        if task.get_name() not in ("worker", "inbox"):
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
