"""What `tubegen sidecar removals` shows, and the owner's yes."""

import asyncio

import click
from sqlalchemy import Connection

from tubegen.cli.say import count, printable
from tubegen.contract import VideoDocument
from tubegen.sidecar.publishing.publish import confirm_removals, removals
from tubegen.sidecar.store import publishing
from tubegen.sidecar.store.database import Database, open_database


def show(database: str, *, confirm: bool) -> None:
    """List the videos whose removal waits, in the sidecar's database at that address; `confirm`: say yes to them."""
    opened = open_database(database)
    try:
        videos = asyncio.run(_take(opened, confirm))
    finally:
        opened.close()
    if not videos:
        click.echo("Nothing waits for your yes.")
        return
    for video in videos:
        click.echo(f"{printable(video.title)}  {printable(video.page)}")
    many = count(len(videos), "video")
    if confirm:
        click.echo(f"\nThe sidecar removes {many} from other servers when it reads the catalogue next.")
    else:
        click.echo(
            f"\n{many} left the site. To remove them everywhere, for good: tubegen sidecar removals --confirm"
        )


async def _take(database: Database, confirm: bool) -> list[VideoDocument]:
    if confirm:
        return await database.write(lambda connection: _documents(connection, confirm_removals(connection)))
    return await database.read(lambda connection: _documents(connection, removals(connection)))


def _documents(connection: Connection, uuids: tuple[str, ...]) -> list[VideoDocument]:
    found = (publishing.find(connection, uuid) for uuid in uuids)
    return [video.document for video in found if video is not None]
