"""Whether requests come through the front server whole: signatures, clocks, certificates, sockets."""

import secrets
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from ssl import SSLContext
from urllib.parse import urlsplit

import msgspec

from tubegen.sidecar.doctor.finding import Finding, bad, good, weak
from tubegen.sidecar.doctor.outside import Outside, Unanswered, certificate_end
from tubegen.sidecar.model import LocalKey, Scheme, Site
from tubegen.sidecar.settings import Clock
from tubegen.sidecar.signatures.sign import sign

_APART = 30.0
"""Seconds by which clocks may differ: others refuse what is signed minutes ago or ahead (S-4)."""
_DAYS = 14
"""A certificate that runs out sooner should have been renewed."""
_SCHEMES: tuple[Scheme, ...] = ("cavage", "rfc9421")


async def examine_certificate(base: str, tls: SSLContext, now: float) -> Finding:
    """Raises Unanswered when no connection comes about or the certificate does not hold."""
    parts = urlsplit(base)
    if parts.scheme != "https":
        return bad(f"{base} is not https", "other servers talk only to https")
    end = await certificate_end(parts.hostname or "", parts.port or 443, tls)
    days = int((end - now) // 86400)
    text = f"the certificate of {parts.hostname} holds {days} more days"
    return good(text) if days >= _DAYS else weak(text, "look why it was not renewed")


async def examine_passage(out: Outside, site: Site, key: LocalKey, clock: Clock) -> AsyncIterator[Finding]:
    """`key`: the instance's. Raises Unanswered."""
    yield await _refused(out, site, key, clock())
    for scheme in _SCHEMES:
        yield await _taken(out, site, key, clock(), scheme)
    yield await _clock(out, site, clock)
    yield await _tracker(out, site)


async def _refused(out: Outside, site: Site, key: LocalKey, now: float) -> Finding:
    """A signature over another body must not do."""
    headers = sign(key, "POST", site.names.shared_inbox, _activity(site), now=now)
    seen = await out.post(site.names.shared_inbox, headers, _activity(site))
    if seen.status == 401:
        return good("the inbox refuses a signature that does not fit")
    return bad(
        f"the inbox answers {seen.status} to a signature that does not fit",
        "let the front server pass POST to /ap/* on to the sidecar, whole (docs/deploy)",
    )


async def _taken(out: Outside, site: Site, key: LocalKey, now: float, scheme: Scheme) -> Finding:
    body = _activity(site)
    headers = sign(key, "POST", site.names.shared_inbox, body, now=now, scheme=scheme)
    seen = await out.post(site.names.shared_inbox, headers, body)
    if seen.status == 202:
        return good(f"the inbox takes what is signed ({scheme})")
    why = " ".join(seen.body[:200].decode(errors="replace").split()) if seen.kind == "text/plain" else ""
    return bad(
        f"the inbox answers {seen.status} to what is signed well ({scheme})" + (f", '{why}'" if why else ""),
        "the front server must leave body, Host, Date, Digest and Content-Type as they are (docs/deploy)",
    )


async def _clock(out: Outside, site: Site, clock: Clock) -> Finding:
    seen = await out.get(f"{site.names.base}/ap/health/live")
    try:
        apart = clock() - parsedate_to_datetime(seen.headers.get("date", "")).timestamp()
    except ValueError:
        return weak("the site's answers carry no date", "the front server must leave Date alone")
    if abs(apart) > _APART:
        return weak(
            f"the clocks here and there differ by {abs(apart):.0f} seconds",
            "let both be set by the net (NTP)",
        )
    return good("the clocks agree")


async def _tracker(out: Outside, site: Site) -> Finding:
    pages = urlsplit(site.catalogue.url)
    address = f"{site.names.base}/tracker/socket"
    try:
        status = await out.upgrades(address, f"{pages.scheme}://{pages.netloc}")
    except Unanswered as error:
        status, said = 0, str(error)
    else:
        said = f"the tracker at {address} answers {status}"
    if status == 101:
        return good("the tracker opens a WebSocket")
    return weak(
        f"{said}, so viewers do not pass films on",
        "let the front server pass /tracker/* with Upgrade and Connection; the sidecar's roles must hold 'tracker'",
    )


def _activity(site: Site) -> bytes:
    """One that means nothing; no two are the same."""
    actor = site.instance.id
    return msgspec.json.encode(
        {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{actor}#doctor-{secrets.token_hex(8)}",
            "type": "View",
            "actor": actor,
            "object": actor,
        }
    )
