"""The engine of many machines: workers of a dask scheduler, each with its own ffmpeg.

A task is one chunk and its result a small record; the bytes go through a shared disk or an exchange. A worker that
dies costs the chunks it had in work: they are done by another, and what was finished is found in the cache.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import msgspec

from tubegen.errors import InputError, Problem, ToolMissing, TubegenError
from tubegen.media.cache.cache import Cache
from tubegen.media.encode.chunks import ChunkDone, ChunkRequest, receive, work_on
from tubegen.media.encode.exchange import Exchange

PREFIX = "dask://"

_PATIENCE = 20
"""Seconds to reach the scheduler."""

_DEATHS = 10
"""How many workers may die with a chunk before it is given up. Those that only waited in line count, too."""


class Dask:
    """The workers of the scheduler at `address`, `dask://host:port`.

    Without an `exchange`, an fsspec address, all of them see the sources and the cache at the same paths.
    Raises InputError when that is no address, TubegenError when nobody answers, ToolMissing without dask.
    """

    def __init__(self, address: str, exchange: str = "") -> None:
        host, _, port = address.removeprefix(PREFIX).rpartition(":")
        if not address.startswith(PREFIX) or not host or not port.isdigit():
            text = f"'{address}' is no engine tubegen knows"
            raise InputError(Problem("", 0, text, "write dask://HOST:PORT, or leave it out"))
        try:
            distributed: Any = import_module("distributed")
        except ImportError:
            text = "dask.distributed is not installed"
            raise ToolMissing(Problem("", 0, text, "install it: pip install 'tubegen[cluster]'")) from None
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is told as errors
        self._killed: type[Exception] = distributed.scheduler.KilledWorker
        try:
            self._client: Any = distributed.Client(f"tcp://{host}:{port}", timeout=_PATIENCE)
        except OSError:
            text = f"no scheduler answers at {host}:{port}"
            raise TubegenError(Problem("", 0, text, "start one: dask scheduler")) from None
        self._client.run_on_scheduler(_settle, _DEATHS)
        self._exchange = Exchange(exchange) if exchange else None

    def chunk(self, request: ChunkRequest, told: Callable[[int], None]) -> "Future[ChunkDone]":
        """Have a chunk made. `told` gets its frames when it is done: a worker tells nothing in between."""
        exchange = self._exchange
        if exchange:
            exchange.send_source(Path(request.source), request.sha256)
            request = msgspec.structs.replace(request, exchange=exchange.address)
        result: Future[ChunkDone] = Future()
        remote = self._client.submit(work_on, request, pure=False, retries=1)

        def settle(done: Any) -> None:
            if not result.set_running_or_notify_cancel():  # given up from here
                return
            if done.cancelled():
                text = "the scheduler gave up the work"
                result.set_exception(
                    TubegenError(Problem("", 0, text, "build again: what is finished is kept"))
                )
                return
            fault = done.exception()
            if fault is None:
                made = cast("ChunkDone", done.result())
                try:
                    if exchange:
                        receive(request, exchange, Cache(Path(request.cache)))
                        exchange.drop(request.key)
                except Exception as fault:
                    result.set_exception(fault)
                    return
                told(made.frames)
                result.set_result(made)
            elif isinstance(fault, self._killed):
                text = f"chunk {request.number} of {request.source}: {_DEATHS + 1} workers died with it"
                result.set_exception(TubegenError(Problem("", 0, text, "see what they say")))
            else:
                result.set_exception(fault)

        remote.add_done_callback(settle)
        result.add_done_callback(lambda mine: remote.cancel() if mine.cancelled() else None)
        return result

    def close(self) -> None:
        self._client.close()


async def _settle(deaths: int, dask_scheduler: Any) -> None:
    """Runs in the scheduler. Chunks are long: moving them between workers costs more than it brings."""
    dask_scheduler.allowed_failures = deaths
    if stealing := dask_scheduler.extensions.get("stealing"):
        await stealing.stop()
