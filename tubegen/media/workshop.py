"""Everything the media path needs at hand: the tools, the store, the executors, and what is remembered.

What does the work is imported where the work begins: an unchanged site must not pay for Pillow.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import TypeVar

import msgspec

from tubegen.config import MediaConfig
from tubegen.errors import MediaError, Problem
from tubegen.media.attachment import own_film, smaller
from tubegen.media.capabilities import Abilities, abilities
from tubegen.media.engine import local
from tubegen.media.ffmpeg import Encoder, Ffmpeg
from tubegen.media.plan import Plan, key_of, make_plan, presentation_key
from tubegen.media.probe import PROBE_FORMAT, Probe, TextStream, digest, probe
from tubegen.media.progress import Progress
from tubegen.media.result import PICTURE_FORMAT, Attachment, Picture, Presentation, Rendition
from tubegen.media.sight import refuse_at_sight
from tubegen.media.store import Store

Record = TypeVar("Record", bound=msgspec.Struct)


class _Known(msgspec.Struct, frozen=True):
    """A file as it was when its digest was taken."""

    size: int
    mtime_ns: int
    inode: int
    sha256: str


class Workshop:
    """A context manager: leaving it by an error kills what runs, leaving it in peace waits for it."""

    def __init__(self, store: Store, media: MediaConfig, progress: Progress) -> None:
        self.store = store
        self.media = media
        self.progress = progress
        self._ffmpeg: Ffmpeg | None = None
        self._abilities: Abilities | None = None
        self._encoders: Executor | None = None
        self._opening = threading.RLock()

    def __enter__(self) -> "Workshop":
        return self

    def __exit__(self, kind: object, fault: object, trace: object) -> None:
        if kind is not None:
            self.stop()
        if self._encoders:
            self._encoders.shutdown(wait=True, cancel_futures=True)

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
        """What this ffmpeg can do, remembered by its file, so that an unchanged site starts no process."""
        with self._opening:
            if self._abilities is None:
                program = Path(self.ffmpeg.ffmpeg)
                at = program.stat()
                key = key_of("abilities", str(program), at.st_size, at.st_mtime_ns)
                self._abilities = self._remembered(key, Abilities, lambda: abilities(self.ffmpeg))
            return self._abilities

    @property
    def encoder(self) -> Encoder:
        """Which ffmpeg this is, for films of H.264."""
        return self.abilities.encoder()

    @property
    def encoders(self) -> Executor:
        with self._opening:
            self._encoders = self._encoders or local.encoders()
            return self._encoders

    def digest(self, file: Path) -> str:
        """SHA-256 of a file, taken anew only when its size, time or inode is another."""
        now = file.stat()
        key = key_of("digest", str(file.absolute()))
        known = self.store.get(key, _Known)
        if known and (known.size, known.mtime_ns, known.inode) == (now.st_size, now.st_mtime_ns, now.st_ino):
            return known.sha256
        fresh = _Known(now.st_size, now.st_mtime_ns, now.st_ino, digest(file))
        self._put(key, fresh)
        return fresh.sha256

    def probe(self, source: Path) -> Probe:
        """Raises MediaError when the source is not a film that can be published."""
        refuse_at_sight(source)
        sha256 = self.digest(source)
        found = self._remembered(
            key_of("probe", PROBE_FORMAT, sha256), Probe, lambda: probe(self.ffmpeg, source, sha256)
        )
        if found.video is None:
            text, hint = "there is only sound in this file", "publish a file with moving pictures"
            raise MediaError(Problem(str(source), 0, text, hint))
        return found

    def plan(self, source: Path, *, preview: bool = False) -> Plan:
        """What is to be made of a source. Raises MediaError as `probe` does."""
        return make_plan(self.probe(source), self.media, self.encoder, preview=preview)

    def ready(self, plan: Plan) -> Presentation | None:
        """The finished presentation, when it is in the store."""
        return self.store.get(presentation_key(plan), Presentation)

    def make(self, name: str, source: Path, plan: Plan) -> Presentation:
        """The finished presentation, made now as far as it is missing; see `make.make`."""
        from tubegen.media.make import make

        return make(
            name,
            source,
            self.probe(source),
            plan,
            store=self.store,
            ffmpeg=self.ffmpeg,
            encoders=self.encoders,
            progress=self.progress,
        )

    def texts(self, source: Path, tracks: tuple[TextStream, ...]) -> dict[int, Path]:
        """Captions in the file itself as SubRip, by the index of their stream; see `subtitles`. Raises FfmpegError."""
        from tubegen.media.subtitles import TEXTS_FORMAT, Texts, take_texts

        indices = [track.index for track in tracks]
        key = key_of("texts", TEXTS_FORMAT, self.digest(source), indices)
        made, folder = self._made(key, Texts, lambda folder: take_texts(self.ffmpeg, source, tracks, folder))
        return {index: folder / name for index, name in made.files.items()}

    def presentation_folder(self, plan: Plan) -> Path:
        """Where the files of a finished presentation are."""
        return self.store.folder(presentation_key(plan))

    def poster(self, plan: Plan) -> tuple[Picture, Path]:
        """A still of a finished presentation, chosen from the whole film, and the folder of its files."""
        key = key_of("poster", PICTURE_FORMAT, plan)

        def take(folder: Path) -> Picture:
            from tubegen.media.storyboard import take_poster

            presentation = self.ready(plan)
            assert presentation is not None
            film = self.presentation_folder(plan) / presentation.download.name
            return take_poster(self.ffmpeg, film, plan, folder)

        return self._made(key, Picture, take)

    def cover(self, source: Path) -> tuple[Picture, Path]:
        """A poster that the author drew; else as `picture`."""

        def take(folder: Path) -> Picture:
            from tubegen.media.images import make_poster

            return make_poster(source, folder)

        return self._made(key_of("cover", PICTURE_FORMAT, self.digest(source)), Picture, take)

    def attachment(self, plan: Plan, presentation: Presentation, most: int) -> tuple[Attachment, Path] | None:
        """The best MP4 of a finished presentation that has `most` bytes or less, and the folder it is in."""
        source = self.presentation_folder(plan)
        if own := own_film(presentation, most):
            return own, source
        for rendition in smaller(presentation, most):
            key = key_of("attachment", presentation_key(plan), rendition.name)

            def take(folder: Path, rendition: Rendition = rendition) -> Attachment:
                from tubegen.media.remux import remux

                return remux(self.ffmpeg, presentation, rendition, source, folder)

            made = self._made(key, Attachment, take)
            if made[0].file.size <= most:
                return made
        return None

    def picture(self, source: Path, stem: str) -> tuple[Picture, Path]:
        """A picture of the author's in all sizes, and the folder of its files. Raises MediaError when it is none."""
        key = key_of("picture", PICTURE_FORMAT, stem, self.digest(source))

        def take(folder: Path) -> Picture:
            from tubegen.media.images import make_picture

            return make_picture(source, folder, stem)

        return self._made(key, Picture, take)

    def check_picture(self, source: Path) -> None:
        """Raises MediaError as `picture` would."""
        from tubegen.media.images import check_picture

        check_picture(source)

    def _made(self, key: str, kind: type[Record], take: Callable[[Path], Record]) -> tuple[Record, Path]:
        record = self.store.get(key, kind)
        if record is None:
            with self.store.making() as folder:
                record = take(folder)
                self.store.put(key, folder, record)
        return record, self.store.folder(key)

    def _remembered(self, key: str, kind: type[Record], ask: Callable[[], Record]) -> Record:
        known = self.store.get(key, kind)
        if known is None:
            known = ask()
            self._put(key, known)
        return known

    def _put(self, key: str, record: object) -> None:
        with self.store.making() as folder:
            self.store.put(key, folder, record)
