"""The little of http-message-signatures that tubegen uses; the package says `typed`, but annotates half."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from . import algorithms as algorithms
from .algorithms import HTTPSignatureAlgorithm

class HTTPMessageSignaturesException(Exception): ...

class _Message(Protocol):
    method: str
    url: str
    headers: dict[str, str]

class MappingKeyResolver:
    def __init__(
        self,
        *,
        public_keys: Mapping[str, RSAPublicKey | Ed25519PublicKey],
        private_keys: Mapping[str, RSAPrivateKey | Ed25519PrivateKey],
    ) -> None: ...

class _Handler:
    def __init__(
        self, *, signature_algorithm: type[HTTPSignatureAlgorithm], key_resolver: MappingKeyResolver
    ) -> None: ...

class HTTPMessageSigner(_Handler):
    def sign(
        self,
        message: _Message,
        *,
        key_id: str,
        created: datetime,
        label: str,
        covered_component_ids: Sequence[str],
        body: bytes | None = None,
    ) -> None: ...

class HTTPMessageVerifier(_Handler):
    def validate_created_and_expires(self, sig_input: object, max_age: timedelta | None = None) -> None: ...
    def verify(self, message: _Message, *, max_age: timedelta | None) -> object: ...
