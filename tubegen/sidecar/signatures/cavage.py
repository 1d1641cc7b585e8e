"""draft-cavage-http-signatures-12, the signature that nearly every server sends.

The policy is Mastodon's, and one thing more: `host` must be signed and be ours, since `(request-target)`
names no server, and a request to another one could otherwise be sent on to us (interop S-20 to S-24, S-26).
"""

import re
from binascii import a2b_base64
from datetime import UTC, datetime
from functools import lru_cache

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from tubegen.origin import normal_host
from tubegen.sidecar.model import PublicKey
from tubegen.sidecar.signatures.claim import Asked, check_expiry, check_time
from tubegen.sidecar.signatures.digest import check_digest
from tubegen.sidecar.signatures.errors import Refused

_PARAMETER = re.compile(
    r"[ \t]*([0-9A-Za-z_-]+)[ \t]*=[ \t]*"
    r'(?:"([ !#-\[\]-~]*)"|([0-9A-Za-z.:/+_-]+))'  # visible ASCII without quote and backslash, or a bare word
    r"[ \t]*(,|\Z)"
)
_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{{2}}) ({'|'.join(_MONTHS)}) ([0-9]{{4}}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)
_ALGORITHMS = frozenset({"rsa-sha256", "hs2019", ""})
_PADDING, _HASH = PKCS1v15(), SHA256()


class CavageClaim(msgspec.Struct, frozen=True):
    """A draft-cavage signature that meets the policy."""

    key_id: str
    signature: bytes
    texts: tuple[bytes, ...]
    """The signing string; where the target has a query, the one without it too: some sign so (S-22)."""
    only_rsa: bool
    """Whether the signature names its algorithm; `hs2019` leaves it to the key."""

    def holds(self, public: PublicKey) -> bool:
        for text in self.texts:
            try:
                if isinstance(public, RSAPublicKey):
                    public.verify(self.signature, text, _PADDING, _HASH)
                elif self.only_rsa:
                    return False
                else:
                    public.verify(self.signature, text)
            except InvalidSignature:
                continue
            return True
        return False


def parameters(header: str) -> dict[str, str]:
    """The parameters of a Signature header, or of `Authorization: Signature …`, by name.

    Raises Refused 401 when it is malformed: a parameter twice, control characters, anything left over (S-26).
    """
    found: dict[str, str] = {}
    position = len("Signature ") if header[:10].lower() == "signature " else 0
    comma = ","
    while comma:
        parameter = _PARAMETER.match(header, position)
        if parameter is None:
            raise Refused(401, "the Signature header is malformed")
        name, quoted, bare, comma = parameter.groups()
        if name in found:
            raise Refused(401, "the Signature header has a parameter twice")
        found[name] = bare if quoted is None else quoted
        position = parameter.end()
    return found


def claim(asked: Asked, header: str, now: float) -> CavageClaim:
    """Read a signature and hold it to the policy, as far as that goes without its key. Raises Refused 401."""
    told = parameters(header)
    algorithm = told.get("algorithm", "")
    if algorithm not in _ALGORITHMS:
        raise Refused(401, "the algorithm of the signature must be rsa-sha256 or hs2019")
    key_id, signature = told.get("keyId"), told.get("signature")
    if not key_id or not signature:
        raise Refused(401, "the Signature header lacks keyId or signature")
    covered = _covered(told.get("headers", "(created)"), algorithm, needs_digest=asked.has_body)
    _check_times(told, covered, asked, now)
    _check_host(asked)
    if asked.has_body:
        check_digest(_signed(asked, "digest"), asked.body)
    path, mark, _ = asked.target.partition("?")
    texts = (_text(asked, covered, told, asked.target),)
    if mark:
        texts += (_text(asked, covered, told, path),)
    return CavageClaim(
        key_id=key_id,
        signature=_decoded(signature),
        texts=texts,
        only_rsa=algorithm == "rsa-sha256",
    )


@lru_cache(maxsize=256)
def _covered(headers: str, algorithm: str, *, needs_digest: bool) -> tuple[str, ...]:
    """What is signed. See that what the policy asks for is, and nothing twice: the signing string shall not swell.

    Remembered, since each kind of server has its list.
    """
    covered = tuple(headers.lower().split())
    names = frozenset(covered)
    if len(names) != len(covered):
        raise Refused(401, "the signature covers a header twice")
    if algorithm == "rsa-sha256" and not names.isdisjoint(("(created)", "(expires)")):
        raise Refused(401, "(created) and (expires) cannot be signed with rsa-sha256")  # S-21
    if "(request-target)" not in names or "host" not in names:
        raise Refused(401, "(request-target) and host must be signed")
    if "date" not in names and "(created)" not in names:
        raise Refused(401, "date or (created) must be signed")
    if needs_digest and "digest" not in names:
        raise Refused(401, "digest must be signed")
    return covered


def _check_times(told: dict[str, str], covered: tuple[str, ...], asked: Asked, now: float) -> None:
    """Hold each time that is told to the window: one that is not signed can only make things stricter."""
    if "created" in told:
        check_time(_seconds(told["created"]), now)
    if "date" in covered:
        check_time(_date(_signed(asked, "date")), now)
    if "expires" in told:
        check_expiry(_seconds(told["expires"]), now)


def _check_host(asked: Asked) -> None:
    host = _signed(asked, "host")
    if host == asked.host:
        return
    try:
        same = normal_host(host, asked.scheme) == normal_host(asked.host, asked.scheme)
    except ValueError:
        same = False
    if not same:
        raise Refused(401, "the request was signed for another host")


def _text(asked: Asked, covered: tuple[str, ...], told: dict[str, str], target: str) -> bytes:
    """The signing string (§2.3 of the draft)."""
    lines: list[str] = []
    for name in covered:
        if not name.startswith("("):
            value = _signed(asked, name)
        elif name == "(request-target)":
            value = f"{asked.method.lower()} {target}"
        else:
            value = told.get(name[1:-1]) if name in ("(created)", "(expires)") else None
            if value is None:
                raise Refused(401, "the signature covers what the request does not have")
        lines.append(f"{name}: {value}")
    text = "\n".join(lines)
    if text.count("\n") >= len(lines):
        raise Refused(401, "a signed header holds a line break")
    try:
        return text.encode(errors="surrogateescape")
    except UnicodeEncodeError as error:
        raise Refused(401, "a signed header is not text") from error


def _signed(asked: Asked, name: str) -> str:
    value = asked.fields.get(name)
    if value is None:
        raise Refused(401, "the signature covers a header that the request does not have")
    return value


def _decoded(signature: str) -> bytes:
    try:
        return a2b_base64(signature, strict_mode=True)
    except ValueError as error:
        raise Refused(401, "the signature is not base64") from error


def _seconds(text: str) -> float:
    if not _SECONDS.fullmatch(text):
        raise Refused(401, "a time in the Signature header is no number")
    return float(text)


@lru_cache(maxsize=256)
def _date(text: str) -> float:
    """Seconds since 1970 of an IMF-fixdate (RFC 9110 §5.6.7), the only form that may be sent.

    Remembered, since the requests of one second share it.
    """
    found = _DATE.fullmatch(text)
    try:
        if found is None:
            raise ValueError("no IMF-fixdate")
        day, month, year, hour, minute, second = found.groups()
        moment = datetime(
            int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=UTC
        )
    except ValueError as error:
        raise Refused(401, "Date cannot be read") from error
    return moment.timestamp()
