"""Keys of other servers: their shapes, and whose word counts (interop S-27 to S-32)."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from tests.sidecar.remote.remote.web import ALICE, MAIN, OTHER, PRIVATE, alice
from tests.sidecar.scripted import fails, pem
from tubegen.sidecar.remote.public_keys import from_multibase, from_pem, to_pem
from tubegen.sidecar.signatures.errors import KeyRefused


@pytest.mark.parametrize(
    ("key_id", "pages"),
    [
        pytest.param(MAIN, {ALICE: alice()}, id="an actor with a key"),
        pytest.param(MAIN, {ALICE: alice(publicKey=[{"id": f"{ALICE}#old", "publicKeyPem": "x"}, alice()["publicKey"]])}, id="a list of keys"),
        pytest.param(ALICE, {ALICE: alice()}, id="key id without fragment, as of PeerTube"),
        pytest.param(
            f"{ALICE}/main-key",
            {
                f"{ALICE}/main-key": {
                    "id": ALICE,
                    "type": "Person",
                    "publicKey": {"id": f"{ALICE}/main-key", "owner": ALICE, "publicKeyPem": pem(PRIVATE)},
                },
                ALICE: alice(publicKey={"id": f"{ALICE}/main-key", "owner": ALICE, "publicKeyPem": pem(PRIVATE)}),
            },
            id="a stub actor, as of GoToSocial",
        ),
        pytest.param(
            "https://peer.example/keys/1",
            {
                "https://peer.example/keys/1": {"id": "https://peer.example/keys/1", "owner": ALICE, "publicKeyPem": pem(PRIVATE)},
                ALICE: alice(publicKey="https://peer.example/keys/1"),
            },
            id="a key of its own, which the owner points to",
        ),
        pytest.param(
            "https://peer.example/keys/1",
            {
                "https://peer.example/keys/1": {"id": "https://peer.example/keys/1", "controller": ALICE, "publicKeyPem": pem(PRIVATE)},
                ALICE: alice(publicKey={"id": "https://peer.example/keys/1", "publicKeyPem": pem(PRIVATE)}),
            },
            id="a key of its own, which the owner repeats",
        ),
    ],
)  # fmt: skip
def test_every_shape_of_key_is_found_and_belongs_to_its_actor(run, key_id, pages):
    async def work(bench):
        bench.web.pages = pages
        for _ in range(2):
            key = await bench.remote.key(key_id)
            assert (key.id, key.owner, to_pem(key.public)) == (key_id, ALICE, pem(PRIVATE))
        assert (await bench.stored()).inbox == f"{ALICE}/inbox"
        asked = len(bench.web.asked)
        await bench.again().key(key_id)
        assert len(bench.web.asked) == asked, "the database knows it"

    run(work)


@pytest.mark.parametrize(
    ("key_id", "pages"),
    [
        pytest.param("acct:alice@peer.example", {}, id="no web address"),
        pytest.param("", {}, id="nothing"),
        pytest.param(MAIN, {ALICE: alice(publicKey=None)}, id="no key"),
        pytest.param(f"{ALICE}#other", {ALICE: alice()}, id="another key"),
        pytest.param(ALICE, {ALICE: alice(publicKey=[alice()["publicKey"], alice()["publicKey"]])}, id="which of two"),
        pytest.param(MAIN, {ALICE: alice(publicKey={"id": MAIN, "owner": ALICE, "publicKeyPem": "nonsense"})}, id="no PEM"),
        pytest.param(MAIN, {ALICE: alice(inbox="https://victim.example/inbox")}, id="an inbox elsewhere"),
        pytest.param(MAIN, {ALICE: alice(publicKey={**alice()["publicKey"], "owner": "https://victim.example/a"})}, id="an owner elsewhere"),
        pytest.param(
            "https://peer.example/keys/1",
            {"https://peer.example/keys/1": {"id": "https://peer.example/keys/1", "owner": ALICE, "publicKeyPem": pem(OTHER)},
             ALICE: alice()},
            id="an owner who does not know it",
        ),
        pytest.param(
            "https://peer.example/keys/1",
            {"https://peer.example/keys/1": {"id": "https://peer.example/keys/1", "owner": ALICE, "publicKeyPem": pem(OTHER)},
             ALICE: alice(publicKey={"id": "https://peer.example/keys/1", "publicKeyPem": pem(PRIVATE)})},
            id="an owner who knows another by this id",
        ),
        pytest.param(
            "https://peer.example/keys/1",
            {"https://peer.example/keys/1": {"id": "https://peer.example/keys/1", "publicKeyPem": pem(OTHER)}},
            id="nobody's",
        ),
    ],
)  # fmt: skip
def test_a_key_without_its_owners_word_is_refused(run, key_id, pages):
    async def work(bench):
        bench.web.pages = pages
        await fails(bench.remote.key(key_id), KeyRefused)
        assert await bench.stored() is None

    run(work)


EVE = "https://evil.example/users/eve"


def eve(*keys):
    """Eve lists her own key as Alice's, before those given."""
    claimed = {"id": MAIN, "owner": EVE, "publicKeyPem": pem(OTHER)}
    return alice(id=EVE, inbox=f"{EVE}/inbox", publicKey=[claimed, *keys])


def test_nobody_takes_the_place_of_anothers_key_by_listing_one_with_its_id(run):
    async def work(bench):
        own = {"id": f"{EVE}#main-key", "owner": EVE, "publicKeyPem": pem(OTHER)}
        bench.web.pages[EVE] = eve(own)
        assert (await bench.remote.actor(EVE)).key_id == own["id"]
        key = await bench.remote.key(MAIN)
        assert (key.owner, to_pem(key.public)) == (ALICE, pem(PRIVATE))
        bench.now += 61
        await bench.remote.actor(EVE, fresh=True)
        asked = len(bench.web.asked)
        assert (await bench.remote.key(MAIN)).owner == ALICE
        assert len(bench.web.asked) == asked, "the good key stays in memory"

    run(work)


def test_a_key_under_a_foreign_id_does_for_nobody(run):
    async def work(bench):
        bench.web.pages[EVE] = eve()
        assert (await bench.remote.actor(EVE)).key_id == ""
        await fails(bench.remote.key(EVE), KeyRefused)
        bench.web.pages[EVE] = alice(
            id=EVE,
            inbox=f"{EVE}/inbox",
            publicKey={"id": f"{EVE}#1", "owner": ALICE, "publicKeyPem": pem(OTHER)},
        )
        bench.now += 61
        assert (await bench.remote.actor(EVE, fresh=True)).key_id == ""
        assert (await bench.remote.key(MAIN)).owner == ALICE

    run(work)


def test_of_two_on_one_host_that_name_a_key_it_belongs_to_the_one_at_its_address(run):
    async def work(bench):
        mallory = "https://peer.example/users/aaron"
        bench.web.pages[mallory] = alice(
            id=mallory,
            inbox=f"{mallory}/inbox",
            publicKey={"id": MAIN, "owner": mallory, "publicKeyPem": pem(OTHER)},
        )
        await bench.remote.actor(mallory)
        await bench.remote.actor(ALICE)
        assert (await bench.again().key(MAIN)).owner == ALICE

    run(work)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (rsa.generate_private_key(65537, 1024), "1024 bits"),
        (ec.generate_private_key(ec.SECP256R1()), "neither"),
    ],
)
def test_keys_of_other_kinds_and_sizes(key, words):
    with pytest.raises(ValueError, match=words):
        from_pem(pem(key))


def test_a_pem_that_is_too_long():
    with pytest.raises(ValueError, match="too long"):
        from_pem(pem(PRIVATE) + " " * 9000)


@given(st.binary(min_size=32, max_size=32))
def test_an_ed25519_multikey_is_read(seed):
    public = ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key()
    letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number, text = int.from_bytes(b"\xed\x01" + public.public_bytes_raw()), ""
    while number:
        number, rest = divmod(number, 58)
        text = letters[rest] + text
    assert to_pem(from_multibase("z" + text)) == to_pem(public)
    for wrong in ("m" + text, "z" + text[:-1], "z" + text + "1", "z" + text[:-1] + "0", "z", "z" + text * 9):
        with pytest.raises(ValueError):
            from_multibase(wrong)


def test_an_ed25519_key_of_an_actor_is_taken(run):
    async def work(bench):
        method = {"id": f"{ALICE}#ed", "type": "Multikey", "controller": ALICE,
                  "publicKeyMultibase": "z6MkhgbwUyrCwg6GoE7ty6AxB8tLNqFs55B9VBLVKRKpcdZB"}  # fmt: skip
        bench.web.pages[ALICE] = alice(assertionMethod=[method])
        for remote in (bench.remote, bench.again()):
            assert isinstance((await remote.key(f"{ALICE}#ed")).public, ed25519.Ed25519PublicKey)
        assert (await bench.remote.key(MAIN)).owner == ALICE

    run(work)
