"""Public keys as other servers write them: SPKI in PEM, and Ed25519 as a Multikey (FEP-521a)."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from tubegen.sidecar.model import PublicKey

_PEM_LENGTH = 8192
_RSA_BITS = range(2048, 8192 + 1)
_EXPONENT_BITS = 33
"""65537 fits, and so does whatever anybody uses; a huge one makes every check slow."""

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519 = b"\xed\x01"
_MULTIBASE_LENGTH = 64


def from_pem(pem: str) -> PublicKey:
    """Raises ValueError, with a short reason, for what is no key or one of a size not taken (interop S-32)."""
    if len(pem) > _PEM_LENGTH:
        raise ValueError("the key is too long")
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("the PEM holds no public key") from error
    if isinstance(key, Ed25519PublicKey):
        return key
    if not isinstance(key, RSAPublicKey):
        raise ValueError("the key is neither RSA nor Ed25519")
    if key.key_size not in _RSA_BITS:
        raise ValueError(f"the key has {key.key_size} bits, not {_RSA_BITS[0]} to {_RSA_BITS[-1]}")
    if key.public_numbers().e.bit_length() > _EXPONENT_BITS:
        raise ValueError("the key's exponent is too large")
    return key


def from_multibase(text: str) -> Ed25519PublicKey:
    """`z6Mk…`: base58btc of the Multikey code and 32 bytes. Raises ValueError for any other kind."""
    if len(text) > _MULTIBASE_LENGTH or not text.startswith("z"):
        raise ValueError("the key is no Ed25519 Multikey")
    number = 0
    for letter in text[1:]:
        number = number * 58 + _BASE58.index(letter)
    code = number.to_bytes(_MULTIBASE_LENGTH).lstrip(b"\0")  # the code's first byte is not zero
    if not code.startswith(_ED25519) or len(code) != len(_ED25519) + 32:
        raise ValueError("the key is no Ed25519 Multikey")
    return Ed25519PublicKey.from_public_bytes(code.removeprefix(_ED25519))


def to_pem(key: PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
