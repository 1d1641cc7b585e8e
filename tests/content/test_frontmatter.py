"""Front matter and text: which is which, and that lines are counted as an editor counts them."""

from pathlib import Path

import pytest
from hypothesis import given

from tests.strategies import LOOSE_TEXT
from tubegen.content.frontmatter import read_document
from tubegen.errors import Problems

YAML = "---\ntitle: A film\nodd: 1\n---\n\n# Heading\n"
TOML = '+++\ntitle = "A film"\nodd = 1\n+++\n\n# Heading\n'


def put(folder: Path, data: bytes) -> Path:
    path = folder / "index.md"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("text", [YAML, TOML])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_both_forms_with_any_line_ending(
    tmp_path: Path, problems: Problems, text: str, ending: str, mark: str
) -> None:
    table, body = read_document(put(tmp_path, (mark + text.replace("\n", ending)).encode()), problems)
    assert table.text("title") == "A film"
    assert (table.line("title"), table.line("odd")) == (2, 3)
    assert (body.line, body.markdown) == (5, "\n# Heading\n")
    table.done()
    assert [(problem.path, problem.line) for problem in problems.found] == [("index.md", 3)]


@pytest.mark.parametrize("text", ["Just words.\n", "", "----\na: 1\n", "\n---\na: 1\n---\n", "a --- b"])
def test_a_file_without_front_matter_is_all_text(tmp_path: Path, problems: Problems, text: str) -> None:
    table, body = read_document(put(tmp_path, text.encode()), problems)
    table.done()
    assert (body.markdown, body.line) == (text, 1)
    assert not problems


def test_empty_front_matter(tmp_path: Path, problems: Problems) -> None:
    for fence in ("---", "+++"):
        table, body = read_document(put(tmp_path, f"{fence}\n{fence}\nWords\n".encode()), problems)
        assert table.text("title") == ""
        assert (body.markdown, body.line) == ("Words\n", 3)
    assert not problems


@pytest.mark.parametrize("fence", ["---", "+++"])
def test_front_matter_without_end(tmp_path: Path, problems: Problems, fence: str) -> None:
    _, body = read_document(put(tmp_path, f"{fence}\ntitle: A\n".encode()), problems)
    assert body.markdown == ""
    assert [str(problem) for problem in problems.found] == [
        f"index.md:1: the front matter that begins here has no end; close it with a line of its own: {fence}"
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\ntitle: A\nabout: this: that\n---\n", 3),
        ("---\ntitle: A\n  bad: indent\n---\n", 3),
        ("---\n- a list\n---\n", 2),
        ("---\njust words\n---\n", 2),
        ('+++\ntitle = "A"\nabout = that\n+++\n', 3),
        ('+++\ntitle = "A"\ntitle = "B"\n+++\n', 3),
    ],
)
def test_a_mistake_in_the_form_has_its_line(tmp_path: Path, problems: Problems, text: str, line: int) -> None:
    read_document(put(tmp_path, text.encode()), problems)
    assert [(problem.path, problem.line) for problem in problems.found] == [("index.md", line)]


@given(LOOSE_TEXT)
def test_no_text_is_a_crash(tmp_path: Path, text: str) -> None:
    problems = Problems(tmp_path)
    path = put(tmp_path, text.encode("utf-8", "surrogatepass"))
    table, _ = read_document(path, problems)
    table.done()
    last = len(text.splitlines()) + 1
    assert all(1 <= problem.line <= last for problem in problems.found)
