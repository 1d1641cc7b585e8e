"""Who follows our actors. A follower counts once for each of them, whatever it sent how often."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.sql.selectable import ScalarSelect

from tubegen.sidecar.store import moderation
from tubegen.sidecar.store.schema import blocked_by, follower, host, post, reaction, remote_actor


def add(connection: Connection, local: str, remote_uri: str, follow: str, now: float) -> str | None:
    """Note that a remembered actor follows `local` by the activity `follow`.

    Returns the id of the Follow that this one takes the place of; None when there is none or it is the same.
    """
    row = (follower.c.local == local) & (follower.c.remote == _id(remote_uri))
    before = connection.execute(select(follower.c.follow).where(row)).scalar()
    if before is None:
        connection.execute(
            insert(follower).values(local=local, remote=_id(remote_uri), follow=follow, since=now)
        )
        return None
    connection.execute(update(follower).where(row).values(follow=follow))
    return None if before == follow else before


def remove(connection: Connection, local: str, remote_uri: str, *, follow: str | None = None) -> bool:
    """Whether there was such a follower. `follow`: only if that is the Follow it follows by."""
    query = delete(follower).where(follower.c.local == local, follower.c.remote == _id(remote_uri))
    if follow is not None:
        query = query.where(follower.c.follow == follow)
    return bool(connection.execute(query).rowcount)


def remove_by_follow(connection: Connection, remote_uri: str, follow: str) -> bool:
    """Remove what an actor began with the activity `follow`, whomever it follows. Whether there was such."""
    query = delete(follower).where(follower.c.remote == _id(remote_uri), follower.c.follow == follow)
    return bool(connection.execute(query).rowcount)


def remove_all(connection: Connection, remote_uri: str) -> int:
    """An actor follows none of ours any more. How many it followed."""
    return connection.execute(delete(follower).where(follower.c.remote == _id(remote_uri))).rowcount


def leave_dead(connection: Connection, before: float) -> None:
    """Let those go whose server has failed without a break since `before` (L-8)."""
    dead = select(host.c.host).where(host.c.failing_since < before)
    theirs = select(remote_actor.c.id).where(remote_actor.c.host.in_(dead))
    connection.execute(delete(follower).where(follower.c.remote.in_(theirs)))


def count(connection: Connection, local: str) -> int:
    query = select(func.count()).select_from(follower).where(follower.c.local == local)
    return connection.execute(query).scalar_one()


def inboxes(connection: Connection, locals: Sequence[str], *, video: str = "") -> list[str]:  # noqa: A002 the field's own word
    """Where to reach the followers of some of our actors: each shared inbox once, personal ones where none is.

    With a `video`'s UUID, those who took part in it too. Who blocks one of these actors, and domains that the
    owner has blocked, get nothing.
    """
    inbox = func.coalesce(func.nullif(remote_actor.c.shared_inbox, ""), remote_actor.c.inbox)
    blocks = select(blocked_by.c.actor).where(blocked_by.c.local.in_(locals))
    reachable = select(inbox.label("inbox"), remote_actor.c.host).where(
        remote_actor.c.gone.is_(None), remote_actor.c.uri.not_in(blocks)
    )
    queries = [
        reachable.join(follower, follower.c.remote == remote_actor.c.id).where(follower.c.local.in_(locals))
    ]
    if video:
        queries += [
            reachable.join(table, table.c.actor == remote_actor.c.id).where(table.c.video == video)
            for table in (post, reaction)
        ]
    places = {(row.inbox, row.host) for query in queries for row in connection.execute(query.distinct())}
    blocked = moderation.blocked_domains(connection)
    return sorted({inbox for inbox, host in places if not moderation.is_within(host, blocked)})


def _id(uri: str) -> ScalarSelect[int]:
    return select(remote_actor.c.id).where(remote_actor.c.uri == uri).scalar_subquery()
