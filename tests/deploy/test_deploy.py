"""A deploy sends what changed in an order that is safe, keeps what may be needed, and goes back in one step."""

import asyncio
import datetime as dt
import re
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.deploy.conftest import UUID, Clock, files_of, write
from tubegen.deploy.manifest import FILE, FOLDER, decode
from tubegen.deploy.plan import MEDIA_GRACE, PAGE_GRACE, Changes
from tubegen.deploy.run import Outcome, Request, deploy, roll_back
from tubegen.deploy.targets import Conflict, Target
from tubegen.errors import InputError, Problem
from tubegen.headers import Headers

Open = Callable[[], Target]
HIDDEN_UUID = "0a2b94ae-cf48-4ac3-8a2b-9e6b4bb0dcf2"


class Log:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.waits: list[Problem] = []

    def planned(self, changes: Changes) -> None:
        pass

    def sent(self, path: str, size: int) -> None:
        self.paths.append(path)

    def waiting(self, problem: Problem, seconds: float) -> None:
        self.waits.append(problem)


@pytest.fixture
def run(target: Open, public: Path, clock: Clock, tmp_path: Path) -> Callable[..., tuple[Outcome, Log]]:
    """Deploys the site as a process of its own would; `back` goes to an earlier generation instead."""

    def go(*, back: int | str = "", machine: str = "here", **asked: Any) -> tuple[Outcome, Log]:
        log = Log()
        request = Request(site="https://films.example/", state=tmp_path / machine, **asked)

        async def work(host: Target) -> Outcome:
            if back:
                number = None if back == "previous" else int(back)
                return await roll_back(host, number, request, log, clock)
            return await deploy(host, files_of(public), request, log, clock)

        return on_target(target, work), log

    return go


def on_target(target: Open, work: Callable[[Target], Coroutine[Any, Any, Any]]) -> Any:
    async def closing() -> Any:
        host = target()
        try:
            return await work(host)
        finally:
            await host.close()

    return asyncio.run(closing())


def content(target: Open, path: str) -> str | None:
    async def read(host: Target) -> str | None:
        found = await host.read(path)
        return None if found is None else found[0].decode()

    return on_target(target, read)


def listing(target: Open) -> set[str]:
    async def work(host: Target) -> set[str]:
        return {stored.path async for stored in host.list() if not stored.path.startswith(FOLDER)}

    return on_target(target, work)


def test_everything_arrives_and_nothing_is_sent_twice(target: Open, public: Path, run: Any) -> None:
    outcome, log = run()
    assert outcome.generation == 1
    assert sorted(log.paths) == sorted(file.path for file in files_of(public))
    assert listing(target) == {file.path for file in files_of(public)} | {FILE}
    again, log = run()
    assert (again.generation, log.paths) == (1, [])
    write(public, "watch/tide/index.html", "the high tide")
    outcome, log = run()
    assert (outcome.generation, log.paths) == (2, ["watch/tide/index.html"])
    assert content(target, "watch/tide/index.html") == "the high tide"


def test_what_a_page_names_is_there_before_it_and_the_catalogue_comes_last(run: Any) -> None:
    _, log = run()
    order = [
        next(
            n
            for n, kind in enumerate(("m4s|css", "m3u8", "html|nojekyll", "feed|robots", "federation"))
            if re.search(kind, path)
        )
        for path in log.paths
    ]
    assert order == sorted(order)


def test_a_file_that_the_site_names_no_more_stays_for_those_who_watch(
    target: Open, public: Path, clock: Clock, run: Any
) -> None:
    run()
    for path in (f"media/{UUID}", "watch/tide"):
        shutil.rmtree(public / path)
    run()
    segment = f"media/{UUID}/7494cf0456b0b816/240p-0001.Dxol7OBDWtzuSp69amSEeg.m4s"
    assert content(target, segment) == "a segment"
    assert content(target, "watch/tide/index.html") == "the tide"
    clock.forward(seconds=PAGE_GRACE.total_seconds() + 1)
    run()
    assert content(target, segment) == "a segment"
    assert content(target, "watch/tide/index.html") is None
    clock.forward(seconds=MEDIA_GRACE.total_seconds())
    run()
    assert content(target, segment) == "a segment"  # earlier generations, which one can go back to, name it
    for n in range(5):
        write(public, "index.html", f"home {n}")
        run()
    run()
    assert segment not in listing(target)


def test_going_back_and_forth_is_exact(target: Open, public: Path, clock: Clock, run: Any) -> None:
    run()
    before = {path: content(target, path) for path in listing(target) if path.endswith((".html", ".xml"))}
    write(public, "index.html", "home, quite another")
    write(public, "watch/storm/index.html", "the storm")
    shutil.rmtree(public / "watch/tide")
    run()
    after = {path: content(target, path) for path in listing(target) if path.endswith((".html", ".xml"))}
    clock.forward(hours=2)
    run()  # the page of the tide is swept
    assert content(target, "watch/tide/index.html") is None
    outcome, _ = run(back=1)
    assert outcome.generation == 4
    assert {path: content(target, path) for path in before} == before
    outcome, _ = run(back=2)
    assert {path: content(target, path) for path in after if "tide" not in path} == {
        path: text for path, text in after.items() if "tide" not in path
    }
    run(back="previous")
    assert content(target, "index.html") == before["index.html"]


def test_going_back_keeps_the_newest_catalogue(target: Open, public: Path, run: Any) -> None:
    run()
    write(public, f"federation/videos/{UUID}.json", '{"deleted": true}')
    run()
    run(back=1)
    assert content(target, f"federation/videos/{UUID}.json") == '{"deleted": true}'


def test_a_generation_that_does_not_exist_is_said_with_those_that_do(public: Path, run: Any) -> None:
    run()
    with pytest.raises(InputError, match="there is no earlier generation"):
        run(back="previous")
    write(public, "index.html", "home")
    run()
    with pytest.raises(InputError, match=r"no generation 9 .*there are: 1 \(2026-11-30 12:00\)"):
        run(back=9)


def test_a_place_with_files_of_others_is_asked_about(target: Open, public: Path, run: Any) -> None:
    async def put(host: Target) -> None:
        await host.write("holiday.jpg", b"me", Headers("image/jpeg", "no-cache"))

    on_target(target, put)
    with pytest.raises(InputError, match=r"1 files here that tubegen did not bring, such as holiday\.jpg"):
        run()
    run(assent=True)
    assert content(target, "holiday.jpg") == "me"


def test_many_deletions_are_asked_about(target: Open, public: Path, run: Any) -> None:
    for n in range(300):
        write(public, f"watch/{n}/index.html", str(n))
    run()
    for n in range(280):
        shutil.rmtree(public / f"watch/{n}")
    with pytest.raises(InputError, match="280 of the 312 files at the target are in the site no more"):
        run()
    assert decode((content(target, FILE) or "").encode(), FILE).generation == 1
    outcome, _ = run(assent=True)
    assert outcome.changes.gone == 280


def test_a_dry_run_touches_nothing(target: Open, run: Any) -> None:
    outcome, log = run(dry_run=True)
    assert len(outcome.changes.uploads) == 12
    assert log.paths == []
    assert listing(target) == set()


def test_the_manifest_tells_nothing_of_unlisted_videos(
    target: Open, public: Path, run: Any, clock: Clock
) -> None:
    write(public, "watch/secret-party/index.html", "psst")
    write(public, f"media/{HIDDEN_UUID}/7494cf0456b0b816/240p-0001.aaaa.m4s", "psst")
    hidden = frozenset({"secret-party", HIDDEN_UUID})
    run(hidden=hidden)
    assert "watch/secret-party/index.html" in listing(target)

    def told() -> str:
        async def work(host: Target) -> str:
            found = [
                await host.read(stored.path)
                async for stored in host.list()
                if stored.path == FILE or stored.path.startswith(FOLDER)
            ]
            return " ".join(data[0].decode() for data in found if data)

        return on_target(target, work)

    assert "secret-party" not in told()
    assert HIDDEN_UUID not in told()
    _, log = run(hidden=hidden)
    assert log.paths == []
    shutil.rmtree(public / "watch/secret-party")
    run()
    assert "secret-party" not in told()
    clock.forward(days=8)
    for n in range(6):
        write(public, "index.html", f"home {n}")
        run()
    run()
    assert "watch/secret-party/index.html" not in listing(target)


def test_one_deploy_at_a_time(target: Open, public: Path, run: Any, clock: Clock) -> None:
    run()
    write(public, "index.html", "home of another")
    lease = {"owner": "somebody else", "until": clock() + dt.timedelta(seconds=60)}

    async def put(host: Target) -> None:
        await host.write(f"{FOLDER}lease.json", msgspec.json.encode(lease), Headers("", ""))

    on_target(target, put)
    with pytest.raises(Conflict, match="another deploy is at work until 12:01:00 UTC"):
        run()
    assert content(target, "index.html") == "<head></head>home, of the tide"
    clock.forward(seconds=61)
    run()
    assert content(target, "index.html") == "home of another"


def test_whoever_wrote_the_manifest_meanwhile_is_not_overwritten(target: Open, run: Any) -> None:
    run()
    manifest = (content(target, FILE) or "").encode()

    async def race(host: Target) -> None:
        _, version = await host.read(FILE) or (b"", "")
        await host.write_if(FILE, manifest + b"\n", Headers("application/json", "no-cache"), version)
        with pytest.raises(Conflict):
            await host.write_if(FILE, manifest, Headers("application/json", "no-cache"), version)
        with pytest.raises(Conflict):
            await host.write_if(FILE, manifest, Headers("application/json", "no-cache"), None)

    on_target(target, race)


def test_what_another_machine_sent_before_it_died_is_not_sent_again_where_the_host_can_tell(
    target: Open, public: Path, run: Any
) -> None:
    """The manifest is missing after a first deploy that was killed: names with a hash tell that a file is there."""
    run()

    async def lose(host: Target) -> None:
        await host.delete([FILE])

    on_target(target, lose)
    _, log = run(machine="elsewhere", assent=True)
    assert not any(path.endswith((".m4s", ".css")) for path in log.paths)


def test_no_built_site_is_said(target: Open, public: Path, run: Any) -> None:
    shutil.rmtree(public)
    with pytest.raises(InputError, match="there is no built site here; build it first: tubegen build"):
        run()


def test_a_manifest_of_a_newer_tubegen_is_left_alone(target: Open, run: Any) -> None:
    run()
    newer = (content(target, FILE) or "").replace('"version": 1', '"version": 2')

    async def put(host: Target) -> None:
        await host.write(FILE, newer.encode(), Headers("application/json", "no-cache"))

    on_target(target, put)
    with pytest.raises(
        InputError, match="version 2, which this tubegen does not know; deploy with the newer"
    ):
        run()
