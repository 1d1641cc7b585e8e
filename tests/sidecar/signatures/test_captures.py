"""What GoToSocial, snac2, Takahe, Fedify and PeerTube really send is believed, and nothing else like it."""

import re

import pytest

from tests.sidecar.signatures.captures import KEYLESS, Capture, captures, keys
from tests.sidecar.signatures.crafted import Keys, who, with_header
from tubegen.sidecar.model import Incoming, Signer
from tubegen.sidecar.signatures.errors import KeyGone, Refused, SignerGone

ALL = list(captures())
FORWARDED = {one.name for one in ALL if "/forwarded-" in one.name}
WITH_KEY = [one for one in ALL if one.name not in KEYLESS]
OWN = [one for one in WITH_KEY if one.name not in FORWARDED]
KNOWN = Keys(keys())

each = pytest.mark.parametrize("one", OWN, ids=lambda one: one.name)
each_post = pytest.mark.parametrize("one", [one for one in OWN if one.actor], ids=lambda one: one.name)


def ask(one: Capture, request: Incoming | None = None, *, later: float = 0, actor: str | None = "") -> Signer:
    """Ask as the inbox would at that time. PeerTube was recorded over http."""
    plain = one.name.startswith("peertube")
    return who(
        request or one.request,
        host=one.host,
        now=one.time + later,
        keys=KNOWN,
        actor=one.actor if actor == "" else actor,
        scheme="http" if plain else "https",
        plain_http=lambda host: plain and host == "127.0.0.1:9001",
    )


def refused(one: Capture, request: Incoming | None = None, *, later: float = 0) -> int:
    with pytest.raises(Refused) as caught:
        ask(one, request, later=later)
    return caught.value.status


def test_every_server_is_there() -> None:
    servers = {one.name.split("/")[0] for one in OWN}
    assert servers >= {"gotosocial", "snac2", "takahe", "fedify", "peertube", "pasture"}
    assert len(OWN) > 150


@each
def test_verifies_at_its_time(one: Capture) -> None:
    """S-20, S-22, S-24, S-25, S-28."""
    signer = ask(one)
    assert one.actor in (None, signer.actor)
    fields = {name.lower() for name, _ in one.request.headers}
    assert signer.scheme == ("rfc9421" if "signature-input" in fields else "cavage")


@each
def test_not_two_hours_later_nor_earlier(one: Capture) -> None:
    """S-23."""
    assert refused(one, later=2 * 3600) == refused(one, later=-2 * 3600) == 401


@each_post
def test_not_with_another_body(one: Capture) -> None:
    """S-24."""
    request = one.request
    for at in (0, len(request.body) // 2, len(request.body) - 1):
        body = request.body[:at] + bytes([request.body[at] ^ 1]) + request.body[at + 1 :]
        assert refused(one, Incoming(request.method, request.target, request.headers, body)) == 401


@each
def test_not_at_another_path_nor_with_another_method(one: Capture) -> None:
    """S-20, S-22, S-25."""
    request = one.request
    for method, target in (
        (request.method, request.target + "x"),
        (request.method, "/x" + request.target),
        ("PUT", request.target),
    ):
        assert refused(one, Incoming(method, target, request.headers, request.body)) == 401


@each
def test_not_for_another_host(one: Capture) -> None:
    """S-20, S-25: what was sent to another server is not for us."""
    plain = one.name.startswith("peertube")
    with pytest.raises(Refused):
        who(one.request, host="films.example", now=one.time, keys=KNOWN, plain_http=lambda host: plain)


@each
def test_not_with_any_signed_header_changed_or_missing(one: Capture) -> None:
    """S-20."""
    fields = {name.lower(): value for name, value in one.request.headers}
    covered = re.findall(
        r"[^\s\"]+",
        re.findall(r"headers=\"([^\"]+)\"", fields["signature"])[0]
        if "signature-input" not in fields
        else re.findall(r"\(([^)]*)\)", fields["signature-input"])[0],
    )
    signed = [name for name in covered if name in fields]
    assert "date" in signed
    for name in signed:
        for value in (fields[name][:-1] + chr(ord(fields[name][-1]) ^ 1), None):
            assert refused(one, with_header(one.request, name, value)) in (400, 401)


@each
def test_not_with_another_signature(one: Capture) -> None:
    fields = {name.lower(): value for name, value in one.request.headers}
    value = fields["signature"]
    at = re.search(r'signature="....|=:....', value)
    assert at is not None
    swapped = "B" if value[at.end()] == "A" else "A"
    forged = value[: at.end()] + swapped + value[at.end() + 1 :]
    assert refused(one, with_header(one.request, "signature", forged)) == 401


@pytest.mark.parametrize("name", sorted(KEYLESS))
def test_those_without_a_key(name: str) -> None:
    """S-31: all that can be seen without the key is right; then the key is gone."""
    one = next(one for one in ALL if one.name == name)
    key_id = re.findall(r'keyId="([^"]+)"', dict(one.request.headers)["signature"])[0]
    with pytest.raises(SignerGone):
        who(one.request, host=one.host, now=one.time, actor=one.actor, keys=Keys({key_id: KeyGone()}))


@pytest.mark.parametrize("name", sorted(FORWARDED))
def test_forwarded_by_peertube(name: str) -> None:
    """S-33, S-43: the signature is good, but it is the forwarder's, not the actor's."""
    one = next(one for one in ALL if one.name == name)
    assert ask(one, actor=None).actor.startswith("http://127.0.0.1:9001/")
    assert refused(one) == 401
