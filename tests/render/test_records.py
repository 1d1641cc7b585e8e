"""What templates are given: the records that render/context.py documents, and nothing else."""

import re
import tomllib
from functools import partial
from html.parser import HTMLParser

import jinja2
import jinja2.meta
import msgspec
import pytest

from tests.render import records
from tubegen.config import ThemeConfig
from tubegen.media.result import Chapter
from tubegen.render import context, views
from tubegen.render.i18n import Catalogue, read_strings
from tubegen.render.pages import pages
from tubegen.render.theme import bundled_themes, load_theme

KINDS = {"home", "watch", "channel", "playlist", "playlists", "tag", "tags", "page", "embed", "missing"}
EVERYWHERE = {"site": context.Site, "page": context.PageInfo}
FUNCTIONS = {"url", "absolute", "asset", "t", "theme"}

FILTERS = ("duration", "clock", "isoduration", "isodate", "filesize", "links", "date")


def documented() -> dict[str, dict[str, type]]:
    """By template: the record of its own and its name, as the docstrings of context.py tell."""
    found: dict[str, dict[str, type]] = {}
    for kind in vars(context).values():
        told = re.match(r"`(\w+)` in (.*?)[.,]?\s*(?:$|,)", getattr(kind, "__doc__", None) or "")
        if isinstance(kind, type) and issubclass(kind, context.Record) and told:
            for template in re.findall(r"\w+\.html", kind.__doc__.split(", written")[0]):
                found[template] = {told[1]: kind}
    return found


@pytest.fixture(scope="module")
def specs(library, theme):
    strings = partial(read_strings, theme.folders("i18n"))
    return list(pages(library, lambda text: text.markdown, strings, {"fr": "assets/player/words-fr.json"}))


def test_every_kind_of_page_is_there_and_documented(specs) -> None:
    assert {spec.records["page"].kind for spec in specs} == KINDS
    assert set(documented()) == {f"{kind}.html" for kind in KINDS}


def test_templates_are_given_exactly_what_is_documented(specs) -> None:
    own = documented()
    for spec in specs:
        expected = EVERYWHERE | own[spec.template]
        assert {name: type(record) for name, record in spec.records.items()} == expected, spec.path
        for record in spec.records.values():
            assert msgspec.convert(msgspec.to_builtins(record), type(record)) == record


@pytest.mark.parametrize(
    "template", sorted(bundled_themes().glob("*/templates/*.html")), ids=lambda p: p.name
)
def test_templates_ask_for_nothing_else(template) -> None:
    """Partials and macros are given what the page that includes them has: any record."""
    environment = jinja2.Environment()
    environment.filters |= dict.fromkeys(FILTERS, str)
    names = jinja2.meta.find_undeclared_variables(environment.parse(template.read_text("utf-8")))
    own = documented()
    macros = set(re.findall(r"{% macro (\w+)", (template.parent / "_macros.html").read_text("utf-8")))
    local = {"ui", "card", "heading", "byline", "first", "image", "list", *macros}
    records = own.get(template.name, {"video": None} if template.name.startswith("_") else {})
    assert names <= FUNCTIONS | set(EVERYWHERE) | set(records) | local


def test_more_to_watch_is_the_rest_of_the_channel(specs) -> None:
    more = {
        spec.records["video"].title: spec.records["video"].more
        for spec in specs
        if spec.template == "watch.html"
    }
    assert [card.title for card in more["The moon"]] == ['The tide: "ebb" & <flood>', "The storm"]
    assert [card.title for card in more["Walk 8"]] == [f"Walk {n}" for n in range(7, 0, -1)]


def test_another_film_leaves_embeds_alone(library, render) -> None:
    def keys(library) -> dict[str, bytes]:
        return {path: output.key for path, output in render(library).items() if path.startswith("embed/")}

    newest = library.films[0]
    before = keys(library)
    fewer = msgspec.structs.replace(library, films=library.films[1:])
    assert keys(fewer) == {path: key for path, key in before.items() if not path.startswith(newest.embed)}


def test_an_embed_is_a_player_alone(specs) -> None:
    shown = [spec.records["video"] for spec in specs if spec.template == "embed.html"]
    assert shown
    for video in shown:
        assert (video.body, video.transcripts, video.playlists, video.more) == ("", (), (), ())
        assert (video.channel.count, bool(video.player.sources)) == (0, True)


def test_chapters_of_the_file_stay_on_one_line(library) -> None:
    film = library.by_slug()["moon"]
    marks = (Chapter(0.0, "The\nnew\t moon"),)
    film = msgspec.structs.replace(
        film,
        video=msgspec.structs.replace(film.video, chapters=()),
        presentation=msgspec.structs.replace(film.presentation, chapters=marks),
    )
    assert [mark.title for mark in views.chapters(film)] == ["The new moon"]


class Nesting(HTMLParser):
    """Counts elements that are opened and closed in the wrong order."""

    VOID = frozenset(["meta", "link", "img", "br", "input", "source", "track", "hr", "wbr"])
    FOREIGN = frozenset(["path", "circle", "rect"])

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")


def html_pages(written: dict[str, bytes]) -> dict[str, str]:
    return {path: data.decode() for path, data in written.items() if path.endswith(".html")}


def test_every_page_is_well_nested(written) -> None:
    for path, text in html_pages(written).items():
        parser = Nesting()
        parser.feed(text)
        parser.close()
        if path.startswith("old/"):
            continue
        assert (parser.faults, parser.open) == ([], []), path
        assert len(parser.ids) == len(set(parser.ids)), path
        assert "tubegen-link:" not in text, path


def test_every_link_leads_to_a_file(written, rendered) -> None:
    base = "https://films.example/harbour/"
    for path, text in html_pages(written).items():
        here = base + path
        for link in re.findall(r'(?:href|src|poster)="([^"]*)"', text):
            target = re.sub(r"[?#].*", "", records.joined(here, link))
            if not target.startswith(base):
                continue
            file = target.removeprefix(base)
            assert (file + "index.html" if file.endswith("/") or not file else file) in rendered, (
                f"{path}: {link}"
            )


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"content/a/x/f.mp4": ""},
        {"content/x.mp4": "", "pages/b.md": "Words."},
        {"content/a/x/f.mp4": "", "playlists/empty.md": "---\ntitle: Empty\n---\n"},
    ],
    ids=["nothing", "one film", "flat", "an empty playlist"],
)
def test_a_poor_site_renders(write, render, files) -> None:
    outputs = render(records.read(write(files)))
    for output in outputs.values():
        if output.make:
            output.make()


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pt-BR", "ja", "ar"])
def test_a_site_in_any_language_renders(write, render, language: str) -> None:
    toml = f'[site]\ntitle = "A"\nurl = "https://a.example/"\nlanguage = "{language}"\n'
    outputs = render(records.read(write({"tubegen.toml": toml, "content/a/x/f.mp4": ""})))
    page = outputs["watch/x/index.html"].make()
    direction = b"rtl" if language == "ar" else b"ltr"
    assert b'<html lang="' + language.encode() + b'" dir="' + direction + b'"' in page


def test_all_translations_have_the_same_keys() -> None:
    """The player brings its own English: the words of its controls need only be translated."""
    files = sorted((bundled_themes() / "default/i18n").glob("*.toml"))
    keys = {file.stem: set(tomllib.loads(file.read_text("utf-8"))) for file in files}
    english = keys.pop("en")
    others = keys.popitem()[1]
    assert {key for key in others if not key.startswith("player_")} == english
    for language, found in keys.items():
        assert found == others, language


def test_strings() -> None:
    strings = Catalogue(
        "en", [{"n": {"one": "{n} film", "other": "{n} films"}}, {"n": "no", "player_a": "A"}]
    )
    assert (strings("n", n=1), strings("n", n=2)) == ("1 film", "2 films")
    assert strings.section("player_") == {"a": "A"}
    with pytest.raises(KeyError, match="no string 'x'"):
        strings("x")
    polish = Catalogue("pl", [{"n": {"one": "film", "few": "filmy", "many": "filmów", "other": "filmu"}}])
    assert [polish("n", n=n) for n in (1, 3, 5)] == ["film", "filmy", "filmów"]


def test_an_unknown_name_in_a_template_is_an_error(write, render) -> None:
    site = write(
        {"content/a/x/f.mp4": "", "theme/templates/page.html": "{{ site.nothing }}", "pages/b.md": "B"}
    )
    outputs = render(records.read(site), load_theme(site, ThemeConfig()))
    with pytest.raises(jinja2.UndefinedError):
        outputs["b/index.html"].make()
