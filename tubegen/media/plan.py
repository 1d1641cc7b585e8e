"""Decides what is made of a source: a pure function of its probe and the site's wishes.

The plan is the cache key: everything that changes a single bit of the result is in it, nothing else.
"""

import hashlib
from fractions import Fraction
from typing import Literal

import msgspec

from tubegen.config import Layout, MediaConfig, Quality
from tubegen.media.ffmpeg import Encoder
from tubegen.media.probe import AudioStream, Probe, VideoStream

FORMAT = 3
"""Counts changes in how a plan is carried out; raising it encodes everything anew."""

GOP_SECONDS = 2
"""Distance of key frames: Apple's authoring specification, and the grain of seeking and of sharing."""

CHUNK_GOPS = 7
"""GOPs in a chunk, 14 s of film: short enough that a single film keeps several cores busy to its end, and that a
killed build loses little; long enough that seeking to its beginning costs next to nothing."""

PREVIEW_SECONDS = 15
"""How much of a new film is shown at once while its author writes: decoding more would take more than seconds."""

_LEAD_IN = 0.5
"""Seconds decoded ahead of a chunk, for the difference between the times of showing and of decoding."""

_BLIND_LEAD_IN = 4.0
"""The same in containers without an index, where a seek may miss by seconds."""

_INDEXED = frozenset(["3g2", "matroska", "avi"])
"""Containers, as the probe names them, in which a seek finds the key frame before a time. Others, such as MPEG-TS,
are entered anywhere, and show nothing until the next key frame."""

MAX_RATE = 60
MAX_LONG_SIDE = 4096
"""H.264 decoders of phones give up above it."""

_BITS_PER_PIXEL = (
    (144, 0.19),
    (240, 0.17),
    (360, 0.15),
    (480, 0.12),
    (720, 0.11),
    (1080, 0.10),
    (1440, 0.09),
    (2160, 0.08),
)
"""Ceiling of the bit rate by short side, PeerTube's table (core-utils/src/videos/bitrate.ts): CRF stays below it but for noise."""


class Effort(msgspec.Struct, frozen=True):
    """x264's settings for one quality."""

    preset: str
    crf: float
    audio_kbps: int


EFFORTS: dict[Quality, Effort] = {
    "draft": Effort("ultrafast", 26, 96),
    "default": Effort("veryfast", 21.5, 128),
    "archive": Effort("medium", 20, 160),
}


class RenditionPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One rung of the ladder."""

    name: str
    """Its short side, as in `720p`."""
    width: int
    height: int
    maxrate: int
    """Ceiling in bits per second."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is done to one source. Renditions come largest first: each is scaled from the one before."""

    format: int
    source: str
    """SHA-256 of the source."""
    encoder: Encoder
    video_index: int
    audio_index: int | None
    origin: float
    """Time in the source that becomes 0."""
    lead_in: float
    """Seconds to decode ahead of a chunk."""
    rate: tuple[int, int]
    frames: int
    gop: int
    chunk: int
    """Frames in a chunk, about: chunks are evened out, so that none is left over at the end."""
    renditions: tuple[RenditionPlan, ...]
    effort: Effort
    deinterlace: bool
    tonemap: str
    """pq or hlg when a high dynamic range must be brought down; else empty."""
    matrix: str
    full_range: bool
    download: str
    """Name of the rendition that becomes the MP4."""
    part: Literal["whole", "beginning"]

    @property
    def duration(self) -> float:
        """Seconds."""
        return float(self.frames / Fraction(*self.rate))

    @property
    def chunks(self) -> tuple[tuple[int, int], ...]:
        """First and last-but-one frame of each chunk; every chunk begins with a key frame."""
        gops = -(-self.frames // self.gop)
        count = max(1, round(self.frames / self.chunk))
        starts = [round(n * gops / count) * self.gop for n in range(count)]
        return tuple(zip(starts, [*starts[1:], self.frames], strict=True))


def key_of(*parts: object) -> str:
    """Name in the store of what is made from `parts`: 160 bits of BLAKE2b, hexadecimal."""
    return hashlib.blake2b(msgspec.json.encode(parts), digest_size=20).hexdigest()


def presentation_key(plan: Plan, layout: Layout) -> str:
    """Where the finished presentation is in the store. Nothing but it depends on the layout."""
    return key_of("presentation", plan, layout)


def make_plan(probe: Probe, media: MediaConfig, encoder: Encoder, *, preview: bool = False) -> Plan:
    """What to make of the source. `preview` asks for the beginning in one small rendition, at once."""
    video = probe.video
    assert video is not None, "the workshop refuses what has no pictures"
    sound = probe.sounds[0] if probe.sounds else None
    rate = _output_rate(video)
    origin = _origin(video, sound)
    frames = max(1, round((video.end - origin) * rate))
    if preview:
        frames = min(frames, round(PREVIEW_SECONDS * rate))
    gop = max(1, round(GOP_SECONDS * rate))
    renditions = _ladder(video, (360,) if preview else media.renditions, rate)
    effort = EFFORTS["draft" if preview else media.quality]
    return Plan(
        format=FORMAT,
        source=probe.sha256,
        encoder=encoder,
        video_index=video.index,
        audio_index=sound.index if sound else None,
        origin=origin,
        lead_in=_LEAD_IN if probe.container in _INDEXED else _BLIND_LEAD_IN + video.longest_gop,
        rate=(rate.numerator, rate.denominator),
        frames=frames,
        gop=gop,
        chunk=CHUNK_GOPS * gop,
        renditions=renditions,
        effort=effort,
        deinterlace=video.interlaced,
        tonemap=video.hdr,
        matrix=_matrix(video),
        full_range=video.full_range,
        download=_download(renditions, media.download),
        part="beginning" if preview else "whole",
    )


def display_size(video: VideoStream) -> tuple[int, int]:
    """Width and height as shown: square pixels, upright."""
    wide = Fraction(*video.sar)
    width, height = (
        (round(video.width * wide), video.height) if wide >= 1 else (video.width, round(video.height / wide))
    )
    return (height, width) if video.rotation % 180 else (width, height)


def _output_rate(video: VideoStream) -> Fraction:
    rate = Fraction(*video.rate)
    while rate > MAX_RATE:
        rate /= 2
    return rate if rate.denominator in (1, 1001) else Fraction(round(rate))


def _origin(video: VideoStream, sound: AudioStream | None) -> float:
    """The film's first frame is time 0, unless the sound begins so much earlier that it would be missed."""
    if sound and video.start - sound.start > 0.1:
        return sound.start
    return video.start


def _ladder(video: VideoStream, wanted: tuple[int, ...], rate: Fraction) -> tuple[RenditionPlan, ...]:
    """Rungs by the short side, never above the source, none that barely differs from the one above it."""
    width, height = display_size(video)
    short, long = sorted((width, height))
    largest = min(short, max(1, short * MAX_LONG_SIDE // long))
    rungs = [min(largest, max(wanted))]
    for rung in sorted(wanted, reverse=True):
        if rung < rungs[-1] and rungs[-1] ** 2 >= 1.25 * rung**2:
            rungs.append(rung)
    return tuple(_rendition(rung, width, height, rate) for rung in rungs)


def _rendition(short: int, width: int, height: int, rate: Fraction) -> RenditionPlan:
    scale = Fraction(short, min(width, height))
    out_width, out_height = _even(width * scale), _even(height * scale)
    pixels = out_width * out_height
    return RenditionPlan(
        name=f"{short}p",
        width=out_width,
        height=out_height,
        maxrate=max(100_000, round(pixels * float(rate) * _bits_per_pixel(short))),
    )


def _even(side: Fraction) -> int:
    """4:2:0 colour needs even sides; decoders need a few pixels."""
    return max(16, round(side / 2) * 2)


def _bits_per_pixel(short: int) -> float:
    for side, bits in _BITS_PER_PIXEL:
        if short <= side:
            return bits
    return _BITS_PER_PIXEL[-1][1]


def _matrix(video: VideoStream) -> str:
    """How the source's colours are coded; files that do not say follow the custom of their size."""
    known = {
        "bt709": "bt709",
        "smpte170m": "bt601",
        "bt470bg": "bt601",
        "bt2020nc": "bt2020",
        "bt2020c": "bt2020",
    }
    return known.get(video.matrix, "bt601" if video.height <= 576 else "bt709")


def _download(renditions: tuple[RenditionPlan, ...], largest: int) -> str:
    fitting = [r for r in renditions if min(r.width, r.height) <= largest]
    return (fitting or renditions[-1:])[0].name
