"""Rendered markdown, kept between builds: converting a text is the dearest part of a page."""

import hashlib
from collections.abc import Iterator, MutableMapping
from importlib.util import find_spec
from pathlib import Path

import msgspec

from tubegen.atomic import write_atomically
from tubegen.content.markup import Markup


class _Kept(msgspec.Struct, frozen=True):
    converter: str
    entries: dict[bytes, Markup]


class Memo(MutableMapping[bytes, Markup]):
    """By digest of the text. What a build did not ask for is forgotten, and all of it when the converter changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._converter = _converter()
        self._used: dict[bytes, Markup] = {}
        try:
            kept = msgspec.msgpack.decode(path.read_bytes(), type=_Kept)
        except (OSError, msgspec.DecodeError):
            kept = _Kept("", {})
        self._old = kept.entries if kept.converter == self._converter else {}

    def __getitem__(self, key: bytes) -> Markup:
        if key not in self._used:
            self._used[key] = self._old[key]
        return self._used[key]

    def __setitem__(self, key: bytes, value: Markup) -> None:
        self._used[key] = value

    def __delitem__(self, key: bytes) -> None:
        del self._used[key]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._used)

    def __len__(self) -> int:
        return len(self._used)

    def save(self) -> None:
        if self._used != self._old:
            write_atomically(self._path, msgspec.msgpack.encode(_Kept(self._converter, self._used)))


def _converter() -> str:
    """Tells the version of everything that turns markdown into HTML, without loading it."""
    ours = Path(__file__).resolve().parent.parent / "content" / "markdown.py"
    library = find_spec("markdown")
    assert library is not None
    assert library.origin is not None
    state = Path(library.origin).stat()
    return hashlib.sha256(ours.read_bytes() + f"{state.st_size} {state.st_mtime_ns}".encode()).hexdigest()
