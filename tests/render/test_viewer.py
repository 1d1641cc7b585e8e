"""What pages say so that the player can bring it to life: transcripts, playlists, links to share, languages."""

import html
import json
import re
import tomllib
from pathlib import Path

import pytest

import tubegen
from tubegen.content.captions import Cue
from tubegen.content.model import Captions
from tubegen.render import views


@pytest.fixture
def tide(written) -> str:
    return written["watch/tide/index.html"].decode()


def test_each_caption_is_a_stretch_of_the_transcript(tide: str) -> None:
    english = re.search(r'<div class="transcript"[^>]*>(.*?)</div>', tide, re.DOTALL)
    assert english
    assert "data-transcript" in tide
    assert re.findall(r'<span data-t="([^"]*)">([^<]*)</span>', english[1])[:2] == [
        ("1", "Low water."),
        ("6", "High water &amp; wind."),
    ]
    assert 'href="#t=1"' in english[1]


def test_a_paragraph_has_its_captions_as_lines() -> None:
    cues = tuple(
        Cue(start=n, end=n + 1, text=words) for n, words in ((1.04, "One"), (2.0, "two."), (9.5, "Three."))
    )
    paragraphs = views.transcript(Captions(language="en", path=Path("en.vtt"), cues=cues)).cues
    assert [(p.start, p.text, [(line.start, line.text) for line in p.lines]) for p in paragraphs] == [
        (1.04, "One two.", [(1.04, "One"), (2.0, "two.")]),
        (9.5, "Three.", [(9.5, "Three.")]),
    ]


def test_neighbours_in_a_playlist_keep_its_name(written) -> None:
    pages = [page.decode() for path, page in written.items() if path.startswith("watch/")]
    links = [
        link
        for page in pages
        for link in re.findall(r'<a rel="(?:next|prev)"[^>]*>', page)
        if "data-title" in link
    ]
    assert links
    for link in links:
        assert re.search(r'href="[^"]*#list=best-of"', link), link
    assert any('data-playlist="best-of"' in page for page in pages)


def test_the_page_of_a_playlist_leads_into_it(written) -> None:
    page = written["playlists/best-of/index.html"].decode()
    films = re.findall(r'href="(\.\./\.\./watch/[^"]*)"', page)
    assert films
    assert all(link.endswith("#list=best-of") for link in films)
    assert "#list" not in written["index.html"].decode()


def test_moments_are_offered_by_a_running_player_alone(tide: str) -> None:
    (share,) = re.findall(r"<details[^>]*data-share>.*?</details>", tide, re.DOTALL)
    assert {"data-share-link", "data-share-code"} <= set(re.findall(r"data-share-\w+", share))
    assert re.search(r"<p data-share-time hidden>", share)


def test_embeds_know_where_the_words_of_every_language_are(written) -> None:
    page = written["embed/tide/index.html"].decode()
    config = re.search(r'data-player="([^"]*)"', page)
    assert config
    languages: dict[str, str] = json.loads(html.unescape(config[1]))["languages"]
    assert {"ar", "de", "en", "es", "fr"} <= set(languages)
    for language, link in languages.items():
        words = json.loads(written[link.removeprefix("../../")])
        assert words["direction"] == ("rtl" if language == "ar" else "ltr")
        assert bool(words["strings"]) == (language != "en"), "the player brings its own English"
    assert "languages" not in html.unescape(written["watch/tide/index.html"].decode())


def test_every_word_of_the_player_is_translated(theme) -> None:
    """Else one English word stands among others."""
    english = json.loads((Path(tubegen.__file__).parent / "player/src/strings.json").read_text("utf-8"))
    for folder in theme.folders("i18n"):
        for file in folder.glob("*.toml"):
            words = tomllib.loads(file.read_text("utf-8"))
            own = {key.removeprefix("player_") for key in words if key.startswith("player_")}
            assert own == (set() if file.stem == "en" else set(english)), file.name
            for key in own:
                names = re.findall(r"\{\w+\}", english[key])
                assert sorted(re.findall(r"\{\w+\}", words[f"player_{key}"])) == sorted(names), (
                    file.name,
                    key,
                )
