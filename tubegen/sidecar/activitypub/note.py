"""Posts of others: what a Note says, in which language, to whom, and where people can read it."""

import re
from collections.abc import Iterator
from typing import Any, Literal, cast

from tubegen.origin import host_of
from tubegen.sidecar.activitypub.ids import PUBLIC
from tubegen.sidecar.activitypub.read import MAX_ID, addressed, each, text
from tubegen.sidecar.model import Json

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


def visibility(note: Json) -> Literal["public", "unlisted"] | None:
    """Public first of all, public beside others, or not for us to keep (I-20, I-21)."""
    if PUBLIC in addressed(note, "to"):
        return "public"
    return "unlisted" if PUBLIC in addressed(note, "cc") else None


def is_plain_text(note: Json) -> bool:
    """Whether the content is no HTML: PeerTube sends comments as their authors typed them."""
    return text(note.get("mediaType")) in ("text/plain", "text/markdown")


def words(note: Json) -> tuple[str, str]:
    """The content and its language (BCP 47); empty, as far as either is not told."""
    content, tongues = text(note.get("content")), note.get("contentMap")
    for language, outgoing in cast(Json, tongues).items() if isinstance(tongues, dict) else ():
        if isinstance(outgoing, str) and content in ("", outgoing):
            return outgoing, language if _LANGUAGE.fullmatch(language) else ""
    return content, ""


def page(note: Json) -> str:
    """The first http(s) address of HTML among its links, or an empty string."""
    return next((link for link in _links(note.get("url")) if _is_address(link)), "")


def _links(value: Any) -> Iterator[str]:
    for link in each(value):
        if isinstance(link, str):
            yield link
        elif isinstance(link, dict):
            named = cast(Json, link)
            if named.get("mediaType", "text/html") == "text/html":
                yield text(named.get("href"))


def _is_address(url: str) -> bool:
    try:
        host_of(url)
    except ValueError:
        return False
    return len(url) <= MAX_ID
