"""Where machines without a common disk leave work for each other: it arrives whole, or that is one line."""

from pathlib import Path
from urllib.parse import urlsplit

import fsspec
import pytest
from fsspec.spec import AbstractFileSystem

from tubegen.errors import InputError, TubegenError
from tubegen.media.cache.cache import Cache
from tubegen.media.encode.exchange import Exchange
from tubegen.media.source.probe import digest


class Moody(AbstractFileSystem):
    """A place with errors of its own, which tell what they were told."""

    protocol = "moody"

    def __init__(self, *, host: str = "", **_: object) -> None:
        super().__init__()
        if host == "away":
            raise EOFError

    @staticmethod
    def _get_kwargs_from_urls(path: str) -> dict[str, str]:
        return {"host": urlsplit(path).hostname or ""}

    def info(self, path: str, **_: object) -> dict[str, object]:
        raise RuntimeError("no answer from moody://ann:secret@films.example\nand more")


@pytest.fixture(autouse=True)
def moody() -> None:
    fsspec.register_implementation("moody", Moody, clobber=True)


def test_a_source_arrives_once_and_whole(tmp_path: Path) -> None:
    exchange, cache = Exchange(f"file://{tmp_path}/place"), Cache(tmp_path / "cache")
    source = tmp_path / "film.mp4"
    source.write_bytes(b"a film")
    exchange.send_source(source, digest(source))
    arrived = exchange.receive_source(digest(source), cache)
    assert arrived.read_bytes() == b"a film"
    (there,) = (path for path in (tmp_path / "place").rglob("*") if path.is_file())
    there.unlink()
    assert exchange.receive_source(digest(source), cache) == arrived


def test_a_damaged_source_is_not_taken(tmp_path: Path) -> None:
    exchange, cache = Exchange(f"file://{tmp_path}/place"), Cache(tmp_path / "cache")
    source = tmp_path / "film.mp4"
    source.write_bytes(b"a film")
    exchange.send_source(source, "0" * 64)
    with pytest.raises(TubegenError, match=r"the source 000000000000 came damaged\); see whether"):
        exchange.receive_source("0" * 64, cache)
    assert [path for path in cache.root.rglob("*") if path.is_file()] == []


def test_a_place_that_fails_is_one_line_without_its_password(tmp_path: Path) -> None:
    source = tmp_path / "film.mp4"
    source.write_bytes(b"a film")
    exchange = Exchange("moody://ann:secret@films.example/work")
    with pytest.raises(TubegenError) as fault:
        exchange.send_source(source, "0" * 64)
    assert str(fault.value) == (
        "moody://films.example/work does not do what it should (no answer from moody://films.example); "
        "see whether it can be reached and written to, then build again: what is finished is kept"
    )


def test_a_place_that_is_away_is_one_line() -> None:
    with pytest.raises(TubegenError, match=r"^moody://away does not do what it should \(EOFError\); see"):
        Exchange("moody://away")


def test_no_place_at_all_is_one_line_without_its_password() -> None:
    with pytest.raises(InputError) as fault:
        Exchange("nowhere://ann:secret@films.example")
    assert "'nowhere://films.example' is no place to share work" in str(fault.value)
