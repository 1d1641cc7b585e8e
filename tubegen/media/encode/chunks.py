"""One chunk of a film: the unit of work, the same on this machine and on another.

What has to be known is a plain record, so that it can be sent; what comes back is one, too. The bytes are put
into a cache.
"""

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from tubegen.config import FILE
from tubegen.errors import MediaError, Problem, TubegenError
from tubegen.media.cache.cache import Cache
from tubegen.media.encode import graphs
from tubegen.media.encode.exchange import Exchange
from tubegen.media.ffmpeg.capabilities import Abilities, abilities, with_hardware
from tubegen.media.ffmpeg.program import Ffmpeg
from tubegen.media.plan.cache_keys import chunk_key
from tubegen.media.plan.estimate import limits
from tubegen.media.plan.plan import Plan
from tubegen.media.source.probe import digest


class Chunk(msgspec.Struct, frozen=True):
    """An encoded chunk: one file per rendition, named by its number in the plan."""

    frames: int


class ChunkRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be made, of what, and where it goes."""

    source: str
    """Path of the file that the frames come from."""
    sha256: str
    """Its digest."""
    plan: Plan
    number: int
    cache: str
    """Folder of the cache."""
    exchange: str = ""
    """Where other machines get the source and leave the chunk; empty when they see the same disk."""

    @property
    def key(self) -> str:
        return chunk_key(self.plan, self.number)

    @property
    def frames(self) -> int:
        first, end = self.plan.chunks[self.number]
        return end - first


class ChunkDone(msgspec.Struct, frozen=True):
    key: str
    frames: int


def encode(
    request: ChunkRequest,
    source: Path,
    cache: Cache,
    ffmpeg: Ffmpeg,
    told: Callable[[int], None] = lambda _: None,
) -> ChunkDone:
    """Make a chunk from `source` and put it into `cache`; `told` gets how many more frames are done.

    Raises as `Ffmpeg.run` does, and MediaError when the source changes meanwhile.
    """
    plan, before, at = request.plan, _stamp(source), 0

    def frames(done: int) -> None:
        nonlocal at
        done = min(done * plan.encoded[0].frame_step, request.frames)
        if done > at:
            told(done - at)
            at = done

    with cache.making() as folder:
        outputs = [folder / f"{number}.mp4" for number in range(len(plan.encoded))]
        arguments = graphs.chunk(source, plan, request.number, outputs)
        bounds = limits(plan, *plan.chunks[request.number])
        ffmpeg.run(arguments, about=source, frames=frames, limits=bounds, folder=folder)
        if _stamp(source) != before:
            raise MediaError(Problem(str(source), 0, "it changed while it was encoded", "build again"))
        frames(request.frames)
        cache.put(request.key, folder, Chunk(request.frames))
    return ChunkDone(request.key, request.frames)


def work_on(request: ChunkRequest) -> ChunkDone:
    """What a worker does with a request: checks that it is able to, fetches the source, encodes, leaves the chunk.

    Raises TubegenError when its ffmpeg is another than the plan's, and as `encode` does.
    """
    ffmpeg, able = _tools(request.plan.encoder.hardware)
    _refuse_other_encoder(request.plan, able)
    if not request.exchange:
        cache, source = Cache(Path(request.cache)), Path(request.source)
        if _digest(source, _stamp(source)) != request.sha256:
            raise MediaError(Problem(request.source, 0, "the worker sees another file there", "build again"))
        if cache.has(request.key):
            return ChunkDone(request.key, request.frames)
        with cache.in_use():
            return encode(request, source, cache, ffmpeg)
    exchange = Exchange(request.exchange)
    if exchange.has(request.key):
        return ChunkDone(request.key, request.frames)
    cache = Cache(Path(tempfile.gettempdir()) / "tubegen-worker")
    cache.sweep()
    done = encode(request, exchange.receive_source(request.sha256, cache), cache, ffmpeg)
    exchange.send(request.key, cache.folder(request.key))
    cache.drop(request.key)
    return done


def receive(request: ChunkRequest, exchange: Exchange, cache: Cache) -> None:
    """Bring a chunk that a worker left at the exchange into `cache`."""
    if not cache.has(request.key):
        with cache.making() as folder:
            exchange.receive(request.key, folder)
            cache.put(request.key, folder, Chunk(request.frames))


@functools.cache
def _tools(hardware: str) -> tuple[Ffmpeg, Abilities]:
    ffmpeg = Ffmpeg()
    able = abilities(ffmpeg)
    return ffmpeg, with_hardware(able, ffmpeg, hardware) if hardware else able


def _refuse_other_encoder(plan: Plan, able: Abilities) -> None:
    """Other versions give other bits, and a film must not be patched together of both."""
    wanted = plan.encoder
    own = able.encoder(av1=bool(wanted.svt_av1), hevc=bool(wanted.x265), hardware=bool(wanted.hardware))
    if own != wanted:
        mine, theirs = (
            " ".join(f"{k} {v}" for k, v in msgspec.to_builtins(e).items() if v) for e in (own, wanted)
        )
        text = f"a worker has {mine}, and this build {theirs}"
        same = "the same ffmpeg; TUBEGEN_FFMPEG names one"
        if (own.hardware, own.device) != (wanted.hardware, wanted.device):
            same = f'such an encoder, or take encoder = "{wanted.hardware}" out of {FILE}'
        raise TubegenError(Problem("", 0, text, f"give all of them {same}"))


@functools.lru_cache(64)
def _digest(source: Path, stamp: tuple[int, int, int]) -> str:
    """Taken once while the file is as it was."""
    return digest(source)


def _stamp(source: Path) -> tuple[int, int, int]:
    now = source.stat()
    return now.st_size, now.st_mtime_ns, now.st_ino
