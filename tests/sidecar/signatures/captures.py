"""Requests that real servers sent, and the keys that their actors showed (tests/fixtures/peers)."""

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.fixtures import CAPTURES
from tubegen.sidecar.model import Incoming, RemoteKey

KEYLESS = {"snac2/Follow.3.json", "snac2/Accept-Follow.2.json", "snac2/Undo-Follow.2.json"}
"""From an account that was deleted before anybody asked for its key."""


class Capture(msgspec.Struct, frozen=True):
    name: str
    request: Incoming
    host: str
    time: float
    """When it came in."""
    actor: str | None
    """Of the activity; None for a GET."""


def captures() -> Iterator[Capture]:
    """All of them, POSTs and GETs, in the order of their names."""
    for path in sorted(CAPTURES.glob("*/*.json")):
        told = json.loads(path.read_text())
        if "request" in told:
            yield _from_json(path, told)
    for path in sorted((CAPTURES / "peertube" / "inbox").glob("*.http")):
        yield _from_http(path)


def keys() -> dict[str, RemoteKey]:
    """By the id that signatures name. PeerTube names its actor there (S-28)."""
    found: dict[str, RemoteKey] = {}
    for path in CAPTURES.glob("*/actors/*.json"):
        actor = json.loads(path.read_text())
        shown = actor.get("publicKey") or []
        for key in shown if isinstance(shown, list) else [shown]:
            found[key["id"]] = _key(key["id"], key["owner"], key["publicKeyPem"])
    for path in (CAPTURES / "peertube" / "keys").glob("*.pem"):
        room = "video-channels" if path.stem == "films" else "accounts"
        actor_id = f"http://127.0.0.1:9001/{room}/{path.stem}"
        found[actor_id] = _key(actor_id, actor_id, path.read_text())
    return found


def _key(key_id: str, owner: str, pem: str) -> RemoteKey:
    public = load_pem_public_key(pem.encode())
    assert isinstance(public, RSAPublicKey)
    return RemoteKey(key_id, owner, public)


def _from_json(path: Path, told: dict[str, Any]) -> Capture:
    sent = told["request"]
    headers = tuple((name, value) for name, value in sent["headers"])
    request = Incoming(sent["method"], sent["path"], headers, b64decode(sent.get("body_base64", "")))
    stamp = told.get("captured")
    time = datetime.fromisoformat(stamp).astimezone(UTC).timestamp() if stamp else _date(headers)
    actor = told["json"]["actor"] if request.method == "POST" else None
    return Capture(str(path.relative_to(CAPTURES)), request, "sink.test", time, actor)


def _from_http(path: Path) -> Capture:
    head, _, body = path.read_bytes().partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    headers = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))
    host = dict(headers)["host"]
    request = Incoming(method, target, headers, body)
    return Capture(str(path.relative_to(CAPTURES)), request, host, _date(headers), json.loads(body)["actor"])


def _date(headers: tuple[tuple[str, str], ...]) -> float:
    fields = {name.lower(): value for name, value in headers}
    return parsedate_to_datetime(fields["date"]).timestamp()
