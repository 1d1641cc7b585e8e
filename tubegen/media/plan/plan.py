"""Decides what is made of a source: a pure function of its probe, the site's wishes and the encoders at hand.

The plan goes into the cache keys (`cache_keys.py`): everything that changes a single bit of the result is in it,
nothing else.
"""

from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Literal

import msgspec

from tubegen.config import FILE
from tubegen.config.media import QUALITIES, Effort, MediaConfig
from tubegen.errors import InputError, Problem
from tubegen.media.audio_track import PlannedAudioTrack
from tubegen.media.ffmpeg.capabilities import Abilities
from tubegen.media.ffmpeg.hardware import NAMES
from tubegen.media.ffmpeg.program import Encoder
from tubegen.media.plan import screen_content
from tubegen.media.plan.audio_tracks import plan_audio_tracks
from tubegen.media.plan.chunking import chunk_starts, gop_weights
from tubegen.media.plan.ladder import display_size, ladder, renditions_in_codec
from tubegen.media.plan.remux_eligibility import can_be_remuxed
from tubegen.media.rendition import PlannedRendition, VideoRange
from tubegen.media.source.access_points import seek_time
from tubegen.media.source.probe import Probe, VideoStream

FORMAT = 6
"""Counts changes in how a plan is carried out; raising it encodes everything anew."""

GOP_SECONDS = 2
"""Distance of key frames: Apple's authoring specification, and the grain of seeking and of sharing."""

PREVIEW_SECONDS = 15
"""How much of a new film is shown at once while its author writes: decoding more would take more than seconds."""

_SETTLING = 2
"""Frames ahead of a chunk that deinterlacing looks back at."""

MAX_RATE = 60

STILL_RATE = (2, 1)
"""Frames per second of a film that shows one picture all along, for what is only to be heard."""
STILL_SIZE = (854, 480)

_GOOD_AV1 = (2,)
"""SVT-AV1 from which AV1 costs so little that it is made unasked."""

_RGB = ("rgb", "bgr", "gbr", "pal8", "mono")
"""In the names of pixel formats that have no luminance."""

_TAKE_OUT = "take it out, or see what is there with: tubegen doctor"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is done to one source. H.264 renditions come first and largest first: each is scaled from the
    one before. Then their twins in other codecs."""

    format: int
    source: str
    """SHA-256 of the source."""
    encoder: Encoder
    video_index: int | None
    """None: a still is shown while the sound is heard."""
    cover: int | None
    """Index of the picture in the source that is this still; without one the sound is drawn."""
    origin: float
    """Time in the source that becomes 0."""
    chunk_seeks: tuple[float, ...]
    """Time in the source to begin decoding at, for each chunk but the first; see `entry`."""
    rate: tuple[int, int]
    frames: int
    source_frames: int
    """How many of them the source has pictures for; then the last is held, for the sound goes on."""
    gop: int
    """Frames from one key frame to the next; the most of them where `keys` tells."""
    gop_starts: tuple[int, ...]
    """Frames that begin a GOP, where they are not evenly spaced: at the key frames of a source that is copied."""
    chunk_starts: tuple[int, ...]
    """The first frame of each chunk, a GOP's in every rendition; see `division`."""
    renditions: tuple[PlannedRendition, ...]
    effort: Effort
    deinterlace: bool
    tonemap: str
    """pq or hlg when a high dynamic range must be brought down; else empty."""
    matrix: str
    """As ffmpeg's `scale` names it; see `_matrix`."""
    full_range: bool
    audio_tracks: tuple[PlannedAudioTrack, ...]
    """A single one goes into every rendition; several become renditions of their own."""
    loudness: int
    """LUFS; 0 leaves the sound as loud as it is."""
    download: str
    """Name of the rendition that becomes the MP4."""
    part: Literal["whole", "beginning"]
    content: Literal["film", "screen"]
    """Whether it shows a screen, which stands still for most of the time; see `screen`."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return float(self.frames / Fraction(*self.rate))

    @property
    def muxed(self) -> bool:
        """Whether every rendition has the sound in it."""
        return len(self.audio_tracks) == 1

    @property
    def gops(self) -> tuple[int, ...]:
        """The frame that begins each GOP, in every rendition."""
        return self.gop_starts or tuple(range(0, self.frames, self.gop))

    @property
    def chunks(self) -> tuple[tuple[int, int], ...]:
        """The first frame of each chunk, and the first after it."""
        return tuple(pairwise((*self.chunk_starts, self.frames)))

    @property
    def encoded(self) -> tuple[PlannedRendition, ...]:
        """The renditions that have to be encoded."""
        return tuple(rendition for rendition in self.renditions if not rendition.remuxed)


def chunk_weights(plan: Plan, video: VideoStream | None) -> list[float]:
    """How hard each chunk is to encode, about."""
    done = dict(zip((*plan.gops, plan.frames), accumulate(_weights(plan, video), initial=0.0), strict=True))
    return [done[end] - done[first] for first, end in plan.chunks]


def make_plan(probe: Probe, media: MediaConfig, abilities: Abilities, *, preview: bool = False) -> Plan:
    """What to make of the source. `preview` asks for the beginning in one small rendition, at once.

    Raises InputError when the site wishes for what this ffmpeg cannot do.
    """
    _check_wishes(media, abilities)
    effort = QUALITIES["draft"] if preview else media.effort
    wanted = (360,) if preview else media.renditions
    video = probe.video
    encoder = abilities.encoder()
    plan = _film(probe, video, wanted, encoder, effort) if video else _still(probe, encoder, effort)
    plan = msgspec.structs.replace(
        plan,
        audio_tracks=plan_audio_tracks(
            probe.audio_streams[:1] if preview else probe.audio_streams,
            surround=media.surround and not preview,
        ),
        loudness=media.loudness if probe.audio_streams else 0,
    )
    if preview:
        frames = min(plan.frames, round(PREVIEW_SECONDS * Fraction(*plan.rate)))
        plan = msgspec.structs.replace(plan, frames=frames, part="beginning")
    elif video is not None:
        plan = _with_twins(_copying(plan, video, probe, media), video, media, abilities)
    plan = _divided(plan, video)
    if video is not None:
        plan = msgspec.structs.replace(plan, chunk_seeks=_seeks(plan, video, probe.container))
    return msgspec.structs.replace(plan, download=_download(plan, media.download))


def _check_wishes(media: MediaConfig, abilities: Abilities) -> None:
    wishes = (
        (media.av1 == "on", 'av1 = "on"', "SVT-AV1", abilities.svt_av1),
        (media.hdr, "hdr = true", "x265", abilities.x265),
    )
    for wished, line, encoder, able in wishes:
        if wished and not able:
            text = f"{line} needs {encoder}, which this ffmpeg does not have"
            raise InputError(Problem(FILE, 0, text, _TAKE_OUT))
    if media.encoder != "x264" and abilities.hardware != media.encoder:
        text = (
            f'encoder = "{media.encoder}" needs {NAMES[media.encoder]}, which does not work on this machine'
        )
        raise InputError(Problem(FILE, 0, text, _TAKE_OUT))


def _film(
    probe: Probe, video: VideoStream, wanted: tuple[int, ...], encoder: Encoder, effort: Effort
) -> Plan:
    rate = _output_rate(video)
    origin = _origin(probe, video)
    on_screen = screen_content.is_screen_content(video)
    renditions = ladder(display_size(video), wanted, rate)
    if on_screen:
        renditions = screen_content.legible_renditions(renditions, video)
    whole = max(rendition.frame_step for rendition in renditions)
    shown, frames = (
        max(1, round((end - origin) * rate / whole)) * whole for end in (video.end, video.end + probe.tail)
    )
    gop = max(1, round((screen_content.GOP_SECONDS if on_screen else GOP_SECONDS) * rate))
    if on_screen:
        effort = screen_content.effort_for_screens(effort)
    return Plan(
        format=FORMAT,
        source=probe.sha256,
        encoder=encoder,
        video_index=video.index,
        cover=None,
        origin=origin,
        chunk_seeks=(),
        rate=(rate.numerator, rate.denominator),
        frames=frames,
        source_frames=shown,
        gop=gop,
        gop_starts=(),
        chunk_starts=(),
        renditions=renditions,
        effort=effort,
        deinterlace=video.interlaced,
        tonemap=video.hdr,
        matrix=_matrix(video),
        full_range=video.full_range,
        audio_tracks=(),
        loudness=0,
        download="",
        part="whole",
        content="screen" if on_screen else "film",
    )


def _still(probe: Probe, encoder: Encoder, effort: Effort) -> Plan:
    """A film of one picture, as long as the first track of sound."""
    sound = probe.audio_streams[0]
    rate = Fraction(*STILL_RATE)
    frames = max(1, -int((sound.start - sound.end) * rate // 1))
    gop = round(GOP_SECONDS * rate)
    return Plan(
        format=FORMAT,
        source=probe.sha256,
        encoder=encoder,
        video_index=None,
        cover=probe.cover,
        origin=sound.start,
        chunk_seeks=(),
        rate=STILL_RATE,
        frames=frames,
        source_frames=frames,
        gop=gop,
        gop_starts=(),
        chunk_starts=(),
        renditions=ladder(STILL_SIZE, (STILL_SIZE[1],), rate),
        effort=effort,
        deinterlace=False,
        tonemap="",
        matrix="bt601",
        full_range=True,
        audio_tracks=(),
        loudness=0,
        download="",
        part="whole",
        content="film",
    )


def _copying(plan: Plan, video: VideoStream, probe: Probe, media: MediaConfig) -> Plan:
    """The plan with the largest rendition taken from the source as it is, if that is what it should be.

    The key frames of the other renditions then follow the source's, so that all are cut at the same times.
    """
    top = plan.renditions[0]
    alike = can_be_remuxed(video, probe.container, top, plan.rate, plan.origin, plan.duration)
    if not (media.copy and plan.matrix == "bt709" and alike and plan.source_frames == plan.frames):
        return plan
    frames = round((video.end - plan.origin) * Fraction(*plan.rate))
    ends = (*video.closed_gops[1:], frames)
    copied = msgspec.structs.replace(top, remuxed=True)
    below = (msgspec.structs.replace(rung, frame_step=1) for rung in plan.renditions[1:])
    return msgspec.structs.replace(
        plan,
        frames=frames,
        source_frames=frames,
        gop=max(end - key for key, end in zip(video.closed_gops, ends, strict=True)),
        gop_starts=video.closed_gops,
        renditions=(copied, *below),
    )


def _with_twins(plan: Plan, video: VideoStream, media: MediaConfig, abilities: Abilities) -> Plan:
    """The plan with the upper renditions in AV1 and, for a high dynamic range, in HEVC, as far as wanted and able."""
    ranges: dict[str, VideoRange] = {"pq": "PQ", "hlg": "HLG"}
    good = abilities.svt_av1_version >= _GOOD_AV1
    av1 = (
        renditions_in_codec(plan.renditions, "av1")
        if (good and media.av1 == "auto") or media.av1 == "on"
        else []
    )
    hevc = renditions_in_codec(plan.renditions, "hevc", ranges[video.hdr]) if media.hdr and video.hdr else []
    return msgspec.structs.replace(
        plan,
        renditions=(*plan.renditions, *av1, *hevc),
        encoder=abilities.encoder(av1=bool(av1), hevc=bool(hevc), hardware=media.encoder != "x264"),
    )


def _output_rate(video: VideoStream) -> Fraction:
    rate = Fraction(*video.rate)
    while rate > MAX_RATE:
        rate /= 2
    return rate if rate.denominator in (1, 2, 3, 1001) else Fraction(round(rate))


def _origin(probe: Probe, video: VideoStream) -> float:
    """The film's first frame is time 0, unless the sound begins so much earlier that it would be missed."""
    if probe.audio_streams and video.start - probe.audio_streams[0].start > 0.1:
        return probe.audio_streams[0].start
    return video.start


def _matrix(video: VideoStream) -> str:
    """How the source's colours are coded, `auto` when they are not; files that do not say follow the custom of their
    size."""
    if any(name in video.pixel_format for name in _RGB):
        return "auto"
    known = {
        "bt709": "bt709",
        "smpte170m": "bt601",
        "bt470bg": "bt601",
        "bt2020nc": "bt2020",
        "bt2020c": "bt2020",
    }
    return known.get(video.matrix, "bt601" if video.height <= 576 else "bt709")


def _divided(plan: Plan, video: VideoStream | None) -> Plan:
    unit = max(1, round(GOP_SECONDS * Fraction(*plan.rate)))
    return msgspec.structs.replace(
        plan, chunk_starts=chunk_starts(plan.gops, plan.frames, unit, _weights(plan, video))
    )


def _weights(plan: Plan, video: VideoStream | None) -> list[float]:
    """How hard each of the plan's GOPs is to encode, as far as the bytes of its source tell."""
    late = plan.origin - video.start if video else 0.0
    seconds = [late + frame * plan.rate[1] / plan.rate[0] for frame in (*plan.gops, plan.frames)]
    return gop_weights(video.second_bytes if video else (), seconds)


def _seeks(plan: Plan, video: VideoStream, container: str) -> tuple[float, ...]:
    before = _SETTLING if plan.deinterlace else 0
    times = (
        plan.origin + float((min(first, plan.source_frames - 1) - before) / Fraction(*plan.rate))
        for first, _ in plan.chunks[1:]
    )
    return tuple(
        round(seek_time(container, video.random_access_points, video.longest_gop, time), 3) for time in times
    )


def _download(plan: Plan, largest: int) -> str:
    plain = [r for r in plan.renditions if r.codec == "h264"]
    fitting = [r for r in plain if r.short_side <= largest]
    return (fitting or plain[-1:])[0].name
