"""Makes a whole MP4 again of a rendition that has been cut into segments; with silence, where it has no sound."""

import shutil
from pathlib import Path

from tubegen.media import graphs, hls
from tubegen.media.ffmpeg import Ffmpeg
from tubegen.media.playlist import parts
from tubegen.media.result import Attachment, Presentation, Rendition


def remux(
    ffmpeg: Ffmpeg, presentation: Presentation, rendition: Rendition, source: Path, folder: Path
) -> Attachment:
    """Write the segments of a rendition, which lie in `source`, into `folder` as one faststart MP4."""
    joined, film = folder / "joined.mp4", folder / "film.mp4"
    with joined.open("wb") as output:
        for name in parts((source / rendition.playlist).read_text("utf-8")):
            with (source / name).open("rb") as part:
                shutil.copyfileobj(part, output)
    silence = None if presentation.audio else presentation.duration
    ffmpeg.run(graphs.remux(joined, film, silence=silence), about=joined)
    joined.unlink()
    file = hls.publish(film, folder, rendition.name)
    return Attachment(file=file, width=rendition.width, height=rendition.height)
