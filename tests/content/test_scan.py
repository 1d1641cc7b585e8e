"""Which files make which video, and what its address is."""

from hypothesis import given
from hypothesis import strategies as st

from tubegen.content.scan import length_fault, scan, slugify
from tubegen.errors import Problems


def found(folder) -> dict[str, list[str]]:
    problems = Problems(folder)
    channels = {ch.name: [video.slug for video in ch.videos] for ch in scan(folder / "content", problems)}
    assert not problems
    return channels


def test_channels_of_folders_and_short_forms(write) -> None:
    folder = write(
        {
            "content/sea/tide/film.mov": "",
            "content/sea/moon.mp4": "",
            "content/sea/moon.md": "",
            "content/Land Ho/A Walk/walk.mkv": "",
        }
    )
    assert found(folder) == {"land-ho": ["a-walk"], "sea": ["moon", "tide"]}


def test_a_flat_site_has_the_channel_main(write) -> None:
    folder = write(
        {"content/tide/a.mp4": "", "content/moon.mp4": "", "content/moon.md": "", "content/index.md": ""}
    )
    assert found(folder) == {"main": ["moon", "tide"]}


def test_no_content_is_no_channel(write) -> None:
    assert found(write({})) == {}


def test_hidden_files_are_not_seen(write) -> None:
    folder = write({"content/sea/tide/a.mp4": "", "content/sea/tide/._a.mp4": "", "content/.git/x/b.mp4": ""})
    assert found(folder) == {"sea": ["tide"]}


def test_sound_beside_a_film_is_an_attachment(write) -> None:
    folder = write({"content/sea/tide/a.mp4": "", "content/sea/tide/a.mp3": "", "content/sea/talk/b.mp3": ""})
    channels = scan(folder / "content", Problems(folder))
    assert [[source.name for source in video.sources] for video in channels[0].videos] == [
        ["b.mp3"],
        ["a.mp4"],
    ]


def test_the_short_form_has_captions_and_a_cover(write) -> None:
    folder = write(
        {
            "content/sea/moon.mp4": "",
            "content/sea/moon.md": "",
            "content/sea/moon.en.vtt": "",
            "content/sea/moon.pt-BR.srt": "",
            "content/sea/moonlight.en.vtt": "",
            "content/sea/moon.jpg": "",
        }
    )
    (video,) = scan(folder / "content", Problems(folder))[0].videos
    assert [path.name for path in video.captions] == ["moon.en.vtt", "moon.pt-BR.srt"]
    assert [path.name for path in video.covers] == ["moon.jpg"]
    assert video.document.name == "moon.md"


def test_slugs() -> None:
    assert slugify("The Tide & the Moon_2") == "the-tide-the-moon-2"
    assert slugify("Été à Sète") == "ete-a-sete"
    assert slugify("日本の海") == "日本の海"
    assert slugify("a _ b: _c") == "a-b-c"
    assert slugify("— ! —") == ""


@given(st.text(max_size=40))
def test_a_slug_is_its_own_slug(name: str) -> None:
    slug = slugify(name)
    assert slugify(slug) == slug
    assert slug == slug.strip("-")
    assert not set(slug) & set(" /_.?#%&\\:\"'<>")


def test_addresses_are_measured_in_bytes() -> None:
    assert not length_fault("é" * 50)
    assert length_fault("é" * 50 + "a") == f"the address {'é' * 24}… has 101 bytes, and may have 100"
