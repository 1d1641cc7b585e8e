"""How other servers find us: WebFinger (RFC 7033), host-meta (RFC 6415), NodeInfo (2.0, 2.1).

Rules D-1 … D-24 and D-50 … D-53.
"""

import re
from typing import cast

from aiohttp import web
from sqlalchemy import Connection

from tubegen import __version__
from tubegen.origin import host_of, normal_host
from tubegen.sidecar.activitypub import discovery
from tubegen.sidecar.model import Site
from tubegen.sidecar.routes import negotiate
from tubegen.sidecar.routes.readiness import when_ready
from tubegen.sidecar.services import Services
from tubegen.sidecar.store import publishing, status

_JRD = "application/jrd+json"
_MAX_AGE = 3600
_NAME = re.compile(r"[\w.-]+(:[0-9]+)?")
"""A user name; the instance's is its host, which may have a port."""


def routes(services: Services) -> list[web.RouteDef]:
    async def webfinger(request: web.Request, site: Site) -> web.Response:
        resource = _resource(request.query.get("resource", ""))
        if resource is None:
            return negotiate.malformed("'resource' is neither acct:NAME@HOST nor an address")
        if (actor := discovery.who(site, resource)) is None:
            return negotiate.unknown()
        found = discovery.webfinger(site, actor)
        if wanted := request.query.getall("rel", []):
            found["links"] = [link for link in found["links"] if link["rel"] in wanted]
        return negotiate.document(request, found, max_age=_MAX_AGE, content_type=_JRD)

    async def host_meta(request: web.Request, site: Site) -> web.Response:
        content = discovery.host_meta(site).encode()
        return negotiate.body(request, content, "application/xrd+xml; charset=utf-8", _MAX_AGE)

    async def host_meta_json(request: web.Request, site: Site) -> web.Response:
        content = discovery.host_meta_json(site)
        return negotiate.document(request, content, max_age=_MAX_AGE, content_type=_JRD)

    async def nodeinfo_links(request: web.Request, site: Site) -> web.Response:
        content = discovery.nodeinfo_links(site)
        return negotiate.document(request, content, max_age=_MAX_AGE, content_type="application/json")

    async def nodeinfo(request: web.Request, site: Site) -> web.Response:
        def count(connection: Connection) -> tuple[int, int]:
            return publishing.count(connection, None), status.comments(connection)

        version = cast("discovery.NodeInfoVersion", request.match_info["version"])
        posts, comments = await services.database.read(count)
        content = discovery.nodeinfo(site, version, software=__version__, posts=posts, comments=comments)
        kind = f'application/json; profile="{discovery.SCHEMA}/{version}#"'
        return negotiate.document(request, content, max_age=_MAX_AGE, content_type=kind)

    return [
        web.get("/.well-known/webfinger", when_ready(services, webfinger)),
        web.get("/.well-known/host-meta", when_ready(services, host_meta)),
        web.get("/.well-known/host-meta.json", when_ready(services, host_meta_json)),
        web.get("/.well-known/nodeinfo", when_ready(services, nodeinfo_links)),
        web.get(r"/nodeinfo/{version:2\.[01]}", when_ready(services, nodeinfo)),
    ]


def _resource(given: str) -> str | None:
    """Whom somebody asks for, a handle with its `acct:`; None when it can be nobody's name (D-22)."""
    try:
        if given.lower().startswith(("https://", "http://")):
            host_of(given)
            return given
        scheme, handle = given[:5].lower(), given[5:]
        if scheme != "acct:":
            scheme, handle = "acct:", given
        name, _, host = handle.removeprefix("@").rpartition("@")
        return f"{scheme}{name}@{normal_host(host)}" if _NAME.fullmatch(name) else None
    except ValueError:
        return None
