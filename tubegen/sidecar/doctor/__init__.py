"""Looks at a site that runs from outside, as other servers and their users meet it.

All that is asked for is public; one request is signed by the site's own instance actor and changes nothing.
"""

import ssl
from collections.abc import AsyncIterator

from tubegen.contract import VideoDocument
from tubegen.errors import InputError, Problem
from tubegen.sidecar.activitypub.ids import Names
from tubegen.sidecar.doctor.finding import Finding, bad
from tubegen.sidecar.doctor.identity import examine_identity
from tubegen.sidecar.doctor.media import examine_catalogue, examine_media
from tubegen.sidecar.doctor.outside import Outside, Unanswered, outside
from tubegen.sidecar.doctor.passage import examine_certificate, examine_passage
from tubegen.sidecar.model import Site
from tubegen.sidecar.publishing.catalogue import Snapshot, read_catalogue
from tubegen.sidecar.publishing.local_actors import site_of
from tubegen.sidecar.remote.fetch import Fetcher
from tubegen.sidecar.settings import Clock, Settings
from tubegen.sidecar.signatures.keys import KeyRing

__all__ = ["Finding", "examine"]


async def examine(
    settings: Settings, *, clock: Clock, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Finding]:
    """Findings in the order in which a newcomer should mend them; they end where nothing answers any more.

    `tls`: which certificates hold, if not those that the system trusts. Raises InputError when the sidecar has
    never run here, so that there are no keys, and CatalogueError.
    """
    keyring = _keyring(settings)
    snapshot = await _catalogue(settings, keyring, clock)
    site = site_of(snapshot.catalogue, Names(settings.base_url))
    tls = tls or ssl.create_default_context()
    async with outside(tls) as out:
        try:
            yield await examine_certificate(settings.base_url, tls, clock())
            async for finding in _all(out, site, snapshot, keyring, clock):
                yield finding
        except Unanswered as error:
            yield bad(str(error), "the rest was not looked at")


async def _all(
    out: Outside, site: Site, snapshot: Snapshot, keyring: KeyRing, clock: Clock
) -> AsyncIterator[Finding]:
    async for finding in examine_identity(out, site, keyring.of(site.person.id)):
        yield finding
    async for finding in examine_passage(out, site, keyring.of(site.instance.id), clock):
        yield finding
    yield await examine_catalogue(out, site, snapshot.documents, clock())
    if newest := _newest(snapshot):
        async for finding in examine_media(out, newest):
            yield finding


def _newest(snapshot: Snapshot) -> VideoDocument | None:
    return max(snapshot.documents.values(), key=lambda document: document.published, default=None)


def _keyring(settings: Settings) -> KeyRing:
    if not (settings.keys / "instance.pem").exists():
        raise InputError(
            Problem(str(settings.keys), 0, "there are no keys here", "run it where the sidecar has run")
        )
    return KeyRing(settings.keys)


async def _catalogue(settings: Settings, keyring: KeyRing, clock: Clock) -> Snapshot:
    fetcher = Fetcher(settings, keyring.of(Names(settings.base_url).instance), clock)
    try:
        return await read_catalogue(settings.catalogue, fetcher, known=None)
    finally:
        await fetcher.close()
