"""What is told, and what is never told."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tubegen.sidecar import logs

log = logging.getLogger("tests.sidecar")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def said(stream: io.StringIO, *arguments: object, **more: object) -> str:
    logs.configure("INFO", stream)
    log.warning(*arguments, **more)  # type: ignore[arg-type]
    return stream.getvalue()


def test_an_object_for_machines() -> None:
    found = json.loads(said(io.StringIO(), "refused %s", 1, extra={"host": "a.example", "path": object}))
    assert (found["event"], found["level"], found["host"]) == ("refused 1", "warning", "a.example")
    assert found["time"].endswith("Z")


def test_a_line_for_people() -> None:
    found = said(Terminal(), "refused", extra={"host": "a.example\x1b[2J\nfake"})
    assert found.endswith("warning: refused  host=a.example�[2J�fake\n")


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_secrets_stay_secret(stream: type[io.StringIO]) -> None:
    pem = "-----BEGIN RSA PRIVATE KEY-----\nHUSH\nHUSH\n-----END RSA PRIVATE KEY-----"
    for text in (pem, pem[:40], "postgresql://me:HUSH@db/x", 'keyId="a",signature="HUSH="'):
        assert "HUSH" not in said(stream(), "trouble", extra={"error": text})
        assert "HUSH" not in said(stream(), text)
        try:
            raise ValueError(text)
        except ValueError:
            assert "HUSH" not in said(stream(), "trouble", exc_info=True)


@given(st.text(), st.text())
def test_every_record_is_one_line(event: str, field: str) -> None:
    for stream in (io.StringIO(), Terminal()):
        found = said(stream, "%s", event, extra={"field": field})
        assert found.count("\n") == 1
        if not stream.isatty():
            assert json.loads(found)["level"] == "warning"
