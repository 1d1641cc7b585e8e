"""Asks ffprobe what is in a file."""

import io
import json
from pathlib import Path
from typing import Any, cast

from tubegen.media.ffmpeg.program import Ffmpeg
from tubegen.media.source.packets import ENTRIES, StreamPackets, read_packets

_GENEROUS = ("-probesize", "100M", "-analyzeduration", "100M")


def read_headers(ffmpeg: Ffmpeg, source: Path, *, generous: bool = False) -> dict[str, Any]:
    """Its `format`, `streams` and `chapters`; `generous` reads on for streams that tell their size late, such as a
    recording that begins between two key frames. Raises MediaError when it is nothing that may be opened."""
    options = (*(_GENEROUS if generous else ()), "-show_format", "-show_streams", "-show_chapters")
    return cast("dict[str, Any]", json.loads(ffmpeg.inspect(source, *options, "-of", "json")))


def packets(ffmpeg: Ffmpeg, source: Path) -> dict[int, StreamPackets]:
    """The packets of every stream, by its index. Raises MediaError."""
    said = ffmpeg.inspect(source, "-show_entries", ENTRIES, "-of", "compact=p=0:nk=1")
    return read_packets(io.BytesIO(said))
