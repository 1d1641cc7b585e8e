"""Captions in the film's own file are published as if the author had written them."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.assemble.sites import Log, make_clip, run
from tests.folders import write

ASS = """\
[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, Bold, Italic
Style: Default,Arial,20,0,0
Style: Loud,Arial,40,-1,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:01.50,Loud,,0,0,0,,{\\an8\\fs40\\c&H0000FF&}La mer, {\\i1}la mer{\\i0}
"""

SRT = """\
1
00:00:00,200 --> 00:00:00,900
<script>alert(1)</script> 1 < 2 & <b>so</b> on

2
00:00:01,000 --> 00:00:01,800
Both at
once
"""

TRACKS = {
    "a.ass": ("fre", "", ASS),
    "b.srt": ("ger", "forced", SRT.replace("Both", "Fremd")),
    "c.srt": ("ger", "", SRT),
    "d.srt": ("eng", "", SRT.replace("Both", "Theirs")),
    "e.srt": ("und", "", SRT.replace("Both", "Whose")),
    "f.srt": ("spa", "", "1\n00:00:00,100 --> 00:00:00,200\n{\\an8}\n"),
}


@pytest.fixture(scope="module")
def captioned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of film whose clock begins at five, with six tracks of captions."""
    folder = tmp_path_factory.mktemp("captioned")
    inputs = ["-i", str(make_clip(folder / "film.mp4", "blue", options=("-bf", "0")))]
    streams = ["-map", "0", "-c:v", "copy"]
    for number, (name, (language, disposition, text)) in enumerate(TRACKS.items()):
        (folder / name).write_text(text)
        inputs += ["-i", str(folder / name)]
        streams += ["-map", str(number + 1), f"-c:s:{number}", "ass" if name.endswith("ass") else "srt"]
        streams += [f"-metadata:s:s:{number}", f"language={language}"]
        streams += [f"-disposition:s:{number}", disposition or "0"]
    film = folder / "film.mkv"
    command = ["ffmpeg", "-v", "error", *inputs, *streams, "-output_ts_offset", "5", str(film)]
    subprocess.run(command, check=True)
    return film


@pytest.fixture
def site(new_site: Callable[..., Path], captioned: Path) -> Path:
    site = new_site()
    (site / "content/harbour/tide/film.mp4").unlink()
    write(site, {"content/harbour/tide/film.mkv": captioned})
    return site


def test_they_are_everywhere_where_captions_are(site: Path) -> None:
    log = Log()
    run(site, log=log)
    assert log.warnings == []

    written = {path.name.split(".")[0]: path.read_text() for path in site.glob("public/**/captions-*.vtt")}
    assert sorted(written) == ["captions-de", "captions-en", "captions-fr"]
    assert written["captions-en"].endswith("00:00:00.000 --> 00:00:01.000\nWater\n"), (
        "the author's own comes first"
    )
    assert written["captions-de"] == (
        "WEBVTT\n\n00:00:00.200 --> 00:00:00.900\n"
        "alert(1) 1 &lt; 2 &amp; <b>so</b> on\n\n"
        "00:00:01.000 --> 00:00:01.800\nBoth at\nonce\n"
    )
    assert written["captions-fr"] == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:01.500\n<b>La mer, <i>la mer</i></b>\n"
    )

    page = (site / "public/watch/tide/index.html").read_text()
    (master,) = [
        path.read_text() for path in site.glob("public/**/master.m3u8") if "captions" in path.read_text()
    ]
    (entry,) = [
        text
        for path in site.glob("public/federation/videos/*.json")
        if "captions-fr" in (text := path.read_text())
    ]
    for language, word in (("de", "Both at"), ("en", "Water"), ("fr", "La mer")):
        assert f'srclang="{language}"' in page
        assert f'LANGUAGE="{language}"' in master
        assert word in page, "the transcript"
        assert f"captions-{language}." in entry


def test_a_language_that_is_not_said_is_that_of_the_film(site: Path) -> None:
    (site / "content/harbour/tide/en.vtt").unlink()
    page = site / "content/harbour/tide/index.md"
    page.write_text(page.read_text().replace("title: Tide", "title: Tide\nlanguage: nl"))
    run(site)
    written = {path.name.split(".")[0]: path.read_text() for path in site.glob("public/**/captions-*.vtt")}
    assert sorted(written) == ["captions-de", "captions-en", "captions-fr", "captions-nl"]
    assert "Whose at\nonce" in written["captions-nl"]
    assert "Theirs at\nonce" in written["captions-en"]


def test_captions_that_are_pictures_are_told_of(site: Path, clip: Callable[[str], Path]) -> None:
    film = clip("androidx_sample_with_pgs_subtitles.mkv")
    write(site, {"content/harbour/pictures/film.mkv": film, "content/harbour/spoken/film.mkv": film})
    write(site, {"content/harbour/spoken/en.vtt": "WEBVTT\n\n00:00.000 --> 00:01.000\nWords\n"})
    log = Log()
    run(site, log=log)
    (warning,) = (warning for warning in log.warnings if "captions" in warning.text)
    assert warning.path == "content/harbour/pictures/film.mkv"
    assert warning.text == "captions in English are pictures (PGS) and are left out"
    assert warning.hint == "put them beside it as en.vtt or en.srt"
