"""`--serve`: the built site from the same origin."""

import gzip
from pathlib import Path

from yarl import URL

from tests.sidecar.routes.served_site import ACTIVITY, BASE, BROWSER, TIDE, ServedSite, build, visit

PLAIN = {"Accept-Encoding": "identity"}
PAGE = "<!doctype html><title>Tide</title>" + "<p>Water comes and goes.</p>" * 50
HASH = "19c9AFpvTbLufA4uAK7iQg"


def site(folder: Path) -> Path:
    build(folder)
    (folder / "secret.txt").write_text("secret")
    public = folder / "public"
    files = {
        "index.html": PAGE,
        "404.html": "Not here",
        "watch/tide/index.html": PAGE,
        "empty/x.txt": "x",
        ".nojekyll": "",
        ".git/config": "secret",
        ".well-known/security.txt": "Contact: x",
        f"media/{TIDE}/e4d7b20702d6470a/master.m3u8": "#EXTM3U",
        f"media/{TIDE}/e4d7b20702d6470a/480p.{HASH}.m3u8": "#EXTM3U",
        "site.webmanifest": "{}",
        "feed.xml": "<feed/>",
        f"assets/style.{HASH}.css": "p{}",
        "assets/player/engine-22L6KNCU.js": "x",
        "files/a-very-long-name-of-22x.txt": "x",
        "captions.vtt": "WEBVTT",
    }
    for name, text in files.items():
        (public / name).parent.mkdir(parents=True, exist_ok=True)
        (public / name).write_text(text)
    (public / f"film.{HASH}.m4s").write_bytes(bytes(range(100)))
    (public / "film.mp4").write_bytes(bytes(range(100)))
    (public / "link.txt").symlink_to(folder / "secret.txt")
    (public / "out").symlink_to(folder)
    return public


def test_what_is_served(tmp_path: Path) -> None:
    public = site(tmp_path)
    immutable, short = "public, max-age=31536000, immutable", "public, max-age=60"
    wanted = {
        "/": ("text/html; charset=utf-8", short),
        "/watch/tide/": ("text/html; charset=utf-8", short),
        f"/media/{TIDE}/e4d7b20702d6470a/master.m3u8": ("application/vnd.apple.mpegurl", short),
        f"/media/{TIDE}/e4d7b20702d6470a/480p.{HASH}.m3u8": ("application/vnd.apple.mpegurl", immutable),
        f"/film.{HASH}.m4s": ("video/iso.segment", immutable),
        "/film.mp4": ("video/mp4", short),
        "/captions.vtt": ("text/vtt; charset=utf-8", short),
        "/site.webmanifest": ("application/manifest+json", short),
        "/feed.xml": ("application/xml; charset=utf-8", short),
        f"/assets/style.{HASH}.css": ("text/css; charset=utf-8", immutable),
        "/assets/player/engine-22L6KNCU.js": ("text/javascript; charset=utf-8", immutable),
        "/files/a-very-long-name-of-22x.txt": ("text/plain; charset=utf-8", short),
        "/.well-known/security.txt": ("text/plain; charset=utf-8", short),
    }

    async def look(house: ServedSite) -> None:
        for path, (kind, keep) in wanted.items():
            answer = await house.client.get(path, headers=BROWSER)
            assert (path, answer.status, answer.headers["Content-Type"]) == (path, 200, kind)
            assert (path, answer.headers["Cache-Control"]) == (path, keep)
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert "Content-Range" in answer.headers["Access-Control-Expose-Headers"]
            again = await house.client.get(path, headers=BROWSER | {"If-None-Match": answer.headers["ETag"]})
            assert (path, again.status) == (path, 304)
            assert (await house.client.head(path)).status == 200

    visit(tmp_path, look, serve=public)


def test_what_is_not_served(tmp_path: Path) -> None:
    public = site(tmp_path)

    async def look(house: ServedSite) -> None:
        for path in (
            "/nothing", "/.nojekyll", "/.git/config", "/link.txt", "/out/secret.txt", "/../secret.txt",
            "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/%2e%2e%2fsecret.txt", "/x/../../secret.txt", "/film.mp4/",
            "/watch/%00", "/" + "x" * 300, "/empty/", "/%2fetc/passwd", "/.well-known/../.git/config",
        ):  # fmt: skip
            url = URL(str(house.client.make_url("/")).rstrip("/") + path, encoded=True)
            answer = await house.client.session.get(url, headers=BROWSER)
            assert (path, answer.status, await answer.text()) == (path, 404, "Not here")
        for path in ("/ap/nothing", "/nodeinfo/9", "/ap/"):
            assert await (await house.client.get(path)).text() != "Not here"

    visit(tmp_path, look, serve=public)


def test_a_folder_without_its_slash(tmp_path: Path) -> None:
    public = site(tmp_path)

    async def look(house: ServedSite) -> None:
        answer = await house.client.get("/watch/tide?a=1", allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (301, "/watch/tide/?a=1")
        # two slashes would name another server
        twice = URL(str(house.client.make_url("/")) + "/watch/tide", encoded=True)
        answer = await house.client.session.get(twice, allow_redirects=False)
        assert answer.headers["Location"] == "/watch/tide/"

    visit(tmp_path, look, serve=public)


def test_ranges(tmp_path: Path) -> None:
    """A-11"""
    public = site(tmp_path)

    async def look(house: ServedSite) -> None:
        for path in (f"/film.{HASH}.m4s", "/film.mp4"):
            answer = await house.client.get(path, headers={"Range": "bytes=10-19"})
            assert (answer.status, answer.headers["Content-Range"]) == (206, "bytes 10-19/100")
            assert await answer.read() == bytes(range(10, 20))
            assert (await house.client.get(path, headers={"Range": "bytes=100-"})).status == 416
            assert (await house.client.get(path)).headers["Accept-Ranges"] == "bytes"
        page = await house.client.get("/", headers={"Range": "bytes=0-4"})
        assert (page.status, await page.read()) == (206, PAGE.encode()[:5])
        tag = (await house.client.get("/", headers=PLAIN)).headers["ETag"]
        page = await house.client.get("/", headers={"Range": "bytes=0-4", "If-Range": tag})
        assert page.status == 206

    visit(tmp_path, look, serve=public)


def test_text_is_compressed(tmp_path: Path) -> None:
    public = site(tmp_path)

    async def look(house: ServedSite) -> None:
        from aiohttp import ClientSession

        async with ClientSession(auto_decompress=False) as session:
            base = house.client.make_url("/")
            for _ in range(2):  # the second time from memory
                answer = await session.get(base, headers={"Accept-Encoding": "gzip, br"})
                assert answer.headers["Content-Encoding"] == "gzip"
                assert "Accept-Encoding" in answer.headers["Vary"]
                body = await answer.read()
                assert (gzip.decompress(body), len(body) < 200) == (PAGE.encode(), True)
            plain = await session.get(base, headers={"Accept-Encoding": "gzip;q=0"})
            assert "Content-Encoding" not in plain.headers
            assert plain.headers["ETag"] != answer.headers["ETag"]
            film = await session.get(base.with_path("/film.mp4"), headers={"Accept-Encoding": "gzip"})
            assert "Content-Encoding" not in film.headers
            (public / "index.html").write_text("new")
            anew = await session.get(base, headers={"Accept-Encoding": "gzip"})
            assert gzip.decompress(await anew.read()) == b"new"

    visit(tmp_path, look, serve=public)


def test_a_page_as_activitypub(tmp_path: Path) -> None:
    """R9, D-41: the page's address finds the Note."""
    public = site(tmp_path)

    async def look(house: ServedSite) -> None:
        for path, found in (
            ("/watch/tide/", f"{BASE}/ap/n/{TIDE}"),
            ("/", f"{BASE}/ap/u/films"),
            ("/channels/main/", f"{BASE}/ap/c/films_channel"),
        ):
            answer = await house.client.get(path, headers=ACTIVITY, allow_redirects=False)
            assert (path, answer.status, answer.headers["Location"]) == (path, 302, found)
            assert "Accept" in answer.headers["Vary"]
        for headers in (BROWSER, {"Accept": "*/*"}):
            answer = await house.client.get("/watch/tide/", headers=headers, allow_redirects=False)
            assert (answer.status, "Accept" in answer.headers["Vary"]) == (200, True)

    visit(tmp_path, look, serve=public)


def test_the_site_stands_without_anything_else(tmp_path: Path) -> None:
    """Pages are there before the catalogue was read, and while the database is away."""
    public = site(tmp_path)

    async def look(house: ServedSite) -> None:
        from tubegen.sidecar.store.schema import metadata

        await house.write(lambda connection: metadata.drop_all(connection))
        for headers in (BROWSER, ACTIVITY):
            answer = await house.client.get("/watch/tide/", headers=headers, allow_redirects=False)
            assert (answer.status, await answer.text()) == (200, PAGE)

    visit(tmp_path, look, serve=public, read=False)
    visit(tmp_path / "other", _still_there, serve=public)


async def _still_there(house: ServedSite) -> None:
    from tubegen.sidecar.store.schema import metadata

    await house.write(lambda connection: metadata.drop_all(connection))
    answer = await house.client.get("/watch/tide/", headers=ACTIVITY, allow_redirects=False)
    assert answer.status == 200
