"""Every request that real servers sent, at its time, through the inbox: believed, understood, processed."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, select

from tests.fixtures import CAPTURES
from tests.serve.loop import in_a_loop
from tests.sidecar import documents
from tests.sidecar.inbox.station import Station, Town, station
from tests.sidecar.signatures.captures import KEYLESS, Capture, captures, keys
from tubegen.sidecar.activitypub import sanitize
from tubegen.sidecar.activitypub.ids import PUBLIC, Names, Voice
from tubegen.sidecar.activitypub.read import addressed, first_id
from tubegen.sidecar.model import LocalActor, RemoteActor, Site
from tubegen.sidecar.publishing.local_actors import site_of
from tubegen.sidecar.remote.actor_document import read_actor
from tubegen.sidecar.store import remote_actors, schema


class RecordedNames(Names, frozen=True):
    """The ids that the recorded servers knew: `/o/…` and `/d/…` are videos."""

    def about(self, uri: str) -> tuple[Voice, str] | None:
        for voice, room in (("note", "o"), ("video", "d")):
            if uri.startswith(f"{self.base}/{room}/"):
                return voice, uri.rpartition("/")[2]
        return None


def recorded_site(base: str, person: str, group: str) -> Site:
    names = RecordedNames(base)
    made = site_of(documents.catalogue(), names)

    def at(actor: LocalActor, path: str) -> LocalActor:
        return msgspec.structs.replace(actor, id=base + path)

    return msgspec.structs.replace(made, person=at(made.person, person), groups=(at(made.groups[0], group),))


SINK = recorded_site("https://sink.test", "/users/sink", "/users/driven")
OLGA = recorded_site("http://127.0.0.1:9101", "/accounts/olga", "/video-channels/olgachan")


@cache
def posts() -> tuple[Capture, ...]:
    found = [capture for capture in captures() if capture.actor]
    return tuple(sorted(found, key=lambda capture: (capture.time, capture.name)))


def of(server: str) -> list[Capture]:
    return [capture for capture in posts() if capture.name.startswith(f"{server}/")]


def told(capture: Capture) -> dict[str, Any]:
    return json.loads(capture.request.body)


@cache
def town() -> tuple[RemoteActor, ...]:
    files = [*CAPTURES.glob("*/actors/*.json"), *CAPTURES.glob("peertube/actor-*.json")]
    return tuple(read_actor(whole(json.loads(file.read_text())), fetched=1.0) for file in files)


def whole(document: dict[str, Any]) -> dict[str, Any]:
    """Of two accounts no more than the stub with the key was kept."""
    uri = document["id"].removesuffix("/main-key")
    stub = {"inbox": f"{uri}/inbox", "type": "Person", "preferredUsername": uri.rpartition("/")[2]}
    return stub | document | {"id": uri}


def videos(site: Site) -> set[str]:
    found = {part for capture in posts() for part in capture.request.body.decode().split('"')}
    return {about[1] for part in found if (about := site.names.about(part.replace("\\", "")))}


async def replay(here: Station, capture: Capture) -> int:
    here.now = capture.time
    return (await here.send(capture.request)).status


def replayed(folder: Path, site: Site, server: str, look: Any) -> None:
    """Send what `server` sent, in its order, and `look` after each."""

    async def work() -> None:
        networks = ("127.0.0.0/8",) if site is OLGA else ()
        everybody = Town(town(), keys())
        async with station(folder, everybody, site=site, videos=videos(site), networks=networks) as here:
            assert len(of(server)) > 3
            for capture in of(server):
                await look(here, capture)

    in_a_loop(work())


@pytest.mark.parametrize("server", ["gotosocial", "snac2", "takahe", "fedify", "pasture"])
def test_what_microblogs_sent_has_its_effect(server, tmp_path):
    async def look(here: Station, capture: Capture) -> None:
        status = await replay(here, capture)
        if capture.name in KEYLESS:
            assert status == 401, capture.name
            return
        assert status == 202, capture.name
        effect = await here.read(lambda connection: seen(connection, here.site, told(capture)))
        assert effect is True, (capture.name, effect)

    replayed(tmp_path, SINK, server, look)


def test_what_peertube_sent_has_its_effect_and_what_it_forwarded_is_not_believed(tmp_path):
    async def look(here: Station, capture: Capture) -> None:
        status = await replay(here, capture)
        if "forwarded" in capture.name:
            assert status == 401, capture.name
            return
        assert status == 202, capture.name
        effect = await here.read(lambda connection: seen(connection, here.site, told(capture)))
        assert effect is True, (capture.name, effect)

    replayed(tmp_path, OLGA, "peertube", look)


def test_each_capture_with_one_byte_changed_is_refused_and_has_no_effect(tmp_path):
    async def look(here: Station, capture: Capture) -> None:
        body = capture.request.body
        forged = msgspec.structs.replace(capture.request, body=body.replace(b'"type"', b'"tYpe"', 1) + b" ")
        here.now = capture.time
        assert (await here.send(forged)).status in (400, 401), capture.name
        bare = tuple(pair for pair in capture.request.headers if "signature" not in pair[0].lower())
        unsigned = msgspec.structs.replace(capture.request, headers=bare)
        assert (await here.send(unsigned)).status in (202, 401), capture.name
        assert await here.read(empty), capture.name

    replayed(tmp_path, SINK, "gotosocial", look)


def empty(connection: Connection) -> bool:
    tables = (schema.follower, schema.post, schema.reaction, schema.report, schema.received, schema.activity)
    return not any(connection.execute(select(table)).first() for table in tables)


def seen(connection: Connection, site: Site, activity: dict[str, Any]) -> Any:
    """True when what `activity` asked for is how things stand; else what is found."""
    actor, target = first_id(activity["actor"]), activity.get("object")
    inner = target if isinstance(target, dict) else {}
    kind = activity["type"]
    if kind == "Undo":
        about = first_id(inner.get("object"))
        return not standing(connection, site, inner["type"], actor, about)
    if kind in ("Create", "Update") and inner.get("type") == "Note":
        return kept(connection, site, inner)
    if kind == "Update" and first_id(target) == actor:
        handlers = connection.execute(select(schema.job.c.key)).scalars().all()
        return remote_actors.find(connection, actor) is None or actor in handlers
    if kind == "Delete":
        gone = connection.execute(
            select(schema.post.c.uri).where(schema.post.c.uri == first_id(target))
        ).first()
        return gone is None and (first_id(target) != actor or remote_actors.find(connection, actor) is None)
    if kind == "Follow" and first_id(target) in {local.id for local in site.actors}:
        return accepted(connection, activity) and standing(connection, site, kind, actor, first_id(target))
    if kind == "Flag":
        return bool(
            connection.execute(
                select(schema.report.c.uri).where(schema.report.c.uri == activity["id"])
            ).first()
        )
    about = first_id(target)
    ours = site.names.about(about) or about in {local.id for local in site.actors}
    return standing(connection, site, kind, actor, about) if ours else True


def standing(connection: Connection, site: Site, kind: str, actor: str, about: str) -> bool:
    who = select(schema.remote_actor.c.id).where(schema.remote_actor.c.uri == actor).scalar_subquery()
    query = {
        "Follow": select(schema.follower).where(
            schema.follower.c.remote == who, schema.follower.c.local == about
        ),
        "Block": select(schema.blocked_by).where(
            schema.blocked_by.c.actor == actor, schema.blocked_by.c.local == about
        ),
    }.get(kind)
    if query is None:
        counted = {"Like": "like", "Announce": "boost", "Dislike": "dislike"}.get(kind)
        if counted is None:
            return True
        mine = schema.reaction.c.actor == who
        query = select(schema.reaction).where(
            mine, schema.reaction.c.target == about, schema.reaction.c.kind == counted
        )
    return connection.execute(query).first() is not None


def accepted(connection: Connection, follow: dict[str, Any]) -> bool:
    actor = remote_actors.find(connection, first_id(follow["actor"]))
    query = select(schema.activity.c.body, schema.delivery.c.inbox).join(schema.delivery)
    return any(
        (json.loads(body)["object"]["id"], inbox) == (follow["id"], actor.inbox if actor else "")
        for body, inbox in connection.execute(query)
    )


def kept(connection: Connection, site: Site, note: dict[str, Any]) -> Any:
    row = connection.execute(select(schema.post).where(schema.post.c.uri == note["id"])).mappings().first()
    public = (
        "public"
        if PUBLIC in addressed(note, "to")
        else "unlisted"
        if PUBLIC in addressed(note, "cc")
        else None
    )
    if public is None or not site.names.about(first_id(note.get("inReplyTo"))):
        return row is None or dict(row)
    if row is None:
        return "not kept"
    markdown = note.get("mediaType") == "text/markdown"
    html = sanitize.paragraphs(note["content"]) if markdown else sanitize.html(note["content"])
    return (row["visibility"], row["html"]) == (public, html) or dict(row)
