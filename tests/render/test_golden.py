"""What machines read, byte for byte. `pytest --update-golden` writes the files anew: read their difference then."""

import json
import re
from pathlib import Path

import pytest

from tests.render.conftest import GOLDEN
from tubegen import __version__


def ld(page: bytes) -> bytes:
    found = re.search(rb'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.dumps(json.loads(found[1]), ensure_ascii=False, indent=1).encode() + b"\n"


def head(page: bytes) -> bytes:
    """Without the structured data, which have a file of their own."""
    found = re.search(rb"<!DOCTYPE html>.*</head>\n", page, re.DOTALL)
    assert found
    plain = re.sub(
        rb'(<script type="application/ld\+json">).*?(</script>)', rb"\1\2", found[0], flags=re.DOTALL
    )
    plain = re.sub(rb"(assets/style\.)[\w-]{22}", rb"\1HASH", plain)
    return plain.replace(__version__.encode(), b"VERSION")


def raw(data: bytes) -> bytes:
    return data


CASES = [
    ("master.m3u8", r"media/[^/]+/[^/]+/master\.m3u8", raw),
    ("subtitles.m3u8", r"media/[^/]+/[^/]+/subtitles-en\..*\.m3u8", raw),
    ("captions-fr.vtt", r"media/[^/]+/captions-fr\..*\.vtt", raw),
    ("chapters.vtt", r"media/[^/]+/chapters\..*\.vtt", raw),
    ("feed.xml", r"feed\.xml", raw),
    ("sitemap.xml", r"sitemap\.xml", raw),
    ("robots.txt", r"robots\.txt", raw),
    ("oembed.json", r"watch/tide/oembed\.json", raw),
    ("structured.json", r"watch/tide/index\.html", ld),
    ("head.html", r"watch/tide/index\.html", head),
    ("redirect.html", r"old/tide/index\.html", raw),
    ("catalogue.json", r"federation/index\.json", raw),
    ("video.json", r"federation/videos/.*\.json", raw),
]


@pytest.mark.parametrize(("name", "pattern", "part"), CASES, ids=[name for name, _, _ in CASES])
def test_golden(
    written: dict[str, bytes], uuid_of_tide: str, name: str, pattern: str, part, update_golden: bool
) -> None:
    found = [path for path in written if re.fullmatch(pattern, path)]
    if len(found) > 1:
        found = [path for path in found if uuid_of_tide in path]
    (path,) = found
    made = part(written[path])
    golden: Path = GOLDEN / name
    if update_golden:
        golden.write_bytes(made)
    assert made.decode() == golden.read_text("utf-8")
