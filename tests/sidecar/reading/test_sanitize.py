"""Nothing of a stranger's markup does anything on our pages."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tubegen.sidecar.activitypub.sanitize import MAX_BYTES, html, paragraphs, plain, tame

TAG = re.compile(r"<(/?)([a-zA-Z0-9]+)([^>]*)>")
REL = 'rel="nofollow ugc noopener noreferrer"'
KEPT = set("p br a span b strong i em u del s code pre blockquote ul ol li ruby rt rp".split())  # noqa: SIM905


def harmless(markup: str) -> None:
    for _, tag, rest in TAG.findall(markup):
        assert tag in KEPT, markup
        assert re.fullmatch(rf'|( href="https?://[^"<>]*")? {REL}', rest), markup


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="JaVaScRiPt&colon;alert(1)">x</a>',
        '<a href="java\tscript:alert(1)">x</a>',
        '<a href="data:text/html,x">x</a>',
        '<a href="//evil.example">x</a>',
        '<a href="/ap/inbox">x</a>',
        '<a href="https://a.example" onclick="x()" style="color:red" class="u-url" target="_top">x</a>',
        '<p style="position:fixed">x</p>',
        "<iframe srcdoc='<script>1</script>'></iframe>",
        "<form action=//evil.example><input name=password></form>",
        "<style>*{display:none}</style>",
        "<base href=//evil.example><meta http-equiv=refresh content=0>",
        "<template><script>1</script></template>",
        "<!--[if gte IE 4]><script>1</script><![endif]-->",
        "<<script>script>alert(1)<</script>/script>",
        "<a href='https://a.example/\"><script>1</script>'>x</a>",
        "<xmp><p title='</xmp><script>1</script>'>",
        "\0<scr\0ipt>1</scr\0ipt>",
    ],
)
def test_scripts_of_all_kinds_are_gone(markup):
    clean = html(markup)
    harmless(clean)
    assert "alert" not in "".join(rest for _, _, rest in TAG.findall(clean))
    assert html(clean) == clean


def test_what_makes_a_text_readable_stays():
    markup = (
        '<p>a <a href="https://a.example/?q=1&amp;r=2" class="mention">@<span>b</span></a><br><em>c</em></p>'
    )
    assert html(markup) == (
        f'<p>a <a href="https://a.example/?q=1&amp;r=2" {REL}>@<span>b</span></a><br><em>c</em></p>'
    )


def test_directions_are_not_turned_and_letters_not_piled_up():
    assert html("<p>abc\u202edef\u2066g</p>") == "<p>abcdefg</p>"
    assert len(html("<p>Z" + "\u0310" * 500 + "</p>")) < 20
    assert html("<p>é ạ̈ नि</p>") == "<p>é ạ̈ नि</p>"
    assert html("<p>:blobcat: العربية</p>") == "<p>:blobcat: العربية</p>"


@pytest.mark.parametrize("piece", ["<p>word</p>", "&amp;", "<b>", "é<i>", "&lt;script&gt;"])
def test_what_is_too_long_is_cut_and_stays_harmless(piece):
    clean = html(piece * 20_000)
    assert len(clean.encode()) <= MAX_BYTES
    harmless(clean)


def test_plain_has_no_markup_and_no_lines():
    assert plain("<p>a&amp;b</p>\n\n<script>x</script> <b>c</b>", 100) == "a&b c"
    assert plain("x" * 50, 10) == "x" * 10


def test_paragraphs_shows_text_as_typed():
    assert paragraphs("<b>\r\n\r\n\r\n1 & 2\n3") == "<p>&lt;b&gt;</p><p>1 &amp; 2<br>3</p>"


@settings(max_examples=300, deadline=None)
@given(some.text(alphabet="<>/='\"& \nabhrefscipt:!-`;#x0", max_size=120))
def test_any_text_becomes_harmless(markup):
    harmless(html(markup))
    harmless(paragraphs(markup))


@pytest.mark.parametrize("trick", ["\u202e", "&#8238;", "&#x202e;", "&#8294;", "\u2066"])
def test_no_writing_of_a_character_turns_the_direction_of_the_text(trick):
    for clean in (
        html(f"<p>a{trick}b</p>"),
        plain(f"a{trick}b", 50),
        paragraphs(f"a{trick}b"),
        tame(f"a{trick}b"),
    ):
        assert not set(clean) & set("\u202e\u2066")
    assert plain(f"a{trick}b", 50) == "ab"


def test_a_tower_of_marks_is_cut_however_it_is_written():
    for tower in ("\u0301" * 40, "&#x301;" * 40):
        assert html(f"a{tower}").count("\u0301") == plain(f"a{tower}", 99).count("\u0301") == 4
