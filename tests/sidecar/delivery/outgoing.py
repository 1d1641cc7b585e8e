"""Things to say, people to say them to, and a look at what became of it."""

import itertools
from typing import Any

from sqlalchemy import Connection, insert, select

from tubegen.sidecar.model import OutgoingActivity, RemoteActor
from tubegen.sidecar.store import followers, remote_actors
from tubegen.sidecar.store.schema import activity, delivery, host, job, remote_actor

PERSON = "https://films.example/ap/u/films"
GROUP = "https://films.example/ap/c/films_channel"
NOTE = "https://films.example/ap/n/1"

_numbers = itertools.count(1)


def outgoing(
    kind: str, about: str = NOTE, *, actor: str = PERSON, weight: int = 0, uri: str = ""
) -> OutgoingActivity:
    uri = uri or f"{about}#{kind.lower()}-{next(_numbers)}"
    body = {"id": uri, "type": kind, "actor": actor, "object": about}
    return OutgoingActivity(uri=uri, actor=actor, type=kind, object=about, body=body, weight=weight)


def follow(connection: Connection, uri: str, inbox: str, shared: str = "") -> None:
    """An actor of another server follows the publisher."""
    actor = RemoteActor(
        uri=uri,
        host=uri.split("/")[2],
        type="Person",
        username=uri.rsplit("/", 1)[-1],
        name="",
        url=uri,
        inbox=inbox,
        shared_inbox=shared,
        key_id=f"{uri}#main-key",
        key_pem="",
    )
    remote_actors.remember(connection, actor)
    followers.add(connection, PERSON, uri, f"{uri}#follow", 0)


def delivery_rows(connection: Connection) -> list[tuple[str, str, str]]:
    """(type, inbox, state) of all, in the order they were said."""
    query = select(activity.c.type, delivery.c.inbox, delivery.c.state).join(
        activity, activity.c.id == delivery.c.activity
    )
    return [(row.type, row.inbox, row.state) for row in connection.execute(query.order_by(delivery.c.id))]


def states(connection: Connection) -> list[str]:
    return [state for _, _, state in delivery_rows(connection)]


def host_row(connection: Connection, name: str) -> dict[str, Any]:
    return dict(connection.execute(select(host).where(host.c.host == name)).mappings().one())


def set_host(connection: Connection, name: str, **values: object) -> None:
    connection.execute(insert(host).values(host=name, **values))


def jobs_waiting(connection: Connection) -> list[tuple[str, str]]:
    return [(row.kind, row.key) for row in connection.execute(select(job).order_by(job.c.id))]


def shared_inboxes(connection: Connection) -> list[str]:
    return list(connection.execute(select(remote_actor.c.shared_inbox)).scalars())
