"""A site of 100 videos that is built already: building it again, and after an edit of one page.

The baseline is the first build of its pages from finished encodes, and an interpreter that only starts.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import ROOT, Cost, Row, cost, interleaved

VIDEOS = 100
RUNS = 5
_WORDS = "The harbour wakes before the town does, and the gulls know it. " * 12


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        site = _site(Path(folder) / "site")
        command = [str(ROOT / ".venv/bin/tubegen"), "build", str(site), "--quiet"]

        def build() -> Cost:
            # As on anyone's machine, where Python keeps what it has compiled.
            return cost(command, PYTHONDONTWRITEBYTECODE="")

        build()
        edits = iter(range(1000))

        def edited() -> Cost:
            (site / "pages" / "about.md").write_text(f"---\ntitle: About\n---\nEdit {next(edits)}.\n")
            return build()

        def from_nothing() -> Cost:
            shutil.rmtree(site / "public")
            for state in (site / ".tubegen").glob("[mo]*"):
                shutil.rmtree(state) if state.is_dir() else state.unlink()
            return build()

        quick = interleaved(
            RUNS,
            {
                "start": lambda: cost([sys.executable, "-c", "pass"]),
                "same": build,
                "edited": edited,
            },
        )
        full = interleaved(2, {"all": from_nothing})["all"]
    start = quick["start"].cpu
    return [
        Row(f"rebuild of {VIDEOS} videos, nothing changed, CPU", quick["same"].cpu - start, "s", "all pages anew", quick["same"].cpu / full.cpu, "< 0.5 s"),
        Row(f"rebuild of {VIDEOS} videos, one page edited, CPU", quick["edited"].cpu - start, "s", "all pages anew", quick["edited"].cpu / full.cpu, ""),
        Row("the same, wall", quick["edited"].wall, "s", "all pages anew", quick["edited"].wall / full.wall, ""),
    ]  # fmt: skip


def _site(site: Path) -> Path:
    """Real, tiny, different films: each a second of another colour."""
    (site / "pages").mkdir(parents=True)
    (site / "tubegen.toml").write_text(
        '[site]\ntitle = "Bench"\nurl = "https://bench.example/"\n[media]\nquality = "draft"\n'
    )
    (site / "pages" / "about.md").write_text("---\ntitle: About\n---\nText.\n")
    for n in range(VIDEOS):
        folder = site / "content" / f"channel-{n % 4}" / f"video-{n}"
        folder.mkdir(parents=True)
        (folder / "index.md").write_text(
            f"---\ntitle: Video {n}\ndate: 2026-{1 + n % 10:02}-{1 + n % 28:02}\ntags: [tag{n % 7}, tag{n % 11}]\n"
            f"description: Number {n}.\n---\n# Part\n\n{_WORDS}\n\n* one\n* two\n\n{_WORDS}\n"
        )
        colour = f"0x{(n * 2654435761) % 0xFFFFFF:06x}"
        subprocess.run(
            ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"color={colour}:s=192x108:r=10:d=1", "-c:v", "libx264",
             "-preset", "ultrafast", str(folder / "film.mp4")], check=True)  # fmt: skip
    return site
