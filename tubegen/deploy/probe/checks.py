"""What a site's host must do so that browsers, players and other servers get what they ask for.

Each check asks a few things and yields findings; most of them come from sites that did not play.
"""

import base64
import email.utils
import hashlib
import re
import secrets
from collections.abc import AsyncGenerator, Callable
from urllib.parse import urljoin, urlsplit

import msgspec

from tubegen.deploy.probe.advice import advise_header, advise_type
from tubegen.deploy.probe.asking import Answer, Asking, Unanswered
from tubegen.deploy.probe.finding import Finding
from tubegen.deploy.probe.sample import Sample

_ORIGIN = "https://another.example"
_TYPES = {
    "m3u8": ("application/vnd.apple.mpegurl", {"application/vnd.apple.mpegurl", "application/x-mpegurl"}),
    "m4s": ("video/iso.segment", {"video/iso.segment", "video/mp4", "application/octet-stream"}),
    "mp4": ("video/mp4", {"video/mp4"}),
    "vtt": ("text/vtt", {"text/vtt"}),
}
_POINTERS = (b"version https://git-lfs", b"/annex/objects/", b"../.git/annex")
_DIGEST = re.compile(r"\.([A-Za-z0-9_-]{22})\.[a-z0-9]+$")
_SAMPLE_SEGMENTS = 3
_DAY = 86_400


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a check may use."""

    ask: Asking
    sample: Sample
    deep: bool
    """Whether every segment is read, not only some."""
    clock: Callable[[], float]
    """Seconds since 1970."""


Check = Callable[[Look], AsyncGenerator[Finding]]
"""Yields findings; raises Unanswered."""


async def check_types(look: Look) -> AsyncGenerator[Finding]:
    """Content types: some players refuse what is called text, browsers refuse captions of another type."""
    segment = look.sample.segments[-1] if look.sample.segments else ""
    for url in filter(None, (look.sample.master, segment, look.sample.download, look.sample.captions)):
        answer = await look.ask.get(url, limit=1000)
        extension = url.rpartition(".")[2]
        value, accepted = _TYPES.get(extension, ("", set[str]()))
        if answer.status != 200:
            yield Finding("bad", f"{url} answers {answer.status}", "deploy again: a file is missing there")
        elif answer.body.startswith(_POINTERS):
            yield Finding(
                "bad",
                f"{url} is a pointer of Git LFS or git-annex, not the file",
                "fetch the files (git lfs pull) and build again",
            )
        elif accepted and answer.content_type not in accepted:
            kind = answer.content_type or "nothing"
            yield Finding("bad", f"{url} is called {kind}", advise_type(answer.headers, extension, value))
        else:
            yield Finding("good", f".{extension} files are called {answer.content_type}")


async def check_ranges(look: Look) -> AsyncGenerator[Finding]:
    """Byte ranges (RFC 9110, 14): seeking in a download, and `segments = "single"`, need them as they are on the disk."""
    if not look.sample.download:
        return
    answer = await look.ask.get(look.sample.download, Range="bytes=0-99", Accept_Encoding="gzip, br")
    single = bool(look.sample.segments) and len(look.sample.segments) == 1
    if answer.status != 206:
        grade = "bad" if single else "weak"
        hint = 'use [media] segments = "files", and know that downloads cannot be resumed there'
        yield Finding(
            grade, f"ranges are answered with {answer.status}: viewers cannot seek in the MP4", hint
        )
        return
    total = re.fullmatch(r"bytes 0-99/([0-9]+)", answer.headers.get("content-range", ""))
    if "content-encoding" in answer.headers:
        yield Finding(
            "bad",
            "ranges of videos come compressed: their bytes are others",
            "never compress video/* and audio/*",
        )
    elif not total or len(answer.body) != 100:
        told = answer.headers.get("content-range", "no Content-Range")
        yield Finding(
            "bad", f"a range of 100 bytes came as {len(answer.body)}, {told}", "another host serves it right"
        )
    else:
        last = await look.ask.get(look.sample.download, Range=f"bytes={int(total[1]) - 1}-")
        whole = last.status == 206 and len(last.body) == 1
        text = (
            "ranges are right" if whole else f"Content-Range says {total[1]} bytes, but that is not the end"
        )
        yield Finding("good" if whole else "bad", text)


async def check_cors(look: Look) -> AsyncGenerator[Finding]:
    """Cross-origin access: PeerTube, embeds and mirrors fetch media from pages of other hosts (Fetch standard, 3.3)."""
    for url in filter(None, (look.sample.master, look.sample.segments[-1] if look.sample.segments else "")):
        without = await look.ask.get(url, limit=100)
        answer = await look.ask.get(url, limit=100, Origin=_ORIGIN)
        allowed = answer.headers.get("access-control-allow-origin", "")
        advice = advise_header(answer.headers, "Access-Control-Allow-Origin", "*")
        if allowed not in ("*", _ORIGIN):
            yield Finding("bad", f"{url} is closed to pages of other hosts: no PeerTube can play it", advice)
            return
        if (
            "access-control-allow-origin" not in without.headers
            and "origin" not in without.headers.get("vary", "").lower()
        ):
            text = f"{url} says who may read it only when asked with Origin, without Vary: a cache will answer wrongly"
            yield Finding("weak", text, advice)
            return
    if look.sample.master:
        yield Finding("good", "media are open to pages of other hosts")


async def check_isolation(look: Look) -> AsyncGenerator[Finding]:
    """Cross-origin isolation: a page that demands it shows nothing of other hosts that does not say CORP."""
    if look.sample.page is None or not look.sample.master:
        return
    policy = look.sample.page.headers.get("cross-origin-embedder-policy", "")
    if policy not in ("require-corp", "credentialless"):
        return
    media = await look.ask.get(look.sample.master, limit=100)
    if urlsplit(look.sample.master).netloc != urlsplit(look.sample.page.url).netloc and (
        "cross-origin-resource-policy" not in media.headers
    ):
        hint = "let the host of the pages drop Cross-Origin-Embedder-Policy; " + advise_header(
            media.headers, "Cross-Origin-Resource-Policy", "cross-origin"
        )
        yield Finding("bad", f"pages demand {policy}, which media on another host do not grant", hint)


async def check_missing(look: Look) -> AsyncGenerator[Finding]:
    """What does not exist must be 404: with 200 a player takes a page of errors for a segment."""
    name = f"media/{secrets.token_hex(8)}/missing.m4s"
    answer = await look.ask.get(urljoin(look.sample.home.url, name), limit=1000)
    if answer.status in (404, 410, 403):
        yield Finding("good", f"what does not exist is answered with {answer.status}")
    else:
        hint = "turn off the rule that shows index.html for everything (single-page apps use it)"
        yield Finding("bad", f"a segment that does not exist is answered with {answer.status}", hint)


async def check_caching(look: Look) -> AsyncGenerator[Finding]:
    """Caching (RFC 9111): segments for ever, since their names are hashes; master playlists and pages briefly."""
    if look.sample.segments:
        segment = await look.ask.get(look.sample.segments[-1], limit=100)
        if _max_age(segment) < _DAY:
            hint = advise_header(segment.headers, "Cache-Control", "public, max-age=31536000, immutable")
            yield Finding("weak", "segments are not kept by caches: every viewer costs the host anew", hint)
        else:
            yield Finding("good", "segments are kept by caches")
    for answer in filter(
        None, (look.sample.page, await look.ask.get(look.sample.master) if look.sample.master else None)
    ):
        if _max_age(answer) > _DAY:
            hint = advise_header(answer.headers, "Cache-Control", "no-cache")
            yield Finding(
                "bad", f"{answer.url} is kept for {_max_age(answer) // _DAY} days: changes are not seen", hint
            )


async def check_security(look: Look) -> AsyncGenerator[Finding]:
    """TLS, and whether plain HTTP leads to it with path and range kept."""
    parts = urlsplit(look.sample.home.url)
    if parts.scheme != "https":
        if not _is_here(parts.hostname or ""):
            hint = "get a certificate: Caddy does by itself, forges by a switch"
            yield Finding("weak", "the site is served without TLS: no P2P, no federation", hint)
        return
    if not look.sample.download or parts.port not in (None, 443):
        return
    plain = "http" + look.sample.download.removeprefix("https")
    try:
        answer = await look.ask.get(plain, limit=100, Range="bytes=0-99")
    except Unanswered:
        return
    location = urljoin(plain, answer.headers.get("location", ""))
    if answer.status in (301, 302, 307, 308) and location != look.sample.download:
        yield Finding("weak", f"{plain} leads to {location}", "let HTTP lead to the same path with https")


async def check_clock(look: Look) -> AsyncGenerator[Finding]:
    """Signatures of other servers are refused when clocks differ."""
    told = (
        email.utils.parsedate_to_datetime(look.sample.home.headers["date"])
        if "date" in look.sample.home.headers
        else None
    )
    if told and abs(told.timestamp() - look.clock()) > 300:
        minutes = round(abs(told.timestamp() - look.clock()) / 60)
        yield Finding(
            "weak", f"the host's clock and this machine's differ by {minutes} minutes", "set the wrong one"
        )


async def check_hashes(look: Look) -> AsyncGenerator[Finding]:
    """Segments are what their names say: the first 128 bits of their SHA-256."""
    named = [url for url in look.sample.segments if _DIGEST.search(url)]
    chosen = named if look.deep else named[:_SAMPLE_SEGMENTS]
    for url in chosen:
        answer = await look.ask.get(url)
        digest = base64.urlsafe_b64encode(hashlib.sha256(answer.body).digest()[:16]).rstrip(b"=").decode()
        if answer.status != 200 or _DIGEST.findall(url) != [digest]:
            hint = "deploy again; if it comes back, the host changes files (minifying, image optimising): turn that off"
            yield Finding("bad", f"{url} is not what its name says", hint)
            return
    if chosen:
        yield Finding("good", f"{len(chosen)} segments are what their names say")


CHECKS: tuple[Check, ...] = (
    check_security,
    check_types,
    check_ranges,
    check_cors,
    check_isolation,
    check_missing,
    check_caching,
    check_clock,
    check_hashes,
)


def _is_here(host: str) -> bool:
    """Whether a host is this machine, where nobody needs TLS."""
    return host in ("localhost", "127.0.0.1", "::1")


def _max_age(answer: Answer) -> int:
    """Seconds for which caches keep an answer without asking; 0 when they must ask or nothing is said."""
    control = answer.headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return 0
    found = re.search(r"max-age=([0-9]+)", control)
    return int(found[1]) if found else 0
