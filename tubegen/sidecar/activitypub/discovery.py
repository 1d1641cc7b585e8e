"""How others find us: WebFinger (RFC 7033), host-meta (RFC 6415) and NodeInfo 2.0 and 2.1."""

from html import escape
from typing import Literal
from urllib.parse import urlsplit

from tubegen.sidecar.model import ACTIVITY_JSON, Json, LocalActor, Site

PROFILE_PAGE = "http://webfinger.net/rel/profile-page"
AVATAR = "http://webfinger.net/rel/avatar"
SCHEMA = "http://nodeinfo.diaspora.software/ns/schema"
HOME = "https://www.w3.org/ns/activitystreams#Application"

NodeInfoVersion = Literal["2.0", "2.1"]


def who(site: Site, resource: str) -> LocalActor | None:
    """Whom a WebFinger `resource`, decoded, means: a handle, an actor's id or its page (D-20), in any case (D-21).

    The site's own address means its Person.
    """
    wanted = resource.casefold()
    if wanted.startswith("acct:"):
        username, _, host = wanted.removeprefix("acct:").removeprefix("@").rpartition("@")
        hosts = {site.names.host.casefold(), urlsplit(site.catalogue.url).netloc.casefold()}
        named = (actor for actor in site.actors if actor.username.casefold() == username)
        return next(named, None) if host in hosts else None
    wanted = wanted.rstrip("/")
    if wanted == site.names.base.casefold():
        return site.person
    # The Person is asked first: its page may be a channel's too.
    known = (actor for actor in site.actors if wanted in {_loose(actor.id), _loose(actor.url)})
    return next(known, None)


def webfinger(site: Site, actor: LocalActor) -> Json:
    """The JRD of one of our actors, the same whatever was asked; exactly one `self` link (D-4, D-8)."""
    links = [
        {"rel": "self", "type": ACTIVITY_JSON, "href": actor.id},
        {"rel": PROFILE_PAGE, "type": "text/html", "href": actor.url},
    ]
    if actor.icon is not None:
        links.append({"rel": AVATAR, "type": actor.icon.media_type, "href": actor.icon.url})
    return {
        "subject": f"acct:{actor.username}@{site.names.host}".lower(),
        "aliases": [actor.url, actor.id],
        "links": links,
    }


def host_meta(site: Site) -> str:
    """The XRD that says where WebFinger is (D-24)."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n'
        f'  <Link rel="lrdd" template="{escape(_lrdd(site))}"/>\n'
        "</XRD>\n"
    )


def host_meta_json(site: Site) -> Json:
    """The same as JSON."""
    return {"links": [{"rel": "lrdd", "template": _lrdd(site)}]}


def nodeinfo_links(site: Site) -> Json:
    """`/.well-known/nodeinfo` (D-50), with the actor that stands for the whole site (FEP-2677, D-51)."""
    return {
        "links": [
            *(
                {"rel": f"{SCHEMA}/{version}", "href": f"{site.names.base}/nodeinfo/{version}"}
                for version in ("2.0", "2.1")
            ),
            {"rel": HOME, "href": site.instance.id},
        ]
    }


def nodeinfo(site: Site, version: NodeInfoVersion, *, software: str, posts: int, comments: int) -> Json:
    """What runs here: `software` is tubegen's version; `posts` our videos, `comments` replies we show (D-53).

    The content type is `application/json; profile="<SCHEMA>/<version>#"`.
    """
    return {
        "version": version,
        "software": {"name": "tubegen", "version": software},
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": False,
        "usage": {
            "users": {"total": 1, "activeMonth": 1, "activeHalfyear": 1},
            "localPosts": posts,
            "localComments": comments,
        },
        "metadata": {"nodeName": site.catalogue.title, "nodeDescription": site.catalogue.description},
    }


def _loose(address: str) -> str:
    return address.casefold().rstrip("/")


def _lrdd(site: Site) -> str:
    return f"{site.names.base}/.well-known/webfinger?resource={{uri}}"
