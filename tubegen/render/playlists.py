"""The playlists that depend on more than the encode: the HLS master playlist (RFC 8216) with its subtitles."""

from fractions import Fraction

from tubegen.content.captions import to_vtt
from tubegen.media.hls import content_name
from tubegen.render.i18n import language_name
from tubegen.render.library import Film
from tubegen.render.output import Output, made
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
    """Renditions smallest first: players without a better idea begin with the first."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for language, playlist in subtitles:
        lines.append(
            f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="{language_name(language)}",'
            f'LANGUAGE="{language}",DEFAULT=NO,AUTOSELECT=YES,URI="{playlist}"'
        )
    group = ',SUBTITLES="captions"' if subtitles else ""
    for rendition in film.presentation.renditions:
        lines += [
            f"#EXT-X-STREAM-INF:BANDWIDTH={rendition.bandwidth},AVERAGE-BANDWIDTH={rendition.average},"
            f'CODECS="{rendition.codecs}",RESOLUTION={rendition.width}x{rendition.height},'
            f"FRAME-RATE={float(Fraction(*rendition.rate)):.3f}{group}",
            rendition.playlist,
        ]
    return "\n".join([*lines, ""])


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
