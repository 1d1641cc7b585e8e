"""Makes a whole MP4 again of a rendition that has been cut into segments; with silence, where it has no sound."""

from pathlib import Path

from tubegen.media.audio_track import PackagedAudioTrack
from tubegen.media.encode import graphs
from tubegen.media.ffmpeg.program import Ffmpeg
from tubegen.media.package import hls
from tubegen.media.rendition import PackagedRendition
from tubegen.media.result import Attachment, Presentation


def remux(
    ffmpeg: Ffmpeg, presentation: Presentation, rendition: PackagedRendition, source: Path, folder: Path
) -> Attachment:
    """Write the segments of a rendition, which lie in `source`, into `folder` as one faststart MP4; where sounds are
    apart from it, with the one that players begin with."""
    joined, heard, film = folder / "joined.mp4", folder / "heard.mp4", folder / "film.mp4"
    picture = hls.whole(source, rendition.playlist, joined)
    track = _first(presentation)
    sound = hls.whole(source, track.playlist, heard) if track else None
    silence = None if presentation.audio else presentation.duration
    ffmpeg.run(graphs.remux(picture, film, sound=sound, silence=silence), about=picture)
    for scratch in (joined, heard):
        scratch.unlink(missing_ok=True)
    file = hls.publish(film, folder, rendition.name)
    return Attachment(file=file, width=rendition.width, height=rendition.height)


def _first(presentation: Presentation) -> PackagedAudioTrack | None:
    """In stereo: microblogs' players are phones."""
    stereo = [
        sound for sound in presentation.audio_tracks if sound.channels <= 2
    ] or presentation.audio_tracks
    return next((sound for sound in stereo if sound.default), stereo[0] if stereo else None)
