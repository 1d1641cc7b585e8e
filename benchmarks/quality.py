"""How good the pictures are: VMAF, by the ffmpeg of `imageio-ffmpeg`, on some seconds of the clip.

What tubegen makes against a bare encode with the same settings, and the bytes that its chunks cost. Then the bits that
AV1 takes for the quality that H.264 has: both at several constant rate factors, the rate between them
interpolated (Bjøntegaard's way, with straight lines).
"""

import math
import re
import subprocess
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from benchmarks.clip import clip_in, modern_ffmpeg
from benchmarks.measure import Row, Silent
from tubegen.config.media import QUALITIES, MediaConfig
from tubegen.media.cache.cache import Cache
from tubegen.media.encode.encoders import AV1_PLAIN
from tubegen.media.package.hls import whole
from tubegen.media.pipeline import MediaPipeline
from tubegen.media.plan import chunking

SECONDS = 12
START = 20
QUALITY = QUALITIES["default"]
_COMMON = ["-g", "50", "-pix_fmt", "yuv420p"]


def rows() -> list[Row]:
    program = modern_ffmpeg()
    if program is None:
        return []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reference, clip = folder / "reference.mkv", clip_in(folder)
        cut = ["-ss", str(START), "-i", str(clip), "-t", str(SECONDS), "-an"]
        _run(program, *cut, "-c:v", "ffv1", str(reference))
        x264 = [_encoded(program, reference, folder, _x264(crf)) for crf in (20, QUALITY.crf, 24, 27)]
        av1 = [_encoded(program, reference, folder, _svt(crf)) for crf in (26, 30, QUALITY.av1_crf, 36, 42)]
        chunks, piece = (
            _built(folder, clip, name, gops) for name, gops in (("chunks", 7), ("piece", 10_000))
        )
        bare = folder / "bare.mp4"
        small = ["-an", "-vf", "scale=854:480", *_x264(QUALITY.crf, 1_229_760), *_COMMON]
        _run(program, "-i", str(clip), *small, str(bare))
        cascade, cut_up = (_vmaf(program, film, clip, 10) for film in (bare, chunks))
        in_chunks, in_one = chunks.stat().st_size, piece.stat().st_size
    at = av1[2][1]
    saved = _rate_at(av1, at) / _rate_at(x264, at)
    return [
        Row("VMAF of H.264 at the default quality", x264[1][1], "", "", None, ""),
        Row("VMAF of AV1 at the default quality", at, "", "", None, ""),
        Row(
            "VMAF of 480p as tubegen makes it",
            cut_up,
            "",
            f"bare: {cascade:.2f}",
            cut_up / cascade,
            "+- 1 VMAF",
        ),
        Row(
            "bytes of 480p in chunks",
            in_chunks / 1e6,
            "MB",
            "in one piece",
            in_chunks / in_one,
            "<= 1.01",
        ),
        Row("bits of AV1", _rate_at(av1, at) / 1000, "kb/s", "H.264 of equal VMAF", saved, "<= 0.65"),
    ]


def _x264(crf: float, ceiling: int = 5_184_000) -> list[str]:
    rate = f"-maxrate {ceiling} -bufsize {2 * ceiling} -sc_threshold 0 -flags +cgop -threads 1"
    return [
        "-c:v",
        "libx264",
        "-preset",
        QUALITY.preset,
        "-crf",
        str(crf),
        "-profile:v",
        "high",
        *rate.split(),
    ]


def _svt(crf: float) -> list[str]:
    params = ["-svtav1-params", f"lp=1:scd=0{AV1_PLAIN}"]
    return ["-c:v", "libsvtav1", "-preset", str(QUALITY.av1_preset), "-crf", str(crf), *params]


def _encoded(program: str, reference: Path, folder: Path, options: list[str]) -> tuple[float, float]:
    """Bits per second, and VMAF."""
    film = folder / "film.mp4"
    _run(program, "-i", str(reference), *options, *_COMMON, str(film))
    return film.stat().st_size * 8 / SECONDS, _vmaf(program, film, reference)


def _built(folder: Path, clip: Path, name: str, chunk_gops: int) -> Path:
    """The clip as tubegen makes it at 480p, in chunks of so many GOPs."""
    chunking.CHUNK_GOPS = chunking.LEAST_CHUNK_GOPS = chunk_gops
    wishes = MediaConfig(renditions=(480,), copy=False, av1="off")
    with MediaPipeline(Cache(folder / name), wishes, Silent()) as pipeline:
        plan = pipeline.plan(clip)
        made, made_in = pipeline.make("clip", clip, plan), pipeline.presentation_folder(plan)
        return whole(made_in, made.renditions[0].playlist, folder / f"{name}.mp4")


def _vmaf(program: str, film: Path, reference: Path, every: int = 6) -> float:
    """Of every so many frames, at the film's own size."""
    # what is tagged and what is not would be brought together, and every colour a little changed
    alike = "setpts=N/25/TB,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    graph = (
        f"[0:v]{alike}[film];[1:v]{alike}[whole];[whole][film]scale2ref=flags=lanczos[same][film2];"
        f"[film2][same]libvmaf=n_subsample={every}:n_threads=2"
    )
    said = _run(program, "-i", str(film), "-i", str(reference), "-lavfi", graph, "-f", "null", "-")
    found = re.search(r"VMAF score: ([\d.]+)", said)
    assert found, said[-500:]
    return float(found[1])


def _rate_at(curve: Sequence[tuple[float, float]], quality: float) -> float:
    """The bit rate at which a curve reaches a quality, by straight lines through its points' logarithms."""
    for (high, good), (low, poor) in pairwise(sorted(curve, reverse=True)):
        if poor <= quality <= good:
            share = (quality - poor) / (good - poor) if good > poor else 0.0
            return math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
    raise SystemExit(f"no rate at VMAF {quality:.1f} in {curve}")


def _run(program: str, *arguments: str) -> str:
    command = [program, "-hide_banner", "-nostdin", "-nostats", "-y", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr[-1000:]}")
    return done.stderr
