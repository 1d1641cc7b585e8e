"""Whether the site is found by its handle, and its actors by their ids (interop 2 and 3)."""

from collections.abc import AsyncIterator
from urllib.parse import quote, urljoin, urlsplit

import msgspec

from tubegen.sidecar.doctor.finding import Finding, bad, good, weak
from tubegen.sidecar.doctor.outside import Outside, Seen, Unanswered
from tubegen.sidecar.model import ACTIVITY_JSON, LocalActor, LocalKey, Site

_PAGE = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
_PASS = "let the front server pass {} on to the sidecar, whole (docs/deploy)"  # noqa: S105 no secret


class _Link(msgspec.Struct):
    rel: str = ""
    type: str = ""
    href: str = ""


class _Descriptor(msgspec.Struct):
    """A JRD (RFC 7033): WebFinger's answer, and NodeInfo's list of documents."""

    subject: str = ""
    links: list[_Link] = []


class _NodeInfo(msgspec.Struct):
    protocols: list[str] = []


class _Key(msgspec.Struct):
    pem: str = msgspec.field(default="", name="publicKeyPem")


class _Actor(msgspec.Struct):
    id: str = ""
    key: _Key = msgspec.field(default_factory=_Key, name="publicKey")


async def examine_identity(out: Outside, site: Site, key: LocalKey) -> AsyncIterator[Finding]:
    """`key`: the Person's. Raises Unanswered."""
    for actor in (site.person, *site.groups, site.instance):
        yield await _webfinger(out, site, actor)
    yield await _actor(out, site.person, key)
    yield await _page_beside(out, site.person)
    yield await _host_meta(out, site)
    yield await _nodeinfo(out, site)
    yield await _mode(out, site)


async def _webfinger(out: Outside, site: Site, actor: LocalActor) -> Finding:
    """D-3, D-4, D-8, D-12"""
    handle = f"{actor.username}@{site.names.host}"
    seen = await out.get(_finger(site.names.base, handle), Accept="application/jrd+json, application/json")
    name = f"WebFinger for @{handle}"
    if seen.status != 200:
        return bad(f"{name} answers {seen.status}", _PASS.format("/.well-known/webfinger with its query"))
    if seen.kind not in ("application/jrd+json", "application/json"):
        return bad(f"{name} has the type '{seen.kind}'", "GoToSocial wants application/jrd+json")
    found = seen.read(_Descriptor)
    if found.subject.lower() != f"acct:{handle}":
        return bad(f"{name} speaks of '{found.subject}'", _PASS.format("the query of /.well-known/webfinger"))
    if [(link.type, link.href) for link in found.links if link.rel == "self"] != [(ACTIVITY_JSON, actor.id)]:
        return bad(f"{name} does not lead to {actor.id} alone", "look whether base_url is the public address")
    return good(name)


async def _actor(out: Outside, actor: LocalActor, key: LocalKey) -> Finding:
    """A page is asked for first: a cache that keeps the two under one name gives it to servers afterwards (A-6)."""
    await out.get(actor.id, Accept=_PAGE)
    seen = await out.get(actor.id, Accept=ACTIVITY_JSON)
    name = f"{actor.id} as {ACTIVITY_JSON}"
    if seen.status in (301, 302, 303, 307, 308) or seen.kind == "text/html":
        return bad(
            f"{name} is answered with a page",
            "the front server must pass Accept on, and not cache /ap/ without it",
        )
    if seen.status != 200:
        return bad(f"{name} answers {seen.status}", _PASS.format("/ap/*"))
    if seen.kind not in (ACTIVITY_JSON, "application/ld+json"):
        return bad(f"{name} has the type '{seen.kind}'", "the front server must leave Content-Type alone")
    found = seen.read(_Actor)
    if found.id != actor.id:
        return bad(f"{name} calls itself '{found.id}'", "look whether base_url is the public address")
    if found.key.pem != key.public_pem:
        return bad(
            f"{name} shows another key",
            "this machine's keys are not those that the running sidecar signs with",
        )
    if "accept" not in seen.headers.get("vary", "").lower():
        return weak(
            f"{name} lacks 'Vary: Accept'", "the front server must leave it: caches mix page and document"
        )
    return good(name)


async def _page_beside(out: Outside, actor: LocalActor) -> Finding:
    """D-33"""
    seen = await out.get(actor.id, Accept=_PAGE)
    if seen.status in (302, 303, 307) and urljoin(actor.id, seen.headers.get("location", "")) == actor.url:
        return good(f"{actor.id} leads browsers to {actor.url}")
    return weak(f"{actor.id} does not lead browsers to {actor.url}", _PASS.format("/ap/*"))


async def _host_meta(out: Outside, site: Site) -> Finding:
    """D-24"""
    address = f"{site.names.base}/.well-known/host-meta"
    seen = await out.get(address, Accept="application/xrd+xml, application/xml")
    if (
        seen.status != 200
        or f"{site.names.base}/.well-known/webfinger?resource={{uri}}".encode() not in seen.body
    ):
        return weak(f"{address} answers {_said(seen)}", _PASS.format("/.well-known/host-meta"))
    if "xml" not in seen.kind:
        return weak(f"{address} has the type '{seen.kind}'", "it must be application/xrd+xml")
    return good("host-meta")


async def _nodeinfo(out: Outside, site: Site) -> Finding:
    """D-50"""
    address = f"{site.names.base}/.well-known/nodeinfo"
    seen = await out.get(address, Accept="application/json")
    found = [link.href for link in seen.read(_Descriptor).links if "/ns/schema/2." in link.rel]
    if not found or not found[-1].startswith(f"{site.names.base}/nodeinfo/"):
        return weak(f"{address} answers {_said(seen)}", _PASS.format("/.well-known/nodeinfo"))
    described = await out.get(found[-1], Accept="application/json")
    if described.status != 200 or "activitypub" not in described.read(_NodeInfo).protocols:
        return weak(f"{found[-1]} answers {_said(described)}", _PASS.format("/nodeinfo/*"))
    return good("NodeInfo")


async def _mode(out: Outside, site: Site) -> Finding:
    """D-30 to D-33: whose name people write, and what it costs."""
    pages = urlsplit(site.catalogue.url)
    handle = f"{site.person.username}@{pages.netloc}"
    ours = f"@{site.person.username}@{site.names.host}"
    if pages.netloc == site.names.host:
        return good(f"people follow {ours}, everywhere")
    asked = _finger(f"{pages.scheme}://{pages.netloc}", handle)
    try:
        seen = await out.get(asked, Accept="application/jrd+json, application/json")
    except Unanswered as error:
        return bad(str(error), "look whether the site itself is up")
    onward = urljoin(asked, seen.headers.get("location", ""))
    if seen.status in (301, 302, 307, 308) and urlsplit(onward).netloc == site.names.host:
        if urlsplit(onward).query != urlsplit(asked).query:
            return bad(
                f"{pages.netloc} redirects WebFinger without its query", "keep ?resource=… in the redirect"
            )
        return weak(
            f"people who look for @{handle} find {ours}",
            f"to be called so, pass paths on from {pages.netloc} instead",
        )
    if seen.status == 200 and seen.read(_Descriptor).subject == f"acct:{ours[1:]}":
        return weak(
            f"people who look for @{handle} find {ours}",
            f"to be called so, set base_url to https://{pages.netloc}",
        )
    return weak(
        f"people follow {ours}; nobody finds @{handle}",
        f"redirect https://{pages.netloc}/.well-known/webfinger with its query to {site.names.base}",
    )


def _finger(base: str, handle: str) -> str:
    return f"{base}/.well-known/webfinger?resource={quote(f'acct:{handle}', safe=':@')}"


def _said(seen: Seen) -> str:
    return str(seen.status) if seen.status != 200 else "something else"
