"""The tracker of the sidecar in a thread of its own, which can be killed."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

from aiohttp import web

from tubegen.sidecar.remote.fetch import Fetcher
from tubegen.sidecar.settings import Settings
from tubegen.sidecar.tracker.mount import tracker_application


class Meeting:
    def __init__(self, port: int) -> None:
        self.port = port
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None

    def open(self, catalogue: Path) -> None:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(catalogue, ready), daemon=True)
        self._thread.start()
        assert ready.wait(30)

    def kill(self) -> None:
        """Every socket is cut. Nothing happens the second time."""
        if self._runner is None:
            return
        runner, self._runner = self._runner, None

        async def stop() -> None:
            await runner.cleanup()

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)

    def _run(self, catalogue: Path, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        settings = Settings(
            base_url=f"http://127.0.0.1:{self.port}",
            catalogue=str(catalogue),
            database="sqlite:///nowhere.db",
            keys=catalogue / "keys",
        )

        async def start() -> None:
            fetcher = Fetcher(settings, None, time.time)
            self._runner = web.AppRunner(tracker_application(settings, fetcher, time.time))
            await self._runner.setup()
            await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

        self._loop.run_until_complete(start())
        ready.set()
        self._loop.run_forever()
