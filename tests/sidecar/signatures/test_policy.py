"""Keys: whose they are, when they are fetched, and what is answered when they cannot be had."""

import pytest

from tests.sidecar.signatures.crafted import (
    ALICE,
    BODY,
    HOST,
    INBOX,
    KEY_ID,
    Keys,
    alices_keys,
    cavage,
    rfc9421,
    rsa,
    who,
)
from tubegen.sidecar.model import Incoming, RemoteKey
from tubegen.sidecar.signatures.errors import (
    KeyFault,
    KeyGone,
    KeyRefused,
    KeyUnavailable,
    Refused,
    SignerGone,
)

EVE = "https://evil.example/users/eve"
EVES_KEY = f"{EVE}#main-key"
NEIGHBOUR = "https://good.example/users/bob"


def key(owner: str = ALICE, key_id: str = KEY_ID, name: str = "alice") -> RemoteKey:
    return RemoteKey(key_id, owner, rsa(name).public_key())


def status(request: Incoming, keys: Keys, actor: str | None = ALICE, **more: object) -> int:
    with pytest.raises(Refused) as refused:
        who(request, keys=keys, actor=actor, **more)
    return refused.value.status


def test_a_request_without_a_signature() -> None:
    """S-20, I.4.3: 401."""
    bare = Incoming("POST", INBOX, (("Host", HOST),), BODY)
    assert status(bare, alices_keys()) == 401


@pytest.mark.parametrize(
    "target", ["", "*", "https://films.example/ap/inbox", "films.example:443", "/ap/inbox#x"]
)
def test_a_target_that_is_no_path(target: str) -> None:
    sent = cavage()
    assert status(Incoming("POST", target, sent.headers, sent.body), alices_keys()) == 400


@pytest.mark.parametrize("make", [cavage, rfc9421])
class TestOwner:
    def test_the_actor_must_own_the_key(self, make: type) -> None:
        """S-33: a good signature by somebody else of the same server."""
        keys = Keys({KEY_ID: key(owner=NEIGHBOUR)})
        assert status(make(), keys) == 401
        assert who(make(), keys=keys, actor=NEIGHBOUR).actor == NEIGHBOUR

    def test_another_server_cannot_speak_for_the_actor(self, make: type) -> None:
        """X-15, S-27: not even with a key that is known already; and nothing is fetched."""
        keys = Keys({EVES_KEY: key(EVE, EVES_KEY)})
        sent = (
            make(key_id=EVES_KEY)
            if make is cavage
            else rfc9421(parameters=f';created=1795328284;keyid="{EVES_KEY}"')
        )
        assert status(sent, keys) == 401
        assert keys.asked == []

    def test_a_key_whose_owner_is_elsewhere(self, make: type) -> None:
        """S-27: host(keyId) == host(owner), also where no actor is told."""
        keys = Keys({KEY_ID: key(owner=EVE)})
        assert status(make(), keys, actor=None) == 401

    def test_an_owner_that_is_no_address(self, make: type) -> None:
        assert status(make(), Keys({KEY_ID: key(owner="alice")}), actor=None) == 401

    def test_who_signed_is_told_where_no_actor_is(self, make: type) -> None:
        assert who(make(), actor=None).actor == ALICE


@pytest.mark.parametrize(
    "key_id",
    [
        "acct:alice@good.example",
        "http://good.example/users/alice#main-key",
        "https://good.example.evil.example/users/alice",
        "https://good.example:8443/users/alice",
        "https://evil.example@good.example/users/alice",
        "https://good.example@evil.example/",
        "https://good.example /",
        "https:good.example/users/alice",
        "//good.example/users/alice",
        "file:///etc/passwd",
        "main-key",
        "https://127.0.0.1/",
        "https://[::1/",
    ],
)
def test_key_ids_that_are_not_fetched(key_id: str) -> None:
    """X-15."""
    keys = Keys({key_id: key(key_id=key_id)})
    assert status(cavage(key_id=key_id), keys) == 401
    assert keys.asked == []


@pytest.mark.parametrize(
    "key_id",
    [
        ALICE,
        f"{ALICE}/main-key",
        "https://GOOD.example.:443/users/alice#main-key",
        "https://good.example/key?id=1",
    ],
)
def test_key_ids_that_are(key_id: str) -> None:
    """S-27, S-28, X-6: GoToSocial's path, PeerTube's bare actor, the same host otherwise written."""
    assert who(cavage(key_id=key_id), keys=Keys({key_id: key(key_id=key_id)})).key_id == key_id


@pytest.mark.parametrize(
    "actor", ["", "alice", "acct:alice@good.example", "https://evil.example/users/alice"]
)
def test_an_actor_elsewhere_or_nowhere(actor: str) -> None:
    """X-15."""
    keys = alices_keys()
    assert status(cavage(), keys, actor=actor) == 401
    assert keys.asked == []


def test_plain_http_where_it_is_allowed() -> None:
    """X-15: a test bench."""
    actor, key_id = "http://bench.example/users/alice", "http://bench.example/users/alice#main-key"
    keys = Keys({key_id: key(actor, key_id)})
    allowed = {"plain_http": lambda host: host == "bench.example"}
    assert who(cavage(key_id=key_id), keys=keys, actor=actor, **allowed).actor == actor
    keys = Keys({KEY_ID.replace("https", "http"): key()})
    assert status(cavage(key_id=KEY_ID.replace("https", "http")), keys, **allowed) == 401
    assert keys.asked == []


def test_a_key_that_was_changed() -> None:
    """S-29: looked at once more, and believed."""
    keys = Keys({KEY_ID: key(name="old")}, fresh={KEY_ID: key()})
    assert who(cavage(), keys=keys).actor == ALICE
    assert keys.asked == [(KEY_ID, False), (KEY_ID, True)]


def test_an_owner_that_was_wrong() -> None:
    """S-29."""
    keys = Keys({KEY_ID: key(owner=NEIGHBOUR)}, fresh={KEY_ID: key()})
    assert who(cavage(), keys=keys).actor == ALICE


def test_a_good_key_is_asked_for_once() -> None:
    keys = alices_keys()
    who(cavage(), keys=keys)
    assert keys.asked == [(KEY_ID, False)]


@pytest.mark.parametrize(("fault", "said"), [(KeyUnavailable(), 503), (KeyRefused(), 401), (KeyGone(), 401)])
def test_a_key_that_cannot_be_had(fault: KeyFault, said: int) -> None:
    """S-30, S-31: at the first look and at the second."""
    assert status(cavage(), Keys({KEY_ID: fault})) == said
    assert status(cavage(), Keys({KEY_ID: key(name="old")}, fresh={KEY_ID: fault})) == said


def test_a_key_that_is_gone_for_good_is_told_apart() -> None:
    """S-31: so that a Delete of the signer by itself can be heeded."""
    with pytest.raises(SignerGone):
        who(cavage(), keys=Keys({KEY_ID: KeyGone()}))


def test_the_second_header_decides_between_the_schemes() -> None:
    """S-25: a request with Signature-Input is never read as draft-cavage."""
    both = (*cavage().headers, ("Signature-Input", 'sig1=("@method")'))
    assert status(Incoming("POST", INBOX, both, BODY), alices_keys()) == 401
