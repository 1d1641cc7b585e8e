"""Command lines for ffmpeg, drawn with ffmpeg-python: pure functions from a plan to arguments.

All renditions of a chunk come out of one process: the source is decoded once and scaled in a cascade, each
rendition from the next larger one. Frames lie on one grid of constant rate that counts from the film's
origin, and chunks are cut by frame number on it, so that their sum is exactly the planned film.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ffmpeg

if TYPE_CHECKING:
    from ffmpeg import Stream

from tubegen.media.encode.encoders import COPIED, FRAGMENTED, SAMPLE_RATE, in_hardware, video_options
from tubegen.media.ffmpeg.hardware import DEVICE, FILTERS
from tubegen.media.plan.plan import Plan
from tubegen.media.rendition import PlannedRendition

_ONE_CORE: dict[str, Any] = {"threads": 1, "filter_complex_threads": 1}
"""For decoder and filters, as for encoders: other cores have chunks of their own, and threads cost up to a tenth."""


def chunk(source: Path, plan: Plan, number: int, outputs: Sequence[Path]) -> list[str]:
    """Arguments that encode chunk `number` of the film to one file for each of `plan.encoded`. `source` is the still
    itself where the plan has no film."""
    first, end = plan.chunks[number]
    if plan.video_index is None:
        picture = ffmpeg.input(
            f"file:{source}", f="image2", loop=1, framerate=f"{plan.rate[0]}/{plan.rate[1]}"
        )["v"]
        frames = picture.filter("trim", end_frame=end - first)
    else:
        frames = _on_grid(_opened(source, plan, number), plan, first, end)
    streams = _scaled(frames, plan)
    encodes = [
        ffmpeg.output(
            _handed_over(streams[rendition.name], plan, rendition),
            f"file:{path}",
            **video_options(plan, rendition, number),
        )
        for rendition, path in zip(plan.encoded, outputs, strict=True)
    ]
    return [*DEVICE.get(plan.encoder.hardware, ()), *_arguments(ffmpeg.merge_outputs(*encodes))]


def copy(source: Path, plan: Plan, output: Path) -> list[str]:
    """Arguments that take the film out of its source as it is, its first frame at 0."""
    film = ffmpeg.input(f"file:{source}")[str(plan.video_index)]
    at_zero = "setts=pts=PTS-STARTPTS:dts=DTS-STARTPTS"
    options = COPIED | FRAGMENTED | {"bsf:v": at_zero}
    return _arguments(ffmpeg.output(film, f"file:{output}", **options))


def package(
    films: Sequence[Path], sounds: Sequence[Path], outputs: Sequence[Path], *, together: bool
) -> list[str]:
    """Arguments that make fragmented MP4s of encoded films and tracks of sound, without encoding.

    `films` has, per rendition, the one file of its chunks or an ffconcat list of them, `sounds` the tracks.
    `outputs` are of the films, then, unless the sound goes `together` with every film, of the tracks.
    """
    pictures = [_listed(path)["v"] for path in films]
    tracks = [ffmpeg.input(f"file:{sound}")["a"] for sound in sounds]
    sets = [[picture, *tracks] if together else [picture] for picture in pictures]
    if not together:
        sets += [[track] for track in tracks]
    fragmented = COPIED | FRAGMENTED
    made = [
        ffmpeg.output(*streams, f"file:{path}", **fragmented)
        for streams, path in zip(sets, outputs, strict=True)
    ]
    return _arguments(ffmpeg.merge_outputs(*made))


def whole(film: Path, sounds: Sequence[tuple[Path, str]], output: Path) -> list[str]:
    """Arguments that make the faststart MP4 of one rendition with `sounds`: files and what players shall call them,
    the first of which is heard."""
    tracks = [ffmpeg.input(f"file:{sound}")["a"] for sound, _ in sounds]
    names = {f"metadata:s:a:{n}": f"handler_name={name}" for n, (_, name) in enumerate(sounds) if name}
    options = COPIED | names | {"movflags": "+faststart"}
    return _arguments(ffmpeg.output(_listed(film)["v"], *tracks, f"file:{output}", **options))


def _listed(path: Path) -> "Stream":
    return ffmpeg.input(f"file:{path}", **({"f": "concat", "safe": 0} if path.suffix == ".ffconcat" else {}))


def remux(film: Path, output: Path, *, sound: Path | None = None, silence: float | None = None) -> list[str]:
    """Arguments that make a faststart MP4 of a fragmented one without encoding; with its `sound`, where that is a
    file of its own, or a sound track of `silence` seconds, where there is none."""
    streams = [ffmpeg.input(f"file:{film}"), *([ffmpeg.input(f"file:{sound}")] if sound else [])]
    codecs: dict[str, Any] = {"c": "copy"}
    if silence is not None:
        streams.append(ffmpeg.input(f"anullsrc=r={SAMPLE_RATE}:cl=mono", f="lavfi", t=f"{silence:.3f}"))
        codecs = {"c:v": "copy", "c:a": "aac", "b:a": "24k", "flags:a": "+bitexact"}
    plain = {"map_metadata": -1, "fflags": "+bitexact", "f": "mp4", "movflags": "+faststart"}
    return _arguments(ffmpeg.output(*streams, f"file:{output}", **codecs, **plain))


def stills(film: Path, keys: Sequence[int], columns: int, rows: int, output: Path) -> list[str]:
    """Arguments that lay some key frames of `film`, counted among them, into one sprite of `columns` by `rows`."""
    frames = ffmpeg.input(f"file:{film}", skip_frame="nokey")["v:0"]
    frames = frames.filter("select", "+".join(f"eq(n,{key})" for key in keys)).filter(
        "tile", f"{columns}x{rows}"
    )
    return _arguments(ffmpeg.output(frames, f"file:{output}", **_picture("ppm")))


def still(film: Path, at: float, output: Path) -> list[str]:
    """Arguments that write the frame of `film` at `at` seconds as a picture."""
    frame = ffmpeg.input(f"file:{film}", ss=f"{at:.3f}")["v:0"]
    return _arguments(ffmpeg.output(frame, f"file:{output}", **_picture("ppm")))


def attached(source: Path, index: int, output: Path) -> list[str]:
    """Arguments that write the picture that is stream `index` of `source`."""
    return _arguments(
        ffmpeg.output(ffmpeg.input(f"file:{source}")[str(index)], f"file:{output}", **_picture("png"))
    )


def _picture(codec: str) -> dict[str, Any]:
    """One picture: PPM to be read at once and thrown away, PNG to be kept."""
    return {
        "frames:v": 1,
        "c:v": codec,
        "f": "image2",
        "update": 1,
        "fflags": "+bitexact",
        "flags:v": "+bitexact",
    }


def _opened(source: Path, plan: Plan, number: int) -> "Stream":
    """The film of the source, from a little before chunk `number` on."""
    options: dict[str, Any] = _ONE_CORE | {"copyts": None}
    if not plan.deinterlace:
        options["reinit_filter"] = (
            0  # where its size changes, `scale` follows; a new graph would count frames anew
        )
    if number and (seek := plan.chunk_seeks[number - 1]) > plan.origin:  # earlier there is nothing to skip
        options |= {"seek_timestamp": 1, "noaccurate_seek": None, "ss": f"{seek:.3f}"}
    return ffmpeg.input(f"file:{source}", **options)[str(plan.video_index)]


def _on_grid(film: "Stream", plan: Plan, first: int, end: int) -> "Stream":
    """The film's frames `first` to `end` on its grid; what is missing at either end of the film is held."""
    rate = f"{plan.rate[0]}/{plan.rate[1]}"
    film = film.filter("setpts", f"PTS-({plan.origin:.6f})/TB")
    if plan.deinterlace:
        film = film.filter("bwdif", mode="send_frame")
    film = film.filter("fps", rate, **({} if first else {"start_time": 0}))
    if end >= min(plan.source_frames, plan.frames):
        film = film.filter("tpad", stop=-1, stop_mode="clone")
    return film.filter("trim", start_pts=first, end_pts=end).filter("setpts", f"PTS-{first}")


def _scaled(film: "Stream", plan: Plan) -> "dict[str, Stream]":
    """The picture for each rendition that is encoded, by name."""
    plain = [rendition for rendition in plan.encoded if rendition.video_range == "SDR"]
    bright = [rendition for rendition in plan.encoded if rendition.video_range != "SDR"]
    if not bright:
        return _cascade(film, plain, plan, _upright)
    below, beside = _split(film, 2)
    return _cascade(below, plain, plan, _upright) | _cascade(beside, bright, plan, _untoned)


def _cascade(
    film: "Stream", renditions: Sequence[PlannedRendition], plan: Plan, first: "Callable[..., Stream]"
) -> "dict[str, Stream]":
    """Pictures of each size from those of the next larger one; the largest is what `first` makes of the film."""
    made: dict[str, Stream] = {}
    above: PlannedRendition | None = None
    ordered = sorted(renditions, key=lambda r: (-r.width * r.height, r.frame_step))
    sizes = [list(alike) for _, alike in groupby(ordered, lambda r: (r.width, r.height, r.frame_step))]
    for number, alike in enumerate(sizes, 1):
        size = alike[0]
        film = (
            film.filter("scale", size.width, size.height, flags="bicubic")
            if above
            else first(film, plan, size)
        )
        film = film.filter("setsar", 1)  # rounded sides would tell of pixels that are not quite square
        if size.frame_step > (above.frame_step if above else 1):
            film = film.filter("framestep", size.frame_step)
        branches = _split(film, len(alike) + (number < len(sizes)))
        made |= {rendition.name: branch for rendition, branch in zip(alike, branches, strict=False)}
        film, above = branches[-1], size
    return made


def _handed_over(film: "Stream", plan: Plan, rendition: PlannedRendition) -> "Stream":
    """The picture where the rendition's encoder takes it."""
    for step in FILTERS.get(plan.encoder.hardware, ()) if in_hardware(plan, rendition) else ():
        name, _, value = step.partition("=")
        film = film.filter(name, *filter(None, [value]))
    return film


def _split(film: "Stream", into: int) -> "list[Stream]":
    if into == 1:
        return [film]
    parts = film.filter_multi_output("split")
    return [parts.stream(n) for n in range(into)]


def _upright(film: "Stream", plan: Plan, size: PlannedRendition) -> "Stream":
    """At one size, square pixels, BT.709 limited range, 8 bit 4:2:0. ffmpeg has turned it."""
    if plan.tonemap:
        film = film.filter("scale", size.width, size.height, flags="bicubic")
        return _tonemap(film, plan.tonemap).filter("format", "yuv420p")
    colours: dict[str, Any] = {}
    if plan.matrix != "bt709" or plan.full_range:
        # said where it changes something only: without it `scale` lets pass what has its size already
        colours = {
            "in_color_matrix": plan.matrix,
            "out_color_matrix": "bt709",
            "in_range": "full" if plan.full_range else "limited",
            "out_range": "limited",
        }
    film = film.filter("scale", size.width, size.height, flags="bicubic", **colours)
    return film.filter("format", "yuv420p")


def _untoned(film: "Stream", plan: Plan, size: PlannedRendition) -> "Stream":
    """At one size, 10 bit 4:2:0, light as it is."""
    film = film.filter("scale", size.width, size.height, flags="bicubic")
    return film.filter("format", "yuv420p10le")


def _tonemap(film: "Stream", transfer: str) -> "Stream":
    """High dynamic range down to BT.709: linear light, hable's curve, back. The tags are said aloud, since many
    files lack one of them and zscale then finds no way."""
    tin = {"pq": "smpte2084", "hlg": "arib-std-b67"}[transfer]
    bright = {"color_primaries": "bt2020", "color_trc": tin, "colorspace": "bt2020nc", "range": "tv"}
    # HLG's gamma is the luminance's, not that of each colour
    exact = {"agamma": 0} if transfer == "hlg" else {}
    film = film.filter("setparams", **bright).filter("zscale", t="linear", npl=100, **exact)
    film = film.filter("format", "gbrpf32le").filter("zscale", p="709").filter("tonemap", "hable", desat=0)
    return film.filter("zscale", t="709", m="709", r="tv")


def _arguments(graph: "Stream") -> list[str]:
    return ffmpeg.get_args(graph)
