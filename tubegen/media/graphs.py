"""Command lines for ffmpeg, drawn with ffmpeg-python: pure functions from a plan to arguments.

All renditions of a chunk come out of one process: the source is decoded once and scaled in a cascade, each
rendition from the next larger one. Frames lie on one grid of constant rate that counts from the film's
origin, and chunks are cut by frame number on it, so that their sum is exactly the planned film.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ffmpeg

if TYPE_CHECKING:
    from ffmpeg import Stream

from tubegen.media.plan import Plan, RenditionPlan

FRAGMENTED = "+cmaf+negative_cts_offsets+delay_moov"
"""CMAF without edit lists: decode time and presentation begin at 0, a fragment on every key frame."""

THREADS = 1
"""Per encoder, whatever the machine: x264's output depends on their number, and with several of them on how busy
the machine is. One is also the cheapest: cores are kept busy by working on several chunks at once."""

_PRIMING = 1024
"""Samples that an AAC encoder puts before the first: dropping as many keeps sound and picture together in
players that know no edit lists (and in those that do)."""

SAMPLE_RATE = 48_000


def chunk(source: Path, plan: Plan, number: int, outputs: Sequence[Path]) -> list[str]:
    """Arguments that encode chunk `number` of the film to one file per rendition, largest first."""
    first, end = plan.chunks[number]
    rate = Fraction(*plan.rate)
    seek = plan.origin + float(first / rate) - plan.lead_in
    options: dict[str, Any] = {"copyts": None}
    if first:
        options |= {"seek_timestamp": 1, "noaccurate_seek": None, "ss": f"{seek:.3f}"}
    film = ffmpeg.input(f"file:{source}", **options)[str(plan.video_index)]
    frames = _on_grid(film, plan, first, end)
    streams = _cascade(_upright(frames, plan), plan.renditions, plan)
    encodes = [
        ffmpeg.output(stream, f"file:{path}", **_video_options(plan, rendition))
        for stream, rendition, path in zip(streams, plan.renditions, outputs, strict=True)
    ]
    return _arguments(ffmpeg.merge_outputs(*encodes))


def audio(source: Path, plan: Plan, output: Path) -> list[str]:
    """Arguments that encode the sound, exactly as long as the film: silence fills what is missing."""
    sound = ffmpeg.input(f"file:{source}", copyts=None)[str(plan.audio_index)]
    sound = sound.filter("asetpts", f"PTS-({plan.origin:.6f})/TB")
    sound = sound.filter("aresample", SAMPLE_RATE, **{"async": 1, "first_pts": 0})
    sound = sound.filter("atrim", start_sample=_PRIMING).filter("asetpts", "PTS-STARTPTS")
    sound = sound.filter("apad").filter("atrim", end_sample=round(plan.duration * SAMPLE_RATE))
    options = {
        "c:a": "aac",
        "b:a": f"{plan.effort.audio_kbps}k",
        "ac": 2,
        "f": "adts",
        "flags:a": "+bitexact",
    }
    return _arguments(ffmpeg.output(sound, f"file:{output}", map_metadata=-1, **options))


def package(
    chunks: Sequence[Path], sound: Path | None, outputs: Sequence[Path], download: tuple[int, Path]
) -> list[str]:
    """Arguments that put picture and sound together without encoding.

    `chunks` has, per rendition, the one file of its chunks or an ffconcat list of them. `outputs` are the
    fragmented files; `download` the number of the rendition that becomes a faststart MP4, and its path.
    """
    listed = {"f": "concat", "safe": 0}
    films = [
        ffmpeg.input(f"file:{path}", **(listed if path.suffix == ".ffconcat" else {}))["v"] for path in chunks
    ]
    tracks = [ffmpeg.input(f"file:{sound}")["a"]] if sound else []
    copied = {"c": "copy", "map_metadata": -1, "fflags": "+bitexact", "f": "mp4"}
    if sound:
        copied["bsf:a"] = "aac_adtstoasc"
    renditions = [
        ffmpeg.output(film, *tracks, f"file:{path}", movflags=FRAGMENTED, **copied)
        for film, path in zip(films, outputs, strict=True)
    ]
    rendition, path = download
    web = ffmpeg.output(films[rendition], *tracks, f"file:{path}", movflags="+faststart", **copied)
    return _arguments(ffmpeg.merge_outputs(*renditions, web))


def remux(film: Path, output: Path, *, silence: float | None = None) -> list[str]:
    """Arguments that make a faststart MP4 of a fragmented one without encoding; with a sound track of `silence`
    seconds, where the film has none of its own."""
    streams = [ffmpeg.input(f"file:{film}")]
    codecs: dict[str, Any] = {"c": "copy"}
    if silence is not None:
        streams.append(ffmpeg.input(f"anullsrc=r={SAMPLE_RATE}:cl=mono", f="lavfi", t=f"{silence:.3f}"))
        codecs = {"c:v": "copy", "c:a": "aac", "b:a": "24k", "flags:a": "+bitexact"}
    plain = {"map_metadata": -1, "fflags": "+bitexact", "f": "mp4", "movflags": "+faststart"}
    return _arguments(ffmpeg.output(*streams, f"file:{output}", **codecs, **plain))


def stills(film: Path, every: int, columns: int, rows: int, output: Path) -> list[str]:
    """Arguments that lay every `every`-th key frame of `film` into one sprite of `columns` by `rows`."""
    frames = ffmpeg.input(f"file:{film}", skip_frame="nokey")["v:0"]
    frames = frames.filter("select", f"not(mod(n,{every}))").filter("tile", f"{columns}x{rows}")
    return _arguments(ffmpeg.output(frames, f"file:{output}", **_picture()))


def choose_poster(film: Path) -> list[str]:
    """Arguments that print, to standard output, every key frame of `film` as a tiny grey picture."""
    frames = ffmpeg.input(f"file:{film}", skip_frame="nokey")["v:0"]
    frames = frames.filter("scale", 32, 18, flags="area").filter("format", "gray")
    return _arguments(ffmpeg.output(frames, "pipe:1", f="rawvideo", vsync="0"))


def still(film: Path, at: float, output: Path) -> list[str]:
    """Arguments that write the frame of `film` at `at` seconds as a picture."""
    frame = ffmpeg.input(f"file:{film}", ss=f"{at:.3f}")["v:0"]
    return _arguments(ffmpeg.output(frame, f"file:{output}", **_picture()))


def _picture() -> dict[str, Any]:
    return {
        "frames:v": 1,
        "c:v": "png",
        "f": "image2",
        "update": 1,
        "fflags": "+bitexact",
        "flags:v": "+bitexact",
    }


def _on_grid(film: "Stream", plan: Plan, first: int, end: int) -> "Stream":
    """The film's frames `first` to `end` on its grid; what is missing at either end of the film is held."""
    rate = f"{plan.rate[0]}/{plan.rate[1]}"
    film = film.filter("setpts", f"PTS-({plan.origin:.6f})/TB")
    if plan.deinterlace:
        film = film.filter("bwdif", mode="send_frame")
    film = film.filter("fps", rate, **({} if first else {"start_time": 0}))
    if end == plan.frames:
        film = film.filter("tpad", stop=-1, stop_mode="clone")
    return film.filter("trim", start_pts=first, end_pts=end).filter("setpts", f"PTS-{first}")


def _upright(film: "Stream", plan: Plan) -> "Stream":
    """At the largest rendition's size, square pixels, BT.709 limited range, 8 bit 4:2:0. ffmpeg has turned it."""
    top = plan.renditions[0]
    colours = {"in_range": "full" if plan.full_range else "limited", "out_range": "limited"}
    if plan.tonemap:
        film = film.filter("scale", top.width, top.height, flags="bicubic").filter("setsar", 1)
        return _tonemap(film, plan.tonemap).filter("format", "yuv420p")
    film = film.filter(
        "scale",
        top.width,
        top.height,
        flags="bicubic",
        in_color_matrix=plan.matrix,
        out_color_matrix="bt709",
        **colours,
    )
    return film.filter("setsar", 1).filter("format", "yuv420p")


def _tonemap(film: "Stream", transfer: str) -> "Stream":
    """High dynamic range down to BT.709: linear light, hable's curve, back. The tags are said aloud, since many
    files lack one of them and zscale then finds no way."""
    tin = {"pq": "smpte2084", "hlg": "arib-std-b67"}[transfer]
    exact = (
        {"agamma": 0} if transfer == "hlg" else {}
    )  # HLG's gamma is the luminance's, not that of each colour
    film = film.filter("zscale", tin=tin, min="2020_ncl", pin="2020", rin="tv", t="linear", npl=100, **exact)
    film = film.filter("format", "gbrpf32le").filter("zscale", p="709").filter("tonemap", "hable", desat=0)
    return film.filter("zscale", t="709", m="709", r="tv")


def _cascade(film: "Stream", renditions: Sequence[RenditionPlan], plan: Plan) -> "list[Stream]":
    streams: list[Stream] = []
    for below in renditions[1:]:
        parts = film.filter_multi_output("split")
        streams.append(parts.stream(0))
        film = parts.stream(1).filter("scale", below.width, below.height, flags="bicubic")
        film = film.filter("setsar", 1)  # rounded sides would tell of pixels that are not quite square
    return [*streams, film]


def _video_options(plan: Plan, rendition: RenditionPlan) -> dict[str, Any]:
    bt709 = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", "color_range": "tv"}
    return {
        "c:v": "libx264",
        "preset": plan.effort.preset,
        "crf": plan.effort.crf,
        "profile:v": "high",
        "maxrate": rendition.maxrate,
        "bufsize": 2 * rendition.maxrate,
        "g": plan.gop,
        "keyint_min": plan.gop,
        "sc_threshold": 0,
        "flags:v": "+cgop+bitexact",
        "fflags": "+bitexact",
        "threads": THREADS,
        "map_metadata": -1,
        "map_chapters": -1,
        "movflags": FRAGMENTED,
        "f": "mp4",
        **bt709,
    }


def _arguments(graph: "Stream") -> list[str]:
    return ffmpeg.get_args(graph)
