"""Requests that are written so that two readers may read them in two ways, or so slowly that nobody can wait."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.serve.loop import in_a_loop
from tests.sidecar.domain.scene import ALICE, NOTE, number
from tests.sidecar.inbox.station import Station, activity, signed, station, wire
from tubegen.sidecar.inbox import receive
from tubegen.sidecar.store import schema

LIKE = activity(ALICE, "Like", NOTE)
SENT = wire(signed(ALICE, LIKE))
LENGTH = f"Content-Length: {len(LIKE)}".encode()


def at(folder: Path, work: Callable[[Station], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        async with station(folder) as here:
            await work(here)

    in_a_loop(run())


@pytest.mark.parametrize(
    ("old", "new", "statuses"),
    [
        (b'",algorithm', b'",\r\n algorithm', {400}),  # a header folded over two lines (RFC 9112 §5.2)
        (b"Date: ", b"Date : ", {400}),
        (b"Date: ", b"Date: \0", {400}),
        (LENGTH, LENGTH + b"\r\n" + LENGTH.replace(b": ", b": 1"), {400}),
        (LENGTH, LENGTH + b"\r\nTransfer-Encoding: chunked", {400}),
        (LENGTH, b"Content-Length: -1", {400}),
        (LENGTH, b"Transfer-Encoding: gzip, chunked", {400, 415}),
        (LENGTH, LENGTH + b"\r\nContent-Encoding: br", {415}),
        (LENGTH, LENGTH + b"\r\nContent-Encoding: deflate", {415}),
        (LENGTH, LENGTH + b"\r\nContent-Encoding: X-GZIP", {415}),
        (LENGTH, LENGTH + b"\r\nExpect: everything", {417}),
        (b"Host: films.example", b"Host: films.example\r\nHost: evil.example", {400, 401}),
    ],
)
def test_what_can_be_read_in_two_ways_is_not_read(
    tmp_path: Path, old: bytes, new: bytes, statuses: set[int]
) -> None:
    async def work(here: Station) -> None:
        assert old in SENT
        assert (await here.raw(SENT.replace(old, new, 1))).status in statuses
        assert await here.read(lambda connection: number(connection, schema.received)) == 0

    at(tmp_path, work)


def test_who_asks_whether_to_go_on_is_told_to(tmp_path: Path) -> None:
    async def work(here: Station) -> None:
        head, _, body = SENT.partition(b"\r\n\r\n")
        reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
        writer.write(head + b"\r\nExpect: 100-continue\r\n\r\n")
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).startswith(b"HTTP/1.1 100 ")
        writer.write(body)
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).startswith(b"HTTP/1.1 202 ")
        writer.close()

    at(tmp_path, work)


def test_a_body_that_comes_drop_by_drop_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive, "_BODY_SECONDS", 0.2)

    async def work(here: Station) -> None:
        assert (await here.raw(SENT[:-9])).status == 408
        assert await here.read(lambda connection: number(connection, schema.received)) == 0

    at(tmp_path, work)
