"""Starts workers to be killed: `python -m tests.sidecar.faults.child ADDRESS SPEED SLOTS`.

For each line on its standard input it forks a worker, which takes no time, and writes its process id.
The workers' clock runs SPEED times as fast as the world's: a lease ends in seconds.
"""

import asyncio
import os
import signal
import sys
import time

from tests.sidecar.delivery.zoo import KEY, Keys, settings
from tubegen.sidecar.delivery.worker import Worker
from tubegen.sidecar.remote.fetch import Fetcher
from tubegen.sidecar.store.database import open_database


def unsigned(*_: object, **__: object) -> dict[str, str]:
    """Signatures are tried elsewhere; here they would only take time."""
    return {"Content-Type": "application/activity+json"}


async def work(address: str, speed: float, slots: int) -> None:
    def clock() -> float:
        return time.time() * speed

    database = open_database(address)
    fetcher = Fetcher(settings(), KEY, clock)
    worker = Worker(
        settings(slots=slots),
        database,
        poster=fetcher,
        keys=Keys(),
        sign=unsigned,
        clock=clock,
        wake=asyncio.Event(),
        handlers={},
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
    await worker.run()
    await fetcher.close()
    database.close()


def main() -> None:
    address, speed, slots = sys.argv[1:]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        if process := os.fork():
            sys.stdout.write(f"{process}\n")
            sys.stdout.flush()
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        asyncio.run(work(address, float(speed), int(slots)))
        os._exit(0)


if __name__ == "__main__":
    main()
