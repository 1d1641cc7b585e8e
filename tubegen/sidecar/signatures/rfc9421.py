"""RFC 9421, HTTP Message Signatures: what Fedify sends first, and Mastodon may one day.

The signature base is built by `http-message-signatures`; which signature counts, what it must cover and
when it is too old is decided here (interop S-25). The address it speaks of is our public one, whatever a
proxy made of it.
"""

from typing import Any, cast

import http_sf
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    MappingKeyResolver,
    algorithms,
)
from http_sf.types import InnerListType

from tubegen.sidecar.model import PublicKey
from tubegen.sidecar.signatures.claim import Asked, check_expiry, check_time
from tubegen.sidecar.signatures.digest import check_content_digest
from tubegen.sidecar.signatures.errors import Refused

RSA = algorithms.RSA_V1_5_SHA256
ED25519 = algorithms.ED25519
_ALGORITHMS = frozenset({RSA.algorithm_id, ED25519.algorithm_id})


class Message(msgspec.Struct):
    """A request as the library wants to see it. `headers` is changed in place when it is signed."""

    method: str
    url: str
    headers: dict[str, str]


class _Verifier(HTTPMessageVerifier):
    """The library's, with the time left out: that has been judged by our own clock."""

    def validate_created_and_expires(self, sig_input: object, max_age: object = None) -> None:
        return


class Rfc9421Claim(msgspec.Struct, frozen=True):
    """A signature that meets the policy, in a message that holds no other."""

    key_id: str
    message: Message

    def holds(self, public: PublicKey) -> bool:
        verifier = _Verifier(
            signature_algorithm=RSA if isinstance(public, RSAPublicKey) else ED25519,
            key_resolver=MappingKeyResolver(public_keys={self.key_id: public}, private_keys={}),
        )
        try:
            verifier.verify(self.message, max_age=None)
        except HTTPMessageSignaturesException:
            return False
        return True


def claim(asked: Asked, now: float) -> Rfc9421Claim:
    """Choose the signature that meets the policy; hold the body to its digest. Raises Refused 400 or 401."""
    inputs, signatures = _dictionary(asked, "signature-input"), _dictionary(asked, "signature")
    reason = Refused(401, "the request carries no signature")
    for label, member in inputs.items():
        try:
            key_id = _judge(member, asked, now)
        except Refused as refused:
            reason = refused
            continue
        if label not in signatures:
            reason = Refused(401, "Signature lacks what Signature-Input names")
            continue
        if asked.has_body:
            check_content_digest(_content_digest(asked), asked.body)
        headers = dict(asked.fields)
        headers["signature-input"] = http_sf.ser({label: cast(InnerListType, member)})
        headers["signature"] = http_sf.ser({label: signatures[label]})
        url = f"{asked.scheme}://{asked.host}{asked.target}"
        return Rfc9421Claim(key_id, Message(asked.method, url, headers))
    raise reason


def _dictionary(asked: Asked, name: str) -> dict[str, Any]:
    """The members of a dictionary (RFC 8941): label → (value, parameters)."""
    try:
        return cast(
            dict[str, Any],
            http_sf.parse(
                asked.fields.get(name, "").encode(errors="replace"),
                tltype="dictionary",
                on_duplicate_key=_refuse_duplicate,
            ),
        )
    except ValueError as error:
        raise Refused(401, f"{name} is malformed") from error


def _refuse_duplicate(key: str, context: str) -> None:
    raise Refused(401, "a label or a parameter of the signature stands twice")


def _judge(member: tuple[Any, dict[str, Any]], asked: Asked, now: float) -> str:
    """Hold one member of Signature-Input to the policy and tell its key id. Raises Refused 401."""
    components, told = member
    if not isinstance(components, list):
        raise Refused(401, "Signature-Input is no list of components")
    _check_coverage(cast(list[Any], components), needs_digest=asked.has_body)
    created, expires, key_id = told.get("created"), told.get("expires"), told.get("keyid")
    if type(created) is not int or not isinstance(key_id, str):
        raise Refused(401, "the signature lacks created or keyid")
    check_time(created, now)
    if expires is not None:
        if type(expires) is not int:
            raise Refused(401, "expires is no integer")
        check_expiry(expires, now)
    if told.get("alg", RSA.algorithm_id) not in _ALGORITHMS:
        raise Refused(401, "the algorithm of the signature must be rsa-v1_5-sha256 or ed25519")
    return key_id


def _check_coverage(components: list[Any], *, needs_digest: bool) -> None:
    """See that what the policy asks for is signed, whole: a component with parameters is another one."""
    whole = [name for name, parameters in components if not parameters]
    if "@method" not in whole or "@target-uri" not in whole:
        raise Refused(401, "@method and @target-uri must be signed")
    if needs_digest and "content-digest" not in whole:
        raise Refused(401, "content-digest must be signed")


def _content_digest(asked: Asked) -> str:
    value = asked.fields.get("content-digest")
    if value is None:
        raise Refused(401, "the signature covers a Content-Digest that the request does not have")
    return value
