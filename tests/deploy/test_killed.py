"""Deploys that are killed at any moment: who watches meanwhile loses nothing, and the next one goes on from there."""

import asyncio
import hashlib
import random
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tubegen.config import TargetConfig
from tubegen.deploy.manifest import FILE, decode
from tubegen.deploy.targets import Target

SEGMENTS = 40

DEPLOY = """
import asyncio, datetime as dt, pathlib, sys
import msgspec
from tubegen.config import TargetConfig
from tubegen.deploy.files import HashCache, site_files
from tubegen.deploy.run import Request, deploy
from tubegen.deploy.targets.factory import open_target

folder = pathlib.Path(sys.argv[1])
target = open_target(msgspec.json.decode(sys.argv[2], type=TargetConfig), folder)

class Watcher:
    def planned(self, changes): print("planned", flush=True)
    def sent(self, path, size): print(path, flush=True)
    def waiting(self, problem, seconds): pass

files = site_files(folder / "public", HashCache(folder / "hashes"))
request = Request(site="https://films.example/", state=folder / "state", assent=True)
asyncio.run(deploy(target, files, request, Watcher(), lambda: dt.datetime.now(dt.UTC)))
"""


def write_site(public: Path, version: int) -> None:
    """A page that names all segments of a video; all of them are others in each version."""
    names = []
    for n in range(SEGMENTS):
        data = f"segment {n} of version {version}\n".encode() * 500
        digest = hashlib.sha256(data).hexdigest()[:22]
        path = public / f"media/video/{version:016x}/240p-{n:04}.{digest}.m4s"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        names.append(path.relative_to(public).as_posix())
    (public / "index.html").write_text("\n".join(names))


class Viewer(threading.Thread):
    """Opens the page and then everything that it names, again and again."""

    def __init__(self, target: Callable[[], Target]) -> None:
        super().__init__()
        self._target = target
        self._ended = threading.Event()
        self.missing: list[str] = []
        self.views = 0

    def run(self) -> None:
        asyncio.run(self._watch())

    async def _watch(self) -> None:
        host = self._target()
        while not self._ended.is_set():
            page = await host.read("index.html")
            assert page is not None
            for name in page[0].decode().split("\n"):
                if await host.read(name) is None:
                    self.missing.append(name)
            self.views += 1
        await host.close()

    def end(self) -> None:
        self._ended.set()
        self.join()


@pytest.mark.parametrize("versions", [1, pytest.param(16, marks=pytest.mark.slow)])
def test_a_deploy_is_killed_again_and_again_while_somebody_watches(
    target: Callable[[], Target], target_config: TargetConfig, tmp_path: Path, versions: int
) -> None:
    dice = random.Random(7)
    public, config = tmp_path / "public", msgspec.json.encode(target_config).decode()
    command = [sys.executable, "-c", DEPLOY, str(tmp_path), config]
    write_site(public, 0)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    viewer = Viewer(target)
    viewer.start()
    kills = 0
    for version in range(1, versions + 1):
        write_site(public, version)
        sent: Counter[str] = Counter()
        unfinished = 0
        for _ in range(200):
            deploy = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            assert deploy.stdout
            lines, patience = [], dice.randrange(1, 16)
            for line in deploy.stdout:  # killed when it has told so much, in the middle of the next
                lines.append(line.strip())
                if len(lines) > patience:
                    deploy.kill()
            sent.update(line for line in lines if line != "planned")
            if deploy.wait() == 0:
                break
            kills += 1
            unfinished += 1
        twice = sum(count - 1 for count in sent.values())
        assert twice <= unfinished * target().slots
        assert len(sent) + unfinished * target().slots > SEGMENTS
    viewer.end()
    assert kills >= 3 * versions
    assert viewer.views > 0
    assert viewer.missing == []

    async def at_the_end() -> dict[str, tuple[str, str]]:
        host = target()
        manifest = decode((await host.read(FILE) or (b"", ""))[0], FILE)
        held = {}
        for name, entry in manifest.files.items():
            found = await host.read(name)
            assert found is not None
            held[name] = (entry.sha256, hashlib.sha256(found[0]).hexdigest())
        await host.close()
        return held

    held = asyncio.run(at_the_end())
    assert held.keys() == {p.relative_to(public).as_posix() for p in public.rglob("*") if p.is_file()}
    assert all(re.fullmatch("[0-9a-f]{64}", told) and told == there for told, there in held.values())


@pytest.mark.parametrize("target_config", ["folder"], indirect=True)
def test_the_old_pages_of_a_killed_deploy_can_still_be_gone_back_to(
    target: Callable[[], Target], target_config: TargetConfig, tmp_path: Path
) -> None:
    """The bytes of a page are kept before it is replaced, and never those that replaced it."""
    from tests.deploy.conftest import Clock
    from tests.deploy.test_deploy import Log, content
    from tubegen.deploy.files import HashCache, site_files
    from tubegen.deploy.run import Request, deploy, roll_back

    public, clock = tmp_path / "public", Clock()

    def run(state: str) -> None:
        request = Request(site="https://films.example/", state=tmp_path / state)
        files = site_files(public, HashCache(tmp_path / "hashes"))
        asyncio.run(deploy(target(), files, request, Log(), clock))

    class Killed(BaseException):
        pass

    class Dying(Log):
        def sent(self, path: str, size: int) -> None:
            raise Killed

    write_site(public, 0)
    run("one machine")
    first = content(target, "index.html")
    (public / "index.html").write_text("another page")
    request = Request(site="https://films.example/", state=tmp_path / "one machine")
    with pytest.raises(BaseExceptionGroup):
        asyncio.run(deploy(target(), site_files(public, HashCache(tmp_path / "h")), request, Dying(), clock))
    assert content(target, "index.html") == "another page"
    run("another machine, which knows nothing of it")
    asyncio.run(roll_back(target(), None, request, Log(), clock))
    assert content(target, "index.html") == first
