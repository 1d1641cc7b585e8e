"""`[media]`: what is made of the site's films, and how hard the encoders try."""

from collections.abc import Mapping
from typing import Literal, cast, get_args

import msgspec

from tubegen.schema import Table

Extra = Literal["auto", "on", "off"]
Layout = Literal["files", "single"]
H264Encoder = Literal["x264", "nvenc", "qsv", "vaapi", "videotoolbox"]


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """The encoders' settings for one quality."""

    preset: str
    """x264's."""
    crf: float
    """x264's constant rate factor: less is better and larger."""
    av1_preset: int
    """SVT-AV1's: more is faster."""
    av1_crf: int
    audio_kbps: int
    """For stereo."""


QUALITIES: Mapping[str, Effort] = {
    "draft": Effort(preset="ultrafast", crf=26, av1_preset=12, av1_crf=38, audio_kbps=96),
    "default": Effort(preset="veryfast", crf=21.5, av1_preset=11, av1_crf=34, audio_kbps=128),
    "archive": Effort(preset="medium", crf=20, av1_preset=6, av1_crf=28, audio_kbps=160),
}

PRESETS = (
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
)


class MediaConfig(msgspec.Struct, frozen=True, kw_only=True):
    """[media]"""

    renditions: tuple[int, ...] = (1080, 720, 480, 240)
    """Short sides in pixels to offer, never above the source's. Each is a swarm of its own: few are better."""
    quality: str = "default"
    """How much the encoder tries: draft (fast), default, archive (small and fine, slow), or one of `qualities`."""
    qualities: Mapping[str, Effort] = {}
    """The author's own, by name: [media.qualities.NAME]."""
    encoder: H264Encoder = "x264"
    """What makes H.264: x264, or an encoder in hardware, which is faster and needs more bytes for the same quality."""
    copy: bool = True
    """Whether a source that already is as the largest rendition should be becomes it without being encoded."""
    av1: Extra = "auto"
    """Whether the upper renditions come in AV1, too, which takes fewer bytes: auto does it where the encoder is good
    enough. Every rendition is there in H.264."""
    hdr: bool = False
    """Whether high dynamic range is kept in renditions of its own (HEVC), beside those in a standard range."""
    surround: bool = False
    """Whether sound of six channels is kept beside the stereo that is always made of it."""
    loudness: int = -16
    """Loudness in LUFS (EBU R128) that all films are brought to; 0 leaves them as they are."""
    download: int = 720
    """Largest short side of the MP4 that plays without JavaScript and is offered for download."""
    segments: Layout = "files"
    """Whether every segment is a file of its own, or a rendition is one file that is asked for in ranges of bytes:
    fewer files, for hosts that answer such requests (206). Finished films are laid out anew, not encoded."""
    cache: str = ".tubegen/cache"
    """Where finished encodes are kept: a folder in the site or any absolute path, shareable between builds."""
    exchange: str = ""
    """Where machines that share no disk pass sources and chunks to each other: an fsspec address, `s3://bucket/way`."""

    @property
    def effort(self) -> Effort:
        return self.qualities.get(self.quality) or QUALITIES[self.quality]


def read_media(table: Table) -> MediaConfig:
    """`[media]`; mistakes are noted and defaults returned in their place."""
    plain = MediaConfig()
    qualities = _qualities(table)
    media = MediaConfig(
        renditions=tuple(
            sorted(table.numbers("renditions", plain.renditions, least=120, most=4320), reverse=True)
        ),
        quality=table.choice("quality", plain.quality, (*QUALITIES, *qualities)),
        qualities=qualities,
        encoder=cast("H264Encoder", table.choice("encoder", plain.encoder, get_args(H264Encoder))),
        copy=table.flag("copy", plain.copy),
        av1=_extra(table, "av1", plain.av1),
        hdr=table.flag("hdr", plain.hdr),
        surround=table.flag("surround", plain.surround),
        loudness=table.whole("loudness", plain.loudness, least=-40, most=0),
        download=table.whole("download", plain.download, least=120, most=4320),
        segments=cast("Layout", table.choice("segments", plain.segments, ("files", "single"))),
        cache=table.text("cache", plain.cache),
        exchange=table.text("exchange"),
    )
    table.done()
    return media


def _qualities(table: Table) -> dict[str, Effort]:
    """The author's own qualities, each over the one that it is `like`."""
    own = table.table("qualities")
    given = cast("dict[str, object]", table.take("qualities") or {})
    found: dict[str, Effort] = {}
    for name in given if isinstance(given, dict) else ():  # pyright: ignore[reportUnnecessaryIsInstance]
        if name in QUALITIES:
            own.wrong(name, f"'{name}' is a quality that tubegen has", "give yours another name")
        quality = own.table(name)
        base = QUALITIES[quality.choice("like", "default", QUALITIES)]
        found[name] = Effort(
            preset=quality.choice("preset", base.preset, PRESETS),
            crf=quality.number("crf", base.crf, least=1, most=51),
            av1_preset=quality.whole("av1_preset", base.av1_preset, least=0, most=13),
            av1_crf=quality.whole("av1_crf", base.av1_crf, least=1, most=63),
            audio_kbps=quality.whole("audio", base.audio_kbps, least=32, most=512),
        )
        quality.done()
    return found


def _extra(table: Table, key: str, default: Extra) -> Extra:
    if isinstance(value := table.take(key), bool):
        return "on" if value else "off"
    return cast("Extra", table.choice(key, default, ("auto", "on", "off")))
