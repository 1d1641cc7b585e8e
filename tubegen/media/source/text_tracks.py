"""Captions in the film itself, taken out as SubRip.

Of styles, ffmpeg's encoder of SubRip leaves bold, italic and underlined, and fonts, which no page needs: the reader
of caption files throws them away, with whatever else a stranger put there.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import msgspec

from tubegen.media.ffmpeg.program import Ffmpeg
from tubegen.media.source.probe import TextStream

CAPTIONS_FORMAT = 1
"""Counts changes in how captions are taken out; part of their key in the cache."""

AHEAD = 100
"""Seconds that the times in the files are ahead of those in the source: SubRip has none below 0."""


class ExtractedCaptions(msgspec.Struct, frozen=True):
    """The files of tracks that were taken out, by the index of their stream."""

    cache_kind: ClassVar[str] = "texts"

    files: dict[int, str]


def extract_captions(
    ffmpeg: Ffmpeg, source: Path, tracks: Sequence[TextStream], folder: Path
) -> ExtractedCaptions:
    """Take all `tracks` out in one pass over the source. Raises FfmpegError."""
    files = {track.index: f"{track.index}.srt" for track in tracks}
    arguments = ["-itsoffset", str(AHEAD), "-copyts", "-i", f"file:{source}"]
    for index, name in files.items():
        arguments += ["-map", f"0:{index}", "-c:s", "srt", "-f", "srt", f"file:{folder / name}"]
    ffmpeg.run(arguments, about=source)
    return ExtractedCaptions(files)
