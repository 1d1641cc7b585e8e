"""One deploy at a time: a small file at the target says who is at work and until when."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncGenerator, Callable

import msgspec

from tubegen.deploy.manifest import FOLDER
from tubegen.deploy.targets import Conflict, Target
from tubegen.errors import Problem
from tubegen.headers import Headers

_PATH = f"{FOLDER}lease.json"
_HEADERS = Headers("application/json", "no-store")
_TIME = dt.timedelta(minutes=2)
_RENEWAL = 40
"""Seconds."""


class _Lease(msgspec.Struct, frozen=True):
    owner: str
    until: dt.datetime


@contextlib.asynccontextmanager
async def hold_lease(target: Target, owner: str, clock: Callable[[], dt.datetime]) -> AsyncGenerator[None]:
    """Hold the lease of `target` while the block runs. Raises Conflict when somebody else holds it.

    `owner` is the same for all deploys from one machine's copy of the site, which has a lock of its own: what a
    killed deploy held is taken over at once.
    """
    version = await _take(target, owner, clock)
    renewal = asyncio.create_task(_renew(target, owner, clock, version))
    try:
        yield
    finally:
        renewal.cancel()
        with contextlib.suppress(asyncio.CancelledError, Conflict):
            await renewal
        with contextlib.suppress(Exception):  # it ends by itself, too
            await target.delete([_PATH])


async def _take(target: Target, owner: str, clock: Callable[[], dt.datetime]) -> str:
    present = await target.read(_PATH)
    if present is not None:
        with contextlib.suppress(msgspec.DecodeError):
            lease = msgspec.json.decode(present[0], type=_Lease)
            if lease.owner != owner and lease.until > clock():
                raise _taken(target, f"until {lease.until:%H:%M:%S} UTC at latest")
    lease = _Lease(owner, clock() + _TIME)
    try:
        version = present[1] if present else None
        return await target.write_if(_PATH, msgspec.json.encode(lease), _HEADERS, version)
    except Conflict:
        raise _taken(target, "since just now") from None


async def _renew(target: Target, owner: str, clock: Callable[[], dt.datetime], version: str) -> None:
    while True:
        await asyncio.sleep(_RENEWAL)
        lease = _Lease(owner, clock() + _TIME)
        version = await target.write_if(_PATH, msgspec.json.encode(lease), _HEADERS, version)


def _taken(target: Target, when: str) -> Conflict:
    return Conflict(
        Problem(target.address, 0, f"another deploy is at work {when}", "deploy again when it has ended")
    )
