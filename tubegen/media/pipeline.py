"""Everything the media path needs at hand: the tools, the cache, the executors, and what is remembered.

What does the work is imported where the work begins: an unchanged site must not pay for Pillow.
"""

import platform
import threading
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, TypeVar

import msgspec

from tubegen.config import MediaConfig
from tubegen.media.cache.cache import Cache
from tubegen.media.encode.engine import Engine
from tubegen.media.ffmpeg.capabilities import Abilities, Speed, abilities, calibrate, with_hardware
from tubegen.media.ffmpeg.program import Ffmpeg
from tubegen.media.package.attachment import own_film, smaller
from tubegen.media.plan.cache_keys import (
    abilities_key,
    attachment_key,
    cover_key,
    digest_key,
    picture_key,
    poster_key,
    presentation_key,
    probe_key,
    speed_key,
    text_tracks_key,
    unfinished_keys,
)
from tubegen.media.plan.plan import Plan, make_plan
from tubegen.media.progress import Progress
from tubegen.media.rendition import PackagedRendition
from tubegen.media.result import Attachment, Picture, Presentation
from tubegen.media.source.non_videos import refuse_non_video
from tubegen.media.source.probe import Probe, TextStream, digest, probe

Record = TypeVar("Record", bound=msgspec.Struct)


class FileDigest(msgspec.Struct, frozen=True):
    """A file as it was when its digest was taken."""

    cache_kind: ClassVar[str] = "known"

    size: int
    mtime_ns: int
    inode: int
    sha256: str


class MediaPipeline:
    """A context manager: leaving it by an error kills what runs, leaving it in peace waits for it."""

    def __init__(self, cache: Cache, media: MediaConfig, progress: Progress, engine: str = "") -> None:
        self._engine_address = engine
        self.cache = cache
        self.media = media
        self.progress = progress
        self._ffmpeg: Ffmpeg | None = None
        self._abilities: Abilities | None = None
        self._engine: Engine | None = None
        self._opening = threading.RLock()
        self._trying = threading.Lock()

    def __enter__(self) -> "MediaPipeline":
        return self

    def __exit__(self, kind: object, fault: object, trace: object) -> None:
        if kind is not None:
            self.stop()
        if self._engine:
            self._engine.close()

    def stop(self) -> None:
        """Kill what runs; those who wait for it get Stopped."""
        if self._ffmpeg:
            self._ffmpeg.stop()

    @property
    def ffmpeg(self) -> Ffmpeg:
        """Raises ToolMissing when ffmpeg or ffprobe is not installed."""
        with self._opening:
            self._ffmpeg = self._ffmpeg or Ffmpeg()
            return self._ffmpeg

    @property
    def abilities(self) -> Abilities:
        """What this ffmpeg can do, remembered by its file, so that an unchanged site starts no process; but an
        encoder in hardware is tried once by every build."""
        with self._trying:
            if self._abilities is None:
                able = self._remembered(self._abilities_key(), Abilities, lambda: abilities(self.ffmpeg))
                wish = self.media.encoder
                self._abilities = able if wish == "x264" else with_hardware(able, self.ffmpeg, wish)
            return self._abilities

    @property
    def slowness(self) -> float:
        """How many times slower this machine encodes than the one of the model, measured once and remembered."""
        return self._remembered(self._speed_key(), Speed, lambda: calibrate(self.ffmpeg)).slowness

    @property
    def engine(self) -> Engine:
        """Raises as `Dask` does, when it is one."""
        with self._opening:
            self._engine = self._engine or self._new_engine()
            return self._engine

    def _new_engine(self) -> Engine:
        if self._engine_address:
            from tubegen.media.encode.engine.dask import Dask

            return Dask(self._engine_address, self.media.exchange)
        from tubegen.media.encode.engine.local import Local

        return Local(self.ffmpeg, in_hardware=self.media.encoder != "x264")

    def digest(self, file: Path) -> str:
        """SHA-256 of a file, taken anew only when its size, time or inode is another."""
        now = file.stat()
        key = digest_key(file)
        known = self.cache.get(key, FileDigest)
        if known and (known.size, known.mtime_ns, known.inode) == (now.st_size, now.st_mtime_ns, now.st_ino):
            return known.sha256
        fresh = FileDigest(now.st_size, now.st_mtime_ns, now.st_ino, digest(file))
        self._put(key, fresh)
        return fresh.sha256

    def probe(self, source: Path) -> Probe:
        """Raises MediaError when the source is not a film that can be published."""
        refuse_non_video(source)
        sha256 = self.digest(source)
        return self._remembered(probe_key(sha256), Probe, lambda: probe(self.ffmpeg, source, sha256))

    def plan(self, source: Path, *, preview: bool = False) -> Plan:
        """What is to be made of a source. Raises MediaError as `probe` does."""
        return make_plan(self.probe(source), self.media, self.abilities, preview=preview)

    def earlier_plan(self, sha256: str) -> Plan | None:
        """The plan of a source that was read before, by its digest; None when nobody remembers it."""
        known = self.cache.get(probe_key(sha256), Probe)
        if known is None or known.video is None:
            return None
        return make_plan(known, self.media, self.abilities)

    def missing(self, plan: Plan) -> list[int]:
        """Numbers of the chunks of a film that is not ready which are still to be encoded."""
        from tubegen.media.presentation import missing_chunks

        return missing_chunks(plan, self.cache)

    def ready(self, plan: Plan) -> Presentation | None:
        """The finished presentation, when it is in the cache."""
        return self.cache.get(self._key(plan), Presentation)

    def make(self, name: str, source: Path, plan: Plan) -> Presentation:
        """The finished presentation, made now as far as it is missing; see `make.make`."""
        from tubegen.media.presentation import make

        return make(
            name,
            source,
            self.probe(source),
            plan,
            self.media.segments,
            cache=self.cache,
            ffmpeg=self.ffmpeg,
            engine=self.engine,
            progress=self.progress,
        )

    def embedded_captions(self, source: Path, tracks: tuple[TextStream, ...]) -> dict[int, Path]:
        """Captions in the file itself as SubRip, by the index of their stream; see `subtitles`. Raises FfmpegError."""
        from tubegen.media.source.text_tracks import ExtractedCaptions, extract_captions

        indices = [track.index for track in tracks]
        key = text_tracks_key(self.digest(source), indices)
        made, folder = self._made(
            key, ExtractedCaptions, lambda folder: extract_captions(self.ffmpeg, source, tracks, folder)
        )
        return {index: folder / name for index, name in made.files.items()}

    def presentation_folder(self, plan: Plan) -> Path:
        """Where the files of a finished presentation are."""
        return self.cache.folder(self._key(plan))

    def poster(self, plan: Plan) -> tuple[Picture, Path]:
        """A still of a finished presentation, chosen from the whole film, and the folder of its files."""

        def take(folder: Path) -> Picture:
            from tubegen.media.package.storyboard import take_poster

            presentation, published = self.ready(plan), self.presentation_folder(plan)
            assert presentation
            assert presentation.storyboard
            film = published / presentation.download.name
            return take_poster(self.ffmpeg, film, plan, presentation.storyboard, published, folder)

        return self._made(poster_key(plan), Picture, take)

    def cover(self, source: Path) -> tuple[Picture, Path]:
        """A poster that the author drew; else as `picture`."""

        def take(folder: Path) -> Picture:
            from tubegen.media.package.images import make_poster

            return make_poster(source, folder)

        return self._made(cover_key(self.digest(source)), Picture, take)

    def attachment(self, plan: Plan, presentation: Presentation, most: int) -> tuple[Attachment, Path] | None:
        """The best MP4 of a finished presentation that has `most` bytes or less, and the folder it is in."""
        source = self.presentation_folder(plan)
        if own := own_film(presentation, most):
            return own, source
        for rendition in smaller(presentation, most):
            key = attachment_key(self._key(plan), rendition.name)

            def take(folder: Path, rendition: PackagedRendition = rendition) -> Attachment:
                from tubegen.media.package.remux import remux

                return remux(self.ffmpeg, presentation, rendition, source, folder)

            made = self._made(key, Attachment, take)
            if made[0].file.size <= most:
                return made
        return None

    def picture(self, source: Path, stem: str) -> tuple[Picture, Path]:
        """A picture of the author's in all sizes, and the folder of its files. Raises MediaError when it is none."""

        def take(folder: Path) -> Picture:
            from tubegen.media.package.images import make_picture

            return make_picture(source, folder, stem)

        return self._made(picture_key(self.digest(source), stem), Picture, take)

    def check_picture(self, source: Path) -> None:
        """Raises MediaError as `picture` would."""
        from tubegen.media.source.pictures import check_picture

        check_picture(source)

    def _key(self, plan: Plan) -> str:
        return presentation_key(plan, self.media.segments)

    def wanted(self, source: Path) -> list[str]:
        """Keys of everything that builds ask for because of a film. Raises MediaError as `probe` does."""
        whole, beginning = self.plan(source), self.plan(source, preview=True)
        machine = (self._abilities_key(), self._speed_key())
        keys = [digest_key(source), *machine, *self.wanted_plan(whole)]
        if self.ready(whole):
            return keys
        return [*keys, *unfinished_keys(whole), *self.wanted_plan(beginning), *unfinished_keys(beginning)]

    def wanted_plan(self, plan: Plan) -> list[str]:
        """Keys of what is made of a film for good."""
        attachments = (attachment_key(self._key(plan), rendition.name) for rendition in plan.renditions)
        return [probe_key(plan.source), self._key(plan), poster_key(plan), *attachments]

    def wanted_picture(self, picture: Path) -> list[str]:
        """The same because of a picture of the author's, whatever it is for."""
        sha256 = self.digest(picture)
        stems = (picture_key(sha256, stem) for stem in ("avatar", "banner"))
        return [digest_key(picture), cover_key(sha256), *stems]

    def _speed_key(self) -> str:
        return speed_key(platform.node(), self._abilities_key())

    def _abilities_key(self) -> str:
        return abilities_key(Path(self.ffmpeg.ffmpeg))

    def _made(self, key: str, kind: type[Record], take: Callable[[Path], Record]) -> tuple[Record, Path]:
        record = self.cache.get(key, kind)
        if record is None:
            with self.cache.making() as folder:
                record = take(folder)
                self.cache.put(key, folder, record)
        return record, self.cache.folder(key)

    def _remembered(self, key: str, kind: type[Record], ask: Callable[[], Record]) -> Record:
        known = self.cache.get(key, kind)
        if known is None:
            known = ask()
            self._put(key, known)
        return known

    def _put(self, key: str, record: object) -> None:
        with self.cache.making() as folder:
            self.cache.put(key, folder, record)
