"""What another server's document says of an actor and its keys.

Servers write these in many shapes (a value, a list of one, a link with an address inside); every shape seen on
running servers is read, and whatever is too long is cut or refused (interop X-9). Nothing here asks the network.
"""

from collections.abc import Callable, Iterator
from typing import Any, cast

import msgspec

from tubegen.origin import host_of, same_origin
from tubegen.sidecar.activitypub import sanitize
from tubegen.sidecar.model import Json, PublicKey, RemoteActor
from tubegen.sidecar.remote.answers import Unfit, address_of
from tubegen.sidecar.remote.public_keys import from_multibase, from_pem, to_pem

_TYPES = ("Person", "Group", "Service", "Application", "Organization")
_USERNAME = 128
_NAME = 500
_URL = 2000
_SUMMARY = 20_000
_MEMBERS = 32
"""As many of a list are looked at: keys, links, tags."""

_OPT_OUT = ("nobot", "noindex")


class KeyEntry(msgspec.Struct, frozen=True):
    """A key as a document names it."""

    id: str
    owner: str
    """Empty when the document does not say."""
    public: PublicKey | None
    """None when it only points to the key, or the key is of no kind we take."""


def is_actor(document: Json) -> bool:
    """Whether it is a whole actor: stubs and keys have no inbox."""
    return isinstance(document.get("inbox"), str)


def read_actor(document: Json, *, fetched: float, key: KeyEntry | None = None) -> RemoteActor:
    """The actor in a document that was found at its own id; `key` is the one to keep, else its first.

    A key whose id or owner is another's is nothing that it may say: it would stand in the other's way.
    Raises Unfit when it is no actor, or its inbox is on another server than its id.
    """
    uri = _required(document, "id")
    inbox = address_of(_required(document, "inbox"))
    kind = next((kind for kind in _each(document.get("type")) if kind in _TYPES), None)
    if kind is None:
        raise Unfit(f"{uri}: of no type that an actor has")
    if not same_origin(inbox, uri):
        raise Unfit(f"{uri}: its inbox is on another server")
    key = key or next((entry for entry in keys_of(document) if _is_own(entry, uri)), None)
    return RemoteActor(
        uri=uri,
        host=host_of(uri),
        type=kind,
        username=sanitize.tame(_text(document.get("preferredUsername"), _USERNAME)),
        name=sanitize.tame(_text(document.get("name"), _NAME)),
        url=_page(document.get("url")) or uri,
        inbox=inbox,
        shared_inbox=_shared_inbox(document, uri),
        key_id=key.id if key else "",
        key_pem=to_pem(key.public) if key and key.public else "",
        hides=frozenset(_hides(document)),
        fetched=fetched,
    )


def keys_of(document: Json) -> list[KeyEntry]:
    """All keys that a document names: an actor's, a stub's, or the one that it is itself (interop S-27)."""
    entries = [*main_keys_of(document)]
    entries += [_key(value, document) for value in _each(document.get("assertionMethod"))]
    if "publicKeyPem" in document or "publicKeyMultibase" in document:
        entries.append(_key(document, document))
    return [entry for entry in entries if entry.id]


def main_keys_of(document: Json) -> list[KeyEntry]:
    """Those under `publicKey` alone: what a bare actor id stands for as a key id (interop S-28)."""
    return [_key(value, document) for value in _each(document.get("publicKey"))]


def _is_own(entry: KeyEntry, uri: str) -> bool:
    return entry.public is not None and entry.owner == uri and same_origin(entry.id, uri)


def _key(value: Any, document: Json) -> KeyEntry:
    if not isinstance(value, dict):
        return KeyEntry(_text(value, _URL), "", None)
    named = cast(Json, value)
    owner = _text(named.get("owner") or named.get("controller"), _URL)
    within_actor = value is not document and is_actor(document)
    return KeyEntry(
        _text(named.get("id"), _URL), owner or (document["id"] if within_actor else ""), _public(named)
    )


def _public(named: Json) -> PublicKey | None:
    readers: tuple[tuple[str, Callable[[str], PublicKey]], ...] = (
        ("publicKeyPem", from_pem),
        ("publicKeyMultibase", from_multibase),
    )
    for field, reader in readers:
        if isinstance(text := named.get(field), str):
            try:
                return reader(text)
            except ValueError:
                return None
    return None


def _shared_inbox(document: Json, uri: str) -> str:
    """Empty when there is none on the actor's own server: what is posted there must not hit a third one."""
    endpoints = document.get("endpoints")
    found = cast(Json, endpoints).get("sharedInbox") if isinstance(endpoints, dict) else None
    try:
        shared = address_of(_text(found, _URL + 1))
    except Unfit:
        return ""
    return shared if same_origin(shared, uri) else ""


def _page(value: Any) -> str:
    """The first web address among strings and Links: they come as one, as a list, as a list of Links."""
    for link in _each(value):
        href = cast(Json, link).get("href") if isinstance(link, dict) else link
        if isinstance(href, str) and len(href) <= _URL and href.startswith(("https://", "http://")):
            return href
    return ""


def _hides(document: Json) -> Iterator[str]:
    """What the actor wants kept from the web (interop I-22 to I-24)."""
    nothing = _wants_nothing_shown(document)
    if nothing or document.get("hidesToPublicFromUnauthedWeb") is True:
        yield "public"
    if nothing or document.get("hidesCcPublicFromUnauthedWeb") is True:
        yield "unlisted"
    if document.get("indexable") is False:
        yield "search"


def _wants_nothing_shown(document: Json) -> bool:
    if document.get("_misskey_requireSigninToViewContents") is True:
        return True
    if any(
        document.get(f"_misskey_makeNotes{which}Before") is not None for which in ("FollowersOnly", "Hidden")
    ):
        return True
    tags = {
        _text(cast(Json, tag).get("name"), _USERNAME).lower().removeprefix("#")
        for tag in _each(document.get("tag"))
        if isinstance(tag, dict)
    }
    # In a biography a hashtag is `#nobot` or `#<span>nobot</span>`.
    summary = _text(document.get("summary"), _SUMMARY).lower().replace("#<span>", "#")
    return any(word in tags or f"#{word}" in summary for word in _OPT_OUT)


def _required(document: Json, field: str) -> str:
    value = document.get(field)
    if not isinstance(value, str) or not 0 < len(value) <= _URL:
        raise Unfit(f"the actor has no {field}")
    return value


def _each(value: Any) -> list[Any]:
    values = cast(list[Any], value) if isinstance(value, list) else [value]
    return [member for member in values[:_MEMBERS] if member is not None]


def _text(value: Any, length: int) -> str:
    """A string, cut to `length`; NUL, which PostgreSQL does not take, is dropped."""
    return value.replace("\0", "")[:length].strip() if isinstance(value, str) else ""
