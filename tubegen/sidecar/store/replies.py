"""What people answer to our videos: one conversation for each video, whichever of its two ids they answer to."""

from typing import Literal

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from tubegen.sidecar.activitypub.ids import Voice
from tubegen.sidecar.store import moderation
from tubegen.sidecar.store.schema import post, published, remote_actor

Verdict = Literal["shown", "hidden"]


class Place(msgspec.Struct, frozen=True):
    """Where in a conversation a post stands."""

    video: str
    """UUID"""
    target: Voice
    """Which of the video's ids the thread answers to."""
    depth: int
    """0: the video itself."""


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A reply to be kept. Times are seconds since 1970."""

    uri: str
    video: str
    target: Voice
    in_reply_to: str
    url: str
    html: str
    """Sanitised."""
    warning: str
    language: str
    visibility: str
    """`public` or `unlisted`; nothing narrower is ever kept."""
    published: float
    updated: float | None


class Known(msgspec.Struct, frozen=True):
    """A post that is kept."""

    author: str
    """Id of the actor."""
    updated: float | None
    """When its author last changed it; None when that never was."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply as the world may see it. All but `html` is plain text of strangers."""

    uri: str
    url: str
    in_reply_to: str
    html: str
    warning: str
    language: str
    published: float
    updated: float | None
    author: str
    author_name: str
    author_handle: str
    """`user@host`"""
    author_url: str
    searchable: bool
    """False: its author asks search engines to pass it by (interop I-24)."""


# What every activity asks is written once: to build a statement takes longer than to run it.
_OF: BindParameter[str] = bindparam("of")
_ALIVE = select(published.c.uuid).where(published.c.uuid == _OF, published.c.deleted.is_(None))
_STANDS = select(post.c.video, post.c.target, post.c.in_reply_to).where(post.c.uri == _OF)
_ABOVE = select(post.c.in_reply_to).where(post.c.uri == _OF)
_AUTHOR = select(remote_actor.c.uri).join(post, post.c.actor == remote_actor.c.id).where(post.c.uri == _OF)
_KNOWN = (
    select(remote_actor.c.uri, post.c.updated)
    .join(post, post.c.actor == remote_actor.c.id)
    .where(post.c.uri == _OF)
)
_COUNT_BY = (
    select(func.count(post.c.uri))
    .join(remote_actor, post.c.actor == remote_actor.c.id)
    .where(remote_actor.c.uri == _OF, post.c.video == bindparam("to"))
)
_INSERT = insert(post)
_UPDATE = update(post).where(post.c.uri == _OF)


def alive(connection: Connection, uuid: str) -> bool:
    """Whether a video of ours is published and not deleted."""
    return connection.execute(_ALIVE, {"of": uuid}).first() is not None


def count_by(connection: Connection, actor: str, video: str) -> int:
    """How many replies to a video are kept of an actor."""
    return connection.execute(_COUNT_BY, {"of": actor, "to": video}).scalar_one()


def place(connection: Connection, uri: str, *, deepest: int) -> Place | None:
    """Where a kept post stands; None when it is not kept or stands deeper than `deepest`."""
    row = connection.execute(_STANDS, {"of": uri}).first()
    if row is None:
        return None
    depth, above = 1, row.in_reply_to
    while depth <= deepest:
        above = connection.execute(_ABOVE, {"of": above}).scalar()
        if above is None:
            return Place(row.video, row.target, depth)
        depth += 1
    return None


def author(connection: Connection, uri: str) -> str | None:
    """The id of the actor that wrote a kept post; None when it is not kept."""
    return connection.execute(_AUTHOR, {"of": uri}).scalar()


def known(connection: Connection, uri: str) -> Known | None:
    row = connection.execute(_KNOWN, {"of": uri}).first()
    return None if row is None else Known(*row)


def add(connection: Connection, new: Post, actor: int, now: float) -> None:
    """Keep a post by the actor in row `actor` that is not `known`."""
    connection.execute(_INSERT, msgspec.structs.asdict(new) | {"actor": actor, "at": now})


def change(connection: Connection, edited: Post) -> None:
    """Keep an edit of a post. The owner's verdict on it stays."""
    connection.execute(_UPDATE, msgspec.structs.asdict(edited) | {"of": edited.uri})


def judge(connection: Connection, address: str, verdict: Verdict) -> bool:
    """The owner's verdict on the post with this id, or with this page. Whether there is one."""
    these = or_(post.c.uri == address, post.c.url == address)
    return bool(connection.execute(update(post).where(these).values(state=verdict)).rowcount)


def drop(connection: Connection, uri: str) -> bool:
    """Whether there was such a post."""
    return bool(connection.execute(delete(post).where(post.c.uri == uri)).rowcount)


def by(connection: Connection, actor: str) -> list[str]:
    """The ids of an actor's kept posts."""
    query = select(post.c.uri).join(remote_actor, post.c.actor == remote_actor.c.id)
    return list(connection.execute(query.where(remote_actor.c.uri == actor)).scalars())


def replies(
    connection: Connection, video: str, target: Voice | None = None, *, offset: int = 0, limit: int = 60
) -> list[Reply]:
    """Those that may be shown on the web, oldest first; to one of the video's ids, or to both."""
    query = select(
        post.c.uri,
        post.c.url,
        post.c.in_reply_to,
        post.c.html,
        post.c.warning,
        post.c.language,
        post.c.published,
        post.c.updated,
        remote_actor.c.uri.label("author"),
        remote_actor.c.name.label("author_name"),
        (remote_actor.c.username + "@" + remote_actor.c.host).label("author_handle"),
        remote_actor.c.url.label("author_url"),
        (~remote_actor.c.hides.contains("search")).label("searchable"),
    )
    query = query.join(remote_actor, post.c.actor == remote_actor.c.id).where(_shown(video, target))
    rows = connection.execute(query.order_by(post.c.published, post.c.uri).offset(offset).limit(limit))
    return [Reply(**row) for row in rows.mappings()]


def count(connection: Connection, video: str, target: Voice | None = None) -> int:
    """How many `replies` there are."""
    query = select(func.count(post.c.uri)).join(remote_actor, post.c.actor == remote_actor.c.id)
    return connection.execute(query.where(_shown(video, target))).scalar_one()


def _shown(video: str, target: Voice | None) -> ColumnElement[bool]:
    """Public, not hidden by the owner, not of a blocked domain, and not by an author who wants no public posts on the
    web (I-21…I-23)."""
    return and_(
        post.c.video == video,
        post.c.target == target if target else true(),
        post.c.visibility == "public",
        post.c.state == "shown",
        ~remote_actor.c.hides.contains("public"),
        ~moderation.blocks(remote_actor.c.host),
    )
