"""Who does the heavy work: threads on this machine, or workers on many."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tubegen.media.encode.chunks import ChunkDone, ChunkRequest


class Engine(Protocol):
    """Makes chunks of any film, as many at a time as it can."""

    def chunk(self, request: "ChunkRequest", told: Callable[[int], None]) -> "Future[ChunkDone]":
        """Have a chunk made and put into the cache; `told` gets how many more of its frames are done."""
        ...

    def close(self) -> None:
        """Give up what has not begun, and wait for what has."""
        ...
