"""The night ferry: three seconds of a film that is not made yet, for a page that is still a draft."""

import math

import numpy as np
from sound import Mix, hush, master, pad
from studio import CONTENT, Canvas, blend, colour, film

SECONDS = 3.0
NIGHT, HAZE, SEA, HULL, LAMP = (colour(c) for c in ("#0b1024", "#33345c", "#141b38", "#05070f", "#ffc766"))


def draw(now: float) -> None:
    pen, x = canvas.pen, 380 + 60 * now
    pen.set_source_rgb(*NIGHT)
    pen.paint()
    canvas.glow(1010, 420, 620, HAZE, 0.6)
    canvas.box(640, 570, 1280, 300, 0)
    canvas.fill(SEA)
    for dx, dy in ((-250, 0), (230, 0), (290, -42), (-270, -42)):
        pen.line_to(x + dx, 432 + dy)
    canvas.fill(HULL)
    canvas.box(x - 10, 356, 390, 78, 14)
    canvas.fill(HULL)
    canvas.box(x + 90, 306, 120, 50, 10)
    canvas.fill(HULL)
    for window in range(11):
        place = x - 180 + 34 * window
        canvas.glow(place, 356, 46, LAMP, 0.22)
        canvas.box(place, 356, 18, 18, 4)
        canvas.fill(LAMP)
        for row in range(9):
            y = 448 + 15 * row
            sway = 3 * math.sin(now * 2.2 + row * 1.3 + window)
            canvas.box(place + sway, y, 20 + 2 * row, 4, 2)
            canvas.fill(blend(LAMP, SEA, row / 10), 0.5 - 0.045 * row)


canvas = Canvas(1280, 720)

if __name__ == "__main__":
    sound = Mix(SECONDS)
    sound.add(
        hush(SECONDS, 80, 500) * (0.7 + 0.3 * np.sin(np.linspace(0, 9, round(SECONDS * 48_000)))), gain=0.8
    )
    sound.add(pad(38, SECONDS), gain=0.3)
    film(
        CONTENT / "plainly" / "the-night-ferry" / "first-seconds.mp4",
        canvas,
        25,
        SECONDS,
        draw,
        master(sound.tracks, fade=0.6),
        crf=27,
    )
