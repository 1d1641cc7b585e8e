"""The box reader meets whatever bytes there are: it understands them or raises ValueError."""

import random
import struct
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.media.films import encode, ffprobe, film
from tubegen.media.encode.encoders import FRAGMENTED
from tubegen.media.package.boxes import box, boxes
from tubegen.media.package.mp4 import read_fragmented


@pytest.fixture(scope="module")
def fragmented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of sound and picture with a key frame every second."""
    folder = tmp_path_factory.mktemp("mp4")
    whole = film(folder / "whole.mp4", "-g", "25", picture="testsrc2=size=64x64:rate=25")
    encode("-i", str(whole), "-c", "copy", "-movflags", FRAGMENTED["movflags"], str(folder / "film.mp4"))
    return folder / "film.mp4"


def reads_or_refuses(data: bytes) -> None:
    """Any other exception than ValueError gets through, and fails the test."""
    try:
        read_fragmented(data)
    except ValueError:
        return


def test_reads_what_ffprobe_reads(fragmented: Path) -> None:
    layout = read_fragmented(fragmented.read_bytes())
    packets = ffprobe(fragmented, "-select_streams", "v", "-show_entries", "packet=flags")["packets"]
    assert [fragment.frames for fragment in layout.fragments] == [25, 25, 25]
    assert len(packets) == 75
    assert all(fragment.duration == pytest.approx(1) for fragment in layout.fragments)
    assert all(fragment.begins_with_key for fragment in layout.fragments)
    assert not layout.edit_lists
    assert layout.codecs[1] == "mp4a.40.2"


def test_the_parts_lie_end_to_end(fragmented: Path) -> None:
    layout = read_fragmented(fragmented.read_bytes())
    ends = [layout.init_end, *(fragment.end for fragment in layout.fragments)]
    assert [fragment.start for fragment in layout.fragments] == ends[:-1]
    assert ends[-1] <= fragmented.stat().st_size


def test_a_plain_mp4_is_refused(tmp_path: Path) -> None:
    plain = film(tmp_path / "plain.mp4", picture="testsrc2=size=64x64:rate=25", tone="", seconds=1)
    with pytest.raises(ValueError, match="fragment"):
        read_fragmented(plain.read_bytes())


def test_fragments_that_begin_between_key_frames_are_seen(fragmented: Path, tmp_path: Path) -> None:
    options = ["-c", "copy", "-an", "-movflags", "+empty_moov+default_base_moof+frag_every_frame"]
    encode("-i", str(fragmented), *options, str(tmp_path / "frames.mp4"))
    keys = [f.begins_with_key for f in read_fragmented((tmp_path / "frames.mp4").read_bytes()).fragments]
    assert [n for n, key in enumerate(keys) if key] == [0, 25, 50]


def test_a_clock_that_stands_is_refused(fragmented: Path) -> None:
    data = bytearray(fragmented.read_bytes())
    struct.pack_into(">I", data, data.index(b"mdhd") + 16, 0)
    with pytest.raises(ValueError, match="clock"):
        read_fragmented(bytes(data))


def test_an_edit_list_is_seen(fragmented: Path) -> None:
    data = fragmented.read_bytes()
    at = data.index(b"trak") - 4
    (size,) = struct.unpack_from(">I", data, at)
    (outer,) = struct.unpack_from(">I", data, data.index(b"moov") - 4)
    edits = box(b"edts", box(b"elst", bytes(8)))
    grown = bytearray(data[: at + size] + edits + data[at + size :])
    struct.pack_into(">I", grown, at, size + len(edits))
    struct.pack_into(">I", grown, data.index(b"moov") - 4, outer + len(edits))
    assert read_fragmented(bytes(grown)).edit_lists


CODECS = {
    "avc1.64000a": ["-c:v", "libx264", "-profile:v", "high", "-pix_fmt", "yuv420p"],
    "hvc1.1.6.L30.90": [
        "-c:v",
        "libx265",
        "-x265-params",
        "log-level=0",
        "-tag:v",
        "hvc1",
        "-pix_fmt",
        "yuv420p",
    ],
    "av01.0.00M.08": ["-c:v", "libaom-av1", "-cpu-used", "8", "-pix_fmt", "yuv420p"],
    "av01.0.00M.10.0.110.09.16.09.0": [
        *("-c:v", "libaom-av1", "-cpu-used", "8", "-pix_fmt", "yuv420p10le", "-color_primaries", "bt2020"),
        *("-color_trc", "smpte2084", "-colorspace", "bt2020nc"),
    ],
    "av01.1.00M.08.0.000.01.01.01.0": ["-c:v", "libaom-av1", "-cpu-used", "8", "-pix_fmt", "yuv444p"],
    "mp4a.40.2": ["-c:a", "aac"],
    "mp4a.6b": ["-c:a", "libmp3lame"],
    "Opus": ["-c:a", "libopus"],
    "ac-3": ["-c:a", "ac3"],
    "ec-3": ["-c:a", "eac3"],
}


@pytest.mark.parametrize("name", CODECS)
def test_codecs_are_named_as_players_ask_for_them(name: str, tmp_path: Path) -> None:
    """RFC 6381, and the bindings of each codec to MP4."""
    options = CODECS[name]
    source = "testsrc2=size=64x64:rate=25:duration=0.12" if "-c:v" in options else "sine=d=0.1:r=48000"
    encode(
        "-f", "lavfi", "-i", source, *options, "-movflags", FRAGMENTED["movflags"], str(tmp_path / "film.mp4")
    )
    layout = read_fragmented((tmp_path / "film.mp4").read_bytes())
    assert layout.codecs == (name,)
    assert layout.tracks[0].video == ("-c:v" in options)


@pytest.mark.parametrize(("config", "name"), [(b"\x29\x88", "mp4a.40.5"), (b"\xf9\x40", "mp4a.40.42")])
def test_aac_of_other_kinds_is_named_by_its_configuration(fragmented: Path, config: bytes, name: str) -> None:
    """HE-AAC, and xHE-AAC by the long form of its number (ISO/IEC 14496-3 §1.6.2.1)."""
    data = bytearray(fragmented.read_bytes())
    at = data.index(b"\x05\x80\x80\x80", data.index(b"esds")) + 5
    assert data[at] >> 3 == 2
    data[at : at + 2] = config
    assert read_fragmented(bytes(data)).codecs[1] == name


@given(st.binary(max_size=200))
@example(b"")
@example(struct.pack(">I4s", 1, b"moov"))
@example(box(b"moov", box(b"trak")))
@example(box(b"moov", box(b"trak", box(b"tkhd"))))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        read_fragmented(data)


kinds = st.sampled_from(
    b"moov trak mdia minf stbl moof traf mvex trex tkhd mdhd hdlr stsd avc1 avcC hvc1 hvcC av01 av1C colr mp4a esds "
    b"tfhd tfdt trun mdat edts".split()
)
trees = st.recursive(
    st.builds(box, kinds, st.binary(max_size=100)),
    lambda inner: st.builds(
        lambda kind, parts: box(kind, b"".join(parts)), kinds, st.lists(inner, max_size=4)
    ),
    max_leaves=30,
)


@given(st.lists(trees, max_size=4))
def test_random_trees_of_the_right_boxes_raise_nothing_else(parts: list[bytes]) -> None:
    reads_or_refuses(b"".join(parts))


@pytest.mark.parametrize("seed", range(8))
def test_mutations_of_a_film_raise_nothing_else(fragmented: Path, seed: int) -> None:
    data, dice = fragmented.read_bytes(), random.Random(seed)
    kinds = b"tkhd mdhd hdlr stsd avcC esds trex tfhd tfdt trun".split()
    heads = [at for at in range(len(data)) if data[at : at + 4] in kinds]
    for _ in range(250):
        broken = bytearray(data)
        for _ in range(dice.choice([1, 1, 2, 8])):
            near = dice.choice(heads) + dice.randrange(-4, 40)
            place = near if dice.random() < 0.7 else dice.randrange(len(data))
            broken[place] = dice.choice([0, 1, 2, 127, 255, dice.randrange(256)])
        reads_or_refuses(bytes(broken))


@pytest.mark.parametrize("part", ["init", "any"])
def test_a_film_cut_anywhere_raises_nothing_else(fragmented: Path, part: str) -> None:
    data = fragmented.read_bytes()
    init = read_fragmented(data).init_end
    for end in range(init) if part == "init" else range(init, len(data), 97):
        reads_or_refuses(data[:end])


def test_depth_costs_no_stack() -> None:
    nested = b""
    for _ in range(5000):
        nested = box(b"moov", nested)
    reads_or_refuses(nested)
    assert [found.kind for found in boxes(nested)] == [b"moov"]
