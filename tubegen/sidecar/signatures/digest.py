"""Digests of bodies: `Digest` (RFC 3230) beside draft-cavage, `Content-Digest` (RFC 9530) beside RFC 9421."""

import re
from base64 import b64encode
from hashlib import sha256
from hmac import compare_digest

from tubegen.sidecar.signatures.errors import Refused

_MEMBER = re.compile(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):")
"""A byte sequence in a dictionary (RFC 8941), without parameters: no digest has any."""
_BASE64_OF_32_BYTES = 44


def digest(body: bytes) -> str:
    """`SHA-256=…`, the value of Digest."""
    return f"SHA-256={_sha256(body)}"


def check_digest(value: str, body: bytes) -> None:
    """See that Digest, a list, names the SHA-256 of the raw body (interop S-24). Raises Refused 401."""
    if value == digest(body):
        return
    found = [
        told.strip()
        for name, _, told in (member.partition("=") for member in value.split(","))
        if name.strip().lower() == "sha-256"
    ]
    if len(found) != 1:
        raise Refused(401, "Digest must name SHA-256 once")
    _compare(found[0], body)


def check_content_digest(value: str, body: bytes) -> None:
    """See that Content-Digest, a dictionary, names the SHA-256 of the raw body (interop S-24).

    Raises Refused: 400 when it cannot be read, 401 when it names no SHA-256 or another one.
    """
    members: dict[str, str] = {}
    for member in value.split(","):
        read = _MEMBER.fullmatch(member.strip(" \t"))
        if read is None or read[1] in members:
            raise Refused(400, "Content-Digest is malformed")
        members[read[1]] = read[2]
    told = members.get("sha-256")
    if told is None:
        raise Refused(401, "Content-Digest names no sha-256")
    if len(told) != _BASE64_OF_32_BYTES:
        raise Refused(400, "Content-Digest is malformed")
    _compare(told, body)


def _sha256(body: bytes) -> str:
    return b64encode(sha256(body).digest()).decode()


def _compare(told: str, body: bytes) -> None:
    if not compare_digest(told.encode(errors="replace"), _sha256(body).encode()):
        raise Refused(401, "the digest is not that of the body")
