"""What the examination finds at a site that is well, and behind front servers that each spoil one thing."""

from __future__ import annotations

import asyncio
import re
import shutil
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.serve.loop import in_a_loop
from tests.sidecar.doctor.front import Answer, Front, Request, open_site, write_site
from tests.sidecar.documents import video
from tests.sidecar.live.tls import Tls, make_tls
from tests.sidecar.routes.served_site import keys
from tubegen.cli import main
from tubegen.errors import InputError
from tubegen.sidecar.doctor import Finding, examine
from tubegen.sidecar.doctor.passage import examine_certificate
from tubegen.sidecar.settings import Settings

CRLF = b"\r\n"


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return make_tls(tmp_path_factory.mktemp("tls"))


def trusting(tls: Tls) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(tls.authority))


def found(
    folder: Path,
    tls: Tls,
    front: Front | None = None,
    *,
    pages: Callable[[str], Front] | None = None,
    ahead: float = 0,
    before: Callable[[Settings], None] = lambda _: None,
    trusts: ssl.SSLContext | None = None,
) -> list[Finding]:
    shutil.copytree(keys(), folder / "state/keys")
    findings: list[Finding] = []

    async def look() -> None:
        async with open_site(folder, tls, front or Front(), pages) as settings:
            before(settings)
            async for finding in examine(
                settings, clock=lambda: time.time() + ahead, tls=trusts or trusting(tls)
            ):
                findings.append(finding)  # noqa: PERF401 what was found before an error counts

    in_a_loop(look())
    return findings


def faults(findings: list[Finding]) -> list[tuple[str, str]]:
    assert all(finding.hint for finding in findings if finding.grade != "good")
    return [(finding.grade, finding.text) for finding in findings if finding.grade != "good"]


def drop(name: bytes) -> Callable[[bytes], bytes]:
    """Takes a header away."""
    return lambda head: re.sub(rb"(?im)^" + name + rb":.*\r\n", b"", head)


def on(path: str, change: Callable[[bytes], bytes]) -> Answer:
    return lambda target, whole: change(whole) if target.startswith(path) else whole


def instead(status: bytes, kind: bytes = b"text/html", body: bytes = b"<p>") -> Callable[[bytes], bytes]:
    head = [b"HTTP/1.1 " + status, b"Content-Type: " + kind, b"Content-Length: %d" % len(body)]
    return lambda _: CRLF.join([*head, b"Vary: Accept", b"", body])


def asked_with(change: Callable[[bytes], bytes]) -> Request:
    return lambda head, body: (change(head), body)


def longer(head: bytes, body: bytes) -> tuple[bytes, bytes]:
    """JSON written anew says the same in other bytes."""
    length = re.sub(rb"(?i)content-length: \d+", b"Content-Length: %d" % (len(body) + 1), head)
    return (length, body + b"\n") if body else (head, body)


def no_page(head: bytes) -> bytes:
    return re.sub(rb"(?im)^accept:.*$", b"Accept: text/html\r", head)


def no_upgrade(head: bytes) -> bytes:
    return drop(b"upgrade")(re.sub(rb"(?im)^connection:.*$", b"Connection: close\r", head))


def test_all_is_well(tmp_path: Path, tls: Tls) -> None:
    findings = found(tmp_path, tls)
    assert faults(findings) == []
    text = "\n".join(finding.text for finding in findings)
    for words in ("certificate", "WebFinger for @films@localhost", "@films_channel@", "application/activity+json",
                  "browsers", "host-meta", "NodeInfo", "everywhere", "refuses", "(cavage)", "(rfc9421)", "clocks",
                  "WebSocket", "the one video", "480p.m3u8", "480p-0001.m4s", ".mp4"):  # fmt: skip
        assert words in text


@pytest.mark.parametrize(
    ("front", "grade", "words"),
    [
        (
            Front(request=asked_with(lambda head: re.sub(rb"\?\S*", b"", head))),
            "bad",
            "WebFinger for .* answers 400",
        ),
        (Front(answer=on("/.well-known/webfinger", instead(b"404 Not Found"))), "bad", "WebFinger .* answers 404"),
        (Front(answer=on("/.well-known/webfinger", lambda whole: whole.replace(b"jrd+json", b"octet-stream"))), "bad", "the type 'application/octet-stream'"),
        (Front(request=asked_with(no_page)), "bad", "as application/activity.json is answered with a page"),
        (Front(answer=on("/ap/u/", instead(b"404 Not Found", b"text/plain"))), "bad", "as application/activity.json answers 404"),
        (Front(answer=on("/ap/u/", drop(b"vary"))), "weak", "lacks 'Vary: Accept'"),
        (Front(answer=on("/ap/u/", lambda whole: whole.replace(b"activity+json", b"x", 1))), "bad", "has the type 'application/x'"),
        (Front(answer=on("/.well-known/host-meta", instead(b"404 Not Found"))), "weak", "host-meta answers 404"),
        (Front(answer=on("/.well-known/nodeinfo", instead(b"404 Not Found"))), "weak", "well-known/nodeinfo answers 404"),
        (Front(answer=on("/nodeinfo/", instead(b"403 Forbidden"))), "weak", "nodeinfo/2.* answers 403"),
        (Front(request=longer), "bad", "answers 401 to what is signed well .cavage., '.*digest"),
        (Front(request=asked_with(drop(b"digest"))), "bad", "answers 401 to what is signed well .cavage."),
        (Front(request=asked_with(drop(b"signature-input"))), "bad", "answers 401 to what is signed well .rfc9421."),
        (Front(request=asked_with(lambda head: re.sub(rb"(?im)^host:.*$", b"Host: inner:8080\r", head))), "bad", "to what is signed well"),
        (Front(answer=on("/ap/inbox", instead(b"200 OK"))), "bad", "answers 200 to a signature that does not fit"),
        (Front(answer=on("/ap/inbox", instead(b"405 Not Allowed"))), "bad", "answers 405 to what is signed well"),
        (Front(answer=on("/ap/health", drop(b"date"))), "weak", "carry no date"),
        (Front(request=asked_with(no_upgrade)), "weak", "the tracker at .* answers 4"),
        (Front(answer=on("/media/", drop(b"access-control-allow-origin"))), "bad", "may not be fetched by pages of other servers"),
        (Front(answer=on("/media/", lambda whole: whole.replace(b"application/vnd.apple.mpegurl", b"text/plain"))), "weak", "has the type 'text/plain'"),
        (Front(request=asked_with(drop(b"range"))), "weak", "is only given whole"),
        (Front(answer=on("/media/", instead(b"404 Not Found"))), "bad", "480p.m3u8 answers 404"),
    ],
)  # fmt: skip
def test_one_thing_is_spoiled(tmp_path: Path, tls: Tls, front: Front, grade: str, words: str) -> None:
    told = faults(found(tmp_path, tls, front))
    assert any(one == grade and re.search(words, text) for one, text in told), told


def test_clocks_that_differ(tmp_path: Path, tls: Tls) -> None:
    """S-7"""
    ((grade, text),) = faults(found(tmp_path, tls, ahead=45))
    assert grade == "weak"
    assert re.fullmatch(r"the clocks here and there differ by 4\d seconds", text)


def test_a_certificate_that_nobody_trusts_ends_it(tmp_path: Path, tls: Tls) -> None:
    (only,) = found(tmp_path, tls, trusts=ssl.create_default_context())
    assert only.grade == "bad"
    assert "the certificate does not hold" in only.text


def test_a_certificate_that_ends_soon(tmp_path: Path, tls: Tls) -> None:
    async def look() -> None:
        async with open_site(tmp_path, tls, Front()) as settings:
            well = await examine_certificate(settings.base_url, trusting(tls), time.time())
            assert well.grade == "good"
            days = int(re.findall(r"holds (\d+) more days", well.text)[0])
            soon = await examine_certificate(
                settings.base_url, trusting(tls), time.time() + (days - 13) * 86400
            )
            assert (soon.grade, "holds 13 more days" in soon.text) == ("weak", True)

    shutil.copytree(keys(), tmp_path / "state/keys")
    in_a_loop(look())


def test_a_site_that_the_sidecar_has_not_read_again(tmp_path: Path, tls: Tls) -> None:
    def before(settings: Settings) -> None:
        write_site(tmp_path, settings.base_url, video("0f8d7403-c327-4a76-b595-4b588bb0f3be", slug="later"))

    assert ("weak", "the site has 2 videos, the sidecar tells of 1") in faults(
        found(tmp_path, tls, before=before)
    )


def to(where: str) -> Answer:
    """Redirects WebFinger; `{}` is the query asked with."""

    def answer(target: str, whole: bytes) -> bytes:
        if not target.startswith("/.well-known/webfinger"):
            return whole
        location = where.replace("{}", target.partition("?")[2])
        return f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()

    return answer


def test_the_pages_live_elsewhere(tmp_path: Path, tls: Tls) -> None:
    """D-31 to D-33: what each way costs."""

    def mode(name: str, pages: Callable[[str], Front]) -> tuple[str, str]:
        (tmp_path / name).mkdir()
        told = [(f.grade, re.sub(r":\d+", "", f.text)) for f in found(tmp_path / name, tls, pages=pages)]
        return next(one for one in told if "people" in one[1] or "redirects" in one[1] or "nobody" in one[1])

    redirects = {
        "redirected": ("/.well-known/webfinger?{}", ("weak", "people who look for @films@localhost find @films@localhost")),
        "without its query": ("/.well-known/webfinger", ("bad", "localhost redirects WebFinger without its query")),
    }  # fmt: skip
    for name, (where, told) in redirects.items():
        assert mode(name, lambda base, where=where: Front(answer=to(base + where))) == told
    assert mode("nothing", lambda _: Front(answer=on("/.well-known/", instead(b"404 Not Found")))) == (
        "weak",
        "people follow @films@localhost; nobody finds @films@localhost",
    )
    assert mode("passed", lambda _: Front()) == (
        "weak",
        "people who look for @films@localhost find @films@localhost",
    )


def test_without_keys(tmp_path: Path, tls: Tls) -> None:
    def before(settings: Settings) -> None:
        shutil.rmtree(tmp_path / "state/keys")

    with pytest.raises(InputError, match="there are no keys here"):
        found(tmp_path, tls, before=before)


def test_the_command(tmp_path: Path, tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line for each finding; 2 when somebody is kept away."""

    def doctor(front: Front, folder: Path) -> tuple[int, list[str]]:
        shutil.copytree(keys(), folder / "state/keys")
        ran: list[Result] = []

        async def look() -> None:
            async with open_site(folder, tls, front) as settings:
                for name in ("base_url", "catalogue", "keys"):
                    monkeypatch.setenv(f"TUBEGEN_{name.upper()}", str(getattr(settings, name)))
                monkeypatch.setenv("SSL_CERT_FILE", str(tls.authority))
                command = ["doctor", "--federation", str(folder)]
                ran.append(await asyncio.to_thread(CliRunner().invoke, main, command))

        in_a_loop(look())
        return ran[0].exit_code, ran[0].output.splitlines()

    for name in ("well", "weak", "bad"):
        (tmp_path / name).mkdir()
    code, lines = doctor(Front(), tmp_path / "well")
    assert (code, lines[-1]) == (0, "Other servers can follow.")
    assert all(line.startswith("ok    ") for line in lines[:-2])
    code, lines = doctor(Front(answer=on("/ap/u/", drop(b"vary"))), tmp_path / "weak")
    assert (code, lines[-1]) == (0, "Other servers can follow. 1 thing could be better.")
    assert sum(line.startswith("weak  ") for line in lines) == 1
    code, lines = doctor(Front(answer=on("/ap/inbox", instead(b"404 Not Found"))), tmp_path / "bad")
    assert code == 2
    assert sum(line.startswith("MISS  ") for line in lines) == 3
