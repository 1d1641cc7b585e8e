"""What a deploy left at its target: `tubegen-deploy.json`, and the lists of the last generations.

Names of unlisted videos' files are salted and hashed there (`~` + HMAC-SHA-256), so that the manifest tells a
stranger nothing that asking for a guessed address would not.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Collection, Mapping

import msgspec

from tubegen.errors import InputError, Problem
from tubegen.headers import Headers

FILE = "tubegen-deploy.json"
FOLDER = ".tubegen-deploy/"
"""Where a target keeps what earlier generations need: pages by their digest, lists of files."""
VERSION = 1
GENERATIONS = 5
"""How many states of the site one can go back to, the present one included."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One file at the target."""

    sha256: str
    size: int
    headers: Headers


class Expiring(msgspec.Struct, frozen=True):
    """A file that the site names no more, and from when on it may be removed."""

    sha256: str
    size: int
    until: dt.datetime


class Generation(msgspec.Struct, frozen=True):
    """One state of the site, to go back to."""

    number: int
    deployed_at: dt.datetime
    files: str
    """SHA-256 of its list of files, which lies under that name in FOLDER."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Everything at the target."""

    version: int = VERSION
    site: str
    """Address of the site."""
    generation: int
    deployed_at: dt.datetime
    salt: str
    files: dict[str, Entry]
    """By name: the path, or the salted one."""
    expiring: dict[str, Expiring] = {}
    generations: tuple[Generation, ...] = ()
    """The newest last; this one included."""


def encode(manifest: Manifest) -> bytes:
    """The manifest as JSON, the same bytes for the same manifest."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=1) + b"\n"


def decode(data: bytes, where: str) -> Manifest:
    """Raises InputError, naming `where`, when `data` is no manifest or one of a newer tubegen."""
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError):
        hint = "remove it to deploy everything anew, if it is not another program's"
        raise InputError(Problem(where, 0, "this is not a manifest of tubegen", hint)) from None
    if manifest.version > VERSION:
        text = f"the manifest is of version {manifest.version}, which this tubegen does not know"
        raise InputError(Problem(where, 0, text, "deploy with the newer tubegen that wrote it"))
    return manifest


class Naming:
    """Names of files in a manifest: plain, but salted where the path has a segment that must not be told."""

    def __init__(self, salt: str, hidden: Collection[str]) -> None:
        self._salt = salt.encode()
        self._hidden = frozenset(hidden)

    def name(self, path: str) -> str:
        """The name of `path` in the manifest."""
        return path if self._hidden.isdisjoint(path.split("/")) else self.salted(path)

    def salted(self, path: str) -> str:
        """`~` and 32 hexadecimal digits."""
        return "~" + hmac.new(self._salt, path.encode(), hashlib.sha256).hexdigest()[:32]

    def paths(self, names: Collection[str], candidates: Collection[str]) -> Mapping[str, str]:
        """The path of each of `names`, as far as it is plain or one of `candidates`."""
        plain = {name: name for name in names if not name.startswith("~")}
        if len(plain) == len(names):
            return plain
        salted = {self.salted(path): path for path in candidates}
        return plain | {name: salted[name] for name in names if name in salted}
