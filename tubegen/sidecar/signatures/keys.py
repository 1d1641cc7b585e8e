"""The private keys of our actors: one PEM file each, beside the database, never in it.

    <keys>/films.pem          signs; the instance's is instance.pem
    <keys>/films.next.pem     signs next: a rotation is under way (see `rotation`)
    <keys>/films.old.pem      signed before; the Update that tells of its successor still needs it

Whoever loses these files loses the names: other servers believe nobody else. So a key is made once, when its
actor is new, and never again while somebody follows that actor (interop S-40).
"""

import os
import stat
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from tubegen.atomic import create_atomically, sync
from tubegen.errors import InputError, Problem
from tubegen.sidecar.activitypub.ids import key_id
from tubegen.sidecar.model import LocalKey

_BITS = 2048
"""What every server takes; longer keys cost four times the processor and win nothing here."""

Make = Callable[[], RSAPrivateKey]


def make_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=_BITS)


class _Loaded(msgspec.Struct, frozen=True):
    stamp: tuple[int, int, int]
    """Inode, time of change and size of the file: another process may have put another one in its place, within the same
    tick of the clock of some disks."""
    key: LocalKey


class KeyRing:
    """The keys in one folder. `followed` are the actors whose key must not be made anew."""

    def __init__(self, folder: Path, *, followed: Iterable[str] = (), make: Make = make_key) -> None:
        self._folder = folder
        self._followed = frozenset(followed)
        self._make = make
        self._loaded: dict[Path, _Loaded] = {}

    def open(self) -> None:
        """Make the folder if there is none; look whether all is as it must be before anything is signed.

        Raises InputError: the folder or a key can be read by others, or a key that followers know is missing.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _only_ours(self._folder, 0o700)
            for file in sorted(self._folder.glob("*.pem")):
                _only_ours(file, 0o600)
        except OSError as error:
            raise InputError(
                Problem(str(self._folder), 0, f"the keys cannot be kept here: {error.strerror}")
            ) from None
        for actor in sorted(self._followed):
            if not self._file(actor).exists():
                raise _lost(actor, self._file(actor))

    def of(self, actor: str, *, activity: str = "") -> LocalKey:
        """The key that signs for `actor` (an id), made if the actor is new; it takes some 50 ms then.

        The Update that tells of a new key (`activity`, its id) is signed by the key before it: that is the one
        by which other servers still know us. Raises InputError when the file cannot be used.
        """
        file = self._file(actor)
        if not file.exists():
            if actor in self._followed:
                raise _lost(actor, file)
            self._create(file)
        key = self._load(actor, file)
        old = file.with_suffix(".old.pem")
        if activity and old.exists() and activity == rotation_id(key):
            return self._load(actor, old)
        return key

    def next(self, actor: str) -> LocalKey | None:
        """The key that is to follow; None when no rotation is under way."""
        file = self._file(actor).with_suffix(".next.pem")
        return self._load(actor, file) if file.exists() else None

    def prepare_next(self, actor: str) -> LocalKey:
        """Begin a rotation. Raises InputError when one is under way, or there is no key to follow."""
        file = self._file(actor)
        if not file.exists():
            raise InputError(Problem(str(file), 0, "there is no such key", "nothing has been signed with it"))
        following = file.with_suffix(".next.pem")
        if following.exists():
            raise InputError(
                Problem(str(following), 0, "this key is being changed already", "the sidecar finishes it")
            )
        self._create(following)
        return self._load(actor, following)

    def switch(self, actor: str) -> None:
        """End a rotation: the next key signs from now on, and the one before it is kept."""
        file = self._file(actor)
        old = file.with_suffix(".old.pem")
        old.unlink(missing_ok=True)
        os.link(file, old)
        file.with_suffix(".next.pem").replace(file)
        sync(self._folder)

    def _file(self, actor: str) -> Path:
        """Ids end in the user name; the instance's in `instance`, which no handle may be."""
        return self._folder / f"{actor.rpartition('/')[2]}.pem"

    def _load(self, actor: str, file: Path) -> LocalKey:
        try:
            found = file.stat()
            stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
            if (known := self._loaded.get(file)) and known.stamp == stamp and known.key.id == key_id(actor):
                return known.key
            _only_ours(file, 0o600)
            # our own file: to try whether its primes are prime takes as long as to make them
            private = load_pem_private_key(file.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
        except (OSError, ValueError, TypeError):
            # what the library says may quote the file: keep it out of sight
            raise InputError(
                Problem(str(file), 0, "this is no readable private key", "put it back from your backup")
            ) from None
        if not isinstance(private, RSAPrivateKey):
            raise InputError(Problem(str(file), 0, "this is no RSA key", "put it back from your backup"))
        public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        key = LocalKey(id=key_id(actor), private=private, public_pem=public.decode())
        self._loaded[file] = _Loaded(stamp, key)
        return key

    def _create(self, file: Path) -> None:
        """All of the file or nothing; when another process is faster, its key counts."""
        pem = self._make().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            create_atomically(file, pem, mode=0o600)
        except OSError as error:
            raise InputError(Problem(str(file), 0, f"cannot write the key: {error.strerror}")) from None


def rotation_id(key: LocalKey) -> str:
    """Id of the Update that tells of `key`: made from the key, so that saying it again says the same."""
    actor = key.id.partition("#")[0]
    return f"{actor}#key-{sha256(key.public_pem.encode()).hexdigest()[:16]}"


def _only_ours(place: Path, mode: int) -> None:
    """Raises InputError when other users of the machine can read `place`."""
    if stat.S_IMODE(place.stat().st_mode) & 0o077:
        raise InputError(
            Problem(str(place), 0, "others can read this private key", f"run: chmod {mode:o} {place}")
            if place.is_file()
            else Problem(str(place), 0, "others can look into this folder", f"run: chmod {mode:o} {place}")
        )


def _lost(actor: str, file: Path) -> InputError:
    return InputError(
        Problem(
            str(file),
            0,
            f"the key of {actor} is missing, and its followers believe no other",
            "put it back from your backup",
        )
    )
