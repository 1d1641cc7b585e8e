"""A site with two videos, a few people elsewhere, and a database that nothing is committed to."""

from typing import Any

import msgspec
from sqlalchemy import Connection, Table, func, select

from tests.sidecar import documents
from tests.sidecar.stores import open_empty
from tubegen.sidecar.activitypub.ids import PUBLIC, Names
from tubegen.sidecar.activitypub.read import read
from tubegen.sidecar.inbox.process import receive
from tubegen.sidecar.model import Published, RemoteActor, Site
from tubegen.sidecar.publishing.local_actors import site_of
from tubegen.sidecar.store import publishing

NOW = 1_800_000_000.0
TIDE = "811a5436-4916-4dbd-a1dc-5c880d6cc0c5"
GONE = "0d0e7f4a-31a5-43b3-9d6c-0b8a3ab46d55"

NAMES = Names("https://films.example")
SITE = site_of(documents.catalogue(), NAMES)
NOTE, VIDEO = NAMES.note(TIDE), NAMES.video(TIDE)
PERSON, GROUP = SITE.person.id, SITE.groups[0].id


def someone(name: str = "alice", host: str = "social.example", **changes: Any) -> RemoteActor:
    """An actor of another server."""
    uri = f"https://{host}/users/{name}"
    fields: dict[str, Any] = {
        "uri": uri,
        "host": host,
        "type": "Person",
        "username": name,
        "name": name.title(),
        "url": f"https://{host}/@{name}",
        "inbox": f"{uri}/inbox",
        "shared_inbox": f"https://{host}/inbox",
        "key_id": f"{uri}#main-key",
        "key_pem": "",
        "fetched": NOW,
    }
    return RemoteActor(**fields | changes)


ALICE, BOB = someone(), someone("bob")


def publish(connection: Connection, uuid: str, *, deleted: bool = False) -> None:
    document = documents.video(uuid)
    video = Published(
        uuid=uuid, channel="films_channel", document=document, first=NOW, updated=NOW, announced=True
    )
    publishing.add(connection, video, "fingerprint")
    if deleted:
        publishing.delete(connection, uuid, NOW)


def open_scene() -> Connection:
    """A connection to a database with TIDE, and GONE, which is deleted."""
    connection = open_empty()
    publish(connection, TIDE)
    publish(connection, GONE, deleted=True)
    return connection


def told(
    connection: Connection,
    sender: RemoteActor,
    type: str,  # noqa: A002
    object: Any,  # noqa: A002
    *,
    at: float = NOW,
    site: Site = SITE,
    **fields: Any,
) -> str:
    """What comes of an activity, sent as bytes. Its id is made from the sender and the type unless given."""
    activity = {"id": f"{sender.uri}#{type}", "type": type, "actor": sender.uri, "object": object} | fields
    return receive(connection, site, read(msgspec.json.encode(activity)), sender, now=at).what


def note(author: RemoteActor = ALICE, number: int = 1, **changes: Any) -> dict[str, Any]:
    """A public reply to TIDE's Note."""
    return {
        "id": f"{author.uri}/statuses/{number}",
        "type": "Note",
        "attributedTo": author.uri,
        "inReplyTo": NOTE,
        "content": "<p>How calm!</p>",
        "published": "2027-01-15T07:00:00Z",
        "to": [PUBLIC],
        "cc": [PERSON],
    } | changes


def rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def number(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()
