"""Signed requests made by hand, with bare `cryptography` and nothing of the code under test."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from tests.serve.loop import in_a_loop
from tubegen.sidecar.model import Incoming, RemoteKey, Signer
from tubegen.sidecar.signatures.errors import KeyFault
from tubegen.sidecar.signatures.policy import verify

NOW = 1_795_328_284.0
HOST = "films.example"
ALICE = "https://good.example/users/alice"
KEY_ID = f"{ALICE}#main-key"
BODY = b'{"type":"Like","actor":"https://good.example/users/alice"}'
INBOX = "/ap/inbox"

Private = RSAPrivateKey | Ed25519PrivateKey


_KEYS: dict[str, RSAPrivateKey] = {}


def rsa(name: str = "alice") -> RSAPrivateKey:
    """The key of that person, the same all through the tests."""
    if name not in _KEYS:
        _KEYS[name] = generate_private_key(65537, 2048)
    return _KEYS[name]


@cache
def ed25519() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


class Keys:
    """A KeySource that knows these keys; `fresh` ones are what a new look finds."""

    def __init__(
        self, known: Mapping[str, RemoteKey | KeyFault], fresh: Mapping[str, RemoteKey | KeyFault] = {}
    ) -> None:
        self.known = known
        self.renewed = {**known, **fresh}
        self.asked: list[tuple[str, bool]] = []

    async def key(self, key_id: str, *, fresh: bool = False) -> RemoteKey:
        self.asked.append((key_id, fresh))
        found = (self.renewed if fresh else self.known)[key_id]
        if isinstance(found, KeyFault):
            raise found
        return found


def alices_keys(private: Private | None = None) -> Keys:
    return Keys({KEY_ID: RemoteKey(KEY_ID, ALICE, (private or rsa()).public_key())})


def who(request: Incoming, *, keys: Keys | None = None, actor: str | None = ALICE, **more: object) -> Signer:
    """What `verify` says, run to its end."""
    said: list[Signer] = []
    settings: dict[str, object] = {"host": HOST, "now": NOW, "keys": keys or alices_keys(), **more}

    async def ask() -> None:
        said.append(await verify(request, actor=actor, **settings))  # type: ignore[arg-type]

    in_a_loop(ask())
    return said[0]


def date(moment: float = NOW) -> str:
    return format_datetime(datetime.fromtimestamp(moment, UTC), usegmt=True)


def hashed(body: bytes) -> str:
    return b64encode(sha256(body).digest()).decode()


def signature(text: str, private: Private) -> str:
    raw = text.encode(errors="surrogateescape")
    made = (
        private.sign(raw, PKCS1v15(), SHA256()) if isinstance(private, RSAPrivateKey) else private.sign(raw)
    )
    return b64encode(made).decode()


def cavage(
    *,
    covered: str = "(request-target) host date digest content-type",
    method: str = "POST",
    target: str = INBOX,
    signed_target: str | None = None,
    body: bytes = BODY,
    headers: Mapping[str, str | None] = {},
    algorithm: str | None = "rsa-sha256",
    created: str | None = None,
    expires: str | None = None,
    key_id: str = KEY_ID,
    private: Private | None = None,
    under: tuple[str, str] = ("Signature", ""),
) -> Incoming:
    """A request with a draft-cavage signature: Mastodon's form, unless told otherwise.

    `headers` are put over the usual ones, None takes one away. `under` names the header of the signature
    and what stands before it.
    """
    usual: dict[str, str | None] = {"Host": HOST, "Date": date(), "Content-Type": "application/activity+json"}
    if method == "POST":
        usual["Digest"] = f"SHA-256={hashed(body)}"
    sent = {name: value for name, value in {**usual, **headers}.items() if value is not None}
    values = {name.lower(): value for name, value in sent.items()}
    values["(request-target)"] = f"{method.lower()} {target if signed_target is None else signed_target}"
    values |= {"(created)": created or "", "(expires)": expires or "", "(algorithm)": algorithm or ""}
    text = "\n".join(f"{name}: {values[name]}" for name in covered.split())
    parameters = [f'keyId="{key_id}"']
    parameters += [f'algorithm="{algorithm}"'] if algorithm else []
    parameters += [f"created={created}"] if created else []
    parameters += [f"expires={expires}"] if expires else []
    parameters += [f'headers="{covered}"', f'signature="{signature(text, private or rsa())}"']
    sent[under[0]] = under[1] + ",".join(parameters)
    return Incoming(method, target, tuple(sent.items()), body if method == "POST" else b"")


def rfc9421(
    *,
    covered: Sequence[str] = ('"@method"', '"@target-uri"', '"content-digest"'),
    parameters: str = f';created={int(NOW)};keyid="{KEY_ID}";alg="rsa-v1_5-sha256"',
    method: str = "POST",
    target: str = INBOX,
    url: str | None = None,
    body: bytes = BODY,
    headers: Mapping[str, str | None] = {},
    label: str = "sig1",
    private: Private | None = None,
) -> Incoming:
    """A request with an RFC 9421 signature: Mastodon 4.7's form, unless told otherwise."""
    usual: dict[str, str | None] = {"Host": HOST, "Date": date(), "Content-Type": "application/activity+json"}
    if method == "POST":
        usual["Content-Digest"] = f"sha-256=:{hashed(body)}:"
    sent = {name: value for name, value in {**usual, **headers}.items() if value is not None}
    values = {f'"{name.lower()}"': value for name, value in sent.items()}
    values |= {
        '"@method"': method,
        '"@target-uri"': f"https://{HOST}{target}" if url is None else url,
        '"@authority"': HOST,
        '"@path"': target.partition("?")[0],
        '"content-digest";key="sha-256"': f":{hashed(body)}:",
    }
    told = f"({' '.join(covered)}){parameters}"
    text = "\n".join([*(f"{name}: {values[name]}" for name in covered), f'"@signature-params": {told}'])
    sent["Signature-Input"] = f"{label}={told}"
    sent["Signature"] = f"{label}=:{signature(text, private or rsa())}:"
    return Incoming(method, target, tuple(sent.items()), body if method == "POST" else b"")


def with_header(request: Incoming, name: str, value: str | None) -> Incoming:
    """The request with one header changed on the way, or with it taken away."""
    headers = [(n, v if n.lower() != name.lower() else value) for n, v in request.headers]
    return Incoming(
        request.method, request.target, tuple((n, v) for n, v in headers if v is not None), request.body
    )
