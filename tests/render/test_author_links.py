"""Links in an author's markdown: to other texts of the site, to files beside them, to nowhere."""

import pytest

from tests.render import records
from tests.render.conftest import digest
from tubegen.content.load import load_site
from tubegen.content.markup import PLACEHOLDER
from tubegen.errors import Problems
from tubegen.render.links import Links, check_links

FILES = {
    "content/sea/index.md": "The sea.",
    "content/sea/tide/film.mp4": "film",
    "content/sea/moon.mp4": "film",
    "content/sea/moon.md": "---\ntags: [Night sky]\n---\nThe moon.",
    "content/sea/tide/a still.jpg": "picture",
    "content/sea/tide/notes.pdf": "paper",
    "content/sea/draft/film.mp4": "film",
    "content/sea/draft/index.md": "---\ndraft: true\n---\nNot for you yet.",
    "pages/about.md": "About.",
    "playlists/best-of.md": "---\nvideos: [tide]\n---\n",
    "playlists/plain.toml": 'videos = ["moon"]',
    "../outside.txt": "a secret",
    "federation/keys/films.pem": "a private key",
    "private/keys/films.pem": "a private key",
    "private/sidecar.sqlite": "followers",
    "private/sidecar.sqlite-wal": "followers",
    "federation/sidecar.sqlite": "followers",
    ".tubegen/cache/record": "work",
    ".git/config": "a password",
    "content/sea/tide/.env": "a password",
}


@pytest.fixture
def follow(write):
    """What a link in the text of the video `tide` becomes, what is published for it, and what is told."""

    def resolve(link: str) -> tuple[str, list[str], list[str]]:
        folder = write(
            {**FILES, "content/sea/tide/index.md": f"---\ntitle: Tide\n---\n\nSee [this](<{link}>).\n"}
        )
        (folder / "content/sea/tide/escape.txt").unlink(missing_ok=True)
        (folder / "content/sea/tide/escape.txt").symlink_to(folder.parent / "outside.txt")
        problems = Problems(folder)
        site = load_site(folder, problems, now=records.NOW)
        assert not problems, problems.found
        links = Links(site, {}, digest, problems)
        html = links.html(next(video.body for video in site.videos if video.slug == "tide"))
        target = html.partition('href="')[2].partition('"')[0].removeprefix(PLACEHOLDER)
        checked = Problems(folder)
        check_links(site, {}, checked)
        assert checked.found == problems.found
        return (
            target,
            [output.path for output in links.outputs()],
            [str(problem) for problem in problems.found],
        )

    return resolve


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("../moon.md", "watch/moon/"),
        ("../moon.mp4", "watch/moon/"),
        ("./index.md", "watch/tide/"),
        ("../tide/", "watch/tide/"),
        ("../tide", "watch/tide/"),
        ("../", "channels/sea/"),
        ("../index.md", "channels/sea/"),
        ("../../../pages/about.md", "about/"),
        ("../../../pages/about.md?x=1#team", "about/?x=1#team"),
        ("../../../playlists/best-of.md", "playlists/best-of/"),
        ("../../../playlists/plain.toml", "playlists/plain/"),
        ("/about/", "about/"),
        ("/about", "about"),
        ("/watch/moon/#t=3", "watch/moon/#t=3"),
        ("/", ""),
        ("/tags/", "tags/"),
        ("/tags/night-sky/", "tags/night-sky/"),
        ("/feed.xml", "feed.xml"),
        ("#here", "#here"),
    ],
)
def test_links_within_the_site(follow, link: str, target: str) -> None:
    assert follow(link) == (target, [], [])


@pytest.mark.parametrize(
    ("link", "stem", "suffix"),
    [
        ("notes.pdf", "notes", ".pdf"),
        ("notes.pdf#page=2", "notes", ".pdf"),
        ("a%20still.jpg", "a%20still", ".jpg"),
    ],
)
def test_files_beside_the_text_are_published_under_their_content(
    follow, link: str, stem: str, suffix: str
) -> None:
    target, published, told = follow(link)
    path = target.partition("#")[0]
    assert not told
    assert path.startswith(f"files/{stem}.")
    assert path.endswith(suffix)
    assert len(path) == len(f"files/{stem}.{suffix}") + 16
    assert published == [path.replace("%20", " ")]
    assert target.partition("#")[2] == link.partition("#")[2]


@pytest.mark.parametrize(
    "link",
    [
        "nothing.md",
        "../../../../outside.txt",
        "../../../../../../../../../etc/hostname",
        "escape.txt",
        "/nothing/",
        "/etc/hostname",
        "../draft/index.md",
        "../draft/",
        "../../../tubegen.toml/x",
        "a" * 300,
    ],
)
def test_links_to_nowhere_and_outside_are_told_with_their_line(follow, link: str) -> None:
    _, published, told = follow(link)
    assert published == []
    assert len(told) == 1
    assert told[0].startswith(f"content/sea/tide/index.md:5: this link leads nowhere: {link}; ")


PRIVATE_CONFIG = """\
[site]
title = "A"
url = "https://films.example/"

[federation]
handle = "films"
keys = "private/keys"
database = "sqlite:///private/sidecar.sqlite"
"""


@pytest.mark.parametrize(
    "link",
    [
        "../../../federation/keys/films.pem",
        "../../../federation/sidecar.sqlite",
        "../../../private/keys/films.pem",
        "../../../private/sidecar.sqlite",
        "../../../private/sidecar.sqlite-wal",
        "../../../.tubegen/cache/record",
        "../../../.git/config",
        "../../../tubegen.toml",
        ".env",
        "key.txt",
    ],
)
def test_what_is_the_site_s_own_is_not_published(write, link: str) -> None:
    """Keys, the database, settings, hidden files: neither by their path nor by a symlink with another name."""
    text = f"---\ntitle: Tide\n---\n\nSee [this](<{link}>).\n"
    folder = write({**FILES, "tubegen.toml": PRIVATE_CONFIG, "content/sea/tide/index.md": text})
    (folder / "content/sea/tide/key.txt").unlink(missing_ok=True)
    (folder / "content/sea/tide/key.txt").symlink_to(folder / "federation/keys/films.pem")
    problems = Problems(folder)
    site = load_site(folder, problems, now=records.NOW)
    links = Links(site, {}, digest, problems)
    links.html(next(video.body for video in site.videos if video.slug == "tide"))
    assert links.outputs() == []
    assert [str(problem) for problem in problems.found] == [
        f"content/sea/tide/index.md:5: this link leads nowhere: {link}; "
        "that file is the site's own and is not published; correct it or take it out"
    ]


def test_a_text_is_converted_once(write) -> None:
    folder = write(FILES)
    problems = Problems(folder)
    site = load_site(folder, problems, now=records.NOW)
    memo = {}
    check_links(site, memo, problems)
    before = dict(memo)
    check_links(site, memo, problems)
    assert memo == before
    assert len(memo) == 3  # the sea, the moon, about
