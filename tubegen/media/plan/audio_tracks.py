"""Decides what is made of the sound of a source: which tracks, in how many channels, under which names."""

import re

from tubegen.media.audio_track import PlannedAudioTrack
from tubegen.media.source.probe import AudioStream

MAX_TRACKS = 12
"""Tracks of sound that a film may keep."""


def plan_audio_tracks(streams: tuple[AudioStream, ...], *, surround: bool) -> tuple[PlannedAudioTrack, ...]:
    """Every track in stereo, the one to be heard first in front; with `surround`, what has six channels in those,
    too."""
    tracks: list[PlannedAudioTrack] = []
    for stream in streams[:MAX_TRACKS]:
        plain = _track(stream, 2, tracks)
        tracks.append(plain)
        if surround and stream.channels >= 6:
            tracks.append(_track(stream, 6, tracks))
    return tuple(tracks)


def _track(stream: AudioStream, channels: int, before: list[PlannedAudioTrack]) -> PlannedAudioTrack:
    stem = "-".join(filter(None, ("sound", _name(stream.language), "surround" if channels > 2 else "")))
    taken = {track.name for track in before}
    names = [stem, *(f"{stem}-{n}" for n in range(2, 2 + len(before)))]
    return PlannedAudioTrack(
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
