"""What every clip shares: a canvas to draw on, easing, and the way to a finished file.

A clip is a function from a frame number to a drawing, plus a stereo sound.
Everything is computed and seeded: two runs make the same pictures and the same sound.
"""

import math
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import cairo
import numpy as np
from sound import RATE, Stereo, write_wav

CONTENT = Path(__file__).resolve().parent.parent / "content"

Colour = tuple[float, float, float]


def colour(code: str) -> Colour:
    """'#ffcc00' as three numbers between 0 and 1."""
    return tuple(int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))


def blend(a: Colour, b: Colour, share: float) -> Colour:
    return tuple(x + (y - x) * share for x, y in zip(a, b))


def ramp(now: float, start: float, seconds: float) -> float:
    """0 before start, 1 after start + seconds, a soft S between."""
    x = min(1.0, max(0.0, (now - start) / seconds))
    return x * x * (3 - 2 * x)


class Canvas:
    """One reusable frame: cairo draws on it, numpy sees the same bytes (B, G, R, unused)."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.surface = cairo.ImageSurface(cairo.FORMAT_RGB24, width, height)
        self.pen = cairo.Context(self.surface)
        self.pixels = np.ndarray((height, width, 4), np.uint8, self.surface.get_data())

    def paste(self, rgb: np.ndarray) -> None:
        """Fill the frame with an array of 0..255 floats; a fixed grain hides the banding of 8 bits."""
        grain = np.random.default_rng(1).random((self.height, self.width, 1), np.float32)
        self.surface.flush()
        self.pixels[:, :, :3] = np.clip(rgb[:, :, ::-1] + grain, 0, 255).astype(np.uint8)
        self.surface.mark_dirty()

    def text(
        self,
        words: str,
        x: float,
        y: float,
        size: float,
        face: str,
        ink: Colour,
        alpha: float = 1.0,
        align: float = 0.0,
        weight: int = cairo.FONT_WEIGHT_NORMAL,
    ) -> float:
        """Write on a baseline; align 0 starts at x, 0.5 centres on it, 1 ends there. Returns the advance."""
        pen = self.pen
        pen.select_font_face(face, cairo.FONT_SLANT_NORMAL, weight)
        pen.set_font_size(size)
        advance = pen.text_extents(words).x_advance
        if alpha > 0:
            pen.set_source_rgba(*ink, alpha)
            pen.move_to(x - advance * align, y)
            pen.show_text(words)
            pen.new_path()
        return advance

    def box(self, x: float, y: float, width: float, height: float, corner: float) -> None:
        """A rounded rectangle around its centre, as the pen's path."""
        self.pen.new_sub_path()
        for turn, (right, down) in enumerate([(1, -1), (1, 1), (-1, 1), (-1, -1)]):
            self.pen.arc(
                x + right * (width / 2 - corner),
                y + down * (height / 2 - corner),
                corner,
                (turn - 1) * math.pi / 2,
                turn * math.pi / 2,
            )
        self.pen.close_path()

    def fill(self, ink: Colour, alpha: float = 1.0) -> None:
        self.pen.set_source_rgba(*ink, alpha)
        self.pen.fill()

    def glow(self, x: float, y: float, radius: float, ink: Colour, alpha: float) -> None:
        """Light that falls off softly from a point."""
        light = cairo.RadialGradient(x, y, 0, x, y, radius)
        for step in range(25):
            r = step / 24
            light.add_color_stop_rgba(
                r, *ink, alpha * (math.exp(-4 * r * r) - math.exp(-4)) / (1 - math.exp(-4))
            )
        self.pen.set_source(light)
        self.pen.arc(x, y, radius, 0, math.tau)
        self.pen.fill()


@dataclass(frozen=True)
class Cue:
    start: float
    end: float
    texts: dict[str, str]


def write_captions(folder: Path, cues: Iterable[Cue]) -> None:
    """One en.vtt, fr.vtt … per language of the cues."""
    cues = list(cues)
    for language in cues[0].texts:
        blocks = [f"{stamp(c.start)} --> {stamp(c.end)}\n{c.texts[language]}\n" for c in cues]
        (folder / f"{language}.vtt").write_text("\n".join(["WEBVTT\n", *blocks]), "utf-8")


def stamp(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"00:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def still(target: Path, canvas: Canvas) -> None:
    """The canvas as a picture, PNG or JPEG by its name."""
    canvas.surface.flush()
    subprocess.run(
        [
            "ffmpeg",
            "-y",
            "-v",
            "error",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "bgr0",
            "-s",
            f"{canvas.width}x{canvas.height}",
            "-i",
            "-",
            "-q:v",
            "4",
            "-bitexact",
            target,
        ],
        input=bytes(canvas.surface.get_data()),
        check=True,
    )


def film(
    target: Path,
    canvas: Canvas,
    fps: int,
    seconds: float,
    draw: Callable[[float], None],
    audio: Stereo,
    crf: float,
    chapters: Iterable[tuple[float, str]] = (),
) -> None:
    """Call draw(now) for every frame and pipe the canvas to x264, with the sound beside it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    frames = round(seconds * fps)
    with tempfile.TemporaryDirectory() as scratch:
        wav, notes, clip = (
            Path(scratch, "sound.wav"),
            Path(scratch, "chapters.txt"),
            Path(scratch, "clip.mp4"),
        )
        write_wav(wav, audio[:, : round(seconds * RATE)])
        notes.write_text(chapter_metadata(list(chapters), seconds), "utf-8")
        encoder = subprocess.Popen(
            [
                "ffmpeg",
                "-y",
                "-v",
                "error",
                "-f",
                "rawvideo",
                "-pix_fmt",
                "bgr0",
                "-s",
                f"{canvas.width}x{canvas.height}",
                "-r",
                str(fps),
                "-i",
                "-",
                "-i",
                wav,
                "-f",
                "ffmetadata",
                "-i",
                notes,
                "-map",
                "0:v",
                "-map",
                "1:a",
                "-map_chapters",
                "2",
                "-vf",
                "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd,format=yuv420p",
                "-c:v",
                "libx264",
                "-profile:v",
                "high",
                "-preset",
                "slow",
                "-tune",
                "animation",
                "-crf",
                str(crf),
                "-x264-params",
                f"threads=2:open-gop=0:keyint={2 * fps}:min-keyint={2 * fps}:scenecut=0:aq-mode=3",
                "-color_primaries",
                "bt709",
                "-color_trc",
                "bt709",
                "-colorspace",
                "bt709",
                "-color_range",
                "tv",
                "-c:a",
                "aac",
                "-b:a",
                "96k",
                "-movflags",
                "+faststart",
                "-bitexact",
                clip,
            ],
            stdin=subprocess.PIPE,
        )
        for frame in range(frames):
            draw(frame / fps)
            canvas.surface.flush()
            encoder.stdin.write(canvas.surface.get_data())
        encoder.stdin.close()
        if encoder.wait():
            raise SystemExit(f"ffmpeg could not make {target}")
        shutil.copyfile(clip, target)
    print(f"{target.name}: {frames} frames, {target.stat().st_size / 1e6:.2f} MB")


def chapter_metadata(chapters: list[tuple[float, str]], seconds: float) -> str:
    """The chapters in ffmpeg's own notation; each lasts until the next begins."""
    ends = [start for start, _ in chapters[1:]] + [seconds]
    blocks = [
        f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start * 1000:.0f}\nEND={end * 1000:.0f}\ntitle={title}"
        for (start, title), end in zip(chapters, ends)
    ]
    return "\n".join([";FFMETADATA1", *blocks, ""])
