"""A small ffprobe on PyAV, for machines where ffmpeg came without one: a program of its own, under the same limits.

It takes the options that `ffprobe` (the module) and `ffmpeg` give, and prints what ffprobe would: everything that
reads it is shared. Only the fields that a Probe is made of are there. PyAV does not tell the configuration of Dolby
Vision.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

import av
import av.logging
from av.container import InputContainer
from av.error import FFmpegError
from av.sidedata.sidedata import Type
from av.stream import Disposition

_FIELD_ORDERS = {1: "progressive", 2: "tt", 3: "bb", 4: "tb", 5: "bt"}
_RANGES = {1: "tv", 2: "pc"}
_TRANSFERS = {
    1: "bt709",
    6: "smpte170m",
    13: "iec61966-2-1",
    14: "bt2020-10",
    16: "smpte2084",
    18: "arib-std-b67",
}
_MATRICES = {
    0: "gbr",
    1: "bt709",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    9: "bt2020nc",
    10: "bt2020c",
}
_PRIMARIES = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    12: "smpte432",
}
"""Code points of ITU-T H.273, as ffprobe names them."""


def main(arguments: Sequence[str]) -> int:
    """Prints the answer and returns the exit code."""
    options = dict(zip(arguments, [*arguments[1:], ""], strict=True))
    wishes = ("-protocol_whitelist", "-format_whitelist", "-probesize", "-analyzeduration")
    demuxer = {name[1:]: options[name] for name in wishes if name in options}
    av.logging.set_level(av.logging.ERROR)
    with av.logging.Capture(local=False) as said:
        try:
            with av.open(options["-i"], options=demuxer, metadata_errors="replace") as container:
                if "-show_entries" in options:
                    _print_packets(container)
                else:
                    print(json.dumps(_look(container)))  # noqa: T201
        except FFmpegError as fault:
            complaints = [f"[{name} @ 0x0] {text.strip()}" for _, name, text in said]
            print(*complaints, f"{options['-i']}: {fault.strerror}", sep="\n", file=sys.stderr)  # noqa: T201
            return 1
    return 0


def _print_packets(container: InputContainer) -> None:
    lines: list[str] = []
    for packet in container.demux():
        if packet.size == 0 and packet.pts is None and packet.dts is None:
            continue  # the signal to flush decoders
        base = packet.time_base
        times = (
            None if at is None else at * base for at in (packet.pts, packet.dts, packet.duration or None)
        )
        fields = "|".join("N/A" if at is None else f"{float(at):.6f}" for at in times)
        flags = ("K" if packet.is_keyframe else "_") + ("D" if packet.is_discard else "_")
        lines.append(f"{packet.stream_index}|{fields}|{packet.size}|{flags}\n")
        if len(lines) == 4096:
            sys.stdout.writelines(lines)
            lines.clear()
    sys.stdout.writelines(lines)


def _look(container: InputContainer) -> dict[str, Any]:
    streams = [_stream(stream) for stream in container.streams]
    for stream in streams:
        if (
            stream["codec_type"] == "video"
            and "pix_fmt" in stream
            and not stream["disposition"]["attached_pic"]
        ):
            stream["side_data_list"] = _display_matrix(container, stream["index"])
    known = {"start_time": container.start_time, "duration": container.duration}
    times = {name: f"{value / 1_000_000:.6f}" for name, value in known.items() if value is not None}
    chapters = [
        {"start_time": f"{float(c['start'] * c['time_base']):.6f}", "tags": c["metadata"]}
        for c in container.chapters()
        if c["time_base"] is not None
    ]
    form = {"format_name": container.format.name, "tags": container.metadata, **times}
    return {"format": form, "streams": streams, "chapters": chapters}


def _stream(stream: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "index": stream.index,
        "codec_type": stream.type,
        "disposition": {
            name: int(bool(stream.disposition & value)) for name, value in Disposition.__members__.items()
        },
        "tags": dict(stream.metadata),
    }
    if stream.start_time is not None:
        told["start_time"] = f"{float(stream.start_time * stream.time_base):.6f}"
    if stream.duration is not None:
        told |= {
            "duration_ts": stream.duration,
            "duration": f"{float(stream.duration * stream.time_base):.6f}",
        }
    codec = stream.codec_context
    if codec is None:
        return told
    told["codec_name"] = codec.codec.canonical_name
    told["codec_tag_string"] = codec.codec_tag
    if stream.type == "audio" and codec.format is not None:
        told |= {"channels": codec.channels, "sample_fmt": codec.format.name}
    if stream.type == "video":
        told |= _picture(stream, codec)
    return told


def _picture(stream: Any, codec: Any) -> dict[str, Any]:
    rate, shape = stream.average_rate, stream.sample_aspect_ratio
    told = {
        "width": codec.width,
        "height": codec.height,
        "pix_fmt": codec.pix_fmt,
        "profile": codec.profile,
        "level": codec.level,
        "field_order": _FIELD_ORDERS.get(codec.field_order),
        "color_range": _RANGES.get(codec.color_range),
        "color_space": _MATRICES.get(codec.colorspace),
        "color_transfer": _TRANSFERS.get(codec.color_trc),
        "color_primaries": _PRIMARIES.get(codec.color_primaries),
        "avg_frame_rate": f"{rate.numerator}/{rate.denominator}" if rate else "0/0",
        "sample_aspect_ratio": f"{shape.numerator}:{shape.denominator}" if shape else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _display_matrix(container: InputContainer, index: int) -> list[dict[str, Any]]:
    """As ffprobe's side data; PyAV has it at the first frame only, which is decoded for it."""
    try:
        frame: Any = next(iter(container.decode(container.streams[index])))
    except (StopIteration, FFmpegError):
        return []
    finally:
        container.seek(0)
    turned = any(side.type == Type.DISPLAYMATRIX for side in frame.side_data)
    return [{"rotation": frame.rotation}] if turned else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
