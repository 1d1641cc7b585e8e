"""Every key in the cache of media: what is hashed, in which order, under which names.

The names in quotes are part of the keys and never change, whatever the fields of the records are called today:
a key that changes encodes every site anew. `tests/media/test_cache_keys.py` holds keys of earlier versions.
"""

from pathlib import Path

from tubegen.config import Layout
from tubegen.config.media import Effort
from tubegen.media.audio_track import PlannedAudioTrack
from tubegen.media.cache.keys import KeyPart, key_of
from tubegen.media.ffmpeg.program import Encoder
from tubegen.media.plan.plan import Plan
from tubegen.media.rendition import PlannedRendition
from tubegen.media.result import PICTURE_FORMAT
from tubegen.media.source.probe import PROBE_FORMAT
from tubegen.media.source.text_tracks import CAPTIONS_FORMAT


def digest_key(file: Path) -> str:
    """Key of the SHA-256 of a file, by its path."""
    return key_of("digest", str(file.absolute()))


def probe_key(sha256: str) -> str:
    """Key of the probe of a source, by the source's SHA-256."""
    return key_of("probe", PROBE_FORMAT, sha256)


def text_tracks_key(sha256: str, indices: list[int]) -> str:
    """Key of the captions taken out of a source, by the indices of their streams."""
    return key_of("texts", CAPTIONS_FORMAT, sha256, indices)


def abilities_key(program: Path) -> str:
    """Key of what an ffmpeg can do, by its file. Raises OSError when there is no such file."""
    stat = program.stat()
    return key_of("abilities", str(program), stat.st_size, stat.st_mtime_ns)


def speed_key(host: str, abilities: str) -> str:
    """Key of how fast the machine `host` encodes with the ffmpeg whose abilities have the key `abilities`."""
    return key_of("speed", host, abilities)


def presentation_key(plan: Plan, layout: Layout) -> str:
    """Key of a finished presentation. Nothing but it depends on the layout of its files."""
    return key_of("presentation", _plan(plan), layout)


def chunk_key(plan: Plan, number: int) -> str:
    """Key of an encoded chunk, counted from 0.

    Without what concerns the sound; and all chunks of a still picture that have one length are one.
    """
    first, end = plan.chunks[number]
    picture = _plan(plan) | {"sounds": (), "loudness": 0, "download": "", "starts": (), "seeks": ()}
    begin = 0 if plan.video_index is None else first
    return key_of("chunk", picture, begin, end - first, plan.chunk_seeks[number - 1] if begin else 0)


def chunk_keys(plan: Plan) -> list[str]:
    """Keys of all chunks in their order; none when no rendition is encoded."""
    return [chunk_key(plan, number) for number in range(len(plan.chunks))] if plan.encoded else []


def audio_track_key(plan: Plan, sound: PlannedAudioTrack) -> str:
    """Key of an encoded audio track: the same, whatever is done with the picture."""
    length = (plan.origin, plan.frames, plan.rate)
    kbps = plan.effort.audio_kbps
    return key_of(
        "sound", plan.format, plan.source, plan.encoder.ffmpeg, _sound(sound), length, kbps, plan.loudness
    )


def remuxed_video_key(plan: Plan) -> str:
    """Key of the video stream of a source that is copied instead of encoded."""
    return key_of("copy", plan.format, plan.source, plan.encoder.ffmpeg, plan.video_index)


def still_key(plan: Plan) -> str:
    """Key of the picture that is shown while a source without video is heard."""
    return key_of("still", plan.format, plan.source, plan.cover)


def poster_key(plan: Plan) -> str:
    """Key of the poster that is taken from a finished presentation."""
    return key_of("poster", PICTURE_FORMAT, _plan(plan))


def cover_key(sha256: str) -> str:
    """Key of a poster that the author drew, by the SHA-256 of the picture."""
    return key_of("cover", PICTURE_FORMAT, sha256)


def picture_key(sha256: str, stem: str) -> str:
    """Key of a picture of the author's in all sizes; `stem` begins the names of its files."""
    return key_of("picture", PICTURE_FORMAT, stem, sha256)


def attachment_key(presentation: str, rendition: str) -> str:
    """Key of the MP4 of a rendition, by its name, of the presentation whose key is `presentation`."""
    return key_of("attachment", presentation, rendition)


def unfinished_keys(plan: Plan) -> list[str]:
    """Keys of what is made on the way to a presentation, and dropped when that is finished."""
    sounds = (audio_track_key(plan, sound) for sound in plan.audio_tracks)
    return [*dict.fromkeys(chunk_keys(plan)), *sounds, remuxed_video_key(plan), still_key(plan)]


def _plan(plan: Plan) -> dict[str, KeyPart]:
    return {
        "format": plan.format,
        "source": plan.source,
        "encoder": _encoder(plan.encoder),
        "video_index": plan.video_index,
        "cover": plan.cover,
        "origin": plan.origin,
        "seeks": plan.chunk_seeks,
        "rate": plan.rate,
        "frames": plan.frames,
        "shown": plan.source_frames,
        "gop": plan.gop,
        "keys": plan.gop_starts,
        "starts": plan.chunk_starts,
        "renditions": [_rendition(rendition) for rendition in plan.renditions],
        "effort": _effort(plan.effort),
        "deinterlace": plan.deinterlace,
        "tonemap": plan.tonemap,
        "matrix": plan.matrix,
        "full_range": plan.full_range,
        "sounds": [_sound(sound) for sound in plan.audio_tracks],
        "loudness": plan.loudness,
        "download": plan.download,
        "part": plan.part,
        "content": plan.content,
    }


def _encoder(encoder: Encoder) -> dict[str, KeyPart]:
    return {
        "ffmpeg": encoder.ffmpeg,
        "x264": encoder.x264,
        "svt_av1": encoder.svt_av1,
        "x265": encoder.x265,
        "hardware": encoder.hardware,
        "device": encoder.device,
    }


def _effort(effort: Effort) -> dict[str, KeyPart]:
    return {
        "preset": effort.preset,
        "crf": effort.crf,
        "av1_preset": effort.av1_preset,
        "av1_crf": effort.av1_crf,
        "audio_kbps": effort.audio_kbps,
    }


def _rendition(rendition: PlannedRendition) -> dict[str, KeyPart]:
    return {
        "name": rendition.name,
        "codec": rendition.codec,
        "video_range": rendition.video_range,
        "width": rendition.width,
        "height": rendition.height,
        "maxrate": rendition.maxrate,
        "every": rendition.frame_step,
        "copied": rendition.remuxed,
    }


def _sound(sound: PlannedAudioTrack) -> dict[str, KeyPart]:
    return {
        "name": sound.name,
        "index": sound.index,
        "channels": sound.channels,
        "language": sound.language,
        "title": sound.title,
        "default": sound.default,
        "described": sound.described,
    }
