"""What `tubegen sidecar status` shows."""

import asyncio
import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import click
import msgspec

from tubegen.cli.say import count, printable
from tubegen.contract import Catalogue, VideoDocument
from tubegen.errors import InputError, Problem
from tubegen.sidecar.publishing.publish import GRACE, removals
from tubegen.sidecar.store import inbox_queue, meta, status
from tubegen.sidecar.store.database import Database, open_database

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from sqlalchemy import Connection

_ASIDE_SHOWN = 20
_FAILED = ("refused", "given up")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All that is shown; `--json` is exactly this. Times are seconds since 1970."""

    site: str
    catalogue_read: float | None
    held_removals: int
    """Videos whose removal waits for the owner's yes."""
    missing: list["LeftReport"]
    """Videos that the catalogue lacks, to be deleted unless they come back; without those held."""
    returned: list["LeftReport"]
    """Videos that are on the site again after they were deleted on other servers."""
    followers: dict[str, int]
    inbox: inbox_queue.Waits
    """What others have said and is not processed."""
    deliveries: dict[str, int]
    hosts: list[status.HostLine]
    videos: list["VideoReport"]
    sent: list[status.DeliveryLine] | None = None
    """Of the one video asked for."""


class LeftReport(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    slug: str
    title: str
    missing: float | None = None
    """Since when the catalogue lacks it."""
    deleted: float | None = None
    """When it was or will be deleted on other servers."""


class VideoReport(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    slug: str
    title: str
    first: float
    announced: bool
    deliveries: dict[str, int]


def show(database: str, *, video: str | None, as_json: bool) -> None:
    """Print the state of the sidecar whose database that is. Raises InputError for an unknown video."""
    opened = open_database(database)
    try:
        report = asyncio.run(_read(opened, video))
    finally:
        opened.close()
    if as_json:
        click.echo(msgspec.json.encode(report).decode())
    else:
        _print(report)


async def _read(database: Database, video: str | None) -> Report:
    return await database.read(lambda connection: _report(connection, video))


def _report(connection: "Connection", wanted: str | None) -> Report:
    lines = status.videos(connection, limit=20 if wanted is None else 1_000_000)
    videos = [_video(line) for line in lines]
    sent = None
    if wanted is not None:
        videos = [video for video in videos if wanted in (video.uuid, video.slug)]
        if not videos:
            raise InputError(
                Problem("--video", 0, f"no published video is called '{wanted}'", "use its slug or UUID")
            )
        sent = status.deliveries(connection, videos[0].uuid)
    read_at = meta.get(connection, meta.READ_AT)
    held = removals(connection)
    return Report(
        site=meta.get(connection, meta.BASE_URL) or "",
        catalogue_read=float(read_at) if read_at else None,
        held_removals=len(held),
        missing=_missing(connection, held),
        returned=_returned(connection),
        followers=status.followed(connection),
        inbox=inbox_queue.waits(connection),
        deliveries=status.states(connection),
        hosts=status.hosts(connection),
        videos=videos,
        sent=sent,
    )


def _missing(connection: "Connection", held: Collection[str]) -> list[LeftReport]:
    lines = (line for line in status.missing(connection) if line.uuid not in held)
    return [_left(line, missing=line.since, deleted=line.since + GRACE) for line in lines]


def _returned(connection: "Connection") -> list[LeftReport]:
    kept = meta.get(connection, meta.CATALOGUE)
    here = {entry.uuid for entry in msgspec.json.decode(kept, type=Catalogue).videos} if kept else set[str]()
    lines = (line for line in status.deleted(connection) if line.uuid in here)
    return [_left(line, deleted=line.since) for line in lines]


def _left(line: status.LeftLine, **times: float) -> LeftReport:
    document = msgspec.json.decode(line.document, type=VideoDocument)
    return LeftReport(uuid=line.uuid, slug=document.slug, title=document.title, **times)


def _video(line: status.VideoLine) -> VideoReport:
    document: dict[str, Any] = msgspec.json.decode(line.document)
    return VideoReport(
        uuid=line.uuid,
        slug=document["slug"],
        title=document["title"],
        first=line.first,
        announced=line.announced,
        deliveries=line.states,
    )


def _print(report: Report) -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    console.print(f"{report.site}: catalogue last read {_time(report.catalogue_read)}")
    if report.held_removals:
        many = count(report.held_removals, "video has", "videos have")
        console.print(
            f"{many} left the site. Removal waits for your yes: tubegen sidecar removals", soft_wrap=True
        )
    for video in report.missing:
        console.print(
            f"{_name(video)} is missing from the catalogue since {_time(video.missing)}. Unless it comes back, it is "
            f"deleted on other servers at {_time(video.deleted)}.",
            soft_wrap=True,
        )
    for video in report.returned:
        console.print(
            f"{_name(video)} is on the site again, but was deleted on other servers at {_time(video.deleted)}, "
            "for good. To publish it anew, give it a new uuid in its front matter.",
            soft_wrap=True,
        )
    if report.sent is not None:
        console.print(report.videos[0].title)
        console.print(_sent(report.sent))
        return
    _print_inbox(console, report.inbox)
    counts = ", ".join(f"{number} {state}" for state, number in sorted(report.deliveries.items()))
    console.print(f"Deliveries: {counts or 'none yet'}")
    for title, table in (
        ("Followers", _followers(report.followers)),
        ("Servers with something waiting or in trouble", _hosts(report.hosts)),
        ("Videos", _videos(report.videos)),
    ):
        if table.row_count:
            table.title = title
            console.print(table)


def _name(video: LeftReport) -> str:
    return f"'{printable(video.title)}' ({printable(video.slug)})"


def _print_inbox(console: "Console", inbox: inbox_queue.Waits) -> None:
    """Nothing while nothing waits, as nearly always."""
    if inbox.rows:
        many = count(inbox.rows, "activity", "activities")
        console.print(f"Inbox: {many} to process, the oldest of {_time(inbox.oldest)}")
    if not inbox.aside:
        return
    many = count(len(inbox.aside), "activity", "activities")
    console.print(
        f"{many} could not be processed: a mistake of tubegen's. An update may know better; nothing is lost.",
        soft_wrap=True,
    )
    table = _table("from", "came", "tries", "next try", "why")
    for line in inbox.aside[:_ASIDE_SHOWN]:
        after = _time(line.due) if line.due else "at the next start"
        table.add_row(
            printable(line.signer), _time(line.at), str(line.attempts), after, printable(line.error)
        )
    console.print(table)


def _followers(followers: dict[str, int]) -> "Table":
    table = _table("actor", "followers")
    for actor, number in sorted(followers.items()):
        table.add_row(actor, str(number))
    return table


def _hosts(hosts: list[status.HostLine]) -> "Table":
    table = _table("server", "waiting", "failures", "failing since", "next try after", "last success", "why")
    for line in hosts:
        failing = _time(line.failing_since) if line.failures else ""
        after = _time(line.open_until) if line.open_until else ""
        table.add_row(
            line.host,
            str(line.waiting),
            str(line.failures),
            failing,
            after,
            _time(line.last_success),
            printable(line.last_error),
        )
    return table


def _videos(videos: list[VideoReport]) -> "Table":
    table = _table("video", "published", "got it", "waiting", "did not")
    for video in videos:
        if not video.announced:
            table.add_row(printable(video.title), _time(video.first), "adopted silently", "", "")
            continue
        states = video.deliveries
        failed = sum(states.get(state, 0) for state in _FAILED)
        numbers = (states.get("delivered", 0), states.get("waiting", 0), failed)
        table.add_row(printable(video.title), _time(video.first), *map(str, numbers))
    return table


def _sent(sent: list[status.DeliveryLine]) -> "Table":
    table = _table("activity", "inbox", "state", "tries", "why", "next try")
    for line in sent:
        why = " ".join(part for part in (str(line.status or ""), printable(line.error)) if part)
        after = _time(line.due) if line.state == "waiting" else ""
        table.add_row(line.type, line.inbox, line.state, str(line.attempts), why, after)
    return table


def _table(*columns: str) -> "Table":
    from rich.table import Table

    table = Table(title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "never"
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC).astimezone():%Y-%m-%d %H:%M}"
