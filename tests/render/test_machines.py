"""Feeds, structured data, oEmbed, the sitemap and the catalogue, checked for what their readers need."""

import datetime as dt
import hashlib
import html
import json
import re
from xml.etree import ElementTree as ET

import msgspec
import pytest

from tests.render import records
from tubegen import contract
from tubegen.config import is_address
from tubegen.render.formats import rfc3339

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
FEEDS = [
    "feed.xml",
    "channels/land/feed.xml",
    "channels/sea/feed.xml",
    "tags/low-water/feed.xml",
    "tags/sea/feed.xml",
    "tags/walks/feed.xml",
]
BASE = "https://films.example/harbour/"


def structured(page: bytes) -> dict[str, object]:
    found = re.search(rb'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_there_is_a_feed_for_every_list(written) -> None:
    assert sorted(path for path in written if path.endswith("feed.xml")) == sorted(FEEDS)


@pytest.mark.parametrize("path", FEEDS)
def test_feeds_are_atom(written, rendered, path: str) -> None:
    feed = ET.fromstring(written[path])
    assert feed.tag == f"{ATOM}feed"
    assert feed.findtext(f"{ATOM}id") == BASE + path
    assert feed.findtext(f"{ATOM}title")
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    relations = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert relations == {"self": BASE + path, "alternate": BASE + path.removesuffix("feed.xml")}
    entries = feed.findall(f"{ATOM}entry")
    assert entries
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    times = [dt.datetime.fromisoformat(entry.findtext(f"{ATOM}updated", "")) for entry in entries]
    assert times == sorted(times, reverse=True)
    assert dt.datetime.fromisoformat(feed.findtext(f"{ATOM}updated", "")) == times[0]
    assert all(moment.tzinfo for moment in times)
    for entry in entries:
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", entry.findtext(f"{ATOM}id", ""))
        assert entry.findtext(f"{ATOM}title")
        assert entry.findtext(f"{ATOM}summary")
        links = {link.get("rel"): link for link in entry.findall(f"{ATOM}link")}
        assert links["alternate"].get("href", "").startswith(f"{BASE}watch/")
        file = links["enclosure"].get("href", "")
        assert file.removeprefix(BASE) in rendered
        assert int(links["enclosure"].get("length", "")) > 0
    for element in feed.iter():
        for name in ("href", "url"):
            assert element.get(name) is None or is_address(element.get(name, ""))


def test_a_sensitive_film_shows_no_picture_to_feeds_and_previews(written) -> None:
    feed = ET.fromstring(written["feed.xml"])
    storm = next(e for e in feed.findall(f"{ATOM}entry") if e.findtext(f"{ATOM}title") == "The storm")
    assert storm.find(f".//{MEDIA}thumbnail") is None
    assert storm.findtext(f".//{MEDIA}rating") == "adult"
    assert storm.findtext(f"{ATOM}summary") == "Lightning"
    page = written["watch/storm/index.html"].decode()
    assert "og:image" not in page
    assert structured(page.encode())["isFamilyFriendly"] is False
    assert "thumbnailUrl" not in structured(page.encode())


@pytest.mark.parametrize("slug", ["tide", "moon", "storm", "secret"])
def test_structured_data_has_what_search_engines_require(written, slug: str) -> None:
    thing = structured(written[f"watch/{slug}/index.html"])
    assert (thing["@context"], thing["@type"]) == ("https://schema.org", "VideoObject")
    for key in ("name", "description", "uploadDate", "duration", "contentUrl", "embedUrl"):
        assert thing[key], key
    assert ("thumbnailUrl" in thing) is (slug != "storm")
    assert dt.datetime.fromisoformat(str(thing["uploadDate"])).tzinfo
    assert re.fullmatch(r"PT(\d+H)?(\d+M)?(\d+S)?", str(thing["duration"]))
    for key in ("contentUrl", "embedUrl", "url"):
        assert str(thing[key]).startswith(BASE)
    for clip in thing.get("hasPart", []):
        assert 0 <= clip["startOffset"] < clip["endOffset"]


def test_a_title_cannot_leave_its_script(library, render) -> None:
    evil = records.with_video(library, "moon", title='</script><script>alert("x")</script>')
    page = render(evil)["watch/moon/index.html"].make()
    assert b"<script>alert" not in page
    assert structured(page)["name"] == '</script><script>alert("x")</script>'


def test_the_catalogue_is_what_the_contract_says(written, library) -> None:
    data = written["federation/index.json"]
    index = msgspec.json.decode(data, type=contract.Catalogue)
    assert index.version == contract.VERSION
    assert json.loads(msgspec.json.encode(index)) == json.loads(data)
    assert [entry.uuid for entry in index.videos] == [film.uuid for film in library.listed]
    for entry in index.videos:
        document = written[f"federation/{entry.document}"]
        assert hashlib.sha256(document).hexdigest() == entry.sha256
        video = msgspec.json.decode(document, type=contract.VideoDocument)
        assert video.uuid == entry.uuid
        assert json.loads(msgspec.json.encode(video)) == json.loads(document)
        assert all(map(is_address, (video.page, video.embed, video.master, video.web.url, video.poster.url)))


def test_files_that_the_catalogue_names_are_published(written, rendered) -> None:
    for path, data in written.items():
        if path.startswith("federation/videos/"):
            for address in re.findall(r'"(https://films\.example/[^"#\\]*)', data.decode()):
                link = address.removeprefix(BASE)
                assert (link + "index.html" if link.endswith("/") else link) in rendered, address


def test_unlisted_films_are_found_by_nobody(written, library) -> None:
    uuid = library.by_slug()["secret"].uuid
    own = ("watch/secret/", "embed/secret/", f"media/{uuid}/")
    telling = [path for path, data in written.items() if b"secret" in data or uuid.encode() in data]
    assert [path for path in telling if not path.startswith(own)] == []
    page = written["watch/secret/index.html"].decode()
    assert '<meta name="robots" content="noindex">' in page
    assert "tags/hidden/" not in page


def test_an_unlisted_film_on_a_playlist_is_shown_there(library, render) -> None:
    shown = records.with_video(library, "secret", playlists=("Best of",))
    lists = [msgspec.structs.replace(p, videos=(*p.videos, "secret")) for p in shown.site.playlists]
    shown = msgspec.structs.replace(shown, site=msgspec.structs.replace(shown.site, playlists=tuple(lists)))
    outputs = render(shown)
    assert b"watch/secret/" in outputs["playlists/best-of/index.html"].make()
    assert b"watch/secret/" not in outputs["channels/sea/index.html"].make()


def test_the_sitemap_names_pages_once_and_only_those_to_be_found(written, library) -> None:
    root = ET.fromstring(written["sitemap.xml"])
    found = [url.findtext(f"{MAP}loc", "").removeprefix(BASE) for url in root.findall(f"{MAP}url")]
    assert len(set(found)) == len(found)
    for link in found:
        page = written[f"{link}index.html"]
        assert b'content="noindex"' not in page, link
    pages = {path.removesuffix("index.html") for path, data in written.items() if b'content="noindex"' not in data
             and path.endswith("index.html") and path != "old/tide/index.html"}  # fmt: skip
    assert set(found) == pages


def test_words_survive_the_sitemap(library, render) -> None:
    odd = records.with_video(library, "moon", title='ns0: a "film" xmlns:ns0')
    root = ET.fromstring(render(odd)["sitemap.xml"].make())
    titles = [e.text for e in root.iter("{http://www.google.com/schemas/sitemap-video/1.1}title")]
    assert 'ns0: a "film" xmlns:ns0' in titles


def test_oembed(written) -> None:
    document = json.loads(written["watch/moon/oembed.json"])
    assert (document["version"], document["type"]) == ("1.0", "video")
    for key in ("html", "width", "height"):
        assert document[key]
    assert f'src="{BASE}embed/moon/"' in document["html"]
    assert b"watch/moon/oembed.json" in written["watch/moon/index.html"]


def test_times_are_told_in_utc_to_the_second() -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    assert rfc3339(dt.datetime(2026, 1, 1, 1, 2, 3, 4, tzinfo=zone)) == "2025-12-31T23:02:03Z"


def test_playlists_name_files_that_are_there(written, rendered) -> None:
    for path, data in written.items():
        if not path.endswith(".m3u8"):
            continue
        lines = data.decode().split("\n")
        assert lines[0] == "#EXTM3U"
        named = [line for line in lines if line and not line.startswith("#")]
        named += re.findall(r'URI="([^"]*)"', data.decode())
        for name in named:
            assert records.joined(path, name) in rendered, f"{path}: {name}"


def test_the_name_of_a_swarm_stays_when_captions_change(library, render) -> None:
    def masters(outputs) -> set[str]:
        return {path for path in outputs if path.endswith("master.m3u8")}

    silent = records.with_video(library, "tide", captions=())
    assert masters(render(silent)) == masters(render(library))


@pytest.mark.parametrize("alias", ["feed.xml", "watch/moon", "robots.txt/x", "about"])
def test_an_alias_that_is_taken_is_told_not_written(library, theme, alias: str) -> None:
    from tests.render.conftest import digest
    from tubegen.errors import Problems
    from tubegen.render.site import render_site

    taken = records.with_video(library, "moon", aliases=(f"{alias}/",))
    problems = Problems(library.site.folder)
    render_site(taken, theme, memo={}, digest=digest, problems=problems)
    assert [problem.path for problem in problems.found] == ["content/sea/moon.md"]


@pytest.mark.parametrize("kind", ["watch", "embed"])
def test_the_player_is_told_links_relative_to_its_page(written, rendered, library, kind: str) -> None:
    page = f"{kind}/tide/index.html"
    config = json.loads(html.unescape(re.findall(r'data-player="([^"]*)"', written[page].decode())[0]))
    assert records.joined(BASE + page, config["hls"]) == BASE + library.by_slug()["tide"].master
    assert records.joined(BASE + page, config["artwork"]).removeprefix(BASE) in rendered
    assert (config["p2p"], config["embed"], config["duration"]) == ("ask", kind == "embed", 83.4)
    renditions = library.by_slug()["tide"].presentation.renditions
    assert config["sizes"] == [[one.width, one.height] for one in reversed(renditions)]
    assert config["rate"] == 29.97
    if tracker := library.site.config.p2p.tracker:
        master = BASE + library.by_slug()["tide"].master
        assert config["swarm"] == {"id": master, "tracker": tracker, "stun": []}
    else:
        assert "swarm" not in config
