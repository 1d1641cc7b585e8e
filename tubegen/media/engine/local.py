"""The engine of this machine: threads that wait for ffmpeg processes."""

import os
from concurrent.futures import Executor, ThreadPoolExecutor


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def encoders() -> Executor:
    """One ffmpeg per core, since each encodes in a single thread. At 1080p each wants 300 MB."""
    return ThreadPoolExecutor(max_workers=cores(), thread_name_prefix="encode")
