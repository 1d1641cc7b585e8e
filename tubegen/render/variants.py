"""What a master playlist offers, in its order: variants of the picture, each with a group of sounds (RFC 8216bis
§4.4.6). Its text (`playlists.py`) and the names of swarms (`swarms.py`) are made of the same."""

from collections import Counter
from fractions import Fraction

import msgspec

from tubegen.media.audio_track import PackagedAudioTrack
from tubegen.media.rendition import PackagedRendition
from tubegen.media.result import Presentation
from tubegen.render.i18n import language_name

_CODECS = ("h264", "hevc", "av1")
_STEREO = 2


class Choice(msgspec.Struct, frozen=True):
    """A sound as a member of a group."""

    name: str
    """Unique in its group, the same in every group."""
    sound: PackagedAudioTrack
    default: bool


class SoundGroup(msgspec.Struct, frozen=True):
    name: str
    choices: tuple[Choice, ...]


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """A rendition of the picture with what is heard beside it."""

    rendition: PackagedRendition
    sound: str
    """Its group; empty when there is none."""
    bandwidth: int
    average: int
    codecs: str
    video_range: str
    """Empty where all renditions are SDR: saying so would only rename swarms."""

    @property
    def frame_rate(self) -> str:
        """FRAME-RATE"""
        return f"{float(Fraction(*self.rendition.rate)):.3f}"

    @property
    def video_codec(self) -> str:
        return self.codecs.split(",")[0]

    @property
    def sound_codecs(self) -> tuple[str, ...]:
        return tuple(self.codecs.split(",")[1:])


def variants(presentation: Presentation) -> tuple[Variant, ...]:
    """Each rendition once with every group of sounds, those of the first group first.

    Smallest first, since players without a better idea begin with the first; and H.264 before what fewer can
    play. So the number that older players of PeerTube give to an H.264 rendition is the same with an AV1 twin
    beside it, and with surround sound.
    """
    ranges = any(rendition.video_range != "SDR" for rendition in presentation.renditions)
    return tuple(
        _variant(rendition, group, rendition.video_range if ranges else "")
        for group in sound_groups(presentation) or (None,)
        for rendition in sorted(presentation.renditions, key=_place)
    )


def first_variants(presentation: Presentation) -> tuple[Variant, ...]:
    """The one that players tell a rendition's swarm by, where several share its playlist."""
    return variants(presentation)[: len(presentation.renditions)]


def sound_groups(presentation: Presentation) -> tuple[SoundGroup, ...]:
    """One for every number of channels, the most common first. Empty when sound is muxed.

    Groups must have the same members, so what there is only in stereo is in the group of surround sound, too.
    """
    stereo = [
        sound for sound in presentation.audio_tracks if sound.channels <= _STEREO
    ] or presentation.audio_tracks
    names = _names(stereo)
    default = next((n for n, sound in enumerate(stereo) if sound.default), 0)
    groups: list[SoundGroup] = []
    for name, wider in (("sound", False), ("surround", True)):
        members = [_wider(presentation, sound) if wider else sound for sound in stereo]
        if members and (not wider or any(sound.channels > _STEREO for sound in members)):
            choices = (Choice(names[n], sound, n == default) for n, sound in enumerate(members))
            groups.append(SoundGroup(name, tuple(choices)))
    return tuple(groups)


def _place(rendition: PackagedRendition) -> tuple[int, int, bool]:
    return (
        _CODECS.index(rendition.codec),
        rendition.width * rendition.height,
        rendition.video_range != "SDR",
    )


def _variant(rendition: PackagedRendition, group: SoundGroup | None, video_range: str) -> Variant:
    """Of its sounds the loudest in bits counts."""
    sounds = [choice.sound for choice in group.choices] if group else []
    codecs = dict.fromkeys([*rendition.codecs.split(","), *(sound.codecs for sound in sounds)])
    return Variant(
        rendition=rendition,
        sound=group.name if group else "",
        bandwidth=rendition.bandwidth + max((sound.bandwidth for sound in sounds), default=0),
        average=rendition.average + max((sound.average for sound in sounds), default=0),
        codecs=",".join(codecs),
        video_range=video_range,
    )


def _wider(presentation: Presentation, stereo: PackagedAudioTrack) -> PackagedAudioTrack:
    """The same in surround sound, where there is such."""

    def kin(sound: PackagedAudioTrack) -> bool:
        return (sound.language, sound.title, sound.described) == (
            stereo.language,
            stereo.title,
            stereo.described,
        )

    found = (sound for sound in presentation.audio_tracks if sound.channels > _STEREO and kin(sound))
    return next(found, stereo)


def _names(sounds: "tuple[PackagedAudioTrack, ...] | list[PackagedAudioTrack]") -> list[str]:
    """What menus call them: their title, or the language in its own words. What is called alike is numbered."""
    names: list[str] = []
    seen: Counter[str] = Counter()
    for number, sound in enumerate(sounds, 1):
        wanted = _quotable(sound.title) or (language_name(sound.language) if sound.language else f"{number}")
        seen[wanted.casefold()] += 1
        again = seen[wanted.casefold()]
        names.append(wanted if again == 1 else f"{wanted} {again}")
    return names


def _quotable(text: str) -> str:
    """A quoted string has neither quotes nor line breaks in it (RFC 8216 §4.2)."""
    return " ".join(text.replace('"', "'").split())
