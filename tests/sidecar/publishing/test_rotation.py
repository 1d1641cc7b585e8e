"""A new key for an actor with followers."""

from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select, update

from tests.sidecar.routes.served_site import BASE, ServedSite, build, visit
from tests.sidecar.routes.test_documents import alice
from tubegen.sidecar.publishing import key_rotation
from tubegen.sidecar.signatures.keys import rotation_id
from tubegen.sidecar.store import followers, remote_actors
from tubegen.sidecar.store.schema import activity, delivery

FILMS = f"{BASE}/ap/u/films"


def test_a_new_key_is_told_and_then_used(tmp_path: Path) -> None:
    """S-40: told once to everybody, signed by the old key, used when everybody was tried."""

    async def look(house: ServedSite) -> None:
        services = house.parts.services
        keyring = services.keyring

        def follow(connection: Any) -> None:
            remote_actors.remember(connection, alice())
            followers.add(connection, f"{BASE}/ap/c/films_channel", alice().uri, "https://there.example/f", 1)

        await house.write(follow)
        old = keyring.of(FILMS)
        new = keyring.prepare_next(FILMS)
        for _ in range(2):
            await key_rotation.advance(services)
        assert keyring.of(FILMS).public_pem == old.public_pem
        shown = await house.json("/ap/u/films")
        assert shown["publicKey"]["publicKeyPem"] == old.public_pem

        rows = await services.database.read(
            lambda c: c.execute(
                select(activity.c.uri, activity.c.actor, activity.c.body, delivery.c.inbox)
                .join(delivery, delivery.c.activity == activity.c.id)
                .where(activity.c.type == "Update")
            ).all()
        )
        assert [(row.uri, row.actor, row.inbox) for row in rows] == [
            (rotation_id(new), FILMS, "https://there.example/inbox")
        ]
        body = msgspec.json.decode(rows[0].body)
        assert (body["id"], body["object"]["publicKey"]["publicKeyPem"]) == (rows[0].uri, new.public_pem)

        # the server was away: it is tried again later, and waited for no longer
        await house.write(lambda c: c.execute(update(delivery).values(attempts=1)) and None)
        await key_rotation.advance(services)
        assert keyring.next(FILMS) is None
        assert keyring.of(FILMS).public_pem == new.public_pem
        assert keyring.of(FILMS, activity=rows[0].uri).public_pem == old.public_pem

    visit(tmp_path, look)


def test_a_new_key_is_told_once(tmp_path: Path) -> None:
    """The next reading of the catalogue does not tell it again; another name is told as ever."""

    async def look(house: ServedSite) -> None:
        def follow(connection: Any) -> None:
            remote_actors.remember(connection, alice())
            followers.add(connection, FILMS, alice().uri, "https://there.example/f", 1)

        async def updates() -> int:
            return await house.parts.services.database.read(
                lambda c: len(c.execute(select(activity.c.id).where(activity.c.type == "Update")).all())
            )

        await house.write(follow)
        house.parts.services.keyring.prepare_next(FILMS)
        await key_rotation.advance(house.parts.services)
        await house.write(lambda c: c.execute(update(delivery).values(attempts=1)) and None)
        await key_rotation.advance(house.parts.services)
        assert house.parts.services.keyring.next(FILMS) is None
        await house.parts.synchroniser.synchronise()
        assert await updates() == 1
        build(tmp_path, title="Rivers")
        await house.parts.synchroniser.synchronise()
        assert await updates() == 2

    visit(tmp_path, look)


def test_nobody_follows(tmp_path: Path) -> None:
    async def look(house: ServedSite) -> None:
        new = house.parts.services.keyring.prepare_next(FILMS)
        await key_rotation.advance(house.parts.services)
        assert house.parts.services.keyring.of(FILMS).public_pem == new.public_pem

    visit(tmp_path, look)
