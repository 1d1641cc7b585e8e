"""What an activity costs, counted in CPU time of the server.

The real `tubegen sidecar`, asked over 64 connections by another process: replies, likes and boosts of 500 people on
100 servers. Every one has another signature and changes a row. Each person has been heard of a moment before, so that
keys are in memory, as they are in the baseline.

Up to the 202 an activity is verified and durable, by a web process alone: that is held against an aiohttp handler
that verifies, parses and stores in shared commits and does nothing else (`bare_inbox`), and is the row with the goal.
The next row is all that an activity ever costs, in a sidecar of all roles: it is processed, too, which takes rules and
a dozen rows read and written, and which the baseline does not do. The last is for information: the same three things
without HTTP, which nothing that speaks HTTP can come near to.
The three servers take turns, so that a busy machine is unfair to none.
"""

import asyncio
import base64
import json
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import Connection, func, select

from benchmarks.bare_inbox import bare_inbox, make_table
from benchmarks.measure import Row
from benchmarks.sidecar import cpu_seconds, database, running
from tests.sidecar.documents import video, write_catalogue
from tubegen.sidecar.activitypub.ids import PUBLIC, Names
from tubegen.sidecar.model import Json, LocalKey, RemoteActor
from tubegen.sidecar.remote.public_keys import to_pem
from tubegen.sidecar.signatures.keys import make_key
from tubegen.sidecar.signatures.sign import sign
from tubegen.sidecar.store import inbox_queue, remote_actors
from tubegen.sidecar.store.database import Database, open_database
from tubegen.sidecar.store.schema import post, reaction

PEOPLE = 500
SERVERS = 100
TURNS = 8
"""In each of them everybody says something, half of it replies and half reactions; one more goes before to warm up."""

CONNECTIONS = 64
GOAL = 0.6

_NAMES = Names("https://films.example")
_UUID = "811a5436-4916-4dbd-a1dc-5c880d6cc0c5"


class Request(msgspec.Struct, frozen=True):
    wire: bytes
    text: bytes
    """What is signed."""
    signature: bytes
    body: bytes


def rows() -> list[Row]:
    private = make_key()
    pem = to_pem(private.public_key())
    senders = [_person(n, pem) for n in range(PEOPLE)]
    turns = [
        [_request(LocalKey(sender.key_id, private, pem), _activity(sender.uri, turn)) for sender in senders]
        for turn in range(TURNS + 1)
    ]
    with tempfile.TemporaryDirectory() as name, ExitStack() as opened:
        folder = Path(name)
        servers = [
            opened.enter_context(server)
            for server in (
                _bare(folder / "bare.db", pem),
                _keeping(folder / "kept", senders),
                _working(folder / "whole", senders),
            )
        ]
        spent = [[_spent(server, requests) for server in servers] for requests in turns]
        bare, kept, whole = (sum(costs) for costs in zip(*spent[1:], strict=True))
        counted = [request for requests in turns[1:] for request in requests]
        least = _least(folder / "least.db", private.public_key(), counted)
    many = len(counted)
    stored, worked_in = "inbox: verified and stored per CPU second", "inbox: processed, too, per CPU second"
    return [
        Row("inbox: CPU time until acknowledged", kept / many * 1000, "ms", "", None, ""),
        Row(stored, many / kept, "", "bare aiohttp", bare / kept, f"≥ {GOAL}"),
        Row(worked_in, many / whole, "", "bare aiohttp", bare / whole, ""),
        Row("inbox: bare aiohttp, per CPU second", many / bare, "", "without HTTP", least / bare, ""),
    ]


class _Server(NamedTuple):
    pid: int
    port: int
    settle: Callable[[], None] = lambda: None
    """Returns when all is done that the requests so far make necessary."""


@contextmanager
def _bare(file: Path, pem: str) -> Generator[_Server]:
    with bare_inbox(file, pem) as (pid, port):
        yield _Server(pid, port)


@contextmanager
def _keeping(site: Path, senders: Sequence[RemoteActor]) -> Generator[_Server]:
    """A web process of a sidecar: all must be in the inbox queue by the end."""
    with _known(site, senders) as (opened, catalogue):
        with running(site, catalogue):
            pass  # web processes know the site by what a worker has read
        with running(site, catalogue, "--role", "web") as (pid, port):
            yield _Server(pid, port)
        assert asyncio.run(opened.read(inbox_queue.backlog)).rows == len(senders) * (TURNS + 1)


@contextmanager
def _working(site: Path, senders: Sequence[RemoteActor]) -> Generator[_Server]:
    """A sidecar of all roles: all must be processed by the end."""

    def kept(connection: Connection) -> int:
        return sum(
            connection.execute(select(func.count()).select_from(t)).scalar_one() for t in (post, reaction)
        )

    async def worked_in() -> None:
        while not await opened.read(inbox_queue.is_empty):
            await asyncio.sleep(0.02)

    with _known(site, senders) as (opened, catalogue):
        with running(site, catalogue) as (pid, port):
            time.sleep(1)  # it looks once more at the catalogue
            yield _Server(pid, port, lambda: asyncio.run(worked_in()))
        assert asyncio.run(opened.read(kept)) == len(senders) * (TURNS + 1)


@contextmanager
def _known(site: Path, senders: Sequence[RemoteActor]) -> Generator[tuple[Database, Path]]:
    """The database of a sidecar that knows `senders`, and its catalogue."""
    site.mkdir()
    opened = open_database(database(site))

    def remember(connection: Connection) -> None:
        for sender in senders:
            remote_actors.remember(connection, sender)

    try:
        asyncio.run(opened.write(remember))
        yield opened, write_catalogue(site / "catalogue", [video(_UUID)])
    finally:
        opened.close()


def _spent(server: _Server, requests: Sequence[Request]) -> float:
    """CPU seconds of a server."""
    before = cpu_seconds(server.pid)
    statuses = asyncio.run(_send(server.port, requests))
    assert statuses == {202}, statuses
    server.settle()
    return cpu_seconds(server.pid) - before


async def _send(port: int, requests: Sequence[Request]) -> set[int]:
    """The statuses that came back."""
    waiting = iter(requests)
    statuses: set[int] = set()

    async def speak(waiting: Iterator[Request]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            writer.write(request.wire)
            head = await reader.readuntil(b"\r\n\r\n")
            statuses.add(int(head[9:12]))
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
            await reader.readexactly(int(length or 0))
        writer.close()

    await asyncio.gather(*(speak(waiting) for _ in range(CONNECTIONS)))
    return statuses


def _least(file: Path, public: RSAPublicKey, requests: Sequence[Request]) -> float:
    """CPU seconds of the work itself, in one thread, nothing received and nothing answered."""
    with sqlite3.connect(file, isolation_level=None) as connection:
        make_table(connection)
        before = _cpu()
        for first in range(0, len(requests), CONNECTIONS):
            connection.execute("BEGIN IMMEDIATE")
            for request in requests[first : first + CONNECTIONS]:
                public.verify(request.signature, request.text, PKCS1v15(), SHA256())
                activity = json.loads(request.body)
                connection.execute("INSERT INTO activity VALUES (?, ?)", (activity["id"], request.body))
            connection.execute("COMMIT")
        return _cpu() - before


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _person(number: int, pem: str) -> RemoteActor:
    host = f"s{number % SERVERS}.example"
    uri = f"https://{host}/users/u{number}"
    return RemoteActor(
        uri=uri,
        host=host,
        type="Person",
        username=f"u{number}",
        name=f"Number {number}",
        url=f"https://{host}/@u{number}",
        inbox=f"{uri}/inbox",
        shared_inbox=f"https://{host}/inbox",
        key_id=f"{uri}#main-key",
        key_pem=pem,
        fetched=time.time(),
    )


def _activity(actor: str, number: int) -> Json:
    """As Mastodon writes them; without its long context, which says nothing here."""
    note, film = _NAMES.note(_UUID), _NAMES.video(_UUID)
    context = {"@context": "https://www.w3.org/ns/activitystreams"}
    if number % 2:
        kind, about = [("Like", note), ("Like", film), ("Announce", note), ("Announce", film)][number // 2]
        told = {"id": f"{actor}#{kind}-{number}", "type": kind, "actor": actor, "object": about}
        return (
            context | told | ({"to": [PUBLIC], "cc": [_NAMES.person("films")]} if kind == "Announce" else {})
        )
    uri = f"{actor}/statuses/11289{number}"
    told = {
        "id": uri,
        "type": "Note",
        "summary": None,
        "inReplyTo": note,
        "published": "2026-07-01T12:00:00Z",
        "url": f"{actor}/{number}",
        "attributedTo": actor,
        "to": [PUBLIC],
        "cc": [f"{actor}/followers", _NAMES.person("films")],
        "sensitive": False,
        "content": '<p><span class="h-card" translate="no"><a href="https://films.example/" class="u-url mention">'
        f"@<span>films</span></a></span> The light in the third part, I thought it was {number} o'clock!</p>",
        "contentMap": {"en": "The same"},
        "attachment": [],
        "tag": [{"type": "Mention", "href": _NAMES.person("films"), "name": "@films@films.example"}],
    }
    outside = {"published": told["published"], "to": told["to"], "cc": told["cc"]}
    return context | {"id": f"{uri}/activity", "type": "Create", "actor": actor, **outside, "object": told}


def _request(key: LocalKey, activity: Json) -> Request:
    body = json.dumps(activity).encode()
    headers = sign(key, "POST", _NAMES.shared_inbox, body, now=time.time())
    told = dict(part.split("=", 1) for part in headers["Signature"].split(","))
    values = {name.lower(): value for name, value in headers.items()}
    values["(request-target)"] = "post /ap/inbox"
    text = "\n".join(f"{name}: {values[name]}" for name in told["headers"].strip('"').split())
    # A front server names whom it speaks for; without it all would be one sender, who is soon held up.
    sent = headers | {"X-Forwarded-For": _address(key.id), "Content-Length": str(len(body))}
    head = "\r\n".join(["POST /ap/inbox HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())])
    return Request(
        wire=f"{head}\r\n\r\n".encode() + body,
        text=text.encode(),
        signature=base64.b64decode(told["signature"].strip('"')),
        body=body,
    )


def _address(key_id: str) -> str:
    """One for each server."""
    return f"192.0.2.{int(key_id.partition('://s')[2].partition('.')[0])}"
