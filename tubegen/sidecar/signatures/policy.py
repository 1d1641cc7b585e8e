"""Who signed a request: the one entry for both schemes.

What can be refused without the key is refused first, so that a stranger cannot make us fetch for nothing;
the key then must belong to the very actor who speaks (interop S-27 to S-33, X-15).
"""

from collections.abc import Callable
from typing import Protocol

from tubegen.origin import host_of, origin_of
from tubegen.sidecar.model import Incoming, RemoteKey, Scheme, Signer
from tubegen.sidecar.signatures import cavage, rfc9421
from tubegen.sidecar.signatures.claim import Asked, Claim
from tubegen.sidecar.signatures.errors import KeyGone, KeyRefused, KeyUnavailable, Refused, SignerGone

__all__ = ["KeyGone", "KeyRefused", "KeySource", "KeyUnavailable", "Refused", "SignerGone", "verify"]


class KeySource(Protocol):
    async def key(self, key_id: str, *, fresh: bool = False) -> RemoteKey:
        """The key of that id and its confirmed owner (S-27, S-28), remembered or fetched.

        `fresh` asks to look again, because what was remembered did not do; a source that has looked only
        just now gives what it has. Raises KeyGone, KeyUnavailable or KeyRefused.
        """
        ...


def never(host: str) -> bool:
    """No host may be asked for keys without TLS."""
    return False


async def verify(
    request: Incoming,
    *,
    host: str,
    keys: KeySource,
    now: float,
    actor: str | None,
    scheme: str = "https",
    plain_http: Callable[[str], bool] = never,
) -> Signer:
    """Tell who signed `request`: where an `actor` is given, that of the activity, it is nobody else (S-33).

    `host` and `scheme` are those of our public address; `plain_http` says for which hosts (as `host_of`
    writes them) a key id may begin with `http://`. Raises Refused: 400 when the request cannot be read, 401
    when its signature does not do, 503 when its key cannot be had for now; SignerGone when the key is gone
    for good.
    """
    asked = _asked(request, host, scheme)
    which, claim = _claim(asked, now)
    _check_key_id(claim.key_id, actor, plain_http)
    for fresh in (False, True):
        key = await _key(keys, claim.key_id, fresh=fresh)
        # That an actor is on the key's host is known by now.
        theirs = key.owner == actor if actor is not None else _same_host(key.owner, claim.key_id)
        if theirs and claim.holds(key.public):
            return Signer(actor=key.owner, key_id=claim.key_id, scheme=which)
    raise Refused(401, "the signature was not made by this key, or the key is not the actor's")


def _asked(request: Incoming, host: str, scheme: str) -> Asked:
    if not request.target.startswith("/") or "#" in request.target:
        raise Refused(400, "the request target must be a path")
    fields: dict[str, str] = {}
    for name, value in request.headers:
        name, value = name.lower(), value.strip(" \t")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return Asked(request.method.upper(), request.target, fields, request.body, scheme, host)


def _claim(asked: Asked, now: float) -> tuple[Scheme, Claim]:
    """The signature that the request carries. RFC 9421 shows by its second header, Signature-Input."""
    if "signature-input" in asked.fields:
        return "rfc9421", rfc9421.claim(asked, now)
    header = asked.fields.get("signature")
    if header is None:
        header = asked.fields.get("authorization", "")
        if not header.lower().startswith("signature "):
            raise Refused(401, "the request is not signed")
    return "cavage", cavage.claim(asked, header, now)


def _check_key_id(key_id: str, actor: str | None, plain_http: Callable[[str], bool]) -> None:
    """See that a key id is worth a fetch, before there is one (X-15). Raises Refused 401."""
    try:
        scheme, host = origin_of(key_id)
        foreign = actor is not None and host_of(actor) != host
    except ValueError as error:
        raise Refused(401, "the key id and the actor must be https addresses") from error
    if scheme != "https" and not plain_http(host):
        raise Refused(401, "the key id must be an https address")
    if foreign:
        raise Refused(401, "the key is on another host than the actor")


def _same_host(owner: str, key_id: str) -> bool:
    try:
        return host_of(owner) == host_of(key_id)
    except ValueError:
        return False


async def _key(keys: KeySource, key_id: str, *, fresh: bool) -> RemoteKey:
    try:
        return await keys.key(key_id, fresh=fresh)
    except KeyGone as error:
        raise SignerGone from error
    except KeyUnavailable as error:
        raise Refused(503, "the key of the signature is out of reach") from error
    except KeyRefused as error:
        raise Refused(401, "the key of the signature is not acceptable") from error
