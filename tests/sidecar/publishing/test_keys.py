"""The key ring: made once, kept to ourselves, changed without losing anybody."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from tubegen.errors import InputError
from tubegen.sidecar.signatures.keys import KeyRing, rotation_id

FILMS = "https://films.example/ap/u/films"


def small() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=1024)


def opened(folder: Path, **changes: object) -> KeyRing:
    ring = KeyRing(folder, make=small, **changes)  # type: ignore[arg-type]
    ring.open()
    return ring


def test_a_new_actor_gets_a_key_that_stays(tmp_path: Path) -> None:
    folder = tmp_path / "deep/keys"
    first = opened(folder).of(FILMS)
    assert first.id == f"{FILMS}#main-key"
    assert first.public_pem.startswith("-----BEGIN PUBLIC KEY-----")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in folder.iterdir()] == ["films.pem"]
    assert (folder / "films.pem").stat().st_mode & 0o777 == 0o600
    assert opened(folder, followed=[FILMS]).of(FILMS).public_pem == first.public_pem


def test_keys_are_2048_bits(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "keys")
    ring.open()
    assert ring.of(FILMS).private.key_size == 2048


def test_a_lost_key_of_somebody_with_followers(tmp_path: Path) -> None:
    """S-40: never made anew silently, whether it is missed at the start or later."""
    folder = tmp_path / "keys"
    with pytest.raises(InputError, match=r"films\.pem: the key of .* is missing.*backup"):
        opened(folder, followed=[FILMS])
    opened(folder).of(FILMS)
    ring = opened(folder, followed=[FILMS])
    (folder / "films.pem").unlink()
    with pytest.raises(InputError, match="is missing"):
        ring.of(FILMS)
    assert not list(folder.iterdir())


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read(tmp_path: Path, mode: int) -> None:
    opened(tmp_path / "keys").of(FILMS)
    file = tmp_path / "keys/films.pem"
    file.chmod(mode)
    with pytest.raises(InputError, match=f"run: chmod 600 {file}"):
        opened(tmp_path / "keys")


def test_a_folder_that_others_can_enter(tmp_path: Path) -> None:
    opened(tmp_path / "keys")
    (tmp_path / "keys").chmod(0o755)
    with pytest.raises(InputError, match="run: chmod 700"):
        opened(tmp_path / "keys")


@pytest.mark.parametrize(
    "content", [b"", b"-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----\n"]
)
def test_a_file_that_is_no_key_is_not_quoted(tmp_path: Path, content: bytes) -> None:
    ring = opened(tmp_path / "keys")
    ring.of(FILMS)
    (tmp_path / "keys/films.pem").write_bytes(content)
    with pytest.raises(InputError, match="no readable private key") as found:
        ring.of(FILMS)
    assert "SECRET" not in str(found.value)
    assert found.value.__suppress_context__


def test_a_key_made_by_another_process_counts(tmp_path: Path) -> None:
    """Both look, neither finds one, both make one: the first to be there stays."""
    other = opened(tmp_path / "keys")

    def slow() -> RSAPrivateKey:
        other.of(FILMS)
        return small()

    ring = KeyRing(tmp_path / "keys", make=slow)
    assert ring.of(FILMS).public_pem == other.of(FILMS).public_pem


def test_a_rotation(tmp_path: Path) -> None:
    """S-40: the Update goes out by the old key, before the switch and after it; all else by the key that counts."""
    ring, other = opened(tmp_path / "keys"), opened(tmp_path / "keys")
    old = ring.of(FILMS).public_pem
    assert ring.next(FILMS) is None
    new = ring.prepare_next(FILMS)
    update = rotation_id(new)
    assert new.public_pem != old
    with pytest.raises(InputError, match="already"):
        ring.prepare_next(FILMS)
    assert {ring.of(FILMS).public_pem, ring.of(FILMS, activity=update).public_pem} == {old}

    ring.switch(FILMS)
    assert ring.next(FILMS) is None
    for process in (ring, other, opened(tmp_path / "keys")):
        assert process.of(FILMS).public_pem == new.public_pem
        assert process.of(FILMS, activity=update).public_pem == old
        assert process.of(FILMS, activity=f"{FILMS}/other").public_pem == new.public_pem
    assert sorted(file.name for file in (tmp_path / "keys").iterdir()) == ["films.old.pem", "films.pem"]


def test_no_rotation_without_a_key(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such key"):
        opened(tmp_path / "keys").prepare_next(FILMS)
