"""Digest and Content-Digest: made, and checked against the raw bytes."""

from base64 import b64encode
from contextlib import suppress
from hashlib import sha256, sha512

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tubegen.sidecar.signatures.digest import check_content_digest, check_digest, digest
from tubegen.sidecar.signatures.errors import Refused

BODY = b'{"hello": "world"}'
RIGHT = "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="
"""Of the body, as RFC 9530 and draft-cavage print it."""
WRONG = b64encode(sha256(b"").digest()).decode()
LONG = b64encode(sha512(BODY).digest()).decode()


def content_digest(body: bytes) -> str:
    """As in RFC 9530."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


def test_made() -> None:
    """S-1, S-2, S-24."""
    assert digest(BODY) == f"SHA-256={RIGHT}"


@settings(deadline=None)
@given(st.binary(), st.binary())
def test_right_for_its_body_only(body: bytes, other: bytes) -> None:
    """S-24."""
    check_digest(digest(body), body)
    check_content_digest(content_digest(body), body)
    if body != other:
        with pytest.raises(Refused):
            check_digest(digest(body), other)
        with pytest.raises(Refused):
            check_content_digest(content_digest(body), other)


@pytest.mark.parametrize(
    "value",
    [
        f"SHA-256={RIGHT}",
        f"sha-256={RIGHT}",
        f"Sha-256={RIGHT}",
        f" SHA-256={RIGHT} ",
        f"SHA-512={LONG},SHA-256={RIGHT}",
        f"sha-256={RIGHT}, unixsum=30637",
    ],
)
def test_digest_is_read(value: str) -> None:
    """S-24: any case, any list."""
    check_digest(value, BODY)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "SHA-256",
        "SHA-256=",
        RIGHT,
        f"SHA-256={WRONG}",
        f"SHA-256={RIGHT[:-1]}",
        f"SHA-256={RIGHT}=",
        f"SHA-512={LONG}",
        f"SHA-512={RIGHT}",
        f"SHA-256={RIGHT},SHA-256={WRONG}",
        f"SHA-256={WRONG},sha-256={RIGHT}",
        f"SHA-256=:{RIGHT}:",
        "SHA-256=\udc80",
    ],
)
def test_digest_is_refused(value: str) -> None:
    """S-24: without SHA-256, with two of them, with another one."""
    with pytest.raises(Refused) as refused:
        check_digest(value, BODY)
    assert refused.value.status == 401


@pytest.mark.parametrize(
    "value",
    [f"sha-256=:{RIGHT}:", f"sha-512=:{LONG}:, sha-256=:{RIGHT}:", f"sha-256=:{RIGHT}:,\tsha-512=:{LONG}:"],
)
def test_content_digest_is_read(value: str) -> None:
    """S-24: a dictionary."""
    check_content_digest(value, BODY)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("", 400),
        (f"sha-256={RIGHT}", 400),
        (f"SHA-256=:{RIGHT}:", 400),
        (f"sha-256=:{RIGHT}", 400),
        (f'sha-256="{RIGHT}"', 400),
        ("sha-256=:AAAA:", 400),
        (f"sha-256=:{RIGHT}:,", 400),
        (f"sha-256=:{RIGHT}:, sha-256=:{RIGHT}:", 400),
        ("sha-256=:\udc80:", 400),
        (f"sha-256=:{WRONG}:", 401),
        (f"sha-512=:{LONG}:", 401),
        (f"md5=:{RIGHT}:", 401),
    ],
)
def test_content_digest_is_refused(value: str, status: int) -> None:
    """S-24, S-44: 400 when malformed, 401 when it does not hold."""
    with pytest.raises(Refused) as refused:
        check_content_digest(value, BODY)
    assert refused.value.status == status


@settings(deadline=None)
@given(st.one_of(st.text(), st.text("sha-256=:, A\t")), st.binary())
def test_nothing_but_refused_comes_out(value: str, body: bytes) -> None:
    """S-24."""
    for check in (check_digest, check_content_digest):
        with suppress(Refused):
            check(value, body)
