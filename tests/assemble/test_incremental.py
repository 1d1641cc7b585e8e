"""After any edits, what a build left in place and made anew is what a clean build makes, byte for byte."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.assemble.sites import SITE, run, stats
from tests.folders import tree, write

SLUGS = ["tide", "tram", "ferry", "lamp"]
COLOURS = ["red", "green", "blue"]
CUES = "WEBVTT\n\n00:00.000 --> 00:0{end}.000\n{text}\n"


class Editing(RuleBasedStateMachine):
    """An author at work; after every edit the site is built and compared."""

    clips: dict[str, Path]
    cache: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="editing"))
        self.site = self.folder / "site"
        self.videos: dict[str, dict[str, object]] = {}

    @initialize()
    def begin(self) -> None:
        self.accent = ""
        self.title = "Harbour Films"
        self.page = "About"
        self.add("tide", "red")

    @rule(slug=st.sampled_from(SLUGS), colour=st.sampled_from(COLOURS))
    def add(self, slug: str, colour: str) -> None:
        """Adds a video, or gives one another film."""
        self.videos.setdefault(slug, {"title": slug.title()})
        write(self.site, {f"content/harbour/{slug}/film.mp4": self.clips[colour]})
        self.compare()

    @precondition(lambda self: len(self.videos) > 1)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        slug = data.draw(st.sampled_from(sorted(self.videos)))
        del self.videos[slug]
        shutil.rmtree(self.site / "content/harbour" / slug)
        self.compare()

    @precondition(lambda self: 0 < len(self.videos) < len(SLUGS))
    @rule(data=st.data())
    def rename(self, data: st.DataObject) -> None:
        old = data.draw(st.sampled_from(sorted(self.videos)))
        new = data.draw(st.sampled_from(sorted(set(SLUGS) - set(self.videos))))
        self.videos[new] = self.videos.pop(old)
        harbour = self.site / "content/harbour"
        (harbour / old).rename(harbour / new)
        self.compare()

    @rule(
        data=st.data(),
        change=st.sampled_from(
            [
                {"title": "Another title"},
                {"tags": ["sea"]},
                {"tags": ["sea", "night"]},
                {"tags": []},
                {"draft": True},
                {"draft": False},
                {"unlisted": True},
                {"date": "2026-02-03"},
                {"date": "2027-02-03"},
                {"playlists": ["evening"]},
                {"description": "A sentence."},
            ]
        ),
    )
    def say(self, data: st.DataObject, change: dict[str, object]) -> None:
        """Changes the front matter of a video."""
        self.videos[data.draw(st.sampled_from(sorted(self.videos)))] |= change
        self.compare()

    @rule(data=st.data(), text=st.sampled_from(["", "Hello", "Good-bye"]), end=st.sampled_from([1, 2]))
    def caption(self, data: st.DataObject, text: str, end: int) -> None:
        slug = data.draw(st.sampled_from(sorted(self.videos)))
        place = self.site / "content/harbour" / slug / "en.vtt"
        place.unlink(missing_ok=True)
        if text:
            place.write_text(CUES.format(text=text, end=end))
        self.compare()

    @rule(
        part=st.sampled_from(["title", "accent", "page"]),
        value=st.sampled_from(["#123456", "#abcdef", "#fedcba"]),
    )
    def settle(self, part: str, value: str) -> None:
        """Changes what concerns the site as a whole."""
        setattr(self, part, value)
        self.compare()

    def compare(self) -> None:
        self.write()
        run(self.site)
        clean = self.folder / "clean"
        shutil.copytree(self.site, clean, ignore=shutil.ignore_patterns("public", ".tubegen"))
        run(clean)
        assert tree(self.site / "public") == tree(clean / "public")
        assert not (self.site / ".public.new").exists()
        shutil.rmtree(clean)
        before = stats(self.site / "public")
        run(self.site)
        assert stats(self.site / "public") == before

    def write(self) -> None:
        accent = f'\n[theme.parameters]\naccent = "{self.accent}"\n' if self.accent else ""
        config = SITE.format(cache=self.cache).replace("Harbour Films", self.title) + accent
        write(self.site, {"tubegen.toml": config, "pages/about.md": f"# {self.page}\n"})
        for slug, says in self.videos.items():
            lines = [
                f"{key}: {str(value).lower() if isinstance(value, bool) else value}"
                for key, value in says.items()
            ]
            front = "\n".join(lines).replace("'", "").replace("#", "no. ")
            write(self.site, {f"content/harbour/{slug}/index.md": f"---\n{front}\n---\nText of {slug}.\n"})

    def teardown(self) -> None:
        shutil.rmtree(self.folder)


def test_incremental_is_clean(clips: dict[str, Path], cache: Path) -> None:
    Editing.clips, Editing.cache = clips, cache
    run_state_machine_as_test(
        Editing,
        settings=settings(
            max_examples=3,
            stateful_step_count=9,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize(
    "harm", ["deleted", "broken link", "extra file", "extra folder", "changed", "a folder"]
)
def test_what_is_done_to_the_output_by_hand_is_undone(harm: str, site: Path) -> None:
    run(site)
    public = site / "public"
    before = tree(public)
    page = public / "watch/tide/index.html"
    if harm == "extra file":
        write(public, {"watch/other/index.html": "other"})
    elif harm == "extra folder":
        write(public, {"deep/er/note.txt": "note"})
    elif harm == "changed":
        page.write_text(page.read_text() + "changed")
    else:
        page.unlink()
        if harm == "broken link":
            page.symlink_to("nowhere")
        elif harm == "a folder":
            write(public, {"watch/tide/index.html/x": "x"})
    run(site)
    assert tree(public) == before
    assert page.is_file()
    assert not page.is_symlink()
    assert not (public / "deep").exists()


def test_every_file_that_is_deleted_comes_back(site: Path) -> None:
    run(site)
    before = tree(site / "public")
    for name in sorted(before)[::7]:
        (site / "public" / name).unlink()
    run(site)
    assert tree(site / "public") == before
