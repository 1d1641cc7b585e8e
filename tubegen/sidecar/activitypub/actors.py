"""The documents of our actors (interop §3, PeerTube §5.3)."""

from html import escape
from urllib.parse import urlsplit

from tubegen.sidecar.activitypub import contexts, ids, media
from tubegen.sidecar.activitypub.prose import clipped, escaped, length, plain
from tubegen.sidecar.model import Json, LocalActor, LocalKey, Site
from tubegen.sidecar.settings import Settings

MAX_NAME = 120
"""PeerTube refuses an actor with a longer name."""
_MAX_SUMMARY = 1000
"""Where PeerTube cuts a summary, through tags if need be."""
_MAX_NAMED = 3


def actor(site: Site, actor: LocalActor, key: LocalKey, settings: Settings) -> Json:
    """The Person, a Group or the Application as other servers keep it."""
    shown = actor.kind != "Application"
    found: Json = {
        "@context": contexts.ACTOR,
        "id": actor.id,
        "type": actor.kind,
        "preferredUsername": actor.username,
        "webfinger": f"{actor.username}@{site.names.host}",
        "name": clipped(plain(actor.name), MAX_NAME) or actor.username,
        "summary": summary(site, actor),
        "url": actor.url,
        "inbox": ids.inbox(actor.id),
        "outbox": ids.outbox(actor.id),
        "followers": ids.followers(actor.id),
        "following": ids.following(actor.id),
        "endpoints": {"sharedInbox": site.names.shared_inbox},
        "manuallyApprovesFollowers": False,
        "discoverable": settings.discoverable and shown,
        "indexable": settings.discoverable and shown,
        "publicKey": {"id": key.id, "owner": actor.id, "publicKeyPem": key.public_pem},
    }
    if actor.icon is not None:
        found["icon"] = media.picture(actor.icon)
    if actor.image is not None:
        found["image"] = media.picture(actor.image)
    if shown:
        found["attachment"] = [_website(actor.url)]
    if actor.kind == "Person":
        found["featured"] = ids.featured(actor.id)
        found["attributionDomains"] = _domains(site)
    if actor.kind == "Group":
        found["attributedTo"] = [{"type": "Person", "id": site.person.id}]
        found["postingRestrictedToMods"] = True
    return found


def summary(site: Site, actor: LocalActor) -> str:
    """What it says of itself as HTML, at most 1000 characters.

    The Person's names the channels and the other way round: who follows both gets every video twice (R13).
    """
    advice = f"<p>{escape(_advice(site, actor), quote=False)}</p>"
    about = escaped(plain(actor.summary), _MAX_SUMMARY - length(advice) - length("<p></p>"))
    return f"<p>{about}</p>{advice}" if about else advice


def _advice(site: Site, actor: LocalActor) -> str:
    if actor.kind == "Application":
        return "This is the server of the site. It posts nothing."
    if actor.kind == "Group":
        return (
            "For PeerTube and Lemmy. On Mastodon and other microblogs, follow "
            f"{_handle(site, site.person)} instead: who follows both sees every video twice."
        )
    handles = [_handle(site, group) for group in site.groups[:_MAX_NAMED]]
    if not handles:
        return "Every new video is posted here."
    more = " and others" if len(site.groups) > _MAX_NAMED else ""
    return (
        "Every new video is posted here, for Mastodon and other microblogs. On PeerTube and Lemmy, follow "
        f"{', '.join(handles)}{more} instead: who follows both sees every video twice."
    )


def _handle(site: Site, actor: LocalActor) -> str:
    return f"@{actor.username}@{site.names.host}"


def _website(url: str) -> Json:
    """A field that Mastodon can verify: one link whose text is its address, and nothing else (A-50)."""
    address = escape(url)
    value = f'<a href="{address}" rel="me">{address}</a>'
    return {"type": "PropertyValue", "name": "Website", "value": value}


def _domains(site: Site) -> list[str]:
    """Hosts whose pages may name the Person as their author."""
    hosts = (urlsplit(site.catalogue.url).hostname, urlsplit(site.names.base).hostname)
    return sorted({host for host in hosts if host})
