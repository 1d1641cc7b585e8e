"""Things that authors write, made up by hypothesis."""

import json

from hypothesis import strategies as st

from tubegen.content.model import Cue

WORDS = st.text("abcdefghijklmnopqrstuvwxyzäöüéß", min_size=1, max_size=9)
SENTENCES = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
SLUGS = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)
LANGUAGES = st.sampled_from(["en", "fr", "de", "pt-BR", "zh-Hant", "ar"])

LOOSE_TEXT = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            [
                "WEBVTT",
                "NOTE",
                "STYLE",
                "1",
                "00:01.000 --> 00:02.000",
                "00:00:61.0 --> x",
                "0:1 - 0:2",
                "-->",
                "---",
                "+++",
                "title: a",
                'title = "b"',
                "[a]",
                "[[a]]",
                "a: [",
                "- x",
                "{",
                '"""',
                "&a [*a]",
                "",
                "words",
                "\ufeff",
                "\r",
                "\t",
                "\x00",
                "é",
                "!!bool x",
                "!!timestamp x",
                "? [a]",
                "a = 1",
            ]
        ),
        max_size=12,
    ).map("\n".join),
)
"""Anything at all, and lines that look nearly right."""


@st.composite
def cues(draw: st.DrawFn) -> tuple[Cue, ...]:
    """Captions in the order of time, as a caption file can hold them."""
    line = st.text(
        st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=20
    ).filter(lambda words: "-->" not in words)
    line = st.lists(line, min_size=1, max_size=3).map(" ".join)
    found: list[Cue] = []
    start = 0
    for _ in range(draw(st.integers(1, 8))):
        start += draw(st.integers(0, 900_000))
        end = start + draw(st.integers(1, 10_000))
        text = "\n".join(draw(st.lists(line, min_size=1, max_size=3)))
        settings = draw(st.sampled_from(["", "line:10%", "align:start position:5%"]))
        found.append(Cue(start / 1000, end / 1000, text, settings))
    return tuple(found)


@st.composite
def front_matter(draw: st.DrawFn, fence: str) -> tuple[str, dict[tuple[str, ...], int]]:
    """A document in YAML (`---`) or TOML (`+++`), and the line of every key in it by its path."""
    lines, places = [fence], {}
    names = draw(st.lists(SLUGS, min_size=1, max_size=8, unique=True))
    tables = names[: draw(st.integers(0, min(2, len(names) - 1)))]

    def gap() -> None:
        lines.extend(draw(st.lists(st.sampled_from(["", "# a remark: x = y"]), max_size=2)))

    def key(name: str, indent: str, above: tuple[str, ...]) -> None:
        gap()
        places[(*above, name)] = len(lines) + 1
        text = draw(SENTENCES)
        form = draw(st.sampled_from(["plain", "list", "long"]))
        if fence == "---":
            lines.append(f"{indent}{json.dumps(name)}: " + _yaml(form, text, indent))
        else:
            lines.append(f"{json.dumps(name)} = " + _toml(form, text))
        lines[:] = "\n".join(lines).split("\n")

    for name in names[len(tables) :]:
        key(name, "", ())
    for name in tables:
        gap()
        places[(name,)] = len(lines) + 1
        lines.append(f"{json.dumps(name)}:" if fence == "---" else f"[{json.dumps(name)}]")
        for inner in draw(st.lists(SLUGS, min_size=1, max_size=4, unique=True)):
            key(inner, "  ", (name,))
    lines.append(fence)
    return "\n".join(lines) + "\n", places


def _yaml(form: str, text: str, indent: str) -> str:
    if form == "list":
        return f"\n{indent}  - {json.dumps(text)}\n{indent}  - 'two'"
    if form == "long":
        return f"|\n{indent}  {text}\n{indent}  a: b\n\n{indent}  the end"
    return json.dumps(text)


def _toml(form: str, text: str) -> str:
    if form == "list":
        return f"[\n  {json.dumps(text, ensure_ascii=False)},\n  'two = 2',\n]"
    if form == "long":
        return f'"""\n{text}\na = "b"\n[c]\n"""'
    return json.dumps(text, ensure_ascii=False)


@st.composite
def links(draw: st.DrawFn) -> str:
    """The link of a page or a file of a site, from its root, without a leading slash."""
    parts = draw(st.lists(SLUGS, max_size=4))
    folder = "".join(f"{part}/" for part in parts)
    return folder + draw(st.sampled_from(["", "", "feed.xml", "film.mp4", "page.html"]))
