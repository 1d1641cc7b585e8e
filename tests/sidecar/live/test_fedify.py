"""The sidecar and Fedify, a strict implementation of ActivityPub that is not ours, tell each other things.

Fedify checks every signature and digest before it answers, and refuses with 401 what does not fit. What it
reads has gone through a JSON-LD processor and come out as typed objects.
"""

import time
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import Connection, update

from tests.serve.loop import in_a_loop
from tests.sidecar.delivery.outgoing import host_row
from tests.sidecar.documents import video
from tests.sidecar.live.fedify import PEER, FirstKnock, Fred, fred
from tests.sidecar.live.sidecar import Sidecar, sidecar
from tests.sidecar.live.tls import Tls, make_tls
from tubegen.origin import host_of
from tubegen.sidecar.activitypub import ids
from tubegen.sidecar.publishing.publish import GRACE
from tubegen.sidecar.store import publishing, reactions, replies
from tubegen.sidecar.store.schema import host

OLD = video("5e2f9f0a-93ab-4b12-8f0a-6f2d3e1c0a11", slug="ebb", title="The ebb")
NEW = video("811a5436-4916-4dbd-a1dc-5c880d6cc0c5", slug="flood", title="The flood", duration=61.4)
EDITED = video(NEW.uuid, slug="flood", title="The great flood", duration=61.4)

PROMPTLY = 1.0
"""Seconds that somebody waits for a Follow to be accepted."""

pytestmark = pytest.mark.skipif(
    not (PEER / "node_modules").is_dir(), reason="needs Fedify: npm ci in tests/sidecar/peer"
)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return make_tls(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("first_knock", get_args(FirstKnock))
def test_fedify_and_the_sidecar_understand_each_other(
    tls: Tls, tmp_path: Path, first_knock: FirstKnock
) -> None:
    """fred's whole acquaintance with a site, from following to unfollowing."""

    async def story() -> None:
        async with sidecar(tmp_path, tls, OLD) as site, fred(tls, first_knock) as peer:
            await _he_finds_and_follows_both_voices(site, peer)
            await _he_is_told_of_a_new_video(site, peer)
            replies = await _he_replies_to_both_voices(site, peer)
            await _he_likes_and_boosts_and_takes_it_back(site, peer)
            await _it_turns_from_one_way_of_signing_to_the_other(site, peer)
            await _he_is_told_of_an_edit(site, peer)
            await _his_edits_and_deletions_take_effect(site, peer, replies)
            await _he_is_told_of_the_removal(site, peer)
            await _he_unfollows(site, peer)
            assert peer.unread == []
            # A second knock would hide that the first was not understood, by him or by us.
            assert await _way_of_signing(site, peer) == "rfc9421"
            assert "refused" not in await site.numbers()

    in_a_loop(story())


async def _he_finds_and_follows_both_voices(site: Sidecar, peer: Fred) -> None:
    person, group = _voices(site)
    for actor, kind in ((person, "Person"), (group, "Group")):
        handle = f"@{actor.rpartition('/')[2]}@{site.names.host}"
        found = await peer.look(handle)
        assert (found["type"], found["id"]) == (kind, actor)
        follow = await peer.follow(actor)
        accept = await peer.arrived("Accept", follow, within=PROMPTLY)
        assert accept["actor"] == actor
        assert await site.total(ids.followers(actor)) == 1


async def _he_is_told_of_a_new_video(site: Sidecar, peer: Fred) -> None:
    person, group = _voices(site)
    note, film = site.names.note(NEW.uuid), site.names.video(NEW.uuid)
    site.publish(OLD, NEW)

    created = await peer.arrived("Create", note)
    assert created["actor"] == person
    post = created["embedded"]
    assert (post["type"], post["attributedTo"], post["url"]) == ("Note", [person], NEW.page)
    assert NEW.title in post["content"]
    assert NEW.social
    attached = {"type": "Document", "mediaType": "video/mp4", "url": NEW.social.url}
    assert post["attachments"] == [attached]
    assert await peer.look(note) == post

    assert (await peer.arrived("Announce", film))["actor"] == group
    found = await peer.look(film)
    assert (found["type"], found["name"], found["duration"]) == ("Video", NEW.title, round(NEW.duration))
    assert found["attributedTo"] == [person, group]


async def _he_replies_to_both_voices(site: Sidecar, peer: Fred) -> dict[str, str]:
    """His replies by what they answer."""
    replies: dict[str, str] = {}
    for voice in (site.names.note(NEW.uuid), site.names.video(NEW.uuid)):
        replies[voice] = await peer.reply(voice, "wet feet")
        assert await _thread(site, voice) == [replies[voice]]
    return replies


async def _he_likes_and_boosts_and_takes_it_back(site: Sidecar, peer: Fred) -> None:
    note, film = site.names.note(NEW.uuid), site.names.video(NEW.uuid)
    likes = [await peer.like(note), await peer.like(film)]
    boosts = [await peer.boost(note), await peer.boost(film)]
    # whoever likes both voices likes one video
    assert await site.total(f"{note}/likes") == await site.total(f"{film}/likes") == 1
    assert await site.database(_boosts) == 1

    for left, activity in ((1, likes[0]), (0, likes[1])):
        await peer.undo(activity)
        assert await site.total(f"{film}/likes") == left
    for left, activity in ((1, boosts[0]), (0, boosts[1])):
        await peer.undo(activity)
        assert await site.database(_boosts) == left


async def _it_turns_from_one_way_of_signing_to_the_other(site: Sidecar, peer: Fred) -> None:
    """What was sent so far did as it was; the rest goes by RFC 9421, as to a host that once took no other."""
    assert await _way_of_signing(site, peer) == "cavage"
    await site.database(lambda connection: connection.execute(update(host).values(scheme="rfc9421")))


async def _he_is_told_of_an_edit(site: Sidecar, peer: Fred) -> None:
    person, _ = _voices(site)
    note, film = site.names.note(NEW.uuid), site.names.video(NEW.uuid)
    site.publish(OLD, EDITED)

    update = await peer.arrived("Update", note)
    assert (update["actor"], update["embedded"]["type"]) == (person, "Note")
    assert EDITED.title in update["embedded"]["content"]
    assert update["embedded"]["updated"]

    update = await peer.arrived("Update", film)
    assert (update["actor"], update["embedded"]["type"]) == (person, "Video")
    assert update["embedded"]["name"] == EDITED.title == (await peer.look(film))["name"]


async def _his_edits_and_deletions_take_effect(site: Sidecar, peer: Fred, replies: dict[str, str]) -> None:
    for voice, reply in replies.items():
        await peer.edit(reply, "dry feet")
        assert await _thread(site, voice) == [reply]
        assert "<p>dry feet</p>" in await site.database(_words)
        await peer.remove(reply)
        assert await _thread(site, voice) == []


async def _he_is_told_of_the_removal(site: Sidecar, peer: Fred) -> None:
    person, group = _voices(site)
    note, film = site.names.note(NEW.uuid), site.names.video(NEW.uuid)
    long_ago = time.time() - GRACE
    await site.database(lambda connection: publishing.miss(connection, NEW.uuid, long_ago))
    site.publish(OLD)

    undo = await peer.arrived("Undo", f"{film}/activity/announce")
    assert (undo["actor"], undo["embedded"]["type"]) == (group, "Announce")
    for gone in (film, note):
        delete = await peer.arrived("Delete", gone)
        assert undo["number"] < delete["number"]
        assert (delete["actor"], delete["embedded"]["type"]) == (person, "Tombstone")
        assert (await site.document(gone, status=410))["type"] == "Tombstone"


async def _he_unfollows(site: Sidecar, peer: Fred) -> None:
    for actor in _voices(site):
        again = await peer.follow(actor)
        await peer.arrived("Accept", again, within=PROMPTLY)
        await peer.undo(again)
        assert await site.total(ids.followers(actor)) == 0


def _voices(site: Sidecar) -> tuple[str, str]:
    return site.names.person("films"), site.names.group("films_channel")


async def _thread(site: Sidecar, voice: str) -> list[str]:
    """The replies to one of a video's ids, as anybody can read them."""
    replies = await site.document(f"{voice}/replies")
    items = (await site.document(replies["first"]))["items"]
    assert replies["totalItems"] == len(items)
    return items


async def _way_of_signing(site: Sidecar, peer: Fred) -> str:
    """That of the last delivery to fred's server."""
    row = await site.database(lambda connection: host_row(connection, host_of(peer.actor)))
    return row["scheme"]


def _words(connection: Connection) -> set[str]:
    return {reply.html for reply in replies.replies(connection, NEW.uuid)}


def _boosts(connection: Connection) -> int:
    return reactions.count(connection, NEW.uuid, "boost")
