"""Likes, dislikes and boosts: each actor counts once for a video, over both of its ids (twovoices R6)."""

from typing import Literal

from sqlalchemy import ColumnElement, Connection, delete, func, select

from tubegen.sidecar.store.dialect import upsert
from tubegen.sidecar.store.schema import reaction, remote_actor

Kind = Literal["like", "dislike", "boost"]

_KEY = (reaction.c.kind, reaction.c.actor, reaction.c.target, reaction.c.emoji)
_PUT = upsert(
    reaction,
    lambda new: new.on_conflict_do_update(
        index_elements=_KEY, set_={name: new.excluded[name] for name in ("video", "activity", "at")}
    ),
)


def put(
    connection: Connection,
    kind: Kind,
    actor: int,
    target: str,
    *,
    video: str,
    emoji: str,
    activity: str,
    now: float,
) -> None:
    """Keep what the actor in row `actor` says of `target`. A like and each emoji stand beside each other."""
    row = {"kind": kind, "actor": actor, "target": target, "video": video, "emoji": emoji}
    connection.execute(_PUT[connection.dialect.name], row | {"activity": activity, "at": now})


def remove_by_activity(connection: Connection, actor: str, activity: str, emoji: str = "") -> bool:
    """Take back what an actor said with an activity. Whether there was such.

    snac2 gives all emoji for a post one id: the `emoji` tells which; an Undo that leaves it out means them all.
    """
    said = delete(reaction).where(_by(actor), reaction.c.activity == activity)
    return bool(
        connection.execute(said.where(reaction.c.emoji == emoji)).rowcount
        or connection.execute(said).rowcount
    )


def remove(connection: Connection, actor: str, kind: Kind, target: str, emoji: str = "") -> bool:
    """Take back what an actor said of `target`. Whether there was such."""
    query = delete(reaction).where(
        _by(actor), reaction.c.kind == kind, reaction.c.target == target, reaction.c.emoji == emoji
    )
    return bool(connection.execute(query).rowcount)


def count(connection: Connection, video: str, kind: Kind) -> int:
    """How many actors reacted so to a video."""
    query = select(func.count(reaction.c.actor.distinct()))
    return connection.execute(query.where(reaction.c.video == video, reaction.c.kind == kind)).scalar_one()


def _by(actor: str) -> ColumnElement[bool]:
    return reaction.c.actor == select(remote_actor.c.id).where(remote_actor.c.uri == actor).scalar_subquery()
