"""The avatars and banners of the two channels."""

import math

import numpy as np
from studio import CONTENT, Canvas, blend, colour, still

NIGHT, PLUM, ROSE, AMBER, DAWN = (colour(c) for c in ("#1d1734", "#5e527e", "#c47680", "#ffbf5e", "#fbe6b6"))


def waves(canvas: Canvas, top: float, step: float, height: float, rows: int) -> None:
    """Rows of slow waves, each darker than the one behind it."""
    pen = canvas.pen
    for row in range(rows):
        pen.set_source_rgb(*blend(ROSE, NIGHT, (row + 0.6) / rows))
        pen.move_to(0, canvas.height)
        for x in range(0, canvas.width + 8, 8):
            swing = math.sin(x / (height * 5.2) + row * 1.9) + 0.4 * math.sin(x / (height * 2.1) - row)
            pen.line_to(x, top + row * step + height * swing)
        pen.line_to(canvas.width, canvas.height)
        pen.fill()


def evening(canvas: Canvas, upper: tuple, lower: tuple) -> None:
    down = np.linspace(0, 1, canvas.height)[:, None, None] ** 1.3
    canvas.paste(
        (np.array(upper) * (1 - down) + np.array(lower) * down) * 255 * np.ones((1, canvas.width, 1))
    )


def drift(canvas: Canvas, sun: tuple[float, float, float], top: float, step: float, height: float) -> None:
    evening(canvas, PLUM, AMBER)
    x, y, radius = sun
    canvas.glow(x, y, radius * 4.5, DAWN, 0.8)
    canvas.pen.set_source_rgb(*DAWN)
    canvas.pen.arc(x, y, radius, 0, math.tau)
    canvas.pen.fill()
    waves(canvas, top, step, height, 5)


def plainly(canvas: Canvas, door: tuple[float, float, float, float]) -> None:
    evening(canvas, NIGHT, colour("#3f2440"))
    x, y, width, height = door
    pen = canvas.pen
    canvas.glow(x + width / 2, y + height / 2, height * 1.5, AMBER, 0.45)
    pen.set_source_rgba(*AMBER, 0.4)
    for px, py in (
        (x, y + height),
        (x + width, y + height),
        (x + width * 0.7, y + height * 2),
        (x - width, y + height * 2),
    ):
        pen.line_to(px, py)
    pen.fill()
    pen.set_source_rgb(*DAWN)
    pen.rectangle(x, y, width, height)
    pen.fill()


if __name__ == "__main__":
    square, wide = Canvas(400, 400), Canvas(1600, 400)
    drift(square, (210, 170, 62), 222, 40, 13)
    still(CONTENT / "drift" / "avatar.jpg", square)
    drift(wide, (1140, 172, 58), 218, 42, 15)
    still(CONTENT / "drift" / "banner.jpg", wide)
    plainly(square, (150, 90, 100, 205))
    still(CONTENT / "plainly" / "avatar.jpg", square)
    plainly(wide, (1150, 96, 92, 206))
    still(CONTENT / "plainly" / "banner.jpg", wide)
