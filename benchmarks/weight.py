"""What a viewer's browser has to load: bytes as a web server sends them, brotli at its best."""

import json
import re

import brotli

from benchmarks.measure import ROOT, Row, cost

_DIST = ROOT / "tubegen" / "player" / "dist"
_PEERTUBE = 711_994
"""JavaScript of PeerTube's watch page, brotli, September 2024."""


def rows() -> list[Row]:
    site = ROOT / "sample_site"
    cost([str(ROOT / ".venv/bin/tubegen"), "build", str(site), "--quiet"])
    manifest = json.loads((_DIST / "manifest.json").read_text())
    boot = _size((_DIST / manifest["boot"]).read_bytes())
    scripts = sum(
        _size((_DIST / name).read_bytes()) for name in manifest["files"] if name != manifest["boot"]
    )
    page = (site / "public" / "watch" / "how-a-video-travels" / "index.html").read_bytes()
    sheet = re.search(rb'href="\.\./\.\./(assets/[^"]+\.css)"', page)
    assert sheet is not None
    css = _size((site / "public" / sheet[1].decode()).read_bytes())
    peertube = "PeerTube's watch page"
    return [
        Row("scripts before play", boot, "B", peertube, boot / _PEERTUBE, "<= 2000 B"),
        Row("scripts with play", boot + scripts, "B", peertube, (boot + scripts) / _PEERTUBE, "<= 195000 B"),
        Row("style sheet", css, "B", "", None, "<= 10000 B"),
        Row("HTML of a watch page", _size(page), "B", "", None, "<= 20000 B"),
    ]


def _size(data: bytes) -> int:
    return len(brotli.compress(data, quality=11))
