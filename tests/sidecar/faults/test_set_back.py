"""The clock is set back, an old backup is put in place, a catalogue is broken: nobody is told a wrong thing."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from tests.serve.loop import in_a_loop
from tests.sidecar.delivery.outgoing import follow, outgoing
from tests.sidecar.documents import video
from tests.sidecar.routes.served_site import BASE, TIDE, ServedSite, build, house, visit
from tests.sidecar.stores import open_empty
from tubegen.sidecar.activitypub.ids import Names
from tubegen.sidecar.publishing.catalogue import CatalogueError
from tubegen.sidecar.store import deliveries, hosts, jobs, publishing, schema

NAMES = Names(BASE)
EBB = "0f8d7403-c327-4a76-b595-4b588bb0f3be"
FLOOD = "2f1c5f0e-6d2b-4a43-9c77-0a5a4bb6f5a1"
NEAP = "3a7c9d10-8f3e-4f0e-9a65-5d9a4b1fd0c2"
OLD = "2026-01-01T00:00:00Z"
YEAR = 365 * 86400.0
NOW = 1_800_000_000.0


@pytest.mark.usefixtures("both_stores")
def test_what_was_arranged_by_a_clock_that_was_ahead_is_done_now() -> None:
    connection = open_empty()
    ahead = NOW + YEAR
    deliveries.enqueue(connection, outgoing("Create"), ["https://social.example/inbox"], now=ahead)
    jobs.ask(connection, "look", "https://social.example/1", due=ahead)
    hosts.lease(connection, "worker", ahead, 1)
    (leased,) = hosts.lease(connection, "worker", NOW, 1)
    assert leased.host == "social.example"
    assert deliveries.take(connection, "social.example", NOW) is not None
    assert [job.kind for job in jobs.take(connection, ["look"], NOW, 5)] == ["look"]


@pytest.mark.usefixtures("both_stores")
def test_what_waits_for_a_day_goes_on_waiting() -> None:
    connection = open_empty()
    deliveries.enqueue(connection, outgoing("Create"), ["https://social.example/inbox"], now=NOW + 86400)
    jobs.ask(connection, "look", "https://social.example/1", due=NOW + 86400)
    assert hosts.lease(connection, "worker", NOW, 1) == []
    assert deliveries.take(connection, "social.example", NOW) is None
    assert jobs.take(connection, ["look"], NOW, 5) == []


def told(connection: Connection) -> list[tuple[str, str]]:
    """What was ever said, and about what."""
    rows = connection.execute(select(schema.activity.c.type, schema.activity.c.object))
    return [(row.type, row.object) for row in rows]


async def tell(here: ServedSite) -> list[tuple[str, str]]:
    """Everything said, once the catalogue has been read."""
    await here.parts.synchroniser.synchronise()
    return await here.parts.services.database.read(told)


def films(*uuids: str) -> tuple[Any, ...]:
    return tuple(video(uuid, slug=uuid[:4], published=OLD) for uuid in uuids)


@pytest.mark.parametrize("noted", [True, False])
def test_an_old_backup(tmp_path: Path, noted: bool) -> None:
    """What was announced is announced no more, whether the backup knows it or only the file beside the keys, and
    keeps its date; what is new is announced. Without that file too, what the backup does not know is told once more,
    with the same addresses of the Note and the Video, by which every server knows them again.
    """
    build(tmp_path, films(TIDE))
    backup = tmp_path / "backup.db"

    async def run() -> None:
        async with house(tmp_path) as here:
            await here.write(lambda c: follow(c, "https://a.example/u", "https://a.example/inbox"))
            build(tmp_path, films(TIDE, EBB))
            before = await tell(here)
            files = tmp_path / "state/sidecar.sqlite", backup
            with closing(sqlite3.connect(files[0])) as live, closing(sqlite3.connect(files[1])) as copy:
                live.backup(copy)
            build(tmp_path, films(TIDE, EBB, FLOOD))
            after = await tell(here)
        assert before == announced(EBB)
        assert after == before + announced(FLOOD)
        for file in (tmp_path / "state").glob("sidecar.sqlite*"):
            file.unlink()
        backup.rename(tmp_path / "state/sidecar.sqlite")
        if not noted:
            (tmp_path / "state/keys/announced.txt").unlink()
        later = NOW + YEAR
        async with house(tmp_path, read=False, clock=lambda: later) as here:
            assert await tell(here) == await tell(here) == (before if noted else after)
            dates = [(await here.json(f"/ap/n/{uuid}"))["published"] for uuid in (EBB, FLOOD)]
            assert (dates[0] == dates[1]) == noted
            build(tmp_path, films(TIDE, EBB, FLOOD, NEAP))
            assert (await tell(here))[-2:] == announced(NEAP)

    in_a_loop(run())


def announced(uuid: str) -> list[tuple[str, str]]:
    return [("Create", NAMES.note(uuid)), ("Announce", NAMES.video(uuid))]


@pytest.mark.parametrize("left", [b"", b"{", b'{"version":1}', None], ids=["empty", "half", "bare", "gone"])
def test_a_broken_catalogue_takes_nothing_back(tmp_path: Path, left: bytes | None) -> None:
    async def look(here: ServedSite) -> None:
        index = tmp_path / "public/federation/index.json"
        whole = index.read_bytes()
        index.unlink()
        if left is not None:
            index.write_bytes(left)
        for _ in range(3):
            with pytest.raises(CatalogueError):
                await here.parts.synchroniser.synchronise()
        (known,) = (await here.parts.services.database.read(publishing.known)).values()
        assert (known.missing, known.deleted) == (None, None)
        assert (await here.json(f"/ap/n/{TIDE}"))["type"] == "Note"
        index.write_bytes(whole)
        assert await tell(here) == []

    visit(tmp_path, look)
