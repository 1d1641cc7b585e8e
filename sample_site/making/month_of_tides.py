"""A month of tides: the sea level of one lunar month, drawn around the moon that makes it, and played."""

import math

import cairo
import moon
import numpy as np
from moon import MONTH
from sound import Mix, Stereo, hush, master, pad, pluck
from studio import CONTENT, Canvas, blend, colour, film, ramp, still

FOLDER = CONTENT / "drift" / "a-month-of-tides"
SECONDS, BEGIN, END = 24.0, 1.2, 21.2
STEPS = 144  # points of the curve per day

# Constituents: metres, degrees per hour, and the day on which each stands highest. The amplitudes are those
# of a coast with great tides, in round numbers; the speeds are the astronomical ones.
CONSTITUENTS = [
    (3.70, 28.9841, 1.5),  # M2, the moon
    (1.60, 30.0000, 1.5),  # S2, the sun
    (0.50, 28.4397, 16.0),  # N2, the moon's ellipse
    (0.10, 15.0411, 3.0),  # K1, the tilt of both
    (0.08, 13.9430, 9.0),  # O1, the tilt of the moon's path
]
DAYS = np.arange(0, MONTH, 1 / STEPS)
LEVEL = sum(a * np.cos(np.radians(speed) * 24 * (DAYS - crest)) for a, speed, crest in CONSTITUENTS)

NIGHT, DEEP = colour("#070b1c"), colour("#14224a")
FOAM, SEA, ABYSS, MOON, SUN = (colour(c) for c in ("#f3f6e4", "#46b8c4", "#2b4ea0", "#f4ead2", "#ffcf70"))
CENTRE, RING, METRE = (960, 540), 318, 23.5


def curve(index: int) -> tuple[float, float]:
    """A point of the curve: the angle is the day, the distance is the height of the water."""
    angle = math.tau * DAYS[index] / MONTH - math.pi / 2
    radius = RING + METRE * LEVEL[index]
    return CENTRE[0] + radius * math.cos(angle), CENTRE[1] + radius * math.sin(angle)


POINTS = [curve(i) for i in range(len(DAYS))]


def day_at(now: float) -> float:
    return MONTH * min(1.0, max(0.0, (now - BEGIN) / (END - BEGIN)))


def spread(day: float) -> float:
    """The range of the tide: highest less lowest water within half a day of this one."""
    near = LEVEL[np.abs(DAYS - day) < 0.53]
    return float(near.max() - near.min())


def night() -> np.ndarray:
    """Stars over a blue that is deepest at the edges, as the bytes of a frame."""
    y, x = np.mgrid[0:1080, 0:1920]
    near = np.exp(-(((x - 960) / 900) ** 2 + ((y - 540) / 620) ** 2))[..., None]
    canvas.paste((np.array(NIGHT) + (np.array(DEEP) - np.array(NIGHT)) * near) * 255)
    dice = np.random.default_rng(4)
    for x, y, size in zip(dice.uniform(0, 1920, 260), dice.uniform(0, 1080, 260), dice.pareto(3, 260)):
        canvas.pen.arc(x, y, 0.7 + min(1.5, size), 0, math.tau)
        canvas.fill(FOAM, 0.35)
    canvas.surface.flush()
    return canvas.pixels.copy()


class Rosette:
    """The curve so far, on a layer of its own: each frame adds to it what is new."""

    def __init__(self) -> None:
        self.layer = cairo.ImageSurface(cairo.FORMAT_ARGB32, 1920, 1080)
        self.pen = cairo.Context(self.layer)
        self.pen.set_line_cap(cairo.LINE_CAP_ROUND)
        self.drawn = 0

    def grow(self, day: float) -> None:
        until = min(len(POINTS) - 1, int(day * STEPS))
        for index in range(self.drawn, until):
            high = (LEVEL[index] + 5.9) / 11.8
            ink = blend(ABYSS, SEA, high * 2) if high < 0.5 else blend(SEA, FOAM, high * 2 - 1)
            self.pen.set_source_rgb(*ink)
            self.pen.set_line_width(2.2 + 1.8 * high)
            self.pen.move_to(*POINTS[index])
            self.pen.line_to(*POINTS[index + 1])
            self.pen.stroke()
        self.drawn = max(self.drawn, until)
        canvas.pen.set_source_surface(self.layer)
        canvas.pen.paint()


def from_above(day: float, alpha: float) -> None:
    """Sun to the left, the earth, the moon on its path, and the sea drawn out towards them both."""
    pen, (x, y) = canvas.pen, (262, 560)
    age = math.pi - math.tau * day / MONTH
    pull = 2.2 * np.exp(2j * age) + np.exp(0j)
    pen.set_line_width(1.5)
    pen.set_source_rgba(*MOON, 0.3 * alpha)
    pen.arc(x, y, 148, 0, math.tau)
    pen.stroke()
    for ray in range(-3, 4):
        pen.set_source_rgba(*SUN, 0.55 * alpha)
        pen.move_to(40, y + ray * 30)
        pen.line_to(86, y + ray * 30)
        pen.stroke()
    pen.save()
    pen.translate(x, y)
    pen.rotate(np.angle(pull) / 2)
    pen.scale(1 + 0.14 * abs(pull), 1 - 0.02 * abs(pull))
    pen.arc(0, 0, 42, 0, math.tau)
    pen.restore()
    canvas.fill(SEA, 0.75 * alpha)
    pen.arc(x, y, 34, 0, math.tau)
    canvas.fill(blend(ABYSS, SEA, 0.2), alpha)
    pen.arc(x + 148 * math.cos(age), y + 148 * math.sin(age), 15, 0, math.tau)
    canvas.fill(MOON, alpha)
    canvas.text("seen from above", x, y + 220, 34, "EB Garamond", FOAM, 0.7 * alpha, 0.5)


NAMES = [
    "new moon",
    "waxing crescent",
    "first quarter",
    "waxing gibbous",
    "full moon",
    "waning gibbous",
    "last quarter",
    "waning crescent",
]


def words(day: float, alpha: float) -> None:
    phase = NAMES[round(day / MONTH * 8) % 8]
    canvas.text(f"day {int(day) + 1}", 1525, 470, 96, "EB Garamond", FOAM, alpha)
    canvas.text(phase, 1528, 532, 44, "EB Garamond", MOON, alpha)
    canvas.text(f"{spread(day):.1f} m", 1525, 660, 72, "EB Garamond", SEA, alpha)
    canvas.text("from low water to high", 1528, 706, 34, "EB Garamond", FOAM, 0.7 * alpha)


def soundtrack() -> Stereo:
    """Every high and every low water is a note, the higher the water the higher the note."""
    mix, ladder = Mix(SECONDS), [36, 41, 43, 48, 50, 53, 55, 57, 60, 62, 65, 67, 69, 72, 74, 77, 79, 81]
    turns = [i for i in range(1, len(LEVEL) - 1) if (LEVEL[i] - LEVEL[i - 1]) * (LEVEL[i + 1] - LEVEL[i]) < 0]
    for i in turns:
        at = BEGIN + (END - BEGIN) * DAYS[i] / MONTH
        step = round((LEVEL[i] + 6) / 12 * (len(ladder) - 1))
        mix.add(pluck(ladder[step], 3.0, seed=i), at, 0.34, pan=0.6 * math.sin(math.tau * DAYS[i] / MONTH))
    for at, chord in [
        (0, (41, 53, 60)),
        (5.8, (38, 50, 57, 65)),
        (10.8, (41, 48, 57, 69)),
        (15.8, (36, 55, 60, 64)),
        (20.6, (41, 53, 60, 67)),
    ]:
        for i, note in enumerate(chord):
            mix.add(pad(note, 7.0, 1.8), at, 0.22, pan=(i - 1.5) / 2)
    mix.add(
        hush(SECONDS, 150, 900, seed=9) * (0.6 + 0.4 * np.sin(np.linspace(0, 40, round(SECONDS * 48000)))),
        gain=0.18,
    )
    return master(mix.room(3.6, 0.8), fade=2.5)


def draw(now: float) -> None:
    canvas.surface.flush()
    canvas.pixels[:] = sky
    canvas.surface.mark_dirty()
    day, shown = day_at(now), ramp(now, 0.2, 1.2)
    rosette.grow(day)
    moon.globe(canvas, *CENTRE, day)
    for mark in range(30):
        angle = math.tau * mark / MONTH - math.pi / 2
        moon.sign(
            canvas,
            CENTRE[0] + 503 * math.cos(angle),
            CENTRE[1] + 503 * math.sin(angle),
            11,
            mark,
            ramp(day, mark - 0.6, 0.6) * shown,
        )
    if BEGIN < now < END:
        canvas.glow(*POINTS[rosette.drawn], 34, FOAM, 0.9)
    from_above(day, shown)
    words(day, shown)
    canvas.pen.set_source_rgba(*NIGHT, 1 - ramp(now, 0, 0.8) + ramp(now, SECONDS - 1.2, 1.2))
    canvas.pen.paint()


canvas = Canvas(1920, 1080)
sky, rosette = night(), Rosette()

if __name__ == "__main__":
    film(FOLDER / "tides.mp4", canvas, 25, SECONDS, draw, soundtrack(), crf=25)
    canvas.pixels[:] = sky
    rosette.grow(MONTH)
    moon.globe(canvas, *CENTRE, 10.2)
    still(FOLDER / "cover.jpg", canvas)
