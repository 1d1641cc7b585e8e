"""Starts whole sidecars to be killed: `python -m tests.sidecar.faults.mill DATABASE CATALOGUE KEYS BEGUN SPEED`.

For each line on its standard input, which names roles, it forks a sidecar, which takes no time, and writes
its process id; the sidecar writes its process id and its port when it listens. Their clock is `fast_clock`.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from tubegen.sidecar.run import serve
from tubegen.sidecar.settings import Settings

BASE = "https://films.example"


def fast_clock(begun: float, speed: float) -> Callable[[], float]:
    """Was right at `begun` and runs `speed` times as fast as the world's: a lease ends in a second."""
    return lambda: begun + (time.time() - begun) * speed


class Mill:
    """The process, from outside."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.port: dict[int, int] = {}
        """Where those listen that do."""
        self._begun: asyncio.Queue[int] = asyncio.Queue()
        self.living: set[int] = set()

    async def start(self, roles: str) -> int:
        """The process id of a new sidecar."""
        assert self._process.stdin
        self._process.stdin.write(f"{roles}\n".encode())
        process = await self._begun.get()
        self.living.add(process)
        return process

    def kill(self, process: int, how: int = signal.SIGKILL) -> None:
        os.kill(process, how)
        self.living.discard(process)
        self.port.pop(process, None)

    def ports(self) -> list[int]:
        return [self.port[process] for process in self.living if process in self.port]

    async def listen(self) -> None:
        assert self._process.stdout
        async for line in self._process.stdout:
            process, *port = map(int, line.split())
            if port:
                self.port[process] = port[0]
            else:
                self._begun.put_nowait(process)


@asynccontextmanager
async def mill(database: str, folder: Path, begun: float, speed: float) -> Any:
    """`folder` holds `catalogue` and `keys`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.sidecar.faults.mill", database),
        *(str(folder / "catalogue"), str(folder / "keys"), str(begun), str(speed)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    one = Mill(process)
    listening = asyncio.create_task(one.listen())
    try:
        yield one
    finally:
        for living in list(one.living):
            one.kill(living)
        assert process.stdin
        process.stdin.close()
        await process.wait()
        await listening


def main() -> None:
    database, catalogue, keys, begun, speed = sys.argv[1:]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if process := os.fork():
            _enqueue(process)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        settings = Settings(
            base_url=BASE,
            catalogue=catalogue,
            database=database,
            keys=Path(keys),
            listen=("127.0.0.1", 0),
            roles=frozenset(line.strip().split(",")),  # pyright: ignore[reportArgumentType]
            private_networks=(ip_network("127.0.0.0/8"),),
        )
        clock = fast_clock(float(begun), float(speed))
        asyncio.run(serve(settings, clock=clock, ready=lambda port: _enqueue(os.getpid(), port)))
        os._exit(0)


def _enqueue(*numbers: int) -> None:
    os.write(1, (" ".join(map(str, numbers)) + "\n").encode())


if __name__ == "__main__":
    main()
