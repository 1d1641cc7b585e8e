"""Keeps the sidecar in step with the catalogue, and knows who we are meanwhile."""

import asyncio

import msgspec
from sqlalchemy import Connection

from tubegen.contract import Catalogue
from tubegen.errors import InputError, Problem
from tubegen.sidecar.catalogue import Snapshot, read_catalogue
from tubegen.sidecar.domain.publish import Told, publish, publish_profiles
from tubegen.sidecar.fetch import Fetcher
from tubegen.sidecar.keys import KeyRing
from tubegen.sidecar.model import Site
from tubegen.sidecar.names import Names
from tubegen.sidecar.settings import Clock, Settings
from tubegen.sidecar.site import site_of
from tubegen.sidecar.store import locks, meta
from tubegen.sidecar.store.database import Database
from tubegen.sidecar.vocab import activities


class Synchroniser:
    """`site` is what the last good catalogue said, also after a restart without one."""

    def __init__(
        self,
        settings: Settings,
        *,
        database: Database,
        fetcher: Fetcher,
        keyring: KeyRing,
        clock: Clock,
        wake: asyncio.Event,
    ) -> None:
        self._settings = settings
        self._database = database
        self._fetcher = fetcher
        self._keyring = keyring
        self._clock = clock
        self._wake = wake
        self._names = Names(settings.base_url)
        self._snapshot: Snapshot | None = None
        self._site: Site | None = None

    def site(self) -> Site | None:
        """Who we are; None until a catalogue has been read once."""
        return self._site

    async def restore(self) -> None:
        """Take up what the last run knew. Raises InputError when the database belongs to another host."""

        def claim(connection: Connection) -> str | None:
            ours = meta.get(connection, meta.BASE_URL)
            if ours is None:
                meta.put(connection, meta.BASE_URL, self._settings.base_url)
            elif ours != self._settings.base_url:
                raise InputError(
                    Problem(
                        "",
                        0,
                        f"the database belongs to {ours}, not to {self._settings.base_url}",
                        "followers know the site by that address: keep it, or begin with a new database",
                    )
                )
            return meta.get(connection, meta.CATALOGUE)

        if kept := await self._database.write(claim):
            self._site = site_of(msgspec.json.decode(kept, type=Catalogue), self._names)

    async def synchronise(self) -> Told:
        """Read the catalogue and tell what is new. Raises CatalogueError; then nothing has changed."""
        known = self._snapshot
        snapshot = await read_catalogue(self._settings.catalogue, self._fetcher, known=known)
        site = site_of(snapshot.catalogue, self._names)
        now = self._clock()
        actors = (site.person, *site.groups)
        # in threads: a new actor's key takes a while to make
        keys = await asyncio.gather(*(asyncio.to_thread(self._keyring.of, actor.id) for actor in actors))
        profiles = {
            actor.id: activities.update_actor(site, actor, key, self._settings, now=now)
            for actor, key in zip(actors, keys, strict=True)
        }

        def tell(connection: Connection) -> Told:
            locks.hold(connection, meta.CATALOGUE)  # another worker may have seen the same change
            meta.put(connection, meta.CATALOGUE, msgspec.json.encode(snapshot.catalogue).decode())
            meta.put(connection, meta.READ_AT, str(now))
            publish_profiles(connection, site, profiles, now)
            return publish(connection, site, snapshot.documents, now=now)

        told = await self._database.write(tell)
        self._snapshot, self._site = snapshot, site
        self._wake.set()
        return told
