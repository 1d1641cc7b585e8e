"""The plan: what is made of a source, decided without touching it."""

from fractions import Fraction
from itertools import pairwise

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tubegen.config import MediaConfig
from tubegen.config.media import QUALITIES
from tubegen.media.audio_track import PlannedAudioTrack
from tubegen.media.ffmpeg.capabilities import Abilities
from tubegen.media.ffmpeg.program import Encoder
from tubegen.media.plan import chunking
from tubegen.media.plan import plan as planning
from tubegen.media.plan.cache_keys import presentation_key
from tubegen.media.plan.ladder import MAX_LONG_SIDE, display_size
from tubegen.media.plan.plan import Plan, make_plan
from tubegen.media.rendition import PlannedRendition
from tubegen.media.source.frame_grid import STEADY_RATES
from tubegen.media.source.probe import AudioStream, Probe, VideoStream

ABILITIES = Abilities(
    ffmpeg="5.1", x264="164", svt_av1="1.4.1", x265="3.5", aac=True, bwdif=True, zscale=True
)
STEREO = PlannedAudioTrack(name="sound", index=1, channels=2, language="", title="", default=True)
GOLDEN = Plan(
    format=planning.FORMAT,
    source="0" * 64,
    encoder=Encoder("5.1", x264="164"),
    video_index=0,
    cover=None,
    origin=0.0,
    chunk_seeks=(10.0, 24.0, 36.0, 50.0, 64.0, 78.0, 92.0, 106.0, 118.0, 132.0),
    rate=(25, 1),
    frames=3750,
    source_frames=3750,
    gop=50,
    gop_starts=(),
    chunk_starts=(0, 350, 700, 1000, 1350, 1700, 2050, 2400, 2750, 3050, 3400),
    renditions=(
        PlannedRendition(name="1080p", width=1920, height=1080, maxrate=5_184_000),
        PlannedRendition(name="720p", width=1280, height=720, maxrate=2_534_400),
        PlannedRendition(name="480p", width=854, height=480, maxrate=1_229_760),
        PlannedRendition(name="240p", width=426, height=240, maxrate=434_520),
    ),
    effort=QUALITIES["default"],
    deinterlace=False,
    tonemap="",
    matrix="bt709",
    full_range=False,
    audio_tracks=(STEREO,),
    loudness=-16,
    download="720p",
    part="whole",
    content="film",
)

rates = st.one_of(
    st.sampled_from([(r.numerator, r.denominator) for r in STEADY_RATES]),
    st.integers(1, 480).map(lambda n: (n, 1)),
)
videos = st.builds(
    lambda start, seconds, **fields: VideoStream(
        index=0, declared_duration=0.0, longest_gop=2.0, start=start,
        end=start + seconds, codec="h264", profile="High", level=41, pixel_format="yuv420p",
        bit_rate=6_000_000, primaries="bt709", closed_gops=(), **fields,
    ),
    start=st.floats(-10, 1000),
    seconds=st.floats(0.001, 3 * 3600),
    width=st.integers(16, 8192),
    height=st.integers(16, 8192),
    sar=st.sampled_from([(1, 1), (64, 45), (16, 11), (1, 2), (8, 9)]),
    rotation=st.sampled_from([0, 90, 180, 270]),
    rate=rates,
    interlaced=st.booleans(),
    hdr=st.sampled_from(["", "pq", "hlg"]),
    matrix=st.sampled_from(["", "bt709", "smpte170m", "bt2020nc"]),
    full_range=st.booleans(),
)  # fmt: skip
tracks = st.builds(
    AudioStream, index=st.just(1), start=st.floats(-10, 1000), end=st.just(0.0), codec=st.just("aac"),
    channels=st.just(2), language=st.just(""), title=st.just(""), default=st.just(True),
)  # fmt: skip
probes = st.builds(
    Probe, sha256=st.just("0" * 64), container=st.just("mov"), video=videos,
    audio_streams=st.just(()) | st.tuples(tracks), text_streams=st.just(()), chapters=st.just(()), cover=st.none(),
)  # fmt: skip
media = st.builds(
    MediaConfig,
    renditions=st.lists(st.integers(120, 4320), min_size=1, max_size=6).map(
        lambda sides: tuple(sorted(sides, reverse=True))
    ),
    quality=st.sampled_from(["draft", "default", "archive"]),
    download=st.integers(120, 4320),
)


def film_of(probe: Probe) -> VideoStream:
    assert probe.video is not None
    return probe.video


plans = st.builds(make_plan, probes, media, st.just(ABILITIES))


def test_the_plan_of_a_1080p25_film(pal: Probe) -> None:
    plan = make_plan(pal, MediaConfig(), ABILITIES)
    assert plan == GOLDEN
    assert plan.duration == 150.0
    assert len(plan.chunks) == 11
    assert plan.chunks[:2] == ((0, 350), (350, 700))
    assert plan.chunks[-1] == (3400, 3750)


@given(probes, media)
def test_never_upscales_and_sides_are_even(probe: Probe, wishes: MediaConfig) -> None:
    width, height = display_size(film_of(probe))
    for rendition in make_plan(probe, wishes, ABILITIES).renditions:
        assert rendition.width % 2 == rendition.height % 2 == 0
        # an odd side becomes even, and nothing is less than 16 pixels
        assert rendition.width <= max(16, width + 1)
        assert rendition.height <= max(16, height + 1)
        assert max(rendition.width, rendition.height) <= MAX_LONG_SIDE


@given(probes, media)
def test_rungs_are_spaced_and_none_comes_twice(probe: Probe, wishes: MediaConfig) -> None:
    rungs = make_plan(probe, wishes, ABILITIES).renditions
    assert len({rung.name for rung in rungs}) == len(rungs)
    for above, below in pairwise(rungs):
        assert above.width * above.height >= 1.15 * below.width * below.height
        assert above.maxrate >= below.maxrate


@given(probes, media)
def test_the_shape_is_kept_within_a_pixel(probe: Probe, wishes: MediaConfig) -> None:
    width, height = display_size(film_of(probe))
    for rendition in make_plan(probe, wishes, ABILITIES).renditions:
        scale = Fraction(rendition.width, width)
        assume(min(rendition.width, rendition.height) > 16)
        # each side was rounded to the nearest even number, by one pixel at most
        slack = 1 + Fraction(height, width)
        assert abs(rendition.height - height * scale) <= slack


@given(probes, media)
def test_no_rung_is_above_what_was_asked_for(probe: Probe, wishes: MediaConfig) -> None:
    for rendition in make_plan(probe, wishes, ABILITIES).renditions:
        assert min(rendition.width, rendition.height) <= max(wishes.renditions) + 1


@given(probes, media)
def test_the_download_is_the_largest_rendition_that_is_wanted(probe: Probe, wishes: MediaConfig) -> None:
    plan = make_plan(probe, wishes, ABILITIES)
    sides = {r.name: min(r.width, r.height) for r in plan.renditions}
    fitting = [side for side in sides.values() if side <= wishes.download]
    assert sides[plan.download] == (max(fitting) if fitting else min(sides.values()))


@given(plans)
def test_chunks_partition_the_frames_and_begin_with_key_frames(plan: Plan) -> None:
    chunks = plan.chunks
    assert chunks[0][0] == 0
    assert chunks[-1][1] == plan.frames
    assert all(before[1] == after[0] for before, after in pairwise(chunks))
    assert all(first < end and first % plan.gop == 0 for first, end in chunks)
    longest = max(end - first for first, end in chunks)
    assert longest <= 3 * chunking.CHUNK_GOPS * plan.gop  # easy frames make long chunks


@given(plans)
def test_the_grid_is_of_this_world(plan: Plan) -> None:
    rate = Fraction(*plan.rate)
    assert 1 <= rate <= planning.MAX_RATE
    assert rate.denominator in (1, 2, 3, 1001)
    assert plan.frames >= 1
    assert abs(plan.gop / rate - planning.GOP_SECONDS) <= 1 / rate


@given(probes)
def test_the_film_is_as_long_as_its_picture(probe: Probe) -> None:
    plan = make_plan(probe, MediaConfig(), ABILITIES)
    frame = 1 / Fraction(*plan.rate)
    assume(plan.frames > 2)
    assert plan.origin <= film_of(probe).start
    assert abs(plan.duration - (film_of(probe).end - plan.origin)) <= frame + 1e-9


@given(probes, media)
def test_the_same_probe_has_the_same_plan(probe: Probe, wishes: MediaConfig) -> None:
    again = msgspec.json.decode(msgspec.json.encode(probe), type=Probe)
    one, other = make_plan(probe, wishes, ABILITIES), make_plan(again, wishes, ABILITIES)
    assert one == other
    assert presentation_key(one, "files") == presentation_key(other, "files")


CHANGED: dict[str, object] = {
    "format": planning.FORMAT + 1,
    "source": "1" * 64,
    "encoder": Encoder("7.1"),
    "video_index": 2,
    "cover": 3,
    "origin": 0.04,
    "chunk_seeks": (1.0,),
    "rate": (30, 1),
    "frames": 3751,
    "source_frames": 3749,
    "gop": 51,
    "gop_starts": (0, 50),
    "chunk_starts": (0,),
    "renditions": GOLDEN.renditions[:3],
    "effort": QUALITIES["archive"],
    "deinterlace": True,
    "tonemap": "pq",
    "matrix": "bt601",
    "full_range": True,
    "audio_tracks": (),
    "loudness": 0,
    "download": "480p",
    "part": "beginning",
    "content": "screen",
}


@pytest.mark.parametrize("field", Plan.__struct_fields__)
def test_the_key_changes_with_every_field(field: str) -> None:
    changed = msgspec.structs.replace(GOLDEN, **{field: CHANGED[field]})
    assert presentation_key(changed, "files") != presentation_key(GOLDEN, "files")


def test_a_preview_is_the_beginning_in_one_small_rendition(pal: Probe) -> None:
    plan = make_plan(pal, MediaConfig(), ABILITIES, preview=True)
    assert [r.name for r in plan.renditions] == ["360p"]
    assert plan.frames == planning.PREVIEW_SECONDS * 25
    assert plan.part == "beginning"
    assert plan.effort.preset == "ultrafast"
