"""Tables that people write: every mistake is told with its line, and every key is asked for or reported."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import LOOSE_TEXT, WORDS, front_matter
from tubegen.documents import read_text, read_toml, read_yaml
from tubegen.errors import Problems
from tubegen.schema import Table, is_address, is_language, nearest

BASE = Path("/site")
FILE = BASE / "a.md"


def table(toml: str) -> tuple[Table, Problems]:
    problems = Problems(BASE)
    found = read_toml(toml, FILE, problems)
    assert found is not None, problems.found
    return found, problems


def told(problems: Problems) -> list[str]:
    return [str(problem) for problem in problems.found]


def test_text_is_stripped_and_numbers_count_as_text() -> None:
    found, problems = table('a = " b "\nyear = 1984\nrate = 2.5')
    assert (found.text("a"), found.text("year"), found.text("rate")) == ("b", "1984", "2.5")
    assert found.text("none", "else") == "else"
    assert not problems


@pytest.mark.parametrize(
    ("value", "kind"),
    [("true", "true or false"), ("[1]", "a list"), ("{a = 1}", "a table"), ("2026-01-01", "a date")],
)
def test_text_of_another_kind_is_told_with_its_line(value: str, kind: str) -> None:
    found, problems = table(f"\n\nname = {value}")
    assert found.text("name", "kept") == "kept"
    assert told(problems) == [
        f"a.md:3: 'name' must be text, not {kind}; put it in quotation marks: name = \"…\""
    ]


def test_a_missing_text_is_told_at_its_table() -> None:
    found, problems = table("a = 1\n[below]\nb = 2")
    found.table("below").text("name", required=True)
    assert told(problems) == ["a.md:2: 'name' is missing; write name = \"…\""]


def test_flag() -> None:
    found, problems = table('yes = true\nno = false\nodd = "yes"')
    assert found.flag("yes", False) is True
    assert found.flag("no", True) is False
    assert found.flag("none", True) is True
    assert found.flag("odd", False) is False
    assert told(problems) == ["a.md:3: 'odd' must be true or false, not 'yes'; write true or false"]


@pytest.mark.parametrize("value", ["0", "11", "true", "5.0", '"5"'])
def test_whole_refuses_what_is_none_or_out_of_range(value: str) -> None:
    found, problems = table(f"n = {value}")
    assert found.whole("n", 7, least=1, most=10) == 7
    assert len(problems.found) == 1
    assert "write one from 1 to 10" in told(problems)[0]


def test_whole_takes_both_ends() -> None:
    found, problems = table("a = 1\nb = 10")
    assert (found.whole("a", 7, least=1, most=10), found.whole("b", 7, least=1, most=10)) == (1, 10)
    assert found.whole("none", 7, least=1, most=10) == 7
    assert not problems


def test_choice_proposes_the_nearest() -> None:
    found, problems = table('a = "Music"\nb = "musik"\nc = "zebra"')
    assert found.choice("a", "", ["Music", "Art"]) == "Music"
    assert found.choice("b", "Art", ["Music", "Art"], what="a category") == "Art"
    assert found.choice("c", "", ["Music", "Art"]) == ""
    assert told(problems) == [
        "a.md:2: 'musik' is not a category; did you mean 'Music'?",
        "a.md:3: 'zebra' is not a value of c; write one of: Art, Music",
    ]


def test_texts() -> None:
    found, problems = table('one = "a"\nmany = ["a", " b ", "a", "", 7]\nodd = {x = 1}\nworse = [["a"]]')
    assert found.texts("one") == ("a",)
    assert found.texts("many") == ("a", "b", "7")
    assert found.texts("none", ("z",)) == ("z",)
    assert found.texts("odd") == found.texts("worse") == ()
    assert [line.partition(";")[0] for line in told(problems)] == [
        "a.md:3: 'odd' must be a list of texts",
        "a.md:4: 'worse' must be a list of texts",
    ]


def test_numbers() -> None:
    found, problems = table(
        'good = [3, 1, 3]\nhigh = [3, 11]\nempty = []\nword = ["3"]\nflag = [true]\none = 3'
    )
    assert found.numbers("good", (9,), least=1, most=10) == (3, 1)
    assert found.numbers("none", (9,), least=1, most=10) == (9,)
    for key in ("high", "empty", "word", "flag", "one"):
        assert found.numbers(key, (9,), least=1, most=10) == (9,)
    assert [problem.line for problem in problems.found] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("read", [read_toml, read_yaml])
@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-31", dt.datetime(2026, 3, 31, tzinfo=dt.UTC)),
        ("2026-03-31T18:00:00", dt.datetime(2026, 3, 31, 18, tzinfo=dt.UTC)),
        ("2026-03-31 18:00:00", dt.datetime(2026, 3, 31, 18, tzinfo=dt.UTC)),
        ("2026-03-31T18:00:00Z", dt.datetime(2026, 3, 31, 18, tzinfo=dt.UTC)),
        ("2026-03-31T18:00:00+02:00", dt.datetime(2026, 3, 31, 16, tzinfo=dt.UTC)),
    ],
)
def test_dates_with_and_without_zone(read, written: str, moment: dt.datetime) -> None:
    problems = Problems(BASE)
    sign = "=" if read is read_toml else ":"
    for value in (written, f'"{written}"'):
        found = read(f"date {sign} {value}" if sign == "=" else f"date: {value}", FILE, problems)
        date = found.date("date")
        assert date == moment
        assert date.tzinfo is not None
    assert not problems


@pytest.mark.parametrize("value", ["tomorrow", "2026-02-30", "31.3.2026", "7"])
def test_what_is_no_date_is_told(value: str) -> None:
    problems = Problems(BASE)
    found = read_yaml(f"a: 1\ndate: {value}", FILE, problems)
    assert found.date("date") is None
    assert told(problems) == [
        f"a.md:2: '{value}' is not a date; write date: 2026-03-31 or date: 2026-03-31T18:00:00+02:00"
    ]


def test_languages_and_addresses() -> None:
    found, problems = table('a = "pt-BR"\nb = "english"\nc = "https://x.example/a"\nd = "x.example"')
    assert found.language("a", "en") == "pt-BR"
    assert found.language("b", "en") == "en"
    assert found.address("c") == "https://x.example/a"
    assert found.address("d") == ""
    assert [problem.line for problem in problems.found] == [2, 4]
    assert all(map(is_language, ["en", "yue", "zh-Hant-TW", "de-CH-1996", "es-419"]))
    assert not any(map(is_language, ["", "e", "engl", "en_US", "en-", "de-x"]))
    assert all(map(is_address, ["http://a", "https://a.b/c?d#e", "https://[::1]/"]))
    assert not any(map(is_address, ["", "a.b", "ftp://a", "https://", "https://a b/", "https://[::1"]))


def test_tables_hold_texts_and_tables_and_tell_lines() -> None:
    found, problems = table('[[who]]\nname = "Ada"\n\n[[who]]\nnaem = "Bo"\n')
    first, second = found.tables("who")
    assert isinstance(first, Table)
    assert isinstance(second, Table)
    assert first.text("name") == "Ada"
    assert second.text("name", required=True) == ""
    first.done()
    second.done()
    assert told(problems) == [
        "a.md:4: 'name' is missing; write name = \"…\"",
        "a.md:5: 'naem' is not known here; did you mean 'name'?",
    ]


def test_what_is_no_table_or_list_is_told() -> None:
    found, problems = table('a = "x"\nb = {}\nc = [1]')
    assert found.table("a").text("k") == ""
    assert found.tables("b") == found.tables("c") == []
    assert [line.partition(";")[0] for line in told(problems)] == [
        "a.md:1: 'a' must be a table, not text",
        "a.md:2: 'b' must be a list",
        "a.md:3: 'c' must be a list",
    ]


@given(st.dictionaries(WORDS, st.integers(), max_size=6), st.sets(WORDS, max_size=4))
def test_every_key_is_asked_or_reported(values: dict[str, int], asked: set[str]) -> None:
    problems = Problems(BASE)
    found = Table(values, path=FILE, problems=problems)
    for key in asked:
        found.take(key)
    found.done()
    assert {problem.text for problem in problems.found} == {
        f"'{key}' is not known here" for key in values if key not in asked
    }


def test_nearest() -> None:
    assert nearest("Titel", ["title", "date"]) == "did you mean 'title'?"
    assert nearest("xyz", ["b", "a"]) == "write one of: a, b"
    assert nearest("xyz", []) == "take it out"
    assert nearest("0", [f"name{n:02}" for n in range(30)]).endswith("name23 …")


def test_yaml_leaves_words_as_words() -> None:
    problems = Problems(BASE)
    found = read_yaml("no: no\nflag: true\ntime: 1:30\nnumber: 010\nfloat: 1.5\nwhole: 12", FILE, problems)
    assert [found.take(key) for key in ("no", "flag", "time", "number", "float", "whole")] == [
        "no", True, "1:30", "010", 1.5, 12
    ]  # fmt: skip


@pytest.mark.parametrize("fence", ["---", "+++"])
@given(data=st.data())
def test_every_key_is_found_on_its_line(fence: str, data: st.DataObject) -> None:
    text, places = data.draw(front_matter(fence))
    problems = Problems(BASE)
    body = "\n".join(text.split("\n")[1:-2])
    root = (read_yaml if fence == "---" else read_toml)(body, FILE, problems, first_line=2)
    assert root is not None, problems.found
    lines = text.split("\n")
    for place, line in places.items():
        holder = root if len(place) == 1 else root.table(place[0])
        assert holder.take(place[-1]) is not None
        assert holder.line(place[-1]) == line, f"{place} is not on line {line}: {lines[line - 1]}"


@given(LOOSE_TEXT)
def test_no_text_is_a_crash(text: str) -> None:
    for read in (read_toml, read_yaml):
        problems = Problems(BASE)
        found = read(text, FILE, problems, first_line=2)
        assert (found is None) == bool(problems)
        last = len(text.splitlines()) + 2
        assert all(2 <= problem.line <= last for problem in problems.found)


@pytest.mark.parametrize(
    "text",
    [
        "a: &b [*b]",
        "a: !!bool perhaps",
        "a: !!timestamp soon",
        "a: !!int ''",
        "a: " + "[" * 3000,
        "? [a]\n: b",
    ],
)
def test_yaml_that_breaks_its_reader_is_told(text: str) -> None:
    problems = Problems(BASE)
    found = read_yaml(text, FILE, problems)
    assert (found is None) == bool(problems)


@pytest.mark.parametrize("text", ["a = " + "9" * 5000, "a = " + "[" * 3000, "a = 2026-13-01"])
def test_toml_that_breaks_its_reader_is_told(text: str) -> None:
    problems = Problems(BASE)
    assert read_toml(text, FILE, problems) is None
    assert len(problems.found) == 1


def test_lines_of_toml_are_not_fooled_by_long_texts() -> None:
    found, _ = table(
        'about = """\nname = "not this"\n[who]\n"""\nname = "this"\n[who]\nx = \'\'\'\ny = 1\n\'\'\'\ny = 2'
    )
    assert (found.line("name"), found.line("who"), found.table("who").line("y")) == (5, 6, 10)


def test_a_file_from_windows_is_read(tmp_path: Path) -> None:
    problems = Problems(tmp_path)
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfa\r\nb")
    assert read_text(tmp_path / "a", problems) == "a\nb"
    (tmp_path / "a").write_bytes(b"a\nb\nc\xe9\n")
    assert read_text(tmp_path / "a", problems) is None
    assert told(problems) == ["a:3: this is not UTF-8 text; save the file as UTF-8"]


@pytest.mark.parametrize("code", ["0000", "0008", "000D", "001F", "FFFE"])
def test_a_character_that_xml_cannot_hold_is_a_mistake(code: str) -> None:
    found, problems = table(f'a = "b\\u{code}"\nb = ["c", "d\\u{code}"]\nc = ["e\\u{code}"]')
    assert (found.text("a", "else"), found.texts("b", ("else",)), found.tables("c")) == (
        "else",
        ("else",),
        [],
    )
    assert told(problems) == [
        f"a.md:{n}: '{key}' has a character that cannot be shown (U+{code}); take it out"
        for n, key in enumerate("abc", 1)
    ]


def test_lines_and_tabs_may_stand_in_texts() -> None:
    found, problems = table('a = "b\\n\\tc"\nb = ["d\\te"]')
    assert (found.text("a"), found.texts("b")) == ("b\n\tc", ("d\te",))
    assert not problems


def test_a_single_text_with_a_comma_is_no_list() -> None:
    found, problems = table('tags = "a, b,"\nlist = ["c, d"]')
    assert (found.texts("tags"), found.texts("list")) == ((), ("c, d",))
    assert told(problems) == ['a.md:1: \'tags\' is one text with a comma in it; write tags = ["a", "b"]']
