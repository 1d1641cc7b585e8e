"""A deploy of 10,000 small files to a real S3 server on this machine, first and with nothing to do, against rclone."""

import os
import sys
import tempfile
from itertools import count
from pathlib import Path

from benchmarks.measure import Cost, Row, cost, interleaved
from tests.deploy.seaweed import KEY, SECRET, s3_server

FILES = 10_000
SIZE = 2_400
RUNS = 1

DEPLOY = """
import asyncio, datetime as dt, pathlib, resource, sys
from tubegen.config import TargetConfig
from tubegen.deploy.files import HashCache, site_files
from tubegen.deploy.run import Request, deploy
from tubegen.deploy.targets.factory import open_target

public, state, url, endpoint = sys.argv[1:]
state = pathlib.Path(state)
config = TargetConfig(name="live", kind="s3", url=url, endpoint=endpoint)

class Watcher:
    def planned(self, changes): pass
    def sent(self, path, size): pass
    def waiting(self, problem, seconds): print(problem, file=sys.stderr)

hashes = HashCache(state / "hashes")
files = site_files(pathlib.Path(public), hashes)
hashes.save()
request = Request(site="https://films.example/", state=state)
asyncio.run(deploy(open_target(config, state), files, request, Watcher(), lambda: dt.datetime.now(dt.UTC)))
with (state / "rss").open("a") as file:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=file)
"""


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as place, s3_server(_made(Path(place) / "seaweed")) as endpoint:
        folder = Path(place)
        public = _site(folder / "public")
        numbers = count()
        last = {"ours": "", "rclone": ""}

        def ours(url: str) -> Cost:
            state = _made(folder / "state" / url.rpartition("/")[2])
            return cost(
                [sys.executable, "-c", DEPLOY, str(public), str(state), url, endpoint],
                AWS_ACCESS_KEY_ID=KEY,
                AWS_SECRET_ACCESS_KEY=SECRET,
            )

        def rclone(url: str) -> Cost:
            program = str(Path(sys.executable).parent / "rclone")
            remote = f":s3,provider=SeaweedFS,endpoint='{endpoint}',env_auth=true:{url.removeprefix('s3://')}"
            return cost(
                [program, "copy", "--checksum", "--transfers", "32", "--checkers", "32", str(public), remote],
                AWS_ACCESS_KEY_ID=KEY,
                AWS_SECRET_ACCESS_KEY=SECRET,
                RCLONE_CONFIG=os.devnull,
            )

        def first(name: str) -> Cost:
            last[name] = f"s3://films/{name}-{next(numbers)}"
            return (ours if name == "ours" else rclone)(last[name])

        fresh = interleaved(RUNS, {"ours": lambda: first("ours"), "rclone": lambda: first("rclone")})
        again = interleaved(
            RUNS, {"ours": lambda: ours(last["ours"]), "rclone": lambda: rclone(last["rclone"])}
        )
        rss = max(int(line) for file in folder.glob("state/*/rss") for line in file.read_text().split())
    return [
        Row(f"deploy of {FILES} files, wall", fresh["ours"].wall, "s", "rclone, 32 transfers", fresh["ours"].wall_against(fresh["rclone"]), "≤ 1.05"),
        Row("the same, CPU", fresh["ours"].cpu, "s", "rclone, 32 transfers", fresh["ours"].cpu_against(fresh["rclone"]), "≤ 0.5"),
        Row("nothing to deploy, wall", again["ours"].wall, "s", "rclone --checksum", again["ours"].wall_against(again["rclone"]), "≤ 0.5"),
        Row("memory of a deploy", rss / 1000, "MB", "", None, "≤ 80"),
    ]  # fmt: skip


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _site(public: Path) -> Path:
    for n in range(FILES):
        path = _made(public / f"media/{n % 100:03}") / f"part-{n:05}.m4s"
        path.write_bytes((f"{n:08}" * (SIZE // 8)).encode())
    (public / "index.html").write_text("<p>Home</p>")
    return public
