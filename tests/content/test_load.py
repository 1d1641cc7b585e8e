"""A whole folder read: what is handed down, what is held back, who belongs to which list."""

import datetime as dt

import pytest

from tubegen.content.model import Chapter

FILM = "content/sea/tide/film.mp4"
TEXT = "content/sea/tide/index.md"


def test_everything_that_a_video_can_say(load) -> None:
    written = load(
        {
            FILM: "",
            TEXT: """\
---
title: The tide
date: 2026-03-01T18:00:00+02:00
tags: [sea, 1984]
description: Water comes and goes.
language: fr
licence: cc-by-sa-4.0
category: Science & Technology
credits: [Ada, {name: Bo, role: Sound, url: "https://bo.example"}]
chapters: [{start: "0:12", title: Ebb}, "1:02:03.5 Flood", {start: 4000, title: End}]
sensitive: true
warning: Storms
unlisted: true
cover_alt: A wave
playlists: Best of
p2p: off
download: false
uuid: 2B8C4F6A-0d1e-4a2b-9c3d-4e5f6a7b8c9d
aliases: [/old/tide, older/]
slug: high-tide
---
Long **words**.
""",
            "content/sea/tide/cover.webp": "",
            "content/sea/tide/fr.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\nOh\n",
        }
    )
    assert not written.lines
    (video,) = written.site.videos
    assert video.key == "sea/high-tide"
    assert video.title == "The tide"
    assert video.date == dt.datetime(2026, 3, 1, 16, tzinfo=dt.UTC)
    assert video.tags == ("sea", "1984")
    assert video.licence
    assert video.licence.spdx == "CC-BY-SA-4.0"
    assert [(who.name, who.role) for who in video.credits] == [("Ada", ""), ("Bo", "Sound")]
    assert video.chapters == (Chapter(12, "Ebb"), Chapter(3723.5, "Flood"), Chapter(4000, "End"))
    assert (video.sensitive, video.warning, video.unlisted) == (True, "Storms", True)
    assert (video.p2p, video.download) == ("off", False)
    assert video.uuid == "2b8c4f6a-0d1e-4a2b-9c3d-4e5f6a7b8c9d"
    assert video.aliases == ("old/tide/", "older/")
    assert video.cover
    assert video.cover.name == "cover.webp"
    assert [captions.language for captions in video.captions] == ["fr"]
    assert (video.body.markdown, video.body.line) == ("Long **words**.\n", 22)
    assert [playlist.videos for playlist in written.site.playlists] == [("high-tide",)]


def test_a_video_without_words_takes_its_name(load) -> None:
    written = load(
        {"content/sea/high_tide-2/film.mp4": "", "content/sea/Full moon.mp4": "", "content/sea/b.mp4": ""}
    )
    assert not written.lines
    assert {video.slug: video.title for video in written.site.videos} == {
        "high-tide-2": "High tide 2",
        "full-moon": "Full moon",
        "b": "B",
    }


def test_options_are_handed_down_from_site_to_channel_to_video(load) -> None:
    written = load(
        {
            "tubegen.toml": '[site]\ntitle="A"\nurl="https://a.example/"\nlanguage="de"\n'
            '[p2p]\nmode="on"\n[defaults]\nlicence="MIT"\ncategory="Films"\ntags=["all"]\ncredits=["Ada"]\n'
            'warning="W"\nsensitive=true',
            "content/land/walk/f.mp4": "",
            "content/sea/index.md": "---\ndefaults:\n  licence: CC0-1.0\n  tags: [sea]\n  p2p: ask\n"
            "  language: fr\n  download: false\n---\n",
            "content/sea/tide/f.mp4": "",
            "content/sea/moon/f.mp4": "",
            "content/sea/moon/index.md": "---\nlicence: CC-BY-4.0\ntags: [night, all]\ncategory: Art\nlanguage: es\n"
            "credits: [Bo]\ndownload: true\nsensitive: false\n---\n",
        }
    )
    assert not written.lines
    said = {
        video.slug: (
            video.licence.spdx if video.licence else "",
            video.category,
            video.tags,
            video.language,
            video.p2p,
            video.download,
            [who.name for who in video.credits],
            video.sensitive,
        )
        for video in written.site.videos
    }
    assert said == {
        "walk": ("MIT", "Films", ("all",), "de", "on", True, ["Ada"], True),
        "tide": ("CC0-1.0", "Films", ("all", "sea"), "fr", "ask", False, ["Ada"], True),
        "moon": ("CC-BY-4.0", "Art", ("all", "sea", "night"), "es", "ask", True, ["Bo"], False),
    }
    assert {channel.name: channel.language for channel in written.site.channels} == {
        "land": "de",
        "sea": "fr",
    }


HELD = {
    "content/sea/now/f.mp4": "",
    "content/sea/draft/f.mp4": "",
    "content/sea/draft/index.md": "---\ndraft: true\n---\n",
    "content/sea/bare/index.md": "---\ndraft: true\n---\nOnly words so far.",
    "content/sea/later/f.mp4": "",
    "content/sea/later/index.md": "---\ndate: 2026-06-01T12:00:01Z\n---\n",
}


def test_drafts_and_later_videos_are_held_back(load) -> None:
    written = load(HELD)
    assert not written.lines
    assert written.slugs == ["now"]
    later = dt.datetime(2026, 6, 1, 12, 0, 1, tzinfo=dt.UTC)
    assert {(held.slug, held.until) for held in written.site.held} == {("draft", None), ("later", later)}


def test_the_hour_comes(load) -> None:
    at = dt.datetime(2026, 6, 1, 12, 0, 1, tzinfo=dt.UTC)
    assert sorted(load(HELD, now=at).slugs) == ["later", "now"]


def test_drafts_are_shown_on_demand(load) -> None:
    written = load(HELD, drafts=True)
    assert sorted(written.slugs) == ["draft", "later", "now"]
    assert written.site.held == ()


def test_newest_first_and_those_without_date_last(load) -> None:
    files = {f"content/sea/{slug}/f.mp4": "" for slug in ("old", "new", "none", "also")}
    files["content/sea/old/index.md"] = "---\ndate: 2025-01-01\n---\n"
    files["content/sea/new/index.md"] = "---\ndate: 2026-01-01\n---\n"
    assert load(files).slugs == ["new", "old", "also", "none"]


def test_a_flat_site_is_one_channel_named_after_the_site(load) -> None:
    written = load(
        {
            "content/index.md": "---\ndescription: Mine\n---\nHello",
            "content/tide/f.mp4": "",
            "content/moon.mp4": "",
            "content/moon.md": "---\ntitle: The moon\n---\n",
            "content/moon.en.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\nOh\n",
            "content/moon.png": "",
        }
    )
    assert not written.lines
    (channel,) = written.site.channels
    assert (channel.name, channel.title, channel.description) == ("main", "Harbour Films", "Mine")
    moon, tide = written.site.videos
    assert (moon.key, moon.title, tide.key) == ("main/moon", "The moon", "main/tide")
    assert moon.cover
    assert moon.cover.name == "moon.png"
    assert [captions.language for captions in moon.captions] == ["en"]


def test_playlists_are_told_from_both_sides(load) -> None:
    written = load(
        {
            "content/sea/tide/f.mp4": "",
            "content/sea/tide/index.md": "---\ndate: 2026-02-01\nplaylists: [Best of, Night]\n---\n",
            "content/sea/moon/f.mp4": "",
            "content/sea/moon/index.md": "---\ndate: 2026-01-01\nplaylists: [best-of, Night]\n---\n",
            "content/sea/walk/f.mp4": "",
            "content/sea/hid/f.mp4": "",
            "content/sea/hid/index.md": "---\ndraft: true\nplaylists: best-of\n---\n",
            "playlists/best-of.md": "---\ntitle: The best\nvideos: [walk, hid, tide]\n---\nWords.",
            "playlists/plain.toml": 'title = "Plain"\nvideos = ["moon"]\ndescription = "D"',
        }
    )
    assert not written.lines
    assert {playlist.name: (playlist.title, playlist.videos) for playlist in written.site.playlists} == {
        "best-of": ("The best", ("walk", "tide", "moon")),
        "night": ("Night", ("moon", "tide")),
        "plain": ("Plain", ("moon",)),
    }


def test_pages_come_in_their_order(load) -> None:
    written = load(
        {
            "pages/b.md": "---\norder: 1\n---\n",
            "pages/a.md": "---\nmenu: false\ntitle: About\n---\nHello",
            "pages/Über uns.md": "",
        }
    )
    assert not written.lines
    assert [(page.name, page.title, page.menu) for page in written.site.pages] == [
        ("b", "B", True),
        ("a", "About", False),
        ("uber-uns", "Über uns", True),
    ]


def test_a_channel_has_pictures_and_links(load) -> None:
    written = load(
        {
            FILM: "",
            "content/sea/index.md": "---\navatar: a.png\nlinks: [{title: Home, url: 'https://sea.example'}]\n---\n",
            "content/sea/a.png": "",
        }
    )
    assert not written.lines
    (channel,) = written.site.channels
    assert channel.avatar
    assert channel.avatar.name == "a.png"
    assert channel.links == (("Home", "https://sea.example"),)


@pytest.mark.parametrize("value", ["../secret.png", "none.png", "/etc/hostname"])
def test_a_picture_must_lie_in_its_folder(load, value: str) -> None:
    written = load(
        {FILM: "", "content/secret.png": "", "content/sea/index.md": f"---\navatar: {value}\n---\n"}
    )
    assert written.lines == [
        f"content/sea/index.md:2: there is no picture '{value}' in this folder; put it there, or correct the name"
    ]
    assert written.site.channels[0].avatar is None


@pytest.mark.parametrize(
    "front",
    [
        "chapters: 3",
        "chapters: [[a]]",
        "credits: {a: 1}",
        "tags: {a: b}",
        "aliases: [../up/]",
        "aliases: ['a:b']",
        "aliases: [/]",
        "links: x",
        "slug: Not A Slug",
        "uuid: 6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "date: [1]",
        "draft: maybe",
        "chapters: ['0:75 x']",
        "chapters: ['0:05']",
        "p2p: perhaps",
        "title: {a: b}",
        "licence: GPL",
    ],
)
def test_any_wrong_value_is_one_line(load, front: str) -> None:
    written = load({FILM: "", TEXT: f"---\ndescription: x\n{front}\n---\n"})
    assert len(written.lines) == 1, written.lines
    assert written.lines[0].startswith(f"{TEXT}:3: "), written.lines


def test_two_captions_of_one_language(load) -> None:
    words = "00:00:01.000 --> 00:00:02.000\nOh\n"
    written = load(
        {FILM: "", "content/sea/tide/en.srt": f"1\n{words}", "content/sea/tide/EN.vtt": f"WEBVTT\n\n{words}"}
    )
    assert len(written.lines) == 1
    assert "has captions in this language already" in written.lines[0]


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({"pages/a.md": "", "pages/A.md": ""}, "pages/a.md: the address a/ is taken by pages/A.md"),
        ({"pages/!.md": ""}, "pages/!.md: no address can be made of this name"),
        ({"content/a/x/f.mp4": "", "content/A/y/f.mp4": ""}, "content/a: the address a/ is taken by content/A"),
        ({"content/!/x/f.mp4": ""}, "content/!: no address can be made of this name"),
        ({"playlists/a.md": "", "playlists/a.toml": ""}, "playlists/a.toml: the address a/ is taken by playlists/a.md"),
        ({"playlists/!.md": ""}, "playlists/!.md: no address can be made of this name"),
    ],
)  # fmt: skip
def test_two_texts_cannot_share_an_address_nor_have_none(load, files: dict[str, str], line: str) -> None:
    assert [told.partition(";")[0] for told in load(files).lines] == [line]


@pytest.mark.parametrize(
    ("place", "hint"),
    [
        ("content/{}.mp4", "write slug: a-word in its front matter"),
        ("content/{}/tide/f.mp4", "give it a shorter name"),
        ("playlists/{}.md", "give it a shorter name"),
        ("pages/{}.md", "give it a shorter name"),
    ],
)
def test_a_name_too_long_for_an_address_is_told(load, place: str, hint: str) -> None:
    (line,) = load({place.format("潮" * 34): ""}).lines
    assert line.endswith(f": the address {'潮' * 24}… has 102 bytes, and may have 100; {hint}")


def test_titles_stay_on_one_line_and_can_be_shown(load) -> None:
    written = load(
        {
            FILM: "",
            TEXT: '---\nchapters: [{start: "0:00", title: "Flood\\nand\\tebb"}, "0:01 The\\n\\nmoon"]\n---\n',
            "content/sea/odd\x08name.mp4": "",
        }
    )
    assert not written.lines
    titles = {video.slug: video.title for video in written.site.videos}
    assert titles["odd-name"] == "Odd name"
    (tide,) = (video for video in written.site.videos if video.slug == "tide")
    assert tide.chapters == (Chapter(0, "Flood and ebb"), Chapter(1, "The moon"))


def test_tags_that_differ_in_case_alone_are_one(load) -> None:
    files = {f"content/sea/{n}.mp4": "" for n in "ab"}
    files |= {"content/sea/a.md": "---\ntags: [Sea, sea]\n---\n", "content/sea/b.md": "---\ntags: SEA\n---\n"}
    assert not load(files).lines


def test_the_suffix_of_a_playlist_may_be_in_capitals(load) -> None:
    written = load({FILM: "", "playlists/Best.MD": "---\ntitle: The best\nvideos: [tide]\n---\nWords.\n"})
    assert not written.lines
    (playlist,) = written.site.playlists
    assert (playlist.title, playlist.videos, playlist.body.markdown) == ("The best", ("tide",), "Words.\n")
