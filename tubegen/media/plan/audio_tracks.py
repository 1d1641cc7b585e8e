"""Decides what is made of the sound of a source: which tracks, in how many channels, under which names."""

import re

import msgspec

from tubegen.media.source.probe import AudioStream

MAX_TRACKS = 12
"""Tracks of sound that a film may keep."""


class SoundPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One track of sound to encode."""

    name: str
    """`sound-fr`; a number where the language is not known or comes twice."""
    index: int
    """Of the stream in the source."""
    channels: int
    """2, or 6."""
    language: str
    """BCP 47; empty when the source does not say."""
    title: str
    default: bool
    described: bool = False
    """Whether it tells those who do not see what is to be seen."""


def plan_sounds(streams: tuple[AudioStream, ...], *, surround: bool) -> tuple[SoundPlan, ...]:
    """Every track in stereo, the one to be heard first in front; with `surround`, what has six channels in those,
    too."""
    tracks: list[SoundPlan] = []
    for stream in streams[:MAX_TRACKS]:
        plain = _track(stream, 2, tracks)
        tracks.append(plain)
        if surround and stream.channels >= 6:
            tracks.append(_track(stream, 6, tracks))
    return tuple(tracks)


def _track(stream: AudioStream, channels: int, before: list[SoundPlan]) -> SoundPlan:
    stem = "-".join(filter(None, ("sound", _name(stream.language), "surround" if channels > 2 else "")))
    taken = {track.name for track in before}
    names = [stem, *(f"{stem}-{n}" for n in range(2, 2 + len(before)))]
    return SoundPlan(
        name=next(name for name in names if name not in taken),
        index=stream.index,
        channels=channels,
        language=stream.language,
        title=stream.title,
        default=not before,
        described=stream.described,
    )


def _name(language: str) -> str:
    return re.sub("[^a-z0-9-]", "", language.lower())
