"""A lamp test: four seconds in which a lamp comes on. For trying out a screen, or a new tubegen."""

import math

from sound import Mix, bell, master, pad
from studio import CONTENT, Canvas, blend, colour, film, ramp

SECONDS = 4.0
NIGHT, WARM, GLASS, BRASS = (colour(c) for c in ("#12132b", "#ffbf5e", "#fff3d2", "#8a5a34"))


def draw(now: float) -> None:
    lit = ramp(now, 0.7, 0.9) * (1 - 0.06 * math.sin(now * 9) ** 2) * (1 - ramp(now, 3.3, 0.6))
    pen = canvas.pen
    pen.set_source_rgb(*blend(NIGHT, WARM, 0.10 * lit))
    pen.paint()
    canvas.glow(640, 355, 640, WARM, 0.65 * lit)
    pen.save()
    pen.translate(640, 360)
    pen.scale(1.5, 1.5)
    pen.translate(-640, -352)
    pen.set_line_width(6)
    pen.set_source_rgb(*BRASS)
    pen.arc(640, 232, 46, math.pi, math.tau)
    pen.stroke()
    for y, width, height in ((250, 120, 26), (446, 150, 30), (476, 110, 26)):
        canvas.box(640, y, width, height, 8)
        canvas.fill(BRASS)
    canvas.box(640, 348, 128, 166, 40)
    canvas.fill(blend(NIGHT, GLASS, 0.12 + 0.88 * lit))
    pen.move_to(640, 304)
    pen.curve_to(670, 350, 668, 392, 640, 402)
    pen.curve_to(612, 392, 610, 350, 640, 304)
    canvas.fill(WARM, lit)
    pen.restore()


canvas = Canvas(1280, 720)

if __name__ == "__main__":
    sound = Mix(SECONDS)
    for i, note in enumerate((50, 57, 62, 66)):
        sound.add(pad(note, 3.4, 1.8), 0.5, 0.3, pan=(i - 1.5) / 3)
    sound.add(bell(78, 3.0, 0.8), 0.75, 0.3)
    film(
        CONTENT / "plainly" / "lamp-test" / "lamp.mp4",
        canvas,
        25,
        SECONDS,
        draw,
        master(sound.room(2, 0.6), fade=1),
        crf=25,
    )
