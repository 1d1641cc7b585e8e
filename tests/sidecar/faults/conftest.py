"""A tiny disk, as for the faults of the generator."""

from tests.faults.conftest import tiny_disk

__all__ = ["tiny_disk"]
