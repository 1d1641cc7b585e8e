"""`tubegen sidecar` as a process: its start, its end, its one-line errors; and what `status` tells."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection

from tests.sidecar.documents import video
from tests.sidecar.domain.scene import ALICE
from tests.sidecar.routes.served_site import TIDE, build
from tests.sidecar.tracker.station import write_swarms
from tubegen.cli import main
from tubegen.sidecar.publishing.publish import GRACE
from tubegen.sidecar.store import inbox_queue, publishing
from tubegen.sidecar.store.database import open_database
from tubegen.sidecar.store.inbox_queue import Entry

TOML = '[site]\ntitle = "F"\nurl = "https://films.example/"\n[federation]\nhandle = "films"\n'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    build(tmp_path)
    (tmp_path / "tubegen.toml").write_text(TOML)
    (tmp_path / "public/index.html").write_text("<p>Hello")
    return tmp_path


@contextmanager
def running(site: Path, *flags: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The process and where it listens."""
    command = [sys.executable, "-m", "tubegen", "sidecar", str(site), "--listen", "127.0.0.1:0", *flags]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        found = re.search(r"listens at (http://\S+)/", process.stderr.readline())
        assert found is not None
        yield process, found[1]
    finally:
        process.kill()
        process.communicate()


def get(url: str) -> int:
    try:
        with urlopen(Request(url, headers={"Accept": "application/activity+json"}), timeout=10) as answer:
            return answer.status
    except HTTPError as error:
        return error.code


def get_ready(base: str) -> None:
    end = time.monotonic() + 20
    while get(f"{base}/ap/health/ready") != 200:
        assert time.monotonic() < end


def refused(site: Path, *flags: str) -> str:
    command = [sys.executable, "-m", "tubegen", "sidecar", str(site), *flags]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr.splitlines()[-1]


def test_from_start_to_end(site: Path) -> None:
    with running(site, "--serve", str(site / "public")) as (process, base):
        get_ready(base)
        assert get(f"{base}/ap/n/{TIDE}") == 200
        assert get(f"{base}/index.html") == 200
        later = "0f8d7403-c327-4a76-b595-4b588bb0f3be"
        build(site, (video(), video(later, slug="later")))
        process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 20
        while (status := get(f"{base}/ap/n/{later}")) != 200:
            assert status in (404, 503)
            assert time.monotonic() < end
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert (site / "federation/sidecar.sqlite").exists()
    assert {file.name for file in (site / "federation/keys").iterdir()} == {
        "announced.txt",
        "films.pem",
        "films_channel.pem",
        "instance.pem",
    }


def test_killed_and_started_without_a_catalogue(site: Path) -> None:
    """What was known is answered again at once: a build that failed must not take the site's people away."""
    with running(site) as (process, base):
        get_ready(base)
        process.kill()
        process.wait(10)
    (site / "public/federation/index.json").unlink()
    with running(site) as (_, base):
        assert get(f"{base}/ap/health/ready") == 200
        assert get(f"{base}/ap/n/{TIDE}") == 200


def test_a_web_process_beside_a_worker(site: Path) -> None:
    with running(site, "--role", "web") as (_, web):
        assert get(f"{web}/ap/u/films") == 503
        with running(site, "--role", "web,worker") as (_, both):
            get_ready(both)
            get_ready(web)


def test_no_catalogue(site: Path) -> None:
    (site / "public/federation/index.json").unlink()
    assert "there is no catalogue here; build the site first" in refused(site, "--listen", "127.0.0.1:0")


def test_a_catalogue_without_a_handle(site: Path) -> None:
    build(site, handle="")
    assert "handle" in refused(site, "--listen", "127.0.0.1:0")


def test_no_handle(site: Path) -> None:
    (site / "tubegen.toml").write_text(TOML.replace('handle = "films"', ""))
    assert "no handle by which people could follow it" in refused(site)


def test_a_port_that_is_taken(site: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refused(site, "--listen", f"127.0.0.1:{port}")
        assert line == (f"--listen: something listens at 127.0.0.1:{port} already; choose another port")


def test_keys_that_are_too_open(site: Path) -> None:
    (site / "federation/keys").mkdir(parents=True, mode=0o755)
    os.chmod(site / "federation/keys", 0o755)
    assert "run: chmod 700" in refused(site)


def test_a_tracker_alone(site: Path) -> None:
    """Neither a database nor keys."""
    write_swarms(site / "public/federation")
    with running(site, "--role", "tracker") as (process, base):
        end = time.monotonic() + 20
        while json.loads(urlopen(f"{base}/tracker/stats").read())["listed"] == 0:
            assert time.monotonic() < end
        assert get(f"{base}/ap/n/{TIDE}") == 404
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert not (site / "federation").exists()


def test_a_tracker_beside_the_worker(site: Path) -> None:
    write_swarms(site / "public/federation")
    with running(site, "--role", "worker,tracker") as (_, base):
        assert get(f"{base}/tracker/stats") == 200
        assert get(f"{base}/ap/n/{TIDE}") == 404


def test_another_address_for_the_same_database(site: Path) -> None:
    with running(site) as (_, base):
        get_ready(base)
    line = refused(site, "--base-url", "https://other.example")
    assert "the database belongs to https://films.example" in line


def test_status(site: Path) -> None:
    run = CliRunner().invoke(main, ["sidecar", "status", str(site)])
    assert (run.exit_code, "the sidecar has not run yet" in run.output) == (2, True)
    with running(site) as (_, base):
        get_ready(base)
        run = CliRunner().invoke(main, ["sidecar", "status", str(site)])
    assert run.exit_code == 0, run.output
    assert "The tide" in run.output
    assert "adopted silently" in run.output
    run = CliRunner().invoke(main, ["sidecar", "status", str(site), "--json", "--video", "tide"])
    found = json.loads(run.stdout)
    assert (found["site"], found["videos"][0]["uuid"], found["sent"]) == ("https://films.example", TIDE, [])
    run = CliRunner().invoke(main, ["sidecar", "status", str(site), "--video", "nothing"])
    assert (run.exit_code, "no published video is called 'nothing'" in run.output) == (2, True)


def test_status_tells_what_is_not_worked_in(site: Path) -> None:
    with running(site) as (_, base):
        get_ready(base)
    assert "Inbox" not in cli("status", str(site))[1]
    entries = [Entry(ALICE, b"{}", 1_800_000_000.0)] * 3

    def leave(connection: Connection) -> None:
        inbox_queue.append(connection, entries, {ALICE.uri: ALICE})
        inbox_queue.put_failed(connection, inbox_queue.take(connection, 1)[0], "KeyError: 'x'", None)

    opened = open_database(f"sqlite:///{site / 'federation/sidecar.sqlite'}")
    asyncio.run(opened.write(leave))
    opened.close()
    told = cli("status", str(site))[1]
    assert "Inbox: 2 activities to process, the oldest of 2027-01-15" in told
    assert "1 activity could not be processed" in told
    found = json.loads(cli("status", str(site), "--json")[1])["inbox"]
    assert (found["rows"], found["oldest"]) == (2, 1_800_000_000.0)
    aside = {"signer": ALICE.uri, "at": 1_800_000_000.0, "attempts": 1, "due": None, "error": "KeyError: 'x'"}
    assert found["aside"] == [aside]


def cli(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["sidecar", *words])
    return done.exit_code, done.output


def held(site: Path, slugs: str) -> None:
    """The videos of these one-letter names have been missing for an hour."""

    def miss(connection: Connection) -> None:
        for uuid in map(uuid_of, slugs):
            publishing.miss(connection, uuid, time.time() - GRACE)

    opened = open_database(f"sqlite:///{site / 'federation/sidecar.sqlite'}")
    try:
        asyncio.run(opened.write(miss))
    finally:
        opened.close()


def uuid_of(letter: str) -> str:
    return f"{ord(letter):08x}-0000-4000-8000-000000000000"


def test_removals_wait_for_the_owner(site: Path) -> None:
    """What is listed is removed by a running sidecar within seconds of the yes, and nothing else."""
    films = {letter: video(uuid_of(letter), slug=letter, title=f"Film {letter}") for letter in "abc"}
    build(site, tuple(films.values()))
    with running(site) as (process, base):
        get_ready(base)
        assert cli("removals", str(site)) == (0, "Nothing waits for your yes.\n")
        build(site, (films["c"],))
        process.send_signal(signal.SIGHUP)
        held(site, "ab")
        process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 20
        while "tubegen sidecar removals" not in cli("status", str(site))[1]:
            assert time.monotonic() < end
            process.send_signal(signal.SIGHUP)
        assert "2 videos have left the site" in cli("status", str(site))[1]
        code, told = cli("removals", str(site))
        assert code == 0
        assert [line.split("  ") for line in told.splitlines()[:2]] == [
            ["Film a", films["a"].page],
            ["Film b", films["b"].page],
        ]
        assert "--confirm" in told
        assert get(f"{base}/ap/n/{uuid_of('a')}") == 200
        assert "removes 2 videos" in cli("removals", str(site), "--confirm")[1]
        end = time.monotonic() + 20
        while {get(f"{base}/ap/n/{uuid_of(letter)}") for letter in "ab"} != {410}:
            assert time.monotonic() < end
        assert get(f"{base}/ap/n/{uuid_of('c')}") == 200
        assert cli("removals", str(site)) == (0, "Nothing waits for your yes.\n")


def test_a_site_without_films_yet(site: Path) -> None:
    build(site, ())
    with running(site) as (_, base):
        get_ready(base)
        assert get(f"{base}/ap/u/films") == 200
        with urlopen(f"{base}/ap/u/films/outbox", timeout=10) as answer:
            assert json.load(answer)["totalItems"] == 0
        with urlopen(f"{base}/ap/u/films/outbox/1", timeout=10) as answer:
            assert json.load(answer)["orderedItems"] == []


def test_a_new_key(site: Path) -> None:
    with running(site) as (_, base):
        get_ready(base)
    run = CliRunner().invoke(main, ["sidecar", "rotate-key", "films", str(site)])
    assert run.exit_code == 0, run.output
    assert (site / "federation/keys/films.next.pem").exists()
    for name, told in (("films", "being changed already"), ("nobody", "there is no such key")):
        run = CliRunner().invoke(main, ["sidecar", "rotate-key", name, str(site)])
        assert (run.exit_code, told in run.output) == (2, True)


def test_domains_are_blocked_and_let_in_again(site: Path, tmp_path: Path) -> None:
    with running(site) as (_, base):
        get_ready(base)

    def cli(*words: str) -> tuple[int, str]:
        run = CliRunner().invoke(main, ["sidecar", *words])
        return run.exit_code, run.stdout

    assert cli("blocks", str(site)) == (0, "")
    assert cli("block", "Bad.Example.", str(site), "--comment", "spam")[0] == 0
    listed = tmp_path / "blocks.csv"
    listed.write_text(
        "#domain,#severity,#public_comment\nworse.example,suspend,hate\nloud.example,silence,\n"
    )
    assert cli("blocks", str(site), "--import", str(listed))[0] == 0
    assert cli("blocks", str(site)) == (0, "bad.example  spam\nworse.example  hate\n")
    assert cli("unblock", "bad.example", str(site))[0] == 0
    assert cli("blocks", str(site)) == (0, "worse.example  hate\n")
    assert cli("block", "no domain", str(site))[0] == 2
    listed.write_text("domain\nbad.example\n")
    assert cli("blocks", str(site), "--import", str(listed))[0] == 2
