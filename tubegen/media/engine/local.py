"""The engine of this machine: threads that wait for ffmpeg processes."""

import os
from concurrent.futures import Executor, ThreadPoolExecutor


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def encoders() -> Executor:
    """One ffmpeg at a time per two cores: its encoders keep two cores busy, and each wants half a gigabyte."""
    return ThreadPoolExecutor(max_workers=max(1, cores() // 2), thread_name_prefix="encode")


def helpers() -> Executor:
    """For what needs less than a core: sound, packaging, pictures, reading of sources."""
    return ThreadPoolExecutor(max_workers=max(1, cores() // 2), thread_name_prefix="help")
