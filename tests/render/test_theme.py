"""Themes: what a site may replace, what a theme may inherit, and which pages a change makes anew."""

import re
import shutil

import msgspec
import pytest

from tests.render import records
from tests.render.conftest import SITE
from tubegen.config import ThemeConfig
from tubegen.errors import InputError
from tubegen.render.theme import load_theme


@pytest.fixture
def site(tmp_path):
    """A copy of the golden site, to be written into."""
    return shutil.copytree(SITE, tmp_path / "site")


def put(site, files: dict[str, str]) -> None:
    for name, text in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, "utf-8")


def test_a_site_replaces_one_block_of_a_template(site, render, written) -> None:
    put(
        site,
        {
            "theme/templates/watch.html": '{% extends "default/watch.html" %}{% block heading %}<h1>Mine</h1>{% endblock %}'
        },
    )
    outputs = render(records.read(site), load_theme(site, ThemeConfig()))
    page = outputs["watch/moon/index.html"].make().decode()
    assert "<h1>Mine</h1>" in page
    assert '<h1 lang="fr"' not in page
    assert "<video" in page
    assert outputs["about/index.html"].make() == written["about/index.html"]


def test_a_theme_inherits_and_changes_a_parameter_a_string_and_a_sheet(site, render) -> None:
    put(
        site,
        {
            "themes/night/theme.toml": 'requires = ">=1,<2"\ninherits = "default"\n[parameters]\naccent = "navy"\nstars = 3\n',
            "themes/night/templates/page.html": '{% extends "base.html" %}{% block content %}{{ theme.stars }} stars{% endblock %}',
            "themes/night/i18n/en.toml": 'made_with = "Thanks to {generator}"\n',
            "themes/night/assets/style.css": "body { background: black }\n",
        },
    )
    theme = load_theme(site, ThemeConfig(name="night", parameters={"stars": 5}))
    assert theme.parameters == {"accent": "navy", "stars": 5, "icon": ""}
    assert [name for name, _ in theme.layers] == ["night", "default"]
    outputs = render(records.read(site), theme)
    page = outputs["about/index.html"].make().decode()
    assert "5 stars" in page
    assert "--accent: navy" in page
    assert "Thanks to tubegen" in page
    (sheet,) = [path for path in outputs if path.startswith("assets/style.") and path.endswith(".css")]
    assert outputs[sheet].make() == b"body { background: black }\n"
    assert b"<video" in outputs["watch/moon/index.html"].make()


def test_a_cascade_of_three(site) -> None:
    put(
        site,
        {
            "themes/a/theme.toml": 'requires = ">=1,<2"\ninherits = "b"\n[parameters]\nx = 1\n',
            "themes/b/theme.toml": 'requires = ">=1,<2"\ninherits = "default"\n[parameters]\nx = 2\ny = 2\n',
            "theme/assets/style.css": "a {}",
        },
    )
    theme = load_theme(site, ThemeConfig(name="a"))
    assert [name for name, _ in theme.layers] == ["site", "a", "b", "default"]
    assert (theme.parameters["x"], theme.parameters["y"]) == (1, 2)
    assert theme.assets["style.css"] == site / "theme/assets/style.css"


def test_links_in_a_style_sheet_follow_their_files(site, render) -> None:
    put(
        site,
        {
            "theme/assets/style.css": "a { background: url(dot.svg) } b { background: url( 'fonts/x.woff2' ) }"
            ' c { background: url("https://b.example/c.png") } d { background: url(none.png) }',
            "theme/assets/dot.svg": "<svg/>",
            "theme/assets/fonts/x.woff2": "font",
        },
    )
    outputs = render(records.read(site), load_theme(site, ThemeConfig()))
    (sheet,) = [path for path in outputs if re.fullmatch(r"assets/style\..*\.css", path)]
    links = re.findall(r'url\("?([^")]*)"?\)', outputs[sheet].make().decode())
    assert f"assets/{links[0]}" in outputs
    assert f"assets/{links[1]}" in outputs
    assert links[2:] == ["https://b.example/c.png", "none.png"]


@pytest.mark.parametrize(
    ("files", "name", "line"),
    [
        ({}, "defalt", "tubegen.toml: there is no theme 'defalt'; did you mean 'default'?"),
        *(
            (
                {"themes/a/theme.toml": f'requires = "{wanted}"\n'},
                "a",
                f"themes/a/theme.toml:1: this theme is for version {wanted} of the theme API, tubegen has 1; "
                "update the theme",
            )
            for wanted in (">=2,<3", ">=0,<1")
        ),
        (
            {"themes/a/theme.toml": 'requires = ">=1,<2"\ninherits = "a"\n'},
            "a",
            "tubegen.toml: theme 'a' inherits itself; correct `inherits` in its theme.toml",
        ),
        (
            {"themes/a/theme.toml": ""},
            "a",
            "themes/a/theme.toml:1: 'requires' is missing; write requires = \"…\"",
        ),
    ],
)
def test_what_is_wrong_with_a_theme(site, files: dict[str, str], name: str, line: str) -> None:
    put(site, files)
    with pytest.raises(InputError) as caught:
        load_theme(site, ThemeConfig(name=name))
    assert str(caught.value) == line


def keys(outputs) -> dict[str, bytes]:
    return {path: output.key for path, output in outputs.items() if path.endswith(".html")}


def changed(before, after) -> set[str]:
    one, other = keys(before), keys(after)
    return {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}


def test_the_same_site_has_the_same_keys(library, render) -> None:
    one, other = render(library), render(library)
    assert {path: output.key for path, output in one.items()} == {
        path: output.key for path, output in other.items()
    }


def test_a_title_changes_the_pages_that_show_it(library, render, rendered) -> None:
    after = render(records.with_video(library, "moon", title="The full moon"))
    assert changed(rendered, after) == {
        "404.html",
        "index.html",
        "channels/sea/index.html",
        "embed/moon/index.html",
        "playlists/best-of/index.html",
        "tags/sea/index.html",
        "watch/moon/index.html",
        "watch/storm/index.html",
        "watch/secret/index.html",
        "watch/tide/index.html",
        "watch/walk-1/index.html",
    }


def test_a_long_description_changes_one_page(library, render, rendered) -> None:
    body = msgspec.structs.replace(library.by_slug()["walk-3"].video.body, markdown="More words.")
    after = render(records.with_video(library, "walk-3", body=body))
    assert changed(rendered, after) == {"watch/walk-3/index.html"}


CHANGES = {
    "title": {"title": "Another"},
    "description": {"description": "Another"},
    "tags": {"tags": ("new",)},
    "captions": {"captions": ()},
    "chapters": {"chapters": ()},
    "licence": {"licence": None},
    "sensitive": {"sensitive": True, "warning": "Beware"},
    "unlisted": {"unlisted": True},
    "language": {"language": "ja"},
    "p2p": {"p2p": "off"},
    "download": {"download": False},
    "credits": {"credits": ()},
    "cover_alt": {"cover_alt": "Another"},
    "aliases": {"aliases": ("an/alias/",)},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_pages_whose_key_stays_have_the_same_bytes(library, render, rendered, written, change) -> None:
    after = render(records.with_video(library, "tide", **change))
    anew = changed(rendered, after)
    assert anew
    for path in set(keys(after)) - anew:
        assert after[path].make() == written[path], path


@pytest.mark.parametrize(
    "file", ["templates/tags.html", "i18n/en.toml", "assets/style.css"], ids=["template", "strings", "style"]
)
def test_a_change_of_the_theme_changes_every_page(site, render, rendered, file: str) -> None:
    default = load_theme(SITE, ThemeConfig()).layers[0][1]
    (site / "theme" / file).parent.mkdir(parents=True)
    (site / "theme" / file).write_text((default / file).read_text("utf-8") + "\n", "utf-8")
    after = render(records.read(site), load_theme(site, ThemeConfig()))
    assert changed(rendered, after) == {path for path in keys(after) if path != "old/tide/index.html"}


def test_a_parameter_of_the_theme_changes_every_page(library, render, rendered) -> None:
    after = render(library, load_theme(SITE, ThemeConfig(parameters={"accent": "navy"})))
    assert changed(rendered, after) == {path for path in keys(after) if path != "old/tide/index.html"}


def test_a_folder_elsewhere_gives_the_same_site(site, render, rendered) -> None:
    after = render(records.read(site), load_theme(site, ThemeConfig()))
    assert changed(rendered, after) == set()
