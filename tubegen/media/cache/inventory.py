"""What lies in a cache: a list of it, a check of it, and the removal of what nobody asks for."""

import base64
import hashlib
import re
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from tubegen.media.cache.cache import RECORD, Cache, Contents

_NAMED_BY_CONTENT = re.compile(r"\.([A-Za-z0-9_-]{22})\.")
"""As `hls.content_name` writes it: 128 bits of SHA-256 in base64url."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the cache."""

    key: str
    kind: str
    """What it is, such as presentation; `unknown` where no record tells it."""
    size: int
    """Bytes of its files. Those that are published as hard links are not freed with it."""
    used: float
    """When it was used last, to about a day: seconds since 1970."""


class _Record(msgspec.Struct, frozen=True):
    entry: Contents | None = None


def entries(cache: Cache) -> Iterator[Entry]:
    """All of them, in the order of their keys; those that go meanwhile are left out."""
    for place in sorted((cache.root / "objects").glob("*/*")):
        try:
            files = [file.stat() for file in place.iterdir()]
            used = (place / RECORD).stat() if (place / RECORD).exists() else place.stat()
        except FileNotFoundError:
            continue
        contents = _contents(place)
        yield Entry(
            key=place.name,
            kind=contents.kind if contents else "unknown",
            size=sum(file.st_size for file in files),
            used=used.st_mtime,
        )


def fault(cache: Cache, key: str, *, deep: bool) -> str:
    """What is wrong with an entry; nothing when it is whole.

    Records and sizes are looked at; `deep` also reads every file that is named by its content.
    """
    place = cache.folder(key)
    try:
        record = msgspec.json.decode((place / RECORD).read_bytes(), type=_Record)
    except FileNotFoundError:
        return "its record is missing"
    except msgspec.DecodeError:
        return "its record is damaged"
    for name, size in (record.entry.files if record.entry else {}).items():
        file = place / name
        if not file.is_file():
            return f"{name} is missing"
        if file.stat().st_size != size:
            return f"{name} has {file.stat().st_size} bytes instead of {size}"
        named = _NAMED_BY_CONTENT.search(name)
        if deep and named and _short_digest(file) != named[1]:
            return f"{name} has other bytes than its name says"
    return ""


def collect(cache: Cache, wanted: Collection[str], before: float, *, really: bool) -> list[Entry]:
    """Remove the entries that are not wanted and were last used `before` that time (seconds since 1970).

    Returns them; with `really` unset nothing is removed. Whoever calls holds the cache `alone`.
    """
    going = [entry for entry in entries(cache) if entry.key not in wanted and entry.used < before]
    if really:
        cache.sweep()
        for entry in going:
            cache.drop(entry.key)
            (cache.root / "working" / entry.key).unlink(missing_ok=True)
    return going


def _contents(place: Path) -> Contents | None:
    try:
        return msgspec.json.decode((place / RECORD).read_bytes(), type=_Record).entry
    except (OSError, msgspec.DecodeError):
        return None


def _short_digest(file: Path) -> str:
    with file.open("rb") as data:
        digest = hashlib.file_digest(data, "sha256").digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
