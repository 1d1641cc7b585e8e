"""`tubegen sidecar hide` and `unhide`: one reply, whatever its author does to it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection

from tests.sidecar.domain.scene import ALICE, TIDE, note, publish, told
from tubegen.cli import main
from tubegen.sidecar.store import replies, status
from tubegen.sidecar.store.database import open_database

TOML = '[site]\ntitle = "F"\nurl = "https://films.example/"\n[federation]\nhandle = "films"\n'
PAGE = "https://social.example/@alice/1"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two replies to a film."""
    (tmp_path / "tubegen.toml").write_text(TOML)
    (tmp_path / "federation").mkdir()

    def fill(connection: Connection) -> None:
        publish(connection, TIDE)
        for nth, page in ((1, PAGE), (2, "https://social.example/@alice/2")):
            told(connection, ALICE, "Create", note(number=nth, url=page), id=f"{ALICE.uri}#{nth}")

    at(tmp_path, fill)
    return tmp_path


def at(site: Path, work: Callable[[Connection], Any]) -> Any:
    opened = open_database(f"sqlite:///{site / 'federation/sidecar.sqlite'}")
    try:
        return asyncio.run(opened.write(work))
    finally:
        opened.close()


def shown(connection: Connection) -> list[str]:
    kept = replies.replies(connection, TIDE)
    assert len(kept) == replies.count(connection, TIDE) == status.comments(connection)
    return [reply.uri for reply in kept]


def cli(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["sidecar", *words])
    return done.exit_code, done.output


@pytest.mark.parametrize("address", [note()["id"], PAGE])
def test_a_reply_is_hidden_by_its_id_or_its_page_and_shown_again(site: Path, address: str) -> None:
    one, other = note()["id"], note(number=2)["id"]
    assert cli("hide", address, str(site)) == (0, f"{address} is hidden.\n")
    assert at(site, shown) == [other]
    edited = note(content="Again!", url=PAGE, updated="2027-01-15T07:30:00Z")
    assert at(site, lambda connection: told(connection, ALICE, "Update", edited)) == "edit"
    assert at(site, shown) == [other]
    assert cli("unhide", address, str(site)) == (0, f"{address} is shown.\n")
    assert at(site, shown) == [one, other]


@pytest.mark.parametrize("word", ["hide", "unhide"])
def test_a_reply_that_nobody_wrote(site: Path, word: str) -> None:
    code, line = cli(word, "https://social.example/9", str(site))
    assert (code, line.count("\n")) == (2, 1)
    assert "no reply is at 'https://social.example/9'" in line
    assert len(at(site, shown)) == 2
