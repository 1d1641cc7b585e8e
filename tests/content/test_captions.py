"""Captions: every timing is right or told, and what is published reads back as it was written."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.strategies import LOOSE_TEXT, cues
from tubegen.content.captions import clock, plain, read_captions, to_vtt
from tubegen.content.model import Captions, Cue
from tubegen.errors import Problems

GOOD = "00:00:01.000 --> 00:00:02.000\nHello\n"


def read(folder: Path, name: str, text: str) -> tuple[Captions | None, list[str]]:
    path = folder / name
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    problems = Problems(folder)
    return read_captions(path, problems), [str(problem) for problem in problems.found]


def test_webvtt(tmp_path: Path) -> None:
    found, lines = read(
        tmp_path,
        "talk.pt-BR.vtt",
        "WEBVTT - a title\n\nNOTE 00:00:09.000 - 00:00:10.000\nis a remark\n\nSTYLE\n::cue {}\n\n"
        "intro\n00:01.500 --> 00:02.000 line:10% align:start\n<v Ada>Hello\nthere  \n\n"
        "01:00:03.000 --> 01:00:04.250\nBye\n",
    )
    assert not lines
    assert found
    assert found.language == "pt-BR"
    assert found.cues == (
        Cue(1.5, 2.0, "<v Ada>Hello\nthere", "line:10% align:start"),
        Cue(3603.0, 3604.25, "Bye"),
    )


def test_subrip(tmp_path: Path) -> None:
    found, lines = read(
        tmp_path,
        "fr.srt",
        "1\r\n00:00:01,500 --> 00:00:02,000\r\n<font color=red>Bonjour</font>\r\n{\\an8}<i>toi</i>\r\n\r\n"
        "2\r\n00:00:03,0 --> 00:00:04,5\r\nAdieu\r\n",
    )
    assert not lines
    assert found
    assert found.cues == (Cue(1.5, 2.0, "Bonjour\n<i>toi</i>"), Cue(3.0, 4.5, "Adieu"))


def test_signs_that_only_webvtt_reads_as_markup_stay_words(tmp_path: Path) -> None:
    found, _ = read(tmp_path, "en.srt", "1\n00:00:01,000 --> 00:00:02,000\nAT&T: 3 < 4 <b>&lt;</b>\n")
    assert found
    assert found.cues[0].text == "AT&amp;T: 3 &lt; 4 <b>&lt;</b>"
    assert plain(found.cues[0].text) == "AT&T: 3 < 4 <"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("en.vtt", GOOD, "en.vtt:1: a .vtt file begins with WEBVTT; write WEBVTT on its first line, or name it .srt"),
        ("en.vtt", "WEBVTTX\n\n" + GOOD, "en.vtt:1: a .vtt file begins with WEBVTT; "
         "write WEBVTT on its first line, or name it .srt"),
        ("en.srt", "1\n00:00:01,000 -> 00:00:02,000\nHi\n", "en.srt:2: '00:00:01,000 -> 00:00:02,000' is not a timing; "
         "write 00:00:01.000 --> 00:00:03.500"),
        ("en.srt", "1\n00:00:01,000 --> soon\nHi\n", "en.srt:2: '00:00:01,000 --> soon' is not a timing; "
         "write 00:00:01.000 --> 00:00:03.500"),
        ("en.vtt", "WEBVTT\n\n00:05.000 --> 00:04.000\nHi\n", "en.vtt:3: this caption ends (00:00:04.000) before it "
         "begins (00:00:05.000); swap or correct its times"),
        ("en.vtt", "WEBVTT\n\n61:00.000 --> 61:04.000\nHi\n", "en.vtt:3: '61:00.000 --> 61:04.000' has a minute or "
         "second above 59; write hours:minutes:seconds.thousandths"),
        ("en.vtt", "WEBVTT\n\n00:05.000 --> 00:06.000\nb\n\n00:01.000 --> 00:02.000\na\n", "en.vtt:6: this caption "
         "begins before the one above it (00:00:05.000); put them in the order of time"),
        ("en.vtt", "WEBVTT\n", "en.vtt: there is no caption in it; write lines such as 00:01.000 --> 00:03.500, "
         "with the words below"),
        ("captions.vtt", "WEBVTT\n\n" + GOOD, "captions.vtt: 'captions' is not a language; name the file after its "
         "language: en.vtt, fr.vtt, pt-BR.vtt"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_and_nothing_is_published(tmp_path: Path, name: str, text: str, line: str) -> None:
    assert read(tmp_path, name, text) == (None, [line])


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = "WEBVTT\n\n00:05.000 --> 00:04.000\na\n\n00:06.000 - 00:07.000\nb\n\n00:99.000 --> 01:40.000\nc\n"
    _, lines = read(tmp_path, "en.vtt", text)
    assert [line.split(":")[1] for line in lines] == ["3", "6", "9"]


@given(cues())
@example((Cue(3723.004, 3723.005, "x"),))
def test_what_is_written_reads_back_the_same(tmp_path: Path, written: tuple[Cue, ...]) -> None:
    found, lines = read(tmp_path, "en.vtt", to_vtt(written))
    assert not lines
    assert found
    assert found.cues == written


@given(st.sampled_from(["en.vtt", "en.srt"]), LOOSE_TEXT, st.booleans())
def test_no_text_is_a_crash(tmp_path: Path, name: str, text: str, headed: bool) -> None:
    if headed:
        text = f"WEBVTT\n\n{text}"
    problems = Problems(tmp_path)
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    found = read_captions(path, problems)
    assert (found is None) == bool(problems)
    last = len(text.splitlines()) + 1
    assert all(0 <= problem.line <= last for problem in problems.found)


@given(st.integers(0, 359_999_999))
def test_a_clock_tells_milliseconds(thousandths: int) -> None:
    hours, minutes, seconds = clock(thousandths / 1000).split(":")
    assert int(hours) * 3_600_000 + int(minutes) * 60_000 + round(float(seconds) * 1000) == thousandths
    assert len(seconds) == 6
    assert int(minutes) < 60
    assert float(seconds) < 60


def test_a_clock_carries() -> None:
    assert clock(59.9999) == "00:01:00.000"
    assert clock(0) == "00:00:00.000"


def test_plain_words() -> None:
    assert plain("<v Ada>Hello\n{\\an8}<i>there</i>  you") == "Hello there you"
