"""Lays out a finished presentation anew, without encoding: its parts end to end are what they were cut from."""

import os
import shutil
from pathlib import Path

import msgspec

from tubegen.media.audio_track import PackagedAudioTrack
from tubegen.media.package import hls
from tubegen.media.package.hls import Cut, SoundCut
from tubegen.media.package.media_playlist import parts
from tubegen.media.rendition import PackagedRendition
from tubegen.media.result import Layout, MediaFile, Presentation


def repackage(presentation: Presentation, source: Path, folder: Path, layout: Layout) -> Presentation:
    """Write the presentation that lies in `source` into `folder`, in another layout."""
    largest, *others = reversed(presentation.renditions)
    first = _cut(largest, source, folder, layout, None)
    cuts = [first, *(_cut(other, source, folder, layout, first) for other in others)]
    sounds = [_cut_sound(sound, source, folder, layout, first) for sound in presentation.audio_tracks]
    by_name = {cut.rendition.name: cut.rendition for cut in cuts}
    return msgspec.structs.replace(
        presentation,
        id=hls.identity([*cuts, *sounds]),
        renditions=tuple(by_name[rendition.name] for rendition in presentation.renditions),
        audio_tracks=tuple(cut.sound for cut in sounds),
        layout=layout,
        files=(
            *(file for cut in (*cuts, *sounds) for file in cut.files),
            *_kept(presentation, source, folder),
            hls.write_hashes([*cuts, *sounds], folder),
        ),
    )


def _cut(
    rendition: PackagedRendition,
    source: Path,
    folder: Path,
    layout: Layout,
    like: Cut | None,
) -> Cut:
    scratch = folder / "joined.mp4"
    film = hls.whole(source, rendition.playlist, scratch)
    cut = hls.cut(film, folder, rendition, rendition.rate, layout, like)
    scratch.unlink(missing_ok=True)
    return cut


def _cut_sound(sound: PackagedAudioTrack, source: Path, folder: Path, layout: Layout, like: Cut) -> SoundCut:
    scratch = folder / "joined.mp4"
    cut = hls.cut_sound(hls.whole(source, sound.playlist, scratch), folder, sound, layout, like)
    scratch.unlink(missing_ok=True)
    return cut


def _kept(presentation: Presentation, source: Path, folder: Path) -> list[MediaFile]:
    """What is no part of a rendition is the same: it is linked, where the disk can."""
    cut = {hls.HASHES}
    for one in (*presentation.renditions, *presentation.audio_tracks):
        cut |= {one.playlist, *parts((source / one.playlist).read_text("utf-8"))}
    cut |= {rendition.iframes for rendition in presentation.renditions}
    kept = [file for file in presentation.files if file.name not in cut]
    for file in kept:
        try:
            os.link(source / file.name, folder / file.name)
        except OSError:
            shutil.copyfile(source / file.name, folder / file.name)
    return kept
