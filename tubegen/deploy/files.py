"""The files of a built site as a deploy sees them: digest, size, headers, and in which order they go."""

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from enum import IntEnum
from pathlib import Path

import msgspec

from tubegen.atomic import write_atomically
from tubegen.errors import InputError, Problem
from tubegen.headers import Headers, headers_of


class Phase(IntEnum):
    """The order of uploads: nothing is named by a file that is there before it."""

    MEDIA = 0
    """Segments, downloads, scripts, styles and pictures: what others name."""
    PLAYLISTS = 1
    """Media playlists and master playlists, hashes of segments, captions."""
    PAGES = 2
    LISTS = 3
    """Feeds, sitemap, robots.txt."""
    CATALOGUE = 4
    """`federation/`: other servers hear of a video when everything of it can be fetched."""


_PHASES = (
    (re.compile(r"federation/"), Phase.CATALOGUE),
    (re.compile(r"(.*/)?(feed\.(xml|json)|sitemap[^/]*\.xml|podcast[^/]*\.xml|robots\.txt)"), Phase.LISTS),
    (re.compile(r"media/.*(\.m3u8|\.vtt|\.srt|segments-sha256\.json)"), Phase.PLAYLISTS),
    (re.compile(r"(media|assets|files)/"), Phase.MEDIA),
    (re.compile(r".*\.(jpe?g|png|webp|avif|gif|svg|ico|css|js|woff2)"), Phase.MEDIA),
)
_BLOCK = 1 << 20


class SiteFile(msgspec.Struct, frozen=True):
    """One file of the built site."""

    path: str
    """Relative to the root of the site, with slashes."""
    source: str | bytes
    """Name of the file on this machine, or what it holds."""
    size: int
    sha256: str
    headers: Headers

    @property
    def phase(self) -> Phase:
        return phase_of(self.path)


def phase_of(path: str) -> Phase:
    """When the file at `path` is uploaded."""
    return next(
        (
            phase
            for pattern, phase in _PHASES
            if pattern.fullmatch(path) or (pattern.pattern.endswith("/") and pattern.match(path))
        ),
        Phase.PAGES,
    )


class _Hash(msgspec.Struct, frozen=True, array_like=True):
    """The digest of a file as long as size, time and inode stay."""

    size: int
    mtime_ns: int
    inode: int
    sha256: str


class HashCache:
    """SHA-256 of files, remembered in `path` between deploys: gigabytes of segments are read once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: Mapping[str, _Hash] = _read(path)
        self._now: dict[str, _Hash] = {}

    def sha256(self, source: str, stat: os.stat_result) -> str:
        """The digest of the file `source`, hexadecimal. Raises OSError."""
        known = self._known.get(source)
        if known is None or (known.size, known.mtime_ns, known.inode) != (
            stat.st_size,
            stat.st_mtime_ns,
            stat.st_ino,
        ):
            known = _Hash(stat.st_size, stat.st_mtime_ns, stat.st_ino, _digest(source))
        self._now[source] = known
        return known.sha256

    def save(self) -> None:
        """Write what was asked for since the start; anything else is forgotten. Raises OSError."""
        if self._now != self._known:
            write_atomically(self._path, msgspec.msgpack.encode(self._now))


def site_files(folder: Path, hashes: HashCache) -> list[SiteFile]:
    """Every file of the built site in `folder`, in the order of upload. Raises InputError when there is none.

    Links are followed nowhere: a built site has none. Names that begin with a dot are left out, but for `.well-known`
    and `.nojekyll`.
    """
    if not (folder / "index.html").is_file():
        raise InputError(
            Problem(str(folder), 0, "there is no built site here", "build it first: tubegen build")
        )
    files: list[SiteFile] = []
    for path, entry in _walk(str(folder), ""):
        stat = entry.stat(follow_symlinks=False)
        digest = hashes.sha256(entry.path, stat)
        files.append(SiteFile(path, entry.path, stat.st_size, digest, headers_of(path)))
    files.sort(key=lambda file: (file.phase, file.path))
    return files


def _walk(folder: str, prefix: str) -> "Iterable[tuple[str, os.DirEntry[str]]]":
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.startswith(".") and entry.name not in (".well-known", ".nojekyll"):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, f"{prefix}{entry.name}/")
            elif entry.is_file(follow_symlinks=False):
                yield prefix + entry.name, entry


def _digest(source: str) -> str:
    digest = hashlib.sha256()
    with open(source, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _read(path: Path) -> dict[str, _Hash]:
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=dict[str, _Hash])
    except (OSError, msgspec.DecodeError):
        return {}
