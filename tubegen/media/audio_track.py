"""An audio track of a video in its stages: what it is, what is planned of it, what was made of it."""

import msgspec


class AudioTrack(msgspec.Struct, frozen=True, kw_only=True):
    """What an audio track is at every stage."""

    name: str
    """As in `sound-fr`, `sound-en-surround`; with a number where the language is not known or comes twice. Its files'
    names begin with it."""
    language: str
    """BCP 47; empty when nobody knows."""
    title: str
    """What the author calls it; empty: its language says enough."""
    channels: int
    """2 or 6."""
    default: bool
    described: bool = False
    """Whether it tells those who do not see what is to be seen (audio description)."""


class PlannedAudioTrack(AudioTrack, frozen=True, kw_only=True):
    """An audio track to encode."""

    index: int
    """Of the stream in the source."""


class PackagedAudioTrack(AudioTrack, frozen=True, kw_only=True):
    """A finished audio track that is a rendition of its own, where there are several. Part of a stored presentation."""

    codecs: str
    """RFC 6381, as in `mp4a.40.2`."""
    bandwidth: int
    """Peak segment bit rate in bits per second."""
    average: int
    """Average segment bit rate in bits per second."""
    playlist: str
    """File name of its media playlist."""
    size: int
    """Bytes of all segments."""
