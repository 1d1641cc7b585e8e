"""The engine of this machine: threads that wait for ffmpeg processes."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tubegen.media.cache.cache import Cache
from tubegen.media.encode.chunks import ChunkDone, ChunkRequest, encode
from tubegen.media.ffmpeg.hardware import AT_ONCE
from tubegen.media.ffmpeg.process import cores
from tubegen.media.ffmpeg.program import Ffmpeg


class Local:
    """One ffmpeg per core, since each encodes in a single thread. At 1080p each wants 300 MB. An encoder in hardware
    takes few films at once."""

    def __init__(self, ffmpeg: Ffmpeg, *, in_hardware: bool = False) -> None:
        self._ffmpeg = ffmpeg
        at_once = min(cores(), AT_ONCE) if in_hardware else cores()
        self._threads = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="encode")

    def chunk(self, request: ChunkRequest, told: Callable[[int], None]) -> "Future[ChunkDone]":
        cache = Cache(Path(request.cache))
        return self._threads.submit(encode, request, Path(request.source), cache, self._ffmpeg, told)

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
