"""Signatures of our own, in the one form that every known server takes (interop S-1 to S-5).

A signature is made for one attempt and thrown away: some servers take none that is five minutes old (S-4).
"""

from base64 import b64encode
from datetime import UTC, datetime
from email.utils import formatdate
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver

from tubegen.origin import host_of
from tubegen.sidecar.model import ACTIVITY_JSON, LocalKey, Scheme
from tubegen.sidecar.signatures.digest import digest
from tubegen.sidecar.signatures.rfc9421 import RSA, Message

ACCEPT = f'{ACTIVITY_JSON}, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


def sign(
    key: LocalKey,
    method: str,
    url: str,
    body: bytes | None,
    *,
    now: float,
    scheme: Scheme = "cavage",
    content_type: str = ACTIVITY_JSON,
    accept: str = ACCEPT,
) -> dict[str, str]:
    """All the headers to send a request with, now: Host, Date, Accept or Content-Type, digest, signature.

    `url` is signed as it stands, so it must be percent-encoded just as it will be sent; a fragment is left
    out. `body` is None for a GET. Raises ValueError when `url` is no http(s) address in ASCII.
    """
    if not url.isascii():
        raise ValueError("only an encoded address can be signed")
    headers = {"Host": host_of(url), "Date": formatdate(now, usegmt=True)}
    headers |= {"Accept": accept} if body is None else {"Content-Type": content_type}
    if scheme == "rfc9421":
        return _rfc9421(key, method, url, body, headers, now)
    return _cavage(key, method, url, body, headers)


def _cavage(
    key: LocalKey, method: str, url: str, body: bytes | None, headers: dict[str, str]
) -> dict[str, str]:
    """Signs `(request-target) host date`, then `accept` or `digest content-type`, in this order (S-2)."""
    if body is not None:
        headers = {**headers, "Digest": digest(body)}
    covered = ("Host", "Date", "Accept") if body is None else ("Host", "Date", "Digest", "Content-Type")
    target = f"(request-target): {method.lower()} {_target(url)}"
    text = "\n".join((target, *(f"{name.lower()}: {headers[name]}" for name in covered)))
    signature = key.private.sign(text.encode(), PKCS1v15(), SHA256())
    names = " ".join(("(request-target)", *(name.lower() for name in covered)))
    return {
        **headers,
        "Signature": f'keyId="{key.id}",algorithm="rsa-sha256",headers="{names}",'
        f'signature="{b64encode(signature).decode()}"',
    }


def _rfc9421(
    key: LocalKey, method: str, url: str, body: bytes | None, headers: dict[str, str], now: float
) -> dict[str, str]:
    """With `@method @target-uri` and `content-digest` signed, as Mastodon 4.7 does (S-8, S-25)."""
    message = Message(method.upper(), f"{url[: url.index('://')]}://{headers['Host']}{_target(url)}", headers)
    signer = HTTPMessageSigner(
        signature_algorithm=RSA,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={key.id: key.private}),
    )
    signer.sign(
        message,
        key_id=key.id,
        created=datetime.fromtimestamp(now, UTC),
        label="sig1",
        covered_component_ids=("@method", "@target-uri"),
        body=body,
    )
    return message.headers


def _target(url: str) -> str:
    """Path and query (S-3)."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
