"""Headers of a file are the same wherever the site is hosted."""

import fnmatch

import pytest

from tubegen.headers import FOREVER, headers_of, is_final


@pytest.mark.parametrize(
    ("path", "kind", "cache"),
    [
        ("index.html", "text/html; charset=utf-8", "no-cache"),
        ("feed.xml", "application/atom+xml", "no-cache"),
        ("sitemap.xml", "application/xml", "no-cache"),
        ("media/u/h/master.m3u8", "application/vnd.apple.mpegurl", "public, max-age=60"),
        ("media/u/h/240p.x.m3u8", "application/vnd.apple.mpegurl", FOREVER),
        ("media/u/h/240p-0001.x.m4s", "video/iso.segment", FOREVER),
        ("media/u/captions.en.x.vtt", "text/vtt; charset=utf-8", FOREVER),
        ("federation/index.json", "application/json", "no-cache"),
        ("files/paper.x.pdf", "application/pdf", FOREVER),
        ("files/what.is-this", "application/octet-stream", FOREVER),
    ],
)
def test_headers(path: str, kind: str, cache: str) -> None:
    assert headers_of(path).content_type == kind
    assert headers_of(path).cache_control == cache
    assert is_final(path) == (cache == FOREVER)


def test_they_are_what_the_site_tells_hosts_that_read_a_file_of_headers() -> None:
    from tubegen.render.site import HEADERS_FILE

    rules: dict[str, str] = {}
    pattern = ""
    for line in HEADERS_FILE.decode().splitlines():
        if not line.startswith(" "):
            pattern = line
        elif line.strip().startswith("Cache-Control:"):
            rules[pattern] = line.partition(":")[2].strip()
    for path in ("media/u/h/master.m3u8", "media/u/h/240p-0001.x.m4s", "assets/a.x.css", "files/a.x.pdf"):
        matching = [cache for pattern, cache in rules.items() if fnmatch.fnmatch(f"/{path}", pattern)]
        assert headers_of(path).cache_control == matching[-1]
