"""User names of channels: made of their folders, kept apart from each other and from the site's own."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.content.conftest import SITE_TOML
from tubegen.content.handles import Named, user_names
from tubegen.errors import Problems

FEDERATED = f'{SITE_TOML}[federation]\nhandle = "films"\n'


def handles(load, files: dict[str, str], toml: str = FEDERATED) -> tuple[dict[str, str], list[str]]:
    written = load({"tubegen.toml": toml, **files})
    return {channel.name: channel.handle for channel in written.site.channels}, written.lines


@pytest.mark.parametrize(
    ("folder", "handle"),
    [
        ("sea", "sea"),
        ("A Month of Tides", "a_month_of_tides"),
        ("Été", "ete"),
        ("films", "films_channel"),
        ("the-quite-long-name-of-a-channel", "the_quite_long_name_of_a_chann"),
    ],
)
def test_a_channel_is_called_as_its_folder(load, folder: str, handle: str) -> None:
    """D-15: in letters that every server takes."""
    found, lines = handles(
        load, {f"content/{folder}/tide/film.mp4": "", f"content/{folder}/tide/index.md": ""}
    )
    assert (list(found.values()), lines) == ([handle], [])


def test_films_without_a_channel_are_the_site_s_own(load) -> None:
    found, lines = handles(load, {"content/tide.mp4": ""})
    assert (found, lines) == ({"main": "films_channel"}, [])


def test_an_author_may_choose(load) -> None:
    chosen = "---\nhandle: Tides_2\n---\n"
    found, lines = handles(load, {"content/sea/tide/film.mp4": "", "content/sea/index.md": chosen})
    assert (found, lines) == ({"sea": "tides_2"}, [])


def test_a_site_that_does_not_federate_needs_none(load) -> None:
    found, lines = handles(load, {"content/фильмы/tide.mp4": "", "content/фильмы/tide.md": ""}, SITE_TOML)
    assert (list(found.values()), lines) == ([""], [])


def test_another_channel_never_renames_one(load) -> None:
    """The name was there first, with its followers: the new channel's author is asked for another."""
    files = {
        "content/sea/tide/film.mp4": "",
        "content/atlas/map/film.mp4": "",
        "content/atlas/index.md": "---\ntitle: Atlas\nhandle: sea\n---\n",
    }
    found, lines = handles(load, files)
    assert found["sea"] == "sea"
    assert len(lines) == 1
    assert "the user name 'sea' is that of content/atlas" in lines[0]


FOLDERS = st.text(string.ascii_letters + string.digits + "-_ é漢", min_size=1, max_size=50)
NAMES = st.text(string.ascii_lowercase + string.digits + "_", min_size=1, max_size=30)


@given(NAMES, st.lists(st.tuples(FOLDERS, st.one_of(st.just(""), NAMES), st.booleans()), max_size=5))
def test_all_names_are_fit_and_apart_or_somebody_is_told(
    tmp_path_factory: pytest.TempPathFactory, handle: str, wishes: list[tuple[str, str, bool]]
) -> None:
    base = tmp_path_factory.getbasetemp()
    channels = [
        Named(folder=base / str(n) / folder, document=base / "index.md", line=2, wish=wish, apart=apart)
        for n, (folder, wish, apart) in enumerate(wishes)
    ]
    problems = Problems(base)
    names = user_names(handle, channels, problems)
    fit = all(re.fullmatch(r"[a-z0-9_]{1,30}", name) for name in names)
    assert bool(problems) is not (fit and len({handle, *names}) == 1 + len(names))
    alone = [user_names(handle, [channel], Problems(base))[0] for channel in channels]
    assert list(names) == alone, "a name hangs on its own channel only"
