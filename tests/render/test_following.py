"""What pages tell other servers, and people who want to follow from there (interop D-40, A-51; two voices R13)."""

import re

import msgspec
import pytest

from tests.render import records
from tubegen.config import FederationConfig
from tubegen.contract import Catalogue, VideoDocument

CREATOR = '<meta name="fediverse:creator" content="@harbour@films.example">'


def page(written: dict[str, bytes], link: str) -> str:
    return written[f"{link}index.html"].decode()


def alternates(text: str) -> list[str]:
    return re.findall(r'<link rel="alternate" type="application/activity\+json" href="([^"]*)">', text)


def me(text: str) -> list[str]:
    return re.findall(r'<link rel="me" href="([^"]*)">', text)


def with_federation(library, **settings: object):
    config = msgspec.structs.replace(library.site.config, federation=FederationConfig(**settings))
    return msgspec.structs.replace(library, site=msgspec.structs.replace(library.site, config=config))


def test_a_watch_page_leads_to_its_post(written, uuid_of_tide: str) -> None:
    text = page(written, "watch/tide/")
    assert alternates(text) == [f"https://films.example/ap/n/{uuid_of_tide}"]
    assert CREATOR in text
    assert '<link rel="canonical" href="https://films.example/harbour/watch/tide/">' in text


@pytest.mark.parametrize(
    ("link", "actor", "own"),
    [
        ("", "https://films.example/ap/u/harbour", []),
        ("channels/sea/", "https://films.example/ap/c/sea", ["https://films.example/harbour/channels/sea/"]),
    ],
)
def test_the_pages_of_actors_lead_to_them_and_know_them_again(written, link, actor, own) -> None:
    text = page(written, link)
    assert alternates(text) == [actor]
    assert sorted(me(text)) == ["https://films.example/harbour/", *own]


@pytest.mark.parametrize("link", ["embed/tide/", "watch/secret/", "about/", "tags/", "page/1/"])
def test_other_pages_are_nothing_that_was_posted(written, link: str) -> None:
    assert alternates(page(written, link)) == []


def test_people_may_live_on_another_host(library, render) -> None:
    moved = with_federation(library, handle="harbour", base_url="https://people.example:8443")
    outputs = render(moved)
    text = outputs["index.html"].make().decode()
    assert alternates(text) == ["https://people.example:8443/ap/u/harbour"]
    assert "<code>@harbour@people.example:8443</code>" in text


def test_every_page_to_follow_from_shows_the_name_whole(written) -> None:
    """Microblogs follow the site, PeerTube a channel."""
    for link in ("", "channels/sea/", "watch/tide/"):
        assert "<code>@harbour@films.example</code>" in page(written, link)
    for link in ("channels/sea/", "watch/tide/"):
        assert "<code>@sea@films.example</code>" in page(written, link)
    assert "follow" not in page(written, "embed/tide/")


def test_a_site_with_one_channel_names_it_at_home(write, render) -> None:
    toml = '[site]\ntitle = "A"\nurl = "https://a.example/"\n[federation]\nhandle = "films"\n'
    library = records.read(write({"tubegen.toml": toml, "content/tide.mp4": "", "content/tide.md": "Tide\n"}))
    text = render(library)["index.html"].make().decode()
    assert "<code>@films@a.example</code>" in text
    assert "<code>@films_channel@a.example</code>" in text


def test_a_site_without_a_handle_says_nothing_of_it(write, render) -> None:
    library = records.read(write({"content/sea/tide.mp4": "", "content/sea/tide.md": "Tide\n"}))
    outputs = render(library)
    for path, output in outputs.items():
        if path.endswith(".html"):
            text = output.make().decode()
            assert not any(word in text for word in ("activity+json", "fediverse", 'rel="me"', "Follow"))
    index = msgspec.json.decode(outputs["federation/index.json"].make(), type=Catalogue)
    assert (index.handle, [channel.handle for channel in index.channels]) == ("", [""])


def documents(outputs) -> dict[str, VideoDocument]:
    found = (o.make() for path, o in outputs.items() if path.startswith("federation/videos/"))
    return {d.slug: d for d in (msgspec.json.decode(data, type=VideoDocument) for data in found)}


def test_the_names_of_mp4s_are_those_of_no_other_file(rendered) -> None:
    names = [path.rpartition("/")[2] for path in rendered if path.endswith(".mp4") and "-init." not in path]
    assert len(names) == len(set(names))
    for document in documents(rendered).values():
        assert document.social
        assert document.uuid in document.web.url.rpartition("/")[2]
        assert document.uuid in document.social.url.rpartition("/")[2]


def test_the_film_s_own_mp4_is_published_once(library, render) -> None:
    films = tuple(
        msgspec.structs.replace(
            film,
            social=records.Attached(
                attachment=records.Attachment(file=film.presentation.download, width=1280, height=720),
                folder=film.folder,
            ),
        )
        for film in library.films
    )
    outputs = render(msgspec.structs.replace(library, films=films))
    for document in documents(outputs).values():
        assert document.social == document.web


def test_html_for_elsewhere_has_no_link_that_needs_its_page(write, render) -> None:
    body = (
        "Up to [the port](../port.md), [down](#end), [out](https://b.example/?a=1&b=2) and a note[^1].\n\n"
        '![a "b" c](still.png)\n\n[^1]: Small.\n'
    )
    site = write(
        {
            "content/sea/port.mp4": "",
            "content/sea/port.md": "Port\n",
            "content/sea/tide/film.mp4": "",
            "content/sea/tide/still.png": "png",
            "content/sea/tide/index.md": body,
        }
    )
    document = documents(render(records.read(site)))["tide"]
    links = re.findall(r'(?:href|src)="([^"]*)"', document.html)
    assert len(links) == 6
    assert all(link.startswith("https://") for link in links), links
    assert "https://films.example/watch/port/" in links
    assert "https://films.example/watch/tide/#end" in links
    assert "https://b.example/?a=1&amp;b=2" in links
    assert document.body == body.strip()
