"""Changing an actor's key without losing its followers (interop S-40).

While `<name>.next.pem` waits, the old key goes on signing and the actor's document goes on showing it. An
Update with the new key is sent, signed by the old one, to everybody who follows any of our actors. When it
was tried at every inbox once, or after a week, the new key takes over. To servers that were away the Update
is still sent later, signed by the old key (`KeyRing.of` sees to that): some believe a new key by that alone.
"""

import logging

import msgspec
from sqlalchemy import Connection

from tubegen.sidecar.activitypub import activities
from tubegen.sidecar.model import LocalActor, LocalKey, OutgoingActivity, Site
from tubegen.sidecar.services import Services
from tubegen.sidecar.signatures.keys import rotation_id
from tubegen.sidecar.store import deliveries, followers, status

LONGEST = 7 * 86400.0
"""Seconds after which the new key takes over, whoever has not been reached."""

_log = logging.getLogger(__name__)


async def advance(services: Services) -> None:
    """Bring every rotation that is under way one step further. Call it now and then; it may be killed anywhere:
    each step can be taken again."""
    if (site := services.site()) is None:
        return
    for actor in site.actors:
        if key := services.keyring.next(actor.id):
            await _advance(services, site, actor, key)


async def _advance(services: Services, site: Site, actor: LocalActor, key: LocalKey) -> None:
    now = services.clock()
    outgoing = announcement(services, site, actor, key, now)

    def tell(connection: Connection) -> status.Spread:
        # the same activity by its id, so that a second call adds only followers that are new
        inboxes = followers.inboxes(connection, [local.id for local in site.actors])
        deliveries.enqueue(connection, outgoing, inboxes, now=now)
        return status.spread(connection, outgoing.uri)

    spread = await services.database.write(tell)
    services.wake.set()
    if spread.untried == 0 or now - spread.since > LONGEST:
        services.keyring.switch(actor.id)
        _log.info("a new key signs from now on", extra={"actor": actor.id, "untold": spread.untried})


def announcement(
    services: Services, site: Site, actor: LocalActor, key: LocalKey, now: float
) -> OutgoingActivity:
    """The Update that shows the actor with `key`."""
    update = activities.update_actor(site, actor, key, services.settings, now=now)
    uri = rotation_id(key)
    return msgspec.structs.replace(update, uri=uri, body={**update.body, "id": uri})
