"""Finished presentations, looked at from outside: ffprobe, the playlists as players read them, and Pillow."""

import hashlib
import json
import re
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from tests.media.films import (
    PICTURE,
    Playlist,
    decoded,
    encode,
    ffprobe,
    film,
    named_by_content,
    top_boxes,
    window_rates,
)
from tubegen.config import MediaConfig
from tubegen.errors import MediaError
from tubegen.media.audio_track import PackagedAudioTrack
from tubegen.media.encode import graphs
from tubegen.media.pipeline import MediaPipeline
from tubegen.media.plan.plan import Plan
from tubegen.media.rendition import PackagedRendition
from tubegen.media.result import Presentation

PROFILES = {66: ("Baseline", "Constrained Baseline"), 77: ("Main",), 100: ("High",)}


@dataclass(frozen=True)
class Shown:
    """A presentation in its folder, as a server would have it."""

    plan: Plan
    made: Presentation
    folder: Path

    def playlist(self, track: PackagedRendition | PackagedAudioTrack) -> Playlist:
        return Playlist.read(self.folder / track.playlist)

    def size(self, name: str) -> int:
        return (self.folder / name).stat().st_size


def show(pipeline: MediaPipeline, source: Path) -> Shown:
    plan = pipeline.plan(source)
    return Shown(plan, pipeline.make("film", source, plan), pipeline.presentation_folder(plan))


def interlaced(path: Path) -> Path:
    options = ["-vf", "interlace=scan=tff", "-flags", "+ildct+ilme", "-x264-params", "tff=1"]
    return film(path, *options, picture="testsrc2=size=320x180:rate=50", seconds=2)


def turned(path: Path) -> Path:
    """As phones write it: lying, with a matrix in the track's header that says to turn it (ISO/IEC 14496-12)."""
    data = bytearray(film(path, seconds=2).read_bytes())
    struct.pack_into(">6i", data, data.index(b"tkhd") + 44, 0, 1 << 16, 0, -1 << 16, 0, 0)
    path.write_bytes(data)
    return path


def two_sizes(path: Path) -> Path:
    """As broadcasts change between programmes."""
    one = film(path.with_name("one.ts"), "-f", "mpegts", tone="", seconds=2)
    other = film(path.with_name("other.ts"), "-f", "mpegts", "-output_ts_offset", "2", tone="",
                 picture="testsrc2=size=160x120:rate=25", seconds=2)  # fmt: skip
    path.write_bytes(one.read_bytes() + other.read_bytes())
    return path


def screen_recording(path: Path) -> Path:
    return film(path, "-vf", "select='not(between(n,20,50))'", "-vsync", "vfr")


FILMS: dict[str, tuple[Callable[[Path], Path], dict[str, object]]] = {
    "25": (lambda path: film(path, seconds=5), {"rate": (25, 1), "frames": 125}),
    "29.97": (
        lambda path: film(path, picture="testsrc2=size=320x180:rate=30000/1001"),
        {"rate": (30000, 1001), "frames": 90},
    ),
    "50": (lambda path: film(path, picture="testsrc2=size=320x180:rate=50"), {"frames": 150}),
    "120": (
        lambda path: film(path, picture="testsrc2=size=320x180:rate=120", seconds=2),
        {"rate": (60, 1), "frames": 120},
    ),
    "odd": (
        lambda path: film(path, "-pix_fmt", "yuv444p", picture="testsrc2=size=853x479:rate=25", seconds=1),
        {"frames": 25},
    ),
    "turned": (turned, {"frames": 50}),
    "silent": (lambda path: film(path, tone=""), {"muxed": False}),
    "5.1": (lambda path: film(path, "-ac", "6"), {"muxed": True}),
    "interlaced": (interlaced, {"deinterlace": True, "rate": (25, 1), "frames": 50}),
    "two sizes": (two_sizes, {"rate": (25, 1), "frames": 100}),
    "unsteady": (screen_recording, {"rate": (25, 1), "frames": 75}),
    "one frame": (lambda path: film(path, "-frames:v", "1", tone=""), {"frames": 1}),
    "late sound": (lambda path: film(path, late=1.5), {"frames": 75}),
}


@pytest.mark.parametrize("kind", FILMS)
def test_a_film_of_every_kind_is_presented_right(kind: str, pipeline: MediaPipeline, tmp_path: Path) -> None:
    make, expected = FILMS[kind]
    shown = show(pipeline, make(tmp_path / "source.mp4"))
    assert {field: getattr(shown.plan, field) for field in expected} == expected
    check(shown)
    picture, folder = pipeline.poster(shown.plan)
    with Image.open(folder / picture.jpeg) as poster:
        assert poster.size == (picture.width, picture.height)
        assert (poster.height > poster.width) == (kind == "turned")


def test_the_poster_is_a_picture_with_something_to_see(pipeline: MediaPipeline, tmp_path: Path) -> None:
    dark = "drawbox=t=fill:c=black:enable='not(between(t,4,5.9))'"
    shown = show(pipeline, film(tmp_path / "film.mp4", "-vf", dark, tone="", seconds=10))
    picture, folder = pipeline.poster(shown.plan)
    with Image.open(folder / picture.jpeg) as poster:
        assert ImageStat.Stat(poster.convert("L")).stddev[0] > 40


@pytest.mark.parametrize("quality", ["default", "archive"])
def test_pictures_that_lean_on_later_ones_are_presented_right(
    quality: str, pipelines: Callable[..., MediaPipeline], tmp_path: Path
) -> None:
    """Better qualities have B-frames, which are stored before they are shown; drafts have none."""
    media = MediaConfig(renditions=(180, 120), quality=quality)
    check(show(pipelines(media=media), film(tmp_path / "source.mp4", seconds=5)))


def check(shown: Shown) -> None:
    """All that holds for every presentation."""
    check_files(shown)
    check_playlists(shown)
    for rendition in shown.made.renditions:
        check_rates(shown, rendition)
        check_segments(shown, rendition)
    check_download(shown)
    check_storyboard(shown)


def check_files(shown: Shown) -> None:
    promised = {file.name: file.size for file in shown.made.files}
    there = {path.name: path.stat().st_size for path in shown.folder.iterdir() if path.name != "record.json"}
    assert there == promised
    assert all(named_by_content(shown.folder / name) for name in promised if name != "segments-sha256.json")
    hashes = json.loads((shown.folder / "segments-sha256.json").read_bytes())
    tracks = (*shown.made.renditions, *shown.made.audio_tracks)
    segments = [name for track in tracks for name, _ in shown.playlist(track).segments]
    assert hashes == {
        name: hashlib.sha256((shown.folder / name).read_bytes()).hexdigest() for name in segments
    }


def check_playlists(shown: Shown) -> None:
    playlists = [shown.playlist(r) for r in shown.made.renditions]
    durations = [[seconds for _, seconds in playlist.segments] for playlist in playlists]
    assert all(other == durations[0] for other in durations)
    assert sum(durations[0]) == pytest.approx(shown.made.duration, abs=1e-6 * len(durations[0]))
    assert all(round(seconds) <= playlists[0].target for seconds in durations[0])
    # two seconds first, so that it starts soon; then four each
    gops = [round(seconds * Fraction(*shown.plan.rate)) / shown.plan.gop for seconds in durations[0]]
    assert gops[0] == 1 or len(gops) == 1
    assert all(gop == 2 for gop in gops[1:-1])
    assert [r.height * r.width for r in shown.made.renditions] == sorted(
        r.height * r.width for r in shown.made.renditions
    )


def check_rates(shown: Shown, rendition: PackagedRendition) -> None:
    playlist = shown.playlist(rendition)
    sizes = [shown.size(name) for name, _ in playlist.segments]
    seconds = [seconds for _, seconds in playlist.segments]
    peak = max(window_rates(sizes, seconds, playlist.target))
    assert peak * (1 - 1e-6) <= rendition.bandwidth <= 1.1 * peak
    assert rendition.average == pytest.approx(sum(sizes) * 8 / shown.made.duration, rel=1e-5, abs=1)


def check_segments(shown: Shown, rendition: PackagedRendition) -> None:
    """Every segment can be played by itself, and together they are the planned film."""
    playlist = shown.playlist(rendition)
    init = (shown.folder / playlist.init).read_bytes()
    assert b"elst" not in init
    rate = Fraction(*rendition.rate)
    starts = accumulate((seconds for _, seconds in playlist.segments), initial=0.0)
    frames = 0
    alone = shown.folder.parent / "alone.mp4"
    for (name, seconds), start in zip(playlist.segments, starts, strict=False):
        alone.write_bytes(init + (shown.folder / name).read_bytes())
        said = ffprobe(alone, "-show_streams", "-show_entries", "packet=codec_type,pts_time,dts_time,flags")
        pictures = [packet for packet in said["packets"] if packet["codec_type"] == "video"]
        assert "K" in pictures[0]["flags"]
        # ffprobe moves pictures so that no offset is below zero; players take the offsets as they are
        assert first_offset(alone.read_bytes()) == 0
        assert float(pictures[0]["dts_time"]) == pytest.approx(start, abs=1e-4)
        times = {packet["pts_time"] for packet in pictures}
        assert len(times) == round(seconds * rate)
        frames += len(times)
        check_streams(shown, rendition, said["streams"])
    assert frames == round(shown.made.duration * rate)
    whole = init + b"".join((shown.folder / name).read_bytes() for name, _ in playlist.segments)
    alone.write_bytes(whole)
    assert len(decoded(alone, "-map", "0:v", "-vf", "scale=2:2,format=gray", "-vsync", "0")) == 4 * frames
    alone.unlink()


def first_offset(data: bytes) -> int:
    """From decoding to showing the first picture, in ticks (ISO/IEC 14496-12 §8.8.8)."""
    at = data.index(b"trun", data.index(b"moof")) + 4
    flags, _ = struct.unpack_from(">II", data, at)
    if not flags & 0x800:
        return 0
    before = sum(4 for bit in (0x1, 0x4, 0x100, 0x200, 0x400) if flags & bit)
    return struct.unpack_from(">i", data, at + 8 + before)[0]


def check_streams(shown: Shown, rendition: PackagedRendition, streams: list[dict[str, object]]) -> None:
    video = next(stream for stream in streams if stream["codec_type"] == "video")
    codecs = rendition.codecs.split(",")
    said = re.fullmatch(r"avc1\.([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", codecs[0])
    assert said
    assert video["profile"] in PROFILES[int(said[1], 16)]
    assert video["level"] == int(said[3], 16)
    assert (video["width"], video["height"]) == (rendition.width, rendition.height)
    assert Fraction(str(video["r_frame_rate"])) == Fraction(*rendition.rate)
    assert video.get("sample_aspect_ratio", "1:1") == "1:1"
    assert (video["pix_fmt"], video["color_space"], video["color_range"]) == ("yuv420p", "bt709", "tv")
    audio = [stream for stream in streams if stream["codec_type"] == "audio"]
    assert codecs[1:] == ["mp4a.40.2" for _ in audio]
    assert len(audio) == (shown.plan.muxed)
    assert all((s["profile"], s["sample_rate"], s["channels"]) == ("LC", "48000", 2) for s in audio)


def check_download(shown: Shown) -> None:
    path = shown.folder / shown.made.download.name
    kinds = top_boxes(path)
    assert kinds.index("moov") < kinds.index("mdat")
    assert "moof" not in kinds
    said = ffprobe(path, "-show_format", "-show_streams", "-count_packets")
    video = next(stream for stream in said["streams"] if stream["codec_type"] == "video")
    made = next(r for r in shown.made.renditions if r.name == shown.plan.download)
    assert int(video["nb_read_packets"]) == round(shown.made.duration * Fraction(*made.rate))
    assert (video["width"], video["height"]) == shown.made.download_size
    # sound comes in packets of 1024 samples
    assert float(said["format"]["duration"]) == pytest.approx(shown.made.duration, abs=2 * 1024 / 48000)


def check_storyboard(shown: Shown) -> None:
    board = shown.made.storyboard
    assert board
    with Image.open(shown.folder / board.name) as sprite:
        assert sprite.size == (board.columns * board.tile_width, board.rows * board.tile_height)
    text = (shown.folder / board.vtt).read_text("utf-8")
    cues = re.findall(r"^(\S+) --> (\S+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$", text, re.M)
    assert len(cues) == board.count
    # a source that is copied may have no key frame in the last interval
    assert 0 <= -(-shown.plan.frames // shown.plan.gop) - board.count <= bool(shown.plan.gop_starts)
    assert board.columns * board.rows >= board.count > board.columns * (board.rows - 1)
    times = [(clock(start), clock(end)) for start, end, *_ in cues]
    assert times[0][0] == 0
    assert times[-1][1] == pytest.approx(shown.made.duration, abs=0.001)
    assert all(before[1] == after[0] for before, after in pairwise(times))
    places = {(int(x), int(y)) for *_, x, y, _, _ in cues}
    assert len(places) == board.count
    assert {name for _, _, name, *_ in cues} == {board.name}


def clock(text: str) -> float:
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def whole(shown: Shown, path: Path) -> Path:
    """The largest rendition as a player puts it together."""
    playlist = shown.playlist(shown.made.renditions[-1])
    parts = [playlist.init, *(name for name, _ in playlist.segments)]
    path.write_bytes(b"".join((shown.folder / name).read_bytes() for name in parts))
    return path


@pytest.mark.parametrize(
    ("sound_late", "picture_late"), [(0, 0), (0, 0.08), (0.3, 0), (0, 0.5)], ids=lambda late: f"{late}s"
)
def test_flash_and_beep_stay_together(
    sound_late: float, picture_late: float, pipeline: MediaPipeline, tmp_path: Path
) -> None:
    """At 1 s of the clip's own clock the picture turns white and a tone begins, however its tracks start."""
    flash = f"color=c=black:s=64x64:r=50:d={3 - picture_late},drawbox=c=white:t=fill:enable='gte(t,{1 - picture_late})'"
    beep = (
        f"sine=frequency=1000:sample_rate=48000:d={3 - sound_late},volume=0:enable='lt(t,{1 - sound_late})'"
    )
    source = tmp_path / "source.mkv"
    encode(
        *("-itsoffset", str(picture_late), "-f", "lavfi", "-i", flash),
        *("-itsoffset", str(sound_late), "-f", "lavfi", "-i", beep),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le", str(source)),
    )
    played = whole(show(pipeline, source), tmp_path / "played.mp4")
    pictures = decoded(played, "-map", "0:v", "-vf", "scale=1:1,format=gray", "-vsync", "0")
    white = next(n for n, grey in enumerate(pictures) if grey > 128) / 50
    samples = memoryview(decoded(played, "-map", "0:a", "-ac", "1", kind="s16le")).cast("h")
    heard = next(n for n, sample in enumerate(samples) if abs(sample) > 1000) / 48000
    assert white == pytest.approx(heard, abs=0.0205)


def test_two_films_from_equal_sources_are_made_once(pipeline: MediaPipeline, told, tmp_path: Path) -> None:
    source = film(tmp_path / "one.mp4", seconds=2)
    (tmp_path / "two.mp4").write_bytes(source.read_bytes())
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda name: show(pipeline, tmp_path / name), ["one.mp4", "two.mp4"])
    assert one == two
    assert [event[0] for event in told.events].count("planned") == 1
    assert sum(event[2] for event in told.events if event[0] == "advanced") == one.plan.frames


def test_progress_is_told_in_frames(pipeline: MediaPipeline, told, tmp_path: Path) -> None:
    shown = show(pipeline, film(tmp_path / "source.mp4"))
    assert told.events[0] == ("planned", "film", shown.plan.frames, 0)
    assert told.events[-1] == ("finished", "film")
    steps = [event[2] for event in told.events[1:-1]]
    assert all(step > 0 for step in steps)
    assert sum(steps) == shown.plan.frames


def test_equal_sources_give_equal_bytes(pipelines: Callable[..., MediaPipeline], tmp_path: Path) -> None:
    source = film(tmp_path / "source.mp4", picture=PICTURE, seconds=2)
    one, two = show(pipelines("one"), source), show(pipelines("two"), source)
    assert one.made == two.made
    assert {p.name: p.read_bytes() for p in one.folder.iterdir()} == {
        p.name: p.read_bytes() for p in two.folder.iterdir()
    }


def test_decoder_and_encoders_work_in_one_thread(pipeline: MediaPipeline, tmp_path: Path) -> None:
    """x264's threads see how far the others are when the ceiling binds: the bits depend on the machine's load."""
    plan = pipeline.plan(film(tmp_path / "source.mp4", seconds=1))
    outputs = [tmp_path / f"{n}.mp4" for n in range(len(plan.renditions))]
    arguments = graphs.chunk(tmp_path / "source.mp4", plan, 0, outputs)
    assert " ".join(arguments).count("-threads 1 ") == 1 + arguments.count("-c:v") == 1 + len(outputs)


def test_a_source_that_breaks_on_the_way_is_the_authors_to_mend(
    pipeline: MediaPipeline, tmp_path: Path
) -> None:
    """Its tables are whole and promise a film; there is nothing where the film should be."""
    source = film(tmp_path / "source.mp4", "-movflags", "+faststart", tone="")
    data = source.read_bytes()
    start = data.index(b"mdat") + 4
    source.write_bytes(data[:start] + bytes(len(data) - start))
    with pytest.raises(MediaError, match=r"source.mp4: .*may be damaged: export it again"):
        show(pipeline, source)
