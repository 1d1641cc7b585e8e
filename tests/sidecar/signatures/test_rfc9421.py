"""RFC 9421: what is believed, what is not, and why."""

from base64 import b64decode
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sidecar.signatures.crafted import (
    ALICE,
    BODY,
    HOST,
    INBOX,
    KEY_ID,
    NOW,
    Keys,
    alices_keys,
    date,
    ed25519,
    hashed,
    rfc9421,
    rsa,
    who,
    with_header,
)
from tubegen.sidecar.model import Incoming, RemoteKey, Signer
from tubegen.sidecar.signatures.claim import Asked
from tubegen.sidecar.signatures.errors import Refused
from tubegen.sidecar.signatures.rfc9421 import Message, Rfc9421Claim, claim

AT = int(NOW)
FEDIFY = ('"@method"', '"@target-uri"', '"@authority"', '"host"', '"date"', '"content-digest"')
READ = ('"@method"', '"@target-uri"')


def told(created: object = AT, more: str = "", key_id: str = f'"{KEY_ID}"') -> str:
    return f";created={created};keyid={key_id}{more}"


def _two(first: Incoming, second: Incoming) -> Incoming:
    """One request with the signatures of two, under their labels."""
    one, other = dict(first.headers), dict(second.headers)
    joined = {name: f"{one[name]}, {other[name]}" for name in ("Signature-Input", "Signature")}
    return Incoming(first.method, first.target, tuple({**one, **joined}.items()), first.body)


SHORT = rfc9421(covered=READ, label="short")

GOOD = {
    "S-25 as Mastodon would send it": rfc9421(),
    "S-25 as Fedify sends it": rfc9421(covered=FEDIFY),
    "S-25 no algorithm": rfc9421(parameters=told()),
    "S-25 any label": rfc9421(label="pyhms"),
    "S-25 a tag and a nonce": rfc9421(parameters=told(more=';tag="fediverse";nonce="a"')),
    "S-25 a query": rfc9421(target=INBOX + "?a=b&c=%20"),
    "S-25 GET": rfc9421(method="GET", covered=READ),
    "S-25 GET with a query": rfc9421(method="GET", covered=READ, target="/ap/u/films?page=true"),
    "S-25 two signatures, the first of which covers too little": _two(SHORT, rfc9421()),
    "S-25 two signatures, the second of which covers too little": _two(rfc9421(), SHORT),
    "S-23 59 minutes old": rfc9421(parameters=told(AT - 3540)),
    "S-23 59 minutes ahead": rfc9421(parameters=told(AT + 3540)),
    "S-23 not yet expired": rfc9421(parameters=told(more=f";expires={AT + 60}")),
    "S-24 two digests": rfc9421(headers={"Content-Digest": f"sha-512=:AAAA:, sha-256=:{hashed(BODY)}:"}),
    "behind a proxy that changes Host": rfc9421(headers={"Host": "127.0.0.1:8080"}),
    "behind a proxy that tells of another host": rfc9421(headers={"X-Forwarded-Host": "other.example"}),
}

BAD = {
    "S-25 @method not signed": rfc9421(covered=('"@target-uri"', '"content-digest"')),
    "S-25 @target-uri not signed": rfc9421(covered=('"@method"', '"@path"', '"content-digest"')),
    "S-25 content-digest not signed": rfc9421(covered=READ),
    "S-25 only a part of content-digest signed": rfc9421(covered=(*READ, '"content-digest";key="sha-256"')),
    "S-25 nothing signed": rfc9421(covered=()),
    "S-25 only the method in a GET": rfc9421(method="GET", covered=('"@method"',)),
    "S-25 created not told": rfc9421(parameters=f';keyid="{KEY_ID}"'),
    "S-25 created is no integer": rfc9421(parameters=told(f"{AT}.5")),
    "S-25 created is a boolean": rfc9421(parameters=told("?1")),
    "S-25 keyid not told": rfc9421(parameters=f";created={AT}"),
    "S-25 keyid is no string": rfc9421(parameters=told(key_id="alice")),
    "S-25 an unknown algorithm": rfc9421(parameters=told(more=';alg="rsa-pss-sha512"')),
    "S-25 hmac": rfc9421(parameters=told(more=';alg="hmac-sha256"')),
    "S-23 61 minutes old": rfc9421(parameters=told(AT - 3660)),
    "S-23 13 hours old": rfc9421(parameters=told(AT - 13 * 3600)),
    "S-23 61 minutes ahead": rfc9421(parameters=told(AT + 3660)),
    "S-23 expired": rfc9421(parameters=told(more=f";expires={AT - 1}")),
    "S-23 expires is no integer": rfc9421(parameters=told(more=';expires="never"')),
    "S-24 of another body": rfc9421(headers={"Content-Digest": f"sha-256=:{hashed(b'')}:"}),
    "S-24 no sha-256": rfc9421(headers={"Content-Digest": "sha-512=:AAAA:"}),
    "S-24 no Content-Digest": with_header(rfc9421(), "Content-Digest", None),
    "S-26 a label twice": _two(rfc9421(), rfc9421()),
    "S-26 a parameter twice": rfc9421(parameters=told(more=f";created={AT}")),
    "no list": with_header(rfc9421(), "Signature-Input", "sig1=1"),
    "no dictionary": with_header(rfc9421(), "Signature-Input", "sig1=("),
    "no member": with_header(rfc9421(), "Signature-Input", ""),
    "no Signature": with_header(rfc9421(), "Signature", None),
    "Signature of another label": with_header(rfc9421(), "Signature", "sig2=:AAAA:"),
}

TAMPERED = {
    "S-25 signed for another server": rfc9421(url=f"https://other.example{INBOX}"),
    "S-25 signed for http": rfc9421(url=f"http://{HOST}{INBOX}"),
    "S-25 signed for another path": rfc9421(url=f"https://{HOST}/ap/u/films/inbox"),
    "S-25 signed for another query": rfc9421(target=INBOX + "?a=b", url=f"https://{HOST}{INBOX}?a=c"),
    "S-25 signed without its query": rfc9421(target=INBOX + "?a=b", url=f"https://{HOST}{INBOX}"),
    "S-25 another method": Incoming("PUT", INBOX, rfc9421().headers, BODY),
    "S-25 Signature is no byte sequence": with_header(rfc9421(), "Signature", 'sig1="AAAA"'),
    "S-25 Signature is a list": with_header(rfc9421(), "Signature", "sig1=(:AAAA:)"),
    "S-25 an unknown parameter": rfc9421(parameters=told(more=";x=1")),
    "S-25 a component twice": rfc9421(covered=(*READ, '"content-digest"', '"date"', '"date"')),
    "S-25 date": with_header(rfc9421(covered=FEDIFY), "Date", date(NOW + 1)),
    "S-25 a component that is not there": with_header(rfc9421(covered=FEDIFY), "Date", None),
    "S-25 an unknown component": with_header(
        rfc9421(),
        "Signature-Input",
        f'sig1=("@method" "@target-uri" "content-digest" "@x"){told()}',
    ),
    "S-24 body and digest": with_header(
        Incoming("POST", INBOX, rfc9421().headers, b"{}"), "Content-Digest", f"sha-256=:{hashed(b'{}')}:"
    ),
    "S-25 created": with_header(
        rfc9421(), "Signature-Input", dict(rfc9421().headers)["Signature-Input"].replace(str(AT), str(AT + 9))
    ),
    "S-25 an ed25519 signature, said to be RSA's": rfc9421(private=ed25519()),
}


@pytest.mark.parametrize("request_", GOOD.values(), ids=GOOD)
def test_believed(request_: Incoming) -> None:
    assert who(request_) == Signer(ALICE, KEY_ID, "rfc9421")


@pytest.mark.parametrize("request_", BAD.values(), ids=BAD)
def test_refused_before_any_key_is_fetched(request_: Incoming) -> None:
    keys = alices_keys()
    with pytest.raises(Refused) as refused:
        who(request_, keys=keys)
    assert refused.value.status == 401
    assert keys.asked == []


@pytest.mark.parametrize("request_", TAMPERED.values(), ids=TAMPERED)
def test_changed_on_the_way(request_: Incoming) -> None:
    with pytest.raises(Refused) as refused:
        who(request_)
    assert refused.value.status == 401


def test_a_malformed_content_digest_is_400() -> None:
    """S-44."""
    with pytest.raises(Refused) as refused:
        who(rfc9421(headers={"Content-Digest": "SHA-256=wrong"}))
    assert refused.value.status == 400


def test_ed25519() -> None:
    """S-25."""
    keys = alices_keys(ed25519())
    for more in (';alg="ed25519"', ""):
        assert who(rfc9421(parameters=told(more=more), private=ed25519()), keys=keys).scheme == "rfc9421"
    with pytest.raises(Refused):
        who(rfc9421(private=ed25519()), keys=keys)


def test_another_key() -> None:
    """S-29."""
    keys = Keys({KEY_ID: RemoteKey(KEY_ID, ALICE, rsa("mallory").public_key())})
    with pytest.raises(Refused):
        who(rfc9421(), keys=keys)
    assert keys.asked == [(KEY_ID, False), (KEY_ID, True)]


STRUCTURED = st.one_of(
    st.text(),
    st.text('sig=();"@metho:?1.*,A'),
    st.lists(
        st.sampled_from(
            [
                'sig1=("@method" "@target-uri" "content-digest")',
                'sig1=("@query-param";name=1 "@method" "@target-uri" "content-digest";bs "content-digest")',
                "sig1=(1 @1 :AA==: ?1)",
                "sig1=@99999999999999",
                "sig1",
                f";created={AT}",
                ';keyid="a"',
                ";expires=99999999999999",
                ";created=-999999999999999",
                ";alg=ed25519",
                ';tag=%"x"',
                "=:AAAA:",
                ", ",
                ";x",
            ]
        ),
        max_size=6,
    ).map("".join),
)


@settings(deadline=None)
@given(STRUCTURED, STRUCTURED)
def test_nothing_but_refused_comes_out(signature_input: str, signature: str) -> None:
    """S-25: whatever stands in the two headers."""
    fields = {
        "content-digest": f"sha-256=:{hashed(BODY)}:",
        "signature-input": signature_input,
        "signature": signature,
    }
    with suppress(Refused):
        made = claim(Asked("POST", INBOX, fields, BODY, "https", HOST), NOW)
        assert not made.holds(rsa().public_key())
        assert not made.holds(ed25519().public_key())


# ---- RFC 9421, appendix B ----------------------------------------------------------------------------------

APPENDIX_KEY = load_der_public_key(b64decode("MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="))
APPENDIX_HEADERS = {
    "host": "example.com",
    "date": "Tue, 20 Apr 2021 02:07:55 GMT",
    "content-type": "application/json",
    "content-digest": "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdV"
    "LvRwEmTHWXvwJew==:",
    "content-length": "18",
    "signature-input": 'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");'
    'created=1618884473;keyid="test-key-ed25519"',
    "signature": "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lI"
    "p5WPpBKRCw==:",
}
TARGET = "/foo?param=Value&Pet=dog"


def test_appendix_b26_holds() -> None:
    """B.2.6, Ed25519: base and signature are right …"""
    made = Rfc9421Claim("test-key-ed25519", Message("POST", f"https://example.com{TARGET}", APPENDIX_HEADERS))
    assert made.holds(APPENDIX_KEY)  # type: ignore[arg-type]
    changed = {**APPENDIX_HEADERS, "date": "Tue, 20 Apr 2021 02:07:56 GMT"}
    made = Rfc9421Claim("test-key-ed25519", Message("POST", f"https://example.com{TARGET}", changed))
    assert not made.holds(APPENDIX_KEY)  # type: ignore[arg-type]


def test_appendix_b26_signs_too_little() -> None:
    """S-25: … but neither the address nor the body is signed."""
    with pytest.raises(Refused, match="must be signed"):
        claim(
            Asked("POST", TARGET, APPENDIX_HEADERS, b'{"hello": "world"}', "https", "example.com"), 1618884473
        )
