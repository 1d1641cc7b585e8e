"""The same film as files and as ranges of bytes: nothing is encoded again for the other, and it is the same."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.media.conftest import SMALL
from tests.media.films import decoded, encode, ffprobe, film, named_by_content, numbered, numbers
from tubegen.media.audio_track import AudioTrack
from tubegen.media.encode.graphs import FRAGMENTED
from tubegen.media.ffmpeg.program import Ffmpeg
from tubegen.media.package import hls
from tubegen.media.package.remux import remux
from tubegen.media.package.repackage import repackage
from tubegen.media.pipeline import MediaPipeline
from tubegen.media.rendition import Rendition
from tubegen.media.result import Layout, MediaFile, Presentation

SINGLE = msgspec.structs.replace(SMALL, segments="single")
LANGUAGES = ("en", "fr")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_other_layout_costs_no_encoding(
    pipelines: Callable[..., MediaPipeline], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = film(tmp_path / "source.mp4", seconds=5)
    files, single, clean = pipelines("one"), pipelines("one", SINGLE), pipelines("two", SINGLE)
    plan = files.plan(source)
    first = files.make("film", source, plan)
    monkeypatch.setattr(single.ffmpeg, "run", lambda *_, **__: pytest.fail("ffmpeg ran again"))
    made = single.make("film", source, plan)
    assert clean.make("film", source, plan) == made
    assert contents(clean.presentation_folder(plan)) == contents(single.presentation_folder(plan))
    assert (first.layout, made.layout) == ("files", "single")
    assert first.id != made.id
    assert len(made.files) == 3 * 2 + 4
    assert files.ready(plan) == first
    assert all(named_by_content(single.presentation_folder(plan) / r.playlist) for r in made.renditions)


def test_it_is_attached_to_posts_all_the_same(
    pipelines: Callable[..., MediaPipeline], tmp_path: Path
) -> None:
    source = film(tmp_path / "source.mp4", seconds=3)
    names: set[str] = set()
    for media in (SMALL, SINGLE):
        pipeline = pipelines("one", msgspec.structs.replace(media, download=180))
        plan = pipeline.plan(source)
        made = pipeline.make("film", source, plan)
        found = pipeline.attachment(plan, made, made.download.size - 1)
        assert found
        names.add(found[0].file.name)
    assert len(names) == 1


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a picture whose frames are numbered, and two sounds."""
    folder = tmp_path_factory.mktemp("parts")
    numbered(folder / "picture.mp4", 150, "-g", "50", "-movflags", FRAGMENTED["movflags"])
    for number, language in enumerate(LANGUAGES, 1):
        tone = f"sine=frequency={number * 440}:sample_rate=48000:duration=6"
        encode(
            *("-f", "lavfi", "-i", tone, "-c:a", "aac", "-ac", "2"),
            *("-movflags", FRAGMENTED["movflags"], str(folder / f"{language}.mp4")),
        )
    return folder


def present(parts: Path, folder: Path, layout: Layout) -> Presentation:
    track = Rendition(name="32p", codec="h264", video_range="SDR", width=128, height=32)
    picture = hls.cut(parts / "picture.mp4", folder, track, (25, 1), layout)
    sounds = [
        hls.cut_sound(
            parts / f"{language}.mp4",
            folder,
            AudioTrack(
                name=f"sound-{language}", language=language, title="", channels=2, default=language == "fr"
            ),
            layout,
            picture,
        )
        for language in LANGUAGES
    ]
    cuts = (picture, *sounds)
    (folder / "film.mp4").write_bytes(b"a whole film")
    download = MediaFile("film.mp4", 12)
    return Presentation(
        id=hls.identity(cuts),
        width=128,
        height=32,
        rate=(25, 1),
        duration=6.0,
        renditions=(picture.rendition,),
        audio_tracks=tuple(cut.sound for cut in sounds),
        layout=layout,
        download=download,
        download_size=(128, 32),
        storyboard=None,
        chapters=(),
        audio=True,
        preview=False,
        files=(*(file for cut in cuts for file in cut.files), download, hls.write_hashes(cuts, folder)),
    )


@pytest.mark.parametrize(("before", "after"), [("files", "single"), ("single", "files")])
def test_sounds_are_laid_out_anew_too(parts: Path, tmp_path: Path, before: Layout, after: Layout) -> None:
    folders = {name: tmp_path / name for name in ("before", "moved", "after")}
    for folder in folders.values():
        folder.mkdir()
    old = present(parts, folders["before"], before)
    moved = repackage(old, folders["before"], folders["moved"], after)
    assert moved == present(parts, folders["after"], after)
    assert contents(folders["moved"]) == contents(folders["after"])


@pytest.mark.parametrize("layout", ["files", "single"])
def test_a_whole_film_has_the_sound_that_players_begin_with(
    parts: Path, tmp_path: Path, layout: Layout
) -> None:
    (made := tmp_path / "made").mkdir()
    (out := tmp_path / "out").mkdir()
    presentation = present(parts, made, layout)
    attachment = remux(Ffmpeg(), presentation, presentation.renditions[0], made, out)
    path = out / attachment.file.name
    assert [file.name for file in out.iterdir()] == [path.name]
    assert numbers(path) == list(range(150))
    streams = ffprobe(path, "-show_streams")["streams"]
    assert [stream["codec_name"] for stream in streams] == ["h264", "aac"]
    french = decoded(parts / "fr.mp4", kind="s16le")
    assert decoded(path, "-map", "0:a", kind="s16le") == french
