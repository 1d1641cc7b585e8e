"""How far the work is, for whoever shows it."""

from typing import Protocol


class Progress(Protocol):
    """Told how far the work is; called from any thread."""

    def planned(self, name: str, frames: int, done: int) -> None:
        """Film `name` has so many frames, of which `done` are in the cache already."""
        ...

    def advanced(self, name: str, frames: int) -> None:
        """So many more frames of film `name` are encoded."""
        ...

    def finished(self, name: str) -> None:
        """Film `name` is ready."""
        ...
