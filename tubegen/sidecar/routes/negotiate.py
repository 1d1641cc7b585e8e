"""How a document is asked for and answered: content negotiation, validators, caching, CORS.

Rules A-1 … A-9. Answers that could be mistaken for "there is no such thing" are given only when that is known:
other servers destroy their copy at 404 and 410 (A-7).
"""

import base64
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Literal

import msgspec
from aiohttp import web

from tubegen.sidecar.model import ACTIVITY_JSON

_TYPES: dict[str, Literal["activity", "html", "any"]] = {
    ACTIVITY_JSON: "activity",
    "application/ld+json": "activity",
    "application/json": "any",
    "application/*": "any",
    "*/*": "any",
    "text/html": "html",
    "application/xhtml+xml": "html",
}

_WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?", re.ASCII)

_AGAIN = 30
"""Seconds after which to come back while we are not sure."""


class Wants(msgspec.Struct, frozen=True):
    """How much an Accept header (RFC 9110 §12.5.1) likes each form: quality 0 … 1, 0 when it is not named."""

    activity: float = 0
    """ActivityPub by its own name."""
    html: float = 0
    any: float = 0
    """`*/*` or plain JSON: a program that takes what it gets."""

    @property
    def page(self) -> bool:
        """A person's browser: it wants HTML and never heard of ActivityPub (A-2)."""
        return self.activity == 0 and 0 < self.html >= self.any


def wants(request: web.BaseRequest) -> Wants:
    """What the request asks for; without an Accept header, anything."""
    found = {"activity": 0.0, "html": 0.0, "any": 0.0}
    for part in ",".join(request.headers.getall("Accept", ["*/*"])).split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if kind := _TYPES.get(name):
            found[kind] = max(found[kind], _quality(parameters))
    return Wants(**found)


def document(
    request: web.BaseRequest,
    content: Mapping[str, Any],
    *,
    max_age: int = 180,
    content_type: str = ACTIVITY_JSON,
    status: int = 200,
) -> web.Response:
    """`content` as JSON, or 304 when the asker has it. `max_age` in seconds (L-22)."""
    return body(request, msgspec.json.encode(content), f"{content_type}; charset=utf-8", max_age, status)


def body(
    request: web.BaseRequest, content: bytes, content_type: str, max_age: int, status: int = 200
) -> web.Response:
    """Bytes with everything that lets others keep and check them."""
    tag = base64.urlsafe_b64encode(sha256(content).digest()[:15]).decode()
    headers = {
        "ETag": f'"{tag}"',
        "Cache-Control": f"public, max-age={max_age}",
        "Vary": "Accept",
        "Access-Control-Allow-Origin": "*",
    }
    if status == 200 and knows(request, tag):
        return web.Response(status=304, headers=headers)
    return web.Response(body=content, status=status, headers={**headers, "Content-Type": content_type})


def knows(request: web.BaseRequest, tag: str) -> bool:
    """Whether If-None-Match (RFC 9110 §13.1.2) names `tag`; weak comparison."""
    return any(etag.value in (tag, "*") for etag in request.if_none_match or ())


def see(url: str) -> web.Response:
    """302 to the page for people."""
    return web.Response(
        status=302,
        headers={
            "Location": url,
            "Vary": "Accept",
            "Cache-Control": "public, max-age=180",
            "Access-Control-Allow-Origin": "*",
        },
    )


def not_ready(why: str) -> web.Response:
    """503: come back. Never a 404 by mistake (A-7)."""
    return _plain(503, why, {"Retry-After": str(_AGAIN)})


def unknown() -> web.Response:
    """404: there never was such a thing."""
    return _plain(404, "there is no such thing here", {})


def malformed(why: str) -> web.Response:
    return _plain(400, why, {})


def _plain(status: int, why: str, headers: Mapping[str, str]) -> web.Response:
    fixed = {"Cache-Control": "no-store", "Vary": "Accept", "Access-Control-Allow-Origin": "*"}
    return web.json_response({"error": why}, status=status, headers={**fixed, **headers})


def _quality(parameters: list[str]) -> float:
    """The `q` among the parameters; 1 without one, 0 when it is not a number."""
    for parameter in parameters:
        if parameter.startswith("q="):
            return float(parameter[2:]) if _WEIGHT.fullmatch(parameter[2:]) else 0
    return 1
