"""Our own signatures, read by others: bare `cryptography`, http-message-signatures, and our own reader."""

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from hashlib import sha256

import http_message_signatures as hms
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sidecar.signatures.crafted import NOW, Keys, rsa, who
from tubegen.sidecar.model import Incoming, LocalKey, RemoteKey, Scheme
from tubegen.sidecar.signatures.rfc9421 import Message
from tubegen.sidecar.signatures.sign import sign

ACTOR = "https://films.example/ap/u/films"
KEY = LocalKey(
    f"{ACTOR}#main-key",
    rsa(),
    rsa().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
)
BODY = b'{"type":"Create"}'
INBOX = "https://good.example/users/alice/inbox"


def recomputed(method: str, target: str, headers: Mapping[str, str]) -> dict[str, str]:
    """Check a draft-cavage signature from its text alone; tells its parameters."""
    told = dict(re.findall(r'(\w+)="([^"]*)"', headers["Signature"]))
    values = {name.lower(): value for name, value in headers.items()}
    values["(request-target)"] = f"{method.lower()} {target}"
    text = "\n".join(f"{name}: {values[name]}" for name in told["headers"].split(" "))
    rsa().public_key().verify(b64decode(told["signature"]), text.encode(), PKCS1v15(), SHA256())
    return told


def incoming(method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Incoming:
    return Incoming(method, target, tuple(headers.items()), body or b"")


def test_a_post() -> None:
    """S-1, S-2, S-5: parameters and headers, each in its order."""
    headers = sign(KEY, "POST", INBOX, BODY, now=NOW)
    assert list(headers) == ["Host", "Date", "Content-Type", "Digest", "Signature"]
    assert headers["Host"] == "good.example"
    assert headers["Content-Type"] == "application/activity+json"
    assert headers["Digest"] == f"SHA-256={b64encode(sha256(BODY).digest()).decode()}"
    assert headers["Date"].endswith(" GMT")
    assert parsedate_to_datetime(headers["Date"]).timestamp() == NOW
    assert re.fullmatch(
        r'keyId="https://films\.example/ap/u/films#main-key",algorithm="rsa-sha256",'
        r'headers="\(request-target\) host date digest content-type",signature="[A-Za-z0-9+/]+={0,2}"',
        headers["Signature"],
    )
    recomputed("POST", "/users/alice/inbox", headers)


def test_a_get() -> None:
    """S-2."""
    headers = sign(KEY, "GET", "https://good.example/users/alice", None, now=NOW)
    assert list(headers) == ["Host", "Date", "Accept", "Signature"]
    assert headers["Accept"].startswith("application/activity+json")
    told = recomputed("GET", "/users/alice", headers)
    assert told["headers"] == "(request-target) host date accept"


@pytest.mark.parametrize(
    ("url", "host", "target"),
    [
        ("https://good.example", "good.example", "/"),
        ("https://good.example:8443/inbox", "good.example:8443", "/inbox"),
        ("https://good.example:443/inbox", "good.example", "/inbox"),
        ("https://GOOD.example/Inbox", "good.example", "/Inbox"),
        ("https://good.example/u?page=1&a=%20", "good.example", "/u?page=1&a=%20"),
        ("https://good.example/users/alice#main-key", "good.example", "/users/alice"),
        ("https://[2001:db8::1]:8443/inbox", "[2001:db8::1]:8443", "/inbox"),
    ],
)
def test_host_and_target(url: str, host: str, target: str) -> None:
    """S-2, S-3: authority with a port that is not the usual one; the query is signed."""
    headers = sign(KEY, "GET", url, None, now=NOW)
    assert headers["Host"] == host
    recomputed("GET", target, headers)


def test_each_attempt_is_signed_anew() -> None:
    """S-4."""
    first, second = (sign(KEY, "POST", INBOX, BODY, now=NOW + later) for later in (0, 60))
    assert first["Date"] != second["Date"]
    assert first["Signature"] != second["Signature"]


@pytest.mark.parametrize(
    "url", ["https://good.example/ü", "https://bücher.example/", "acct:a@good.example", "/x"]
)
def test_an_address_that_cannot_be_signed(url: str) -> None:
    with pytest.raises(ValueError):
        sign(KEY, "GET", url, None, now=NOW)


class _Reader(hms.HTTPMessageVerifier):
    def validate_created_and_expires(self, sig_input: object, max_age: object = None) -> None:
        """The time is that of the test."""


@pytest.mark.parametrize(("method", "body"), [("POST", BODY), ("GET", None)])
def test_rfc9421_is_read_by_the_library(method: str, body: bytes | None) -> None:
    """S-25, S-8."""
    url = "https://good.example/users/alice/inbox?a=b"
    headers = sign(KEY, method, url, body, now=NOW, scheme="rfc9421")
    needed = ("@method", "@target-uri", "content-digest") if body else ("@method", "@target-uri")
    reader = _Reader(
        signature_algorithm=hms.algorithms.RSA_V1_5_SHA256,
        key_resolver=hms.MappingKeyResolver(public_keys={KEY.id: rsa().public_key()}, private_keys={}),
    )
    [read] = reader.verify(Message(method, url, headers), max_age=None, require_components=needed, body=body)
    assert read.parameters == {"created": int(NOW), "keyid": KEY.id, "alg": "rsa-v1_5-sha256"}


def test_rfc9421_recomputed() -> None:
    """S-25: the signature base, built by hand."""
    headers = sign(KEY, "POST", INBOX, BODY, now=NOW, scheme="rfc9421")
    assert "Digest" not in headers
    label, _, told = headers["Signature-Input"].partition("=")
    digest = f"sha-256=:{b64encode(sha256(BODY).digest()).decode()}:"
    assert headers["Content-Digest"] == digest
    base = f'"@method": POST\n"@target-uri": {INBOX}\n"content-digest": {digest}\n"@signature-params": {told}'
    raw = b64decode(headers["Signature"].removeprefix(f"{label}=:").removesuffix(":"))
    rsa().public_key().verify(raw, base.encode(), PKCS1v15(), SHA256())


PATHS = st.text("abcXYZ019-._~!$&'()*+,;=:@/", max_size=30).map(lambda path: f"/{path}".replace("//", "/"))


@settings(deadline=None, max_examples=40)
@given(
    body=st.binary(min_size=1),
    path=PATHS,
    query=st.sampled_from(["", "?a=b", "?a=%20&b"]),
    scheme=st.sampled_from(["cavage", "rfc9421"]),
    at=st.integers(0),
)
def test_what_we_sign_we_believe_and_nothing_else(
    body: bytes, path: str, query: str, scheme: Scheme, at: int
) -> None:
    """S-2, S-24, S-25: both schemes, any body and path; one bit of the body is enough."""
    headers = sign(KEY, "POST", f"https://good.example{path}{query}", body, now=NOW, scheme=scheme)
    keys = Keys({KEY.id: RemoteKey(KEY.id, ACTOR, rsa().public_key())})
    sent = incoming("POST", path + query, headers, body)
    assert who(sent, keys=keys, host="good.example", actor=ACTOR).scheme == scheme
    at %= len(body)
    changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
    with pytest.raises(Exception, match="digest"):
        who(incoming("POST", path + query, headers, changed), keys=keys, host="good.example", actor=ACTOR)
