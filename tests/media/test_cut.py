"""Films in segments, as files and as ranges of bytes: what is cut is the film, and can be entered at every cut."""

import hashlib
import json
import re
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media.films import decoded, encode, ffprobe, named_by_content
from tubegen.media.audio_track import AudioTrack
from tubegen.media.encode.graphs import FRAGMENTED
from tubegen.media.package import hls
from tubegen.media.package.media_playlist import parts
from tubegen.media.package.mp4 import Fragment, Samples
from tubegen.media.rendition import Rendition
from tubegen.media.result import Layout

KEYS = (0, 0.48, 2.2, 6, 6.32, 9, 15.6)
"""Seconds at which a film that was never made for it has key frames; it lasts 16."""
STARTS = [0, 2.2, 6.32, 9, 15.6]
AAC_FRAME = 1024 / 48000

PICTURE = Rendition(name="36p", codec="h264", video_range="SDR", width=64, height=36)
SPEECH = AudioTrack(name="sound-fr", language="fr", title="", channels=2, default=True)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cut") / "film.mp4"
    keys = ",".join(map(str, KEYS))
    options = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "999", "-sc_threshold", "0"]
    encode(
        *("-f", "lavfi", "-i", "testsrc2=size=64x36:rate=25:duration=16", *options),
        *("-force_key_frames", keys, "-flags", "+cgop", "-movflags", FRAGMENTED["movflags"], str(path)),
    )
    return path


@pytest.fixture(scope="module")
def speech(film: Path) -> Path:
    path = film.with_name("speech.mp4")
    encode(
        *("-f", "lavfi", "-i", "aevalsrc=sin(500*t*t)|sin(300*t):s=48000:d=16"),
        *("-c:a", "aac", "-movflags", FRAGMENTED["movflags"], str(path)),
    )
    return path


layouts = pytest.mark.parametrize("layout", ["files", "single"])


def joined(folder: Path, playlist: str, to: Path) -> bytes:
    data = b"".join((folder / name).read_bytes() for name in parts((folder / playlist).read_text()))
    to.write_bytes(data)
    return data


def ranges(playlist: str) -> list[tuple[str, int, int]]:
    """Name, first byte and last but one of each entry that is a range."""
    found = re.findall(r"^#EXT-X-BYTERANGE:(\d+)@(\d+)\n(.+)$", playlist, re.M)
    return [(name, int(start), int(start) + int(size)) for size, start, name in found]


@layouts
def test_the_parts_make_up_the_film(film: Path, tmp_path: Path, layout: Layout) -> None:
    made = hls.cut(film, tmp_path, PICTURE, (25, 1), layout)
    starts = accumulate((segment.duration for segment in made.segments[:-1]), initial=0.0)
    assert list(starts) == pytest.approx(STARTS)
    assert film.read_bytes().startswith(joined(tmp_path, made.rendition.playlist, tmp_path / "whole.mp4"))
    assert {file.name: file.size for file in made.files} | {"whole.mp4": 0} == {
        path.name: path.stat().st_size if path.name != "whole.mp4" else 0 for path in tmp_path.iterdir()
    }
    assert all(named_by_content(tmp_path / file.name) for file in made.files)
    assert len(made.files) == (2 + 1 + len(STARTS) if layout == "files" else 3)
    assert sum(made.frames) == 16 * 25


@layouts
def test_hashes_are_read_as_peertube_reads_them(film: Path, tmp_path: Path, layout: Layout) -> None:
    """Of a file, or of ranges that name their first and last byte (peertube.md §5.7); no init segment."""
    made = hls.cut(film, tmp_path, PICTURE, (25, 1), layout)
    file = hls.write_hashes([made], tmp_path)
    told = json.loads((tmp_path / file.name).read_bytes())
    if layout == "single":
        ((name, spans),) = told.items()
        data = (tmp_path / name).read_bytes()
        cuts = ((span, *map(int, span.split("-"))) for span in spans)
        assert spans == {span: hashlib.sha256(data[start : end + 1]).hexdigest() for span, start, end in cuts}
        playlist = (tmp_path / made.rendition.playlist).read_text()
        assert list(spans) == [f"{start}-{end - 1}" for _, start, end in ranges(playlist)]
        assert f'#EXT-X-MAP:URI="{name}",BYTERANGE="{ranges(playlist)[0][1]}@0"\n' in playlist
    else:
        segments = parts((tmp_path / made.rendition.playlist).read_text())[1:]
        assert told == {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in segments}


@layouts
def test_every_key_frame_can_be_shown_alone(film: Path, tmp_path: Path, layout: Layout) -> None:
    made = hls.cut(film, tmp_path, PICTURE, (25, 1), layout)
    playlist = (tmp_path / made.rendition.iframes).read_text()
    whole = (tmp_path / parts(playlist)[0]).read_bytes()
    init = whole[: int(re.search(r'BYTERANGE="(\d+)@0"', playlist)[1])] if layout == "single" else whole  # type: ignore[index]
    still = tmp_path / "still.mp4"
    shown: list[bytes] = []
    for name, start, end in ranges(playlist):
        still.write_bytes(init + (tmp_path / name).read_bytes()[start:end])
        shown.append(decoded(still, "-map", "0:v", "-frames:v", "1", "-pix_fmt", "gray"))
    pictures = decoded(film, "-pix_fmt", "gray")
    size = 64 * 36
    numbers = [round(key * 25) for key in KEYS]
    assert shown == [pictures[n * size : (n + 1) * size] for n in numbers]
    lengths = [float(seconds) for seconds in re.findall(r"^#EXTINF:([0-9.]+),$", playlist, re.M)]
    assert [sum(lengths[:n]) for n in range(len(lengths))] == pytest.approx(list(KEYS))
    assert made.rendition.iframe_bandwidth < made.rendition.bandwidth
    assert "#EXT-X-I-FRAMES-ONLY\n" in playlist


@layouts
def test_sound_is_cut_where_the_picture_is(film: Path, speech: Path, tmp_path: Path, layout: Layout) -> None:
    """Within a frame of sound, and none of it is lost."""
    picture = hls.cut(film, tmp_path, PICTURE, (25, 1), layout)
    made = hls.cut_sound(speech, tmp_path, SPEECH, layout, picture)
    starts = list(accumulate((segment.duration for segment in made.segments[:-1]), initial=0.0))
    assert starts == pytest.approx(STARTS, abs=AAC_FRAME / 2)
    whole = tmp_path / "whole.mp4"
    joined(tmp_path, made.sound.playlist, whole)
    assert decoded(whole, kind="s16le") == decoded(speech, kind="s16le")
    packets = ["-show_entries", "packet=pts,dts,duration"]
    assert ffprobe(whole, *packets) == ffprobe(speech, *packets)
    assert made.sound.codecs == "mp4a.40.2"
    if layout == "files":
        init, second = parts((tmp_path / made.sound.playlist).read_text())[:3:2]
        alone = tmp_path / "alone.mp4"
        alone.write_bytes((tmp_path / init).read_bytes() + (tmp_path / second).read_bytes())
        first = ffprobe(alone, "-show_entries", "packet=pts_time")["packets"][0]
        assert float(first["pts_time"]) == pytest.approx(starts[1], abs=1e-5)


def test_sound_that_ends_early_is_refused(film: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.mp4"
    encode(
        "-f",
        "lavfi",
        "-i",
        "sine=d=8:r=48000",
        "-c:a",
        "aac",
        "-movflags",
        FRAGMENTED["movflags"],
        str(short),
    )
    picture = hls.cut(film, tmp_path, PICTURE, (25, 1), "files")
    with pytest.raises(ValueError, match="no sound for segment"):
        hls.cut_sound(short, tmp_path, SPEECH, "files", picture)


def test_a_rendition_with_other_key_frames_is_refused(film: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mp4"
    options = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-movflags", FRAGMENTED["movflags"]]
    encode("-f", "lavfi", "-i", "testsrc2=size=64x36:rate=25:duration=16", *options, str(other))
    first = hls.cut(film, tmp_path, PICTURE, (25, 1), "files")
    with pytest.raises(ValueError, match="no key frame where segment 2 begins"):
        hls.cut(other, tmp_path, PICTURE, (25, 1), "files", like=first)


def test_both_layouts_have_the_same_bytes_and_figures(film: Path, speech: Path, tmp_path: Path) -> None:
    found: list[object] = []
    layouts: tuple[Layout, ...] = ("files", "single")
    for layout in layouts:
        (folder := tmp_path / layout).mkdir()
        picture = hls.cut(film, folder, PICTURE, (25, 1), layout)
        sound = hls.cut_sound(speech, folder, SPEECH, layout, picture)
        segments = (*picture.segments, *sound.segments)
        found.append([(one.size, one.duration, one.sha256) for one in segments])
        found.append((picture.rendition.bandwidth, picture.rendition.iframe_bandwidth, sound.sound.average))
    assert found[:2] == found[2:]


def fragment(seconds: float) -> Fragment:
    return Fragment(start=0, end=1, duration=seconds, runs=(Samples(0, (1,), (1,), True, 0),))


@given(st.lists(st.integers(1, 250), min_size=1, max_size=40))
def test_segments_last_about_four_seconds(frames: list[int]) -> None:
    """None is above six but for a single GOP, nothing is lost, and neighbours never both are short for no reason."""
    groups = list(hls.grouped([fragment(n / 25) for n in frames]))
    lengths = [sum(one.duration for one in group) for group in groups]
    assert [one.duration for group in groups for one in group] == [n / 25 for n in frames]
    assert all(
        length <= hls.MAX_SECONDS or len(group) == 1 for group, length in zip(groups, lengths, strict=True)
    )
    for at in range(1, len(groups) - 1):
        longer = lengths[at] + groups[at + 1][0].duration
        assert longer > hls.MAX_SECONDS or abs(longer - 4) >= abs(lengths[at] - 4)


def test_regular_key_frames_give_two_seconds_then_four() -> None:
    groups = hls.grouped([fragment(2.002)] * 6)
    assert [len(group) for group in groups] == [1, 2, 2, 1]
