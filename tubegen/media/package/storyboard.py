"""Small stills of a film: the sprite for previews on the time line, and the choice of a poster."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from PIL import Image, ImageStat

from tubegen.media.encode import graphs
from tubegen.media.ffmpeg.program import Ffmpeg
from tubegen.media.package.hls import content_name
from tubegen.media.package.images import make_poster, scaled
from tubegen.media.plan.plan import Plan
from tubegen.media.result import MediaFile, Picture, Storyboard

MAX_STILLS = 100
COLUMNS = 10
_TILE_SIDE = 180
"""Largest side of a still in the sprite."""
_CHOICE = (32, 18)


def make_storyboard(
    ffmpeg: Ffmpeg, film: Path, size: tuple[int, int], plan: Plan, folder: Path
) -> tuple[Storyboard, tuple[MediaFile, ...]]:
    """Write the sprite of `film` (the smallest rendition, of `size`) and its WebVTT into `folder`.

    Key frames are enough: one of them lies in every interval, and no other frame has to be decoded.
    """
    interval, keys = spread(plan.gops, plan.gop, plan.frames)
    count, seconds = len(keys), interval * plan.rate[1] / plan.rate[0]
    columns, rows = min(COLUMNS, count), math.ceil(count / COLUMNS)
    sheet = folder / "sheet.ppm"
    ffmpeg.run(graphs.stills(film, keys, columns, rows, sheet), about=film)
    scale = min(1.0, _TILE_SIDE / max(size))
    tile = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    sprite = _save(sheet, (tile[0] * columns, tile[1] * rows), folder)
    vtt = _vtt(sprite.name, tile, columns, count, seconds, plan.duration).encode()
    cues = MediaFile(content_name("storyboard", vtt, ".vtt"), len(vtt))
    (folder / cues.name).write_bytes(vtt)
    board = Storyboard(
        name=sprite.name,
        vtt=cues.name,
        tile_width=tile[0],
        tile_height=tile[1],
        columns=columns,
        rows=rows,
        count=count,
        interval=seconds,
    )
    return board, (sprite, cues)


def spread(gops: Sequence[int], longest: int, frames: int) -> tuple[int, list[int]]:
    """How many frames each still stands for, and which of the film's key frames they are: the first in each interval,
    which no GOP is longer than."""
    interval = max(longest, math.ceil(frames / MAX_STILLS / longest) * longest)
    last = len(gops) - 1
    return interval, sorted({min(last, bisect_left(gops, start)) for start in range(0, frames, interval)})


def take_poster(
    ffmpeg: Ffmpeg, film: Path, plan: Plan, storyboard: Storyboard, published: Path, folder: Path
) -> Picture:
    """Write a still of `film`, a finished rendition, into `folder` in all sizes. Its storyboard, the files of which are
    in `published`, tells which."""
    still = folder / "still.ppm"
    ffmpeg.run(graphs.still(film, poster_time(storyboard, published, plan), still), about=film)
    picture = make_poster(still, folder)
    still.unlink()
    return picture


def poster_time(storyboard: Storyboard, published: Path, plan: Plan) -> float:
    """When to take the poster: the still with the most to see, the middle of the film preferred.

    Black, white and blurred pictures have little contrast; titles and credits stand at either end.
    """
    with Image.open(published / storyboard.name) as sheet:
        stills = [scaled(tile, _CHOICE) for tile in _tiles(sheet.convert("L"), storyboard)]

    def merit(number: int) -> float:
        off_centre = abs((number + 0.5) / len(stills) - 0.4)
        return ImageStat.Stat(stills[number]).stddev[0] * (1.2 - off_centre)

    best = max(range(len(stills)), key=merit)
    _, keys = spread(plan.gops, plan.gop, plan.frames)
    return min(float(plan.gops[keys[best]] / Fraction(*plan.rate)), max(0.0, plan.duration - 0.1))


def _tiles(sheet: Image.Image, board: Storyboard) -> Iterator[Image.Image]:
    for number in range(board.count):
        x, y = number % board.columns * board.tile_width, number // board.columns * board.tile_height
        yield sheet.crop((x, y, x + board.tile_width, y + board.tile_height))


def _save(sheet: Path, size: tuple[int, int], folder: Path) -> MediaFile:
    temporary = folder / "sheet.jpg"
    with Image.open(sheet) as picture:
        scaled(picture.convert("RGB"), size).save(temporary, "JPEG", quality=70, optimize=True)
    sheet.unlink()
    data = temporary.read_bytes()
    name = content_name("storyboard", data, ".jpg")
    temporary.rename(folder / name)
    return MediaFile(name, len(data))


def _vtt(
    sprite: str, tile: tuple[int, int], columns: int, count: int, interval: float, duration: float
) -> str:
    blocks = ["WEBVTT"]
    for number in range(count):
        start, end = number * interval, duration if number == count - 1 else (number + 1) * interval
        x, y = number % columns * tile[0], number // columns * tile[1]
        blocks.append(f"{_clock(start)} --> {_clock(end)}\n{sprite}#xywh={x},{y},{tile[0]},{tile[1]}")
    return "\n\n".join(blocks) + "\n"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
