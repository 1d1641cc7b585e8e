"""What a signed request claims, before its key is known: the form in which both schemes hand it on."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from tubegen.sidecar.model import PublicKey
from tubegen.sidecar.signatures.errors import Refused

SKEW = 3600
"""Seconds by which the time of a signature may differ from ours, either way (interop S-23)."""

Fields = Mapping[str, str]
"""Header fields by lower-case name; a field that was sent more than once has its values joined with `, `."""


class Claim(Protocol):
    """A signature that meets the policy in all that can be seen without its key."""

    @property
    def key_id(self) -> str: ...

    def holds(self, public: PublicKey) -> bool:
        """Whether this key made the signature."""
        ...


class Asked(msgspec.Struct, frozen=True):
    """A request in the form in which signatures speak of it."""

    method: str
    """Upper case."""
    target: str
    """Path and query."""
    fields: Fields
    body: bytes
    scheme: str
    """`https`, or `http` on a test bench: the scheme of our public address, whatever a proxy speaks."""
    host: str
    """Our public host, with its port if it has one."""

    @property
    def has_body(self) -> bool:
        """Whether a digest must be signed: of everything that is not merely read."""
        return self.method not in ("GET", "HEAD")


def check_time(signed: float, now: float) -> None:
    """See that a signature was made within an hour of now (S-23). Raises Refused 401."""
    if signed > now + SKEW:
        raise Refused(401, "the signature was made in the future: see that the clock is right")
    if signed < now - SKEW:
        raise Refused(401, "the signature is more than an hour old")


def check_expiry(expires: float, now: float) -> None:
    """Raises Refused 401."""
    if expires < now:
        raise Refused(401, "the signature has expired")
