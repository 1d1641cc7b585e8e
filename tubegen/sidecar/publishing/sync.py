"""Keeps the sidecar in step with the catalogue, and knows who we are meanwhile."""

import asyncio
import logging

import msgspec
from sqlalchemy import Connection

from tubegen.contract import Catalogue
from tubegen.errors import InputError, Problem
from tubegen.sidecar.activitypub import activities
from tubegen.sidecar.activitypub.ids import Names
from tubegen.sidecar.model import Site
from tubegen.sidecar.publishing.catalogue import Snapshot, read_catalogue
from tubegen.sidecar.publishing.local_actors import site_of
from tubegen.sidecar.publishing.publish import PublishReport, publish, publish_profiles
from tubegen.sidecar.publishing.publish_log import Announced
from tubegen.sidecar.remote.fetch import Fetcher
from tubegen.sidecar.settings import Clock, Settings
from tubegen.sidecar.signatures.keys import KeyRing
from tubegen.sidecar.store import locks, meta, publishing
from tubegen.sidecar.store.database import Database

_log = logging.getLogger(__name__)


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
        self._announced = Announced(settings.keys, self._names)
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

    async def synchronise(self) -> PublishReport:
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

        before = await asyncio.to_thread(self._announced.read)

        def tell(connection: Connection) -> tuple[PublishReport, dict[str, float]]:
            locks.hold(connection, meta.CATALOGUE)  # another worker may have seen the same change
            meta.put(connection, meta.CATALOGUE, msgspec.json.encode(snapshot.catalogue).decode())
            meta.put(connection, meta.READ_AT, str(now))
            publish_profiles(connection, site, profiles, now)
            report = publish(connection, site, snapshot.documents, now=now, before=before)
            return report, publishing.firsts(connection)

        report, published = await self._database.write(tell)
        self._snapshot, self._site = snapshot, site
        self._wake.set()
        await asyncio.to_thread(self._note, {u: first for u, first in published.items() if u not in before})
        return report

    def _note(self, films: dict[str, float]) -> None:
        """Only what the database holds already is noted: after a crash between the two it is noted the next time."""
        try:
            self._announced.add(films)
        except OSError as error:  # nothing depends on it until an old copy of the database is put back
            _log.warning("cannot note what was published", extra={"error": str(error)})
