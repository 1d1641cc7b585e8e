"""draft-cavage-12: what is believed, what is not, and why."""

from base64 import b64decode
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
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
    cavage,
    date,
    ed25519,
    hashed,
    rsa,
    who,
    with_header,
)
from tubegen.sidecar.model import Incoming, RemoteKey, Signer
from tubegen.sidecar.signatures.cavage import CavageClaim, claim, parameters
from tubegen.sidecar.signatures.claim import Asked
from tubegen.sidecar.signatures.errors import Refused

CREATED = "(request-target) host (created) digest"
STRETCHED = f"{int(NOW) - 60}"

GOOD = {
    "S-20 as Mastodon sends it": cavage(),
    "S-20 hs2019, as GoToSocial sends it": cavage(
        algorithm="hs2019", covered="(request-target) host date digest"
    ),
    "S-20 no algorithm": cavage(algorithm=None),
    "S-20 order of snac": cavage(covered="(request-target) host digest date"),
    "S-20 GET": cavage(method="GET", covered="(request-target) host date"),
    "S-21 (created) and (expires) with hs2019": cavage(
        algorithm="hs2019", covered=CREATED + " (expires)", created=STRETCHED, expires=f"{int(NOW) + 60}"
    ),
    "S-21 (created) without an algorithm": cavage(algorithm=None, covered=CREATED, created=STRETCHED),
    "S-21 (expires) may have decimals": cavage(
        algorithm="hs2019", covered=CREATED + " (expires)", created=STRETCHED, expires=f"{int(NOW) + 1}.25"
    ),
    "S-22 query signed": cavage(target=INBOX + "?a=b&c=%20"),
    "S-22 query not signed": cavage(target=INBOX + "?a=b", signed_target=INBOX),
    "S-22 GET with a query": cavage(
        method="GET", covered="(request-target) host date", target="/ap/u/films?page=true"
    ),
    "S-23 59 minutes old": cavage(headers={"Date": date(NOW - 3540)}),
    "S-23 59 minutes ahead": cavage(headers={"Date": date(NOW + 3540)}),
    "S-24 lower case": cavage(headers={"Digest": f"sha-256={hashed(BODY)}"}),
    "S-24 one of a list": cavage(headers={"Digest": f"SHA-512=AAAA,SHA-256={hashed(BODY)}"}),
    "S-26 a leading word": cavage(under=("Signature", "Signature ")),
    "S-26 in Authorization": cavage(under=("Authorization", "Signature ")),
    "X-6 host in capitals, with dot and port": cavage(headers={"Host": "Films.Example.:443"}),
}

OTHERS = f"SHA-256={hashed(b'{}')}"
BAD = {
    "S-20 digest not signed": cavage(covered="(request-target) host date"),
    "S-20 only date signed": cavage(covered="date"),
    "S-20 (request-target) not signed": cavage(covered="host date digest"),
    "S-20 (request-target) not signed in a GET": cavage(method="GET", covered="host date"),
    "S-20 host not signed": cavage(covered="(request-target) date digest"),
    "S-20 host not signed in a GET": cavage(method="GET", covered="(request-target) date"),
    "S-20 signed for another host": cavage(headers={"Host": "other.example"}),
    "S-20 signed for another port": cavage(headers={"Host": f"{HOST}:8443"}),
    "S-20 a host that is none": cavage(headers={"Host": "films.example evil.example"}),
    "S-20 neither date nor (created)": cavage(covered="(request-target) host digest"),
    "S-20 an unknown algorithm": cavage(algorithm="rsa-sha512"),
    "S-20 hmac": cavage(algorithm="hmac-sha256"),
    "S-20 another scheme of Authorization": cavage(under=("Authorization", "Bearer ")),
    "S-20 a header that is signed but not sent": with_header(cavage(), "Content-Type", None),
    "S-20 an empty list": cavage(covered=" "),
    "S-20 a header signed twice": cavage(covered="(request-target) host date digest date"),
    "S-20 a part that the draft does not know": cavage(
        covered="(request-target) host date digest (algorithm)", algorithm="hs2019"
    ),
    "S-20 another unknown part": with_header(
        cavage(), "Signature", 'keyId="a",headers="(request-target) host date digest (x)",signature="AA=="'
    ),
    "S-21 (created) with rsa-sha256": cavage(covered=CREATED, created=STRETCHED),
    "S-21 (created) signed but not told": cavage(algorithm="hs2019", covered=CREATED),
    "S-21 (created) is no number": cavage(algorithm="hs2019", covered=CREATED, created="today"),
    "S-22 another query": cavage(target=INBOX + "?a=b", signed_target=INBOX + "?a=c"),
    "S-23 61 minutes old": cavage(headers={"Date": date(NOW - 3660)}),
    "S-23 13 hours old": cavage(headers={"Date": date(NOW - 13 * 3600)}),
    "S-23 older than a day": cavage(headers={"Date": date(NOW - 25 * 3600)}),
    "S-23 61 minutes ahead": cavage(headers={"Date": date(NOW + 3660)}),
    "S-23 13 hours ahead": cavage(headers={"Date": date(NOW + 13 * 3600)}),
    "S-23 (created) two hours ago": cavage(
        algorithm="hs2019", covered=CREATED, created=f"{int(NOW) - 7200}", headers={"Date": date()}
    ),
    "S-23 (created) in two hours": cavage(algorithm="hs2019", covered=CREATED, created=f"{int(NOW) + 7200}"),
    "S-23 expired": cavage(algorithm="hs2019", covered=CREATED, created=STRETCHED, expires=f"{int(NOW) - 1}"),
    "S-23 date of no calendar": cavage(headers={"Date": "Sun, 31 Feb 2026 06:18:04 GMT"}),
    "S-23 date that cannot be read": cavage(headers={"Date": "wat"}),
    "S-23 date in another zone": cavage(headers={"Date": "Sun, 22 Nov 2026 06:18:04 +0000"}),
    "S-24 no Digest": cavage(covered="(request-target) host date", headers={"Digest": None}),
    "S-24 of another body": cavage(headers={"Digest": OTHERS}),
    "S-24 without SHA-256": cavage(headers={"Digest": "MD5=Sd/dVLAcvNLSq16eXua5uQ=="}),
    "S-24 twice": cavage(headers={"Digest": f"SHA-256={hashed(BODY)},{OTHERS}"}),
    "S-24 no base64": cavage(headers={"Digest": "SHA-256=?"}),
    "S-24 not ASCII": cavage(headers={"Digest": "SHA-256=ü"}),
    "S-26 no base64": with_header(
        cavage(), "Signature", f'keyId="{KEY_ID}",headers="(request-target) host date digest",signature="AA"'
    ),
}


@pytest.mark.parametrize("request_", GOOD.values(), ids=GOOD)
def test_believed(request_: Incoming) -> None:
    assert who(request_) == Signer(ALICE, KEY_ID, "cavage")


@pytest.mark.parametrize("request_", BAD.values(), ids=BAD)
def test_refused_before_any_key_is_fetched(request_: Incoming) -> None:
    keys = alices_keys()
    with pytest.raises(Refused) as refused:
        who(request_, keys=keys)
    assert refused.value.status == 401
    # what a wrong query makes can only be seen with the key
    assert keys.asked == [] or "query" in next(name for name, bad in BAD.items() if bad is request_)


def _swapped(request: Incoming) -> Incoming:
    """Another body, with a digest that is right for it."""
    return with_header(Incoming(request.method, request.target, request.headers, b"{}"), "Digest", OTHERS)


WITH_X = "(request-target) host date digest content-type x-a"
HIDDEN = {"Content-Type": "application/activity+json\nx-a: 1", "X-A": "2"}

TAMPERED = {
    "S-24 body": Incoming("POST", INBOX, cavage().headers, BODY + b" "),
    "S-24 body and digest": _swapped(cavage()),
    "S-24 body and digest, digest not signed": _swapped(cavage(covered="(request-target) host date")),
    "S-24 body and digest, only date signed": _swapped(cavage(covered="date")),
    "S-20 path": Incoming("POST", "/ap/u/films/inbox", cavage().headers, BODY),
    "S-20 method": Incoming("PUT", INBOX, cavage().headers, BODY),
    "S-20 date": with_header(cavage(), "Date", date(NOW + 1)),
    "S-20 content type": with_header(cavage(), "Content-Type", "text/plain"),
    "S-21 (created)": with_header(
        cavage(algorithm="hs2019", covered=CREATED, created=STRETCHED),
        "Signature",
        dict(cavage(algorithm="hs2019", covered=CREATED, created=STRETCHED).headers)["Signature"].replace(
            f"created={STRETCHED}", f"created={int(NOW)}"
        ),
    ),
    "S-22 a query added to one that was not signed": Incoming(
        "POST", INBOX + "?a=b", cavage(target=INBOX + "?c=d").headers, BODY
    ),
    "a header that is left out, its line hidden in another": Incoming(
        "POST",
        INBOX,
        tuple(
            (name, value.replace(" x-a", "") if name == "Signature" else HIDDEN.get(name, value))
            for name, value in cavage(covered=WITH_X, headers={"X-A": "1"}).headers
        ),
        BODY,
    ),
}


@pytest.mark.parametrize("request_", TAMPERED.values(), ids=TAMPERED)
def test_changed_on_the_way(request_: Incoming) -> None:
    with pytest.raises(Refused) as refused:
        who(request_)
    assert refused.value.status == 401


def test_a_header_sent_twice_is_not_the_one_that_was_signed() -> None:
    """S-20: values are joined, so that no reader can pick the one it likes."""
    sent = cavage()
    for name in ("Host", "Date", "Digest", "Content-Type", "Signature"):
        twice = (*sent.headers, (name, dict(sent.headers)[name]))
        with pytest.raises(Refused):
            who(Incoming(sent.method, sent.target, twice, sent.body))


def test_headers_are_signed_as_the_bytes_they_are() -> None:
    """S-20: what is no UTF-8 comes in as surrogates, and goes out again."""
    covered = "(request-target) host date digest x-name"
    assert who(cavage(covered=covered, headers={"X-Name": "ü \udcff"})).actor == ALICE
    with pytest.raises(Refused):
        who(with_header(cavage(covered=covered, headers={"X-Name": "x"}), "X-Name", "\ud800"))


def test_an_ed25519_key_signs_only_where_the_algorithm_is_left_to_the_key() -> None:
    """S-20."""
    keys = alices_keys(ed25519())
    for algorithm in ("hs2019", None):
        assert who(cavage(algorithm=algorithm, private=ed25519()), keys=keys).actor == ALICE
    with pytest.raises(Refused):
        who(cavage(algorithm="rsa-sha256", private=ed25519()), keys=keys)


@pytest.mark.parametrize("key", [rsa("mallory"), ed25519()], ids=["another key", "a key of another kind"])
def test_another_key(key: object) -> None:
    """S-29: the key is looked at once more, and then it is over."""
    keys = Keys({KEY_ID: RemoteKey(KEY_ID, ALICE, key.public_key())})  # type: ignore[attr-defined]
    with pytest.raises(Refused) as refused:
        who(cavage(), keys=keys)
    assert refused.value.status == 401
    assert keys.asked == [(KEY_ID, False), (KEY_ID, True)]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ('keyId="https://a/b",signature="AA=="', {"keyId": "https://a/b", "signature": "AA=="}),
        ('Signature keyId="a"', {"keyId": "a"}),
        ('signature keyId="a"', {"keyId": "a"}),
        ('keyId = "a" ,  created=12 ', {"keyId": "a", "created": "12"}),
        ('\tkeyId="a",\tunknown="b, c=d"', {"keyId": "a", "unknown": "b, c=d"}),
        ("algorithm=rsa-sha256", {"algorithm": "rsa-sha256"}),
        ('keyId=""', {"keyId": ""}),
    ],
)
def test_parameters_are_read(header: str, told: dict[str, str]) -> None:
    """S-26."""
    assert parameters(header) == told


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Signature ",
        "keyId",
        "keyId=",
        'keyId="a',
        'keyId="a",',
        ',keyId="a"',
        'keyId="a";signature="b"',
        'keyId="a" signature="b"',
        'keyId="a",keyId="a"',
        'keyId="a",signature="x",keyId="b"',
        'keyId="a\nb"',
        'keyId="a\x00"',
        'keyId="a\x7f"',
        'keyId="a\\"b"',
        'keyId="ä"',
        'keyId="a"\n',
        'keyId="a", signature="b" trailing',
        "keyId='a'",
        '="a"',
        "(request-target)=a",
    ],
)
def test_a_malformed_header_is_refused(header: str) -> None:
    """S-26: duplicates, control characters, anything left over."""
    with pytest.raises(Refused) as refused:
        parameters(header)
    assert refused.value.status == 401


NAMES = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=1)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"\\'))


@settings(deadline=None)
@given(st.dictionaries(NAMES, VALUES, min_size=1))
def test_whatever_is_written_well_is_read_back(told: dict[str, str]) -> None:
    """S-26."""
    assert parameters(",".join(f'{name}="{value}"' for name, value in told.items())) == told


@settings(deadline=None)
@given(st.one_of(st.text(), st.text('keyId="a,=\\ \tSgnature12.')))
def test_nothing_but_refused_comes_out_of_the_reader(header: str) -> None:
    """S-26."""
    with suppress(Refused):
        parameters(header)


ANYTHING = st.one_of(
    st.text(max_size=30), st.sampled_from(["(created)", "(expires)", "host", "1", "-1", "1e9"])
)


@settings(deadline=None)
@given(
    told=st.fixed_dictionaries(
        {"keyId": ANYTHING, "signature": ANYTHING},
        optional={"algorithm": ANYTHING, "created": ANYTHING, "expires": ANYTHING},
    ),
    covered=st.lists(
        st.sampled_from(["(request-target)", "host", "date", "digest", "(created)", "(expires)", "x", "("]),
        max_size=8,
    ),
    fields=st.fixed_dictionaries(
        {}, optional={"host": ANYTHING, "date": st.text(), "digest": st.text(), "x": st.text()}
    ),
)
def test_nothing_but_refused_comes_out_of_the_policy(
    told: dict[str, str], covered: list[str], fields: dict[str, str]
) -> None:
    """S-20: even with fields that no HTTP parser would let through."""
    fields = {"host": HOST, "date": date(), "digest": f"SHA-256={hashed(BODY)}"} | fields
    header = ",".join(f'{name}="{value}"' for name, value in {**told, "headers": " ".join(covered)}.items())
    with suppress(Refused):
        claim(Asked("POST", INBOX, fields, BODY, "https", HOST), header, NOW)


# ---- draft-cavage-http-signatures-12, appendix C -----------------------------------------------------------

APPENDIX_KEY = load_pem_public_key(
    b"""-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCFENGw33yGihy92pDjZQhl0C3
6rPJj+CvfSC8+q28hxA161QFNUd13wuCTUcq0Qd2qsBe/2hFyc2DCJJg0h1L78+6
Z4UMR7EOcpfdUE9Hf3m/hs+FUR45uBJeDK1HSFHD8bHKD6kv8FPGfJTotc+2xjJw
oYi+1hqp1fIekaxsyQIDAQAB
-----END PUBLIC KEY-----
"""
)
APPENDIX_FIELDS = {
    "host": "example.com",
    "date": "Sun, 05 Jan 2014 21:31:40 GMT",
    "content-type": "application/json",
    "digest": "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
    "content-length": "18",
}
APPENDIX = Asked(
    "POST", "/foo?param=value&pet=dog", APPENDIX_FIELDS, b'{"hello": "world"}', "https", "example.com"
)
DEFAULT = (
    'keyId="Test",algorithm="rsa-sha256",signature="SjWJWbWN7i0wzBvtPl8rbASWz5xQW6mcJmn+ibttBqtifLN7S'
    "azz6m79cNfwwb8DMJ5cou1s7uEGKKCs+FLEEaDV5lp7q25WqS+lavg7T8hc0GppauB6hbgEKTwblDHYGEtbGmtdHgVCk9SuS"
    '13F0hZ8FD0k/5OxEPXe5WozsbM="'
)
BASIC = (
    'keyId="Test",algorithm="rsa-sha256",headers="(request-target) host date",signature="qdx+H7PHHDZg'
    "y4y/Ahn9Tny9V3GP6YgBPyUXMmoxWtLbHpUnXS2mg2+SbrQDMCJypxBLSPQR2aAjn7ndmw2iicw3HMbe8VfEdKFYRqzic+ef"
    'kb3nndiv/x1xSHDJWeSWkx3ButlYSuBskLu6kd9Fswtemr3lgdDEmn04swr2Os0="'
)
ALL = (
    'keyId="Test",algorithm="rsa-sha256",headers="(request-target) host date content-type digest cont'
    'ent-length",signature="vSdrb+dS3EceC9bcwHSo4MlyKS59iFIrhgYkz8+oVLEEzmYZZvRs8rgOp+63LEM3v+MFHB32N'
    "fpB2bEKBIvB1q52LaEUHFv120V01IL+TAD48XaERZFukWgHoBTLMhYS2Gb51gWxpeIq8knRmPnYePbF5MOkR0Zkly4zKH7s1"
    'dE="'
)
AT_THAT_TIME = 1388957500


def test_appendix_c3_all_headers() -> None:
    """C.3 holds for the lines that it really signs, which are those of the earlier drafts."""
    made = claim(APPENDIX, ALL, AT_THAT_TIME)
    assert made.key_id == "Test"
    assert made.holds(APPENDIX_KEY)  # type: ignore[arg-type]


def test_appendix_c3_as_printed_is_against_the_draft() -> None:
    """S-21: it names (created) and (expires) beside rsa-sha256, and does not sign them."""
    printed = ALL.replace(" host", " (created) (expires) host").replace(
        ",headers", ",created=1402170695,expires=1402170699,headers"
    )
    with pytest.raises(Refused, match="rsa-sha256"):
        claim(APPENDIX, printed, AT_THAT_TIME)


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (DEFAULT, "date: Sun, 05 Jan 2014 21:31:40 GMT"),
        (
            BASIC,
            "(request-target): post /foo?param=value&pet=dog\nhost: example.com\n"
            "date: Sun, 05 Jan 2014 21:31:40 GMT",
        ),
    ],
    ids=["C.1", "C.2"],
)
def test_appendix_c1_and_c2_sign_too_little(header: str, text: str) -> None:
    """S-20: right signatures, that leave the body unsigned."""
    told = parameters(header)
    made = CavageClaim("Test", b64decode(told["signature"]), (text.encode(),), True)
    assert made.holds(APPENDIX_KEY)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="signed"):
        claim(APPENDIX, header, AT_THAT_TIME)
