"""The playlists that depend on more than the encode: the HLS master playlist (RFC 8216bis) with its subtitles."""

from tubegen.content.captions import to_vtt
from tubegen.media.package.hls import content_name
from tubegen.render.i18n import language_name
from tubegen.render.library import Film
from tubegen.render.output import Output, made
from tubegen.render.variants import (
    Choice,
    SoundGroup,
    Variant,
    first_variants,
    sound_groups,
    variants,
)
from tubegen.render.views import captions_name


def caption_files(film: Film) -> dict[str, tuple[str, bytes]]:
    """By language: file name and content of the published WebVTT."""
    files: dict[str, tuple[str, bytes]] = {}
    for captions in film.video.captions:
        data = to_vtt(captions.cues).encode()
        files[captions.language] = (content_name(captions_name(captions), data, ".vtt"), data)
    return files


def hls_outputs(film: Film) -> list[Output]:
    """The master playlist and a playlist for each language of captions.

    The master alone keeps its name when captions change: its address is the name of the swarm.
    """
    outputs: list[Output] = []
    subtitles: list[tuple[str, str]] = []
    for language, (name, _) in caption_files(film).items():
        data = _subtitles(f"../{name}", film.presentation.duration).encode()
        playlist = content_name(f"subtitles-{language}", data, ".m3u8")
        outputs.append(made(film.media + playlist, data))
        subtitles.append((language, playlist))
    return [made(film.master, _master(film, subtitles).encode()), *outputs]


def _master(film: Film, subtitles: list[tuple[str, str]]) -> str:
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for group in sound_groups(film.presentation):
        lines += (_sound_line(group, choice) for choice in group.choices)
    for language, playlist in subtitles:
        lines.append(
            f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="{language_name(language)}",'
            f'LANGUAGE="{language}",DEFAULT=NO,AUTOSELECT=YES,URI="{playlist}"'
        )
    captions = ',SUBTITLES="captions"' if subtitles else ""
    for variant in variants(film.presentation):
        rendition = variant.rendition
        sound = f',AUDIO="{variant.sound}"' if variant.sound else ""
        lines += [
            f"#EXT-X-STREAM-INF:BANDWIDTH={variant.bandwidth},AVERAGE-BANDWIDTH={variant.average},"
            f'CODECS="{variant.codecs}",RESOLUTION={rendition.width}x{rendition.height},'
            f"FRAME-RATE={variant.frame_rate}{_range(variant.video_range)}{sound}{captions}",
            rendition.playlist,
        ]
    lines += (_keys_line(variant) for variant in first_variants(film.presentation))
    return "\n".join([*lines, ""])


def _sound_line(group: SoundGroup, choice: Choice) -> str:
    sound = choice.sound
    language = f',LANGUAGE="{sound.language}"' if sound.language else ""
    described = ',CHARACTERISTICS="public.accessibility.describes-video"' if sound.described else ""
    return (
        f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{group.name}",NAME="{choice.name}"{language},'
        f"DEFAULT={'YES' if choice.default else 'NO'},AUTOSELECT=YES{described},"
        f'CHANNELS="{sound.channels}",URI="{sound.playlist}"'
    )


def _keys_line(variant: Variant) -> str:
    rendition = variant.rendition
    return (
        f'#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={rendition.iframe_bandwidth},CODECS="{variant.video_codec}",'
        f"RESOLUTION={rendition.width}x{rendition.height}{_range(variant.video_range)},"
        f'URI="{rendition.iframes}"'
    )


def _range(video_range: str) -> str:
    return f",VIDEO-RANGE={video_range}" if video_range else ""


def _subtitles(vtt: str, duration: float) -> str:
    return "\n".join(
        [
            "#EXTM3U",
            "#EXT-X-VERSION:7",
            f"#EXT-X-TARGETDURATION:{max(1, round(duration + 0.5))}",
            "#EXT-X-PLAYLIST-TYPE:VOD",
            f"#EXTINF:{duration:.6f},",
            vtt,
            "#EXT-X-ENDLIST",
            "",
        ]
    )
