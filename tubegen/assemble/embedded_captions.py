"""What a film brings along in its own file: captions, where the author wrote none of that language.

A player shows the author's; a second track of a language, and one that only translates what is foreign in the film
(`forced`), is for players with menus of their own.
"""

import msgspec

from tubegen.content.captions import read_embedded
from tubegen.content.model import Captions, Video
from tubegen.errors import MediaError, Problem
from tubegen.media.ffmpeg.program import FfmpegError
from tubegen.media.pipeline import MediaPipeline
from tubegen.media.plan.plan import Plan
from tubegen.media.source.probe import Probe, TextStream
from tubegen.media.source.text_tracks import AHEAD
from tubegen.render.i18n import locale

_PICTURES = {"dvb_subtitle": "DVB", "dvd_subtitle": "VobSub", "hdmv_pgs_subtitle": "PGS", "xsub": "XSUB"}


def with_own_captions(video: Video, plan: Plan, pipeline: MediaPipeline) -> Video:
    """The video with the captions of its file beside those of its author. Raises MediaError when they are broken."""
    tracks = _wanted(video, pipeline.probe(video.source))
    if not tracks:
        return video
    try:
        files = pipeline.embedded_captions(video.source, tuple(tracks.values()))
    except FfmpegError as fault:
        hint = "put a .vtt or .srt beside it, or take them out"
        text = f"its captions cannot be read ({fault.problems[0].text})"
        raise MediaError(Problem(str(video.source), 0, text, hint)) from None
    found = [
        captions
        for language, track in tracks.items()
        if (captions := read_embedded(files[track.index], language, AHEAD + plan.origin))
    ]
    return msgspec.structs.replace(video, captions=_sorted(*video.captions, *found))


def left_out(video: Video, probe: Probe, shown: str) -> list[Problem]:
    """Warnings of what is in the file and will not be on the site. `shown` is how the file is called there."""
    warnings = [
        Problem(
            shown, 0, f"{track} cannot be decoded and is left out", "export it with sound as AAC, text as SRT"
        )
        for track in probe.left_out
    ]
    readable = _known(video) | {
        _language(track, video).lower() for track in probe.text_streams if not track.bitmap
    }
    pictures = {_language(track, video): track.codec for track in probe.text_streams if track.bitmap}
    return warnings + [
        Problem(
            shown,
            0,
            f"captions in {_name(language)} are pictures ({_PICTURES.get(codec, codec)}) and are left out",
            f"put them beside it as {language}.vtt or {language}.srt",
        )
        for language, codec in pictures.items()
        if language.lower() not in readable
    ]


def _wanted(video: Video, probe: Probe) -> dict[str, TextStream]:
    """The first full track of each language that the author has none of; a forced one where there is no other."""
    tracks: dict[str, TextStream] = {}
    known = _known(video)
    for track in sorted(probe.text_streams, key=lambda track: track.forced):
        language = _language(track, video)
        if not track.bitmap and language.lower() not in known:
            known.add(language.lower())
            tracks[language] = track
    return tracks


def _known(video: Video) -> set[str]:
    return {captions.language.lower() for captions in video.captions}


def _language(track: TextStream, video: Video) -> str:
    return track.language or video.language


def _sorted(*captions: Captions) -> tuple[Captions, ...]:
    return tuple(sorted(captions, key=lambda one: one.language.lower()))


def _name(language: str) -> str:
    """The language in English: `German`; the tag itself when nobody knows it."""
    known = locale(language)
    return (known.language == language.split("-")[0].lower() and known.get_language_name("en")) or language
