"""Fireflies: each one keeps its own time, and hurries or waits a little for the others until all glow as one."""

import math

import cairo
import numpy as np
from sound import RATE, Mix, Stereo, bell, hush, master, pad
from studio import CONTENT, Canvas, blend, colour, film, ramp

WIDTH, HEIGHT, FPS, SECONDS = 720, 1280, 24, 18.0
MANY, PERIOD = 120, 1.75  # a glow every 1.75 seconds: slow, and never the whole picture

dice = np.random.default_rng(6)
DEPTH = np.sort(dice.random(MANY))  # 0 far, 1 near
HOME = np.stack(
    [
        dice.uniform(-20, WIDTH + 20, MANY),
        800 + 370 * DEPTH**1.2 - dice.random(MANY) ** 1.4 * (140 + 560 * DEPTH),
    ],
    axis=1,
)
ROAM = dice.uniform(0, math.tau, (MANY, 4))

DARK, GLADE, MIST, LEAF, SPARK = (colour(c) for c in ("#07131d", "#11353c", "#2d6a66", "#06100f", "#ffe98a"))


def rhythm() -> np.ndarray:
    """The phase of every firefly at every frame: coupled oscillators after Kuramoto."""
    phase = dice.uniform(0, math.tau, MANY)
    own = math.tau / PERIOD * (1 + 0.045 * dice.standard_normal(MANY))
    history = []
    for frame in range(round(SECONDS * FPS)):
        history.append(phase.copy())
        crowd = np.mean(np.exp(1j * phase))
        pull = 1.5 * ramp(frame / FPS, 2.5, 7)
        phase = phase + (own + pull * abs(crowd) * np.sin(np.angle(crowd) - phase)) / FPS
    return np.array(history)


PHASES = rhythm()
LIGHT = np.exp(2.2 * (np.cos(PHASES) - 1)) * np.clip(np.arange(len(PHASES))[:, None] / (2.5 * FPS), 0, 1)


def soundtrack() -> Stereo:
    """One small bell per glow: rain at first, then a chord."""
    mix = Mix(SECONDS)
    notes = (57, 60, 64, 69, 72, 76, 81, 84)
    bells = [bell(note, 2.2, 0.7) for note in notes]
    for fly in range(MANY):
        rounds = np.floor(PHASES[:, fly] / math.tau)
        for frame in np.flatnonzero(np.diff(rounds) > 0):
            if LIGHT[frame, fly] > 0.2:
                mix.add(
                    bells[fly * 5 % 8],
                    frame / FPS,
                    0.012 + 0.03 * DEPTH[fly],
                    pan=HOME[fly, 0] / WIDTH * 1.6 - 0.8,
                )
    t = np.arange(round(SECONDS * RATE)) / RATE
    chirp = np.clip(np.sin(math.tau * 2.1 * t), 0, 1) * (0.5 + 0.5 * np.sin(math.tau * 31 * t))
    mix.add(hush(SECONDS, 4200, 4700, seed=2) * chirp, gain=0.16, pan=-0.5)
    mix.add(hush(SECONDS, 120, 600, seed=3), gain=0.10, pan=0.3)
    for i, note in enumerate((45, 52, 57, 64)):
        mix.add(pad(note, SECONDS, 1.9), 0, 0.10, pan=(i - 1.5) / 2)
    return master(mix.room(4.0, 0.9), fade=2.5, loudness=-18)


def glade() -> np.ndarray:
    """Night between trees, with mist where the ground begins: the bytes of a frame."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    down = (y / HEIGHT)[..., None]
    near = np.exp(-(((x - 380) / 330) ** 2 + ((y - 700) / 330) ** 2))[..., None]
    low = np.exp(-(((y - 800 + 24 * np.sin(x / 120)) / 90) ** 2))[..., None]
    image = np.array(DARK) * (1 - 0.3 * down) + (np.array(GLADE) - np.array(DARK)) * near * 0.9
    canvas.paste((image + (np.array(MIST) - image) * low * 0.22) * 255)
    pen, seed = canvas.pen, np.random.default_rng(21)
    for layer, (ink, count, thick) in enumerate(
        [(blend(DARK, GLADE, 0.55), 9, 16), (blend(DARK, GLADE, 0.22), 6, 34), (LEAF, 3, 74)]
    ):
        for tree in range(count):
            x = (tree + seed.uniform(0.1, 0.9)) * WIDTH / count if layer < 2 else (20, 655, 735)[tree]
            lean = seed.uniform(-30, 30)
            pen.move_to(x - thick, 1010 + 40 * layer)
            pen.curve_to(x - thick * 0.4, 800, x + lean - thick * 0.4, 400, x + lean - thick * 0.3, -10)
            pen.line_to(x + lean + thick * 0.3, -10)
            pen.curve_to(x + lean + thick * 0.4, 400, x + thick * 0.4, 800, x + thick, 1010 + 40 * layer)
            canvas.fill(ink)
    ground = cairo.LinearGradient(0, 880, 0, HEIGHT)
    ground.add_color_stop_rgba(0, *blend(DARK, GLADE, 0.4), 0)
    ground.add_color_stop_rgba(0.35, *LEAF, 0.9)
    ground.add_color_stop_rgba(1, *LEAF, 1)
    pen.set_source(ground)
    pen.rectangle(0, 860, WIDTH, HEIGHT - 860)
    pen.fill()
    canvas.surface.flush()
    return canvas.pixels.copy()


def spark() -> cairo.ImageSurface:
    """The glow of one firefly, 160 pixels wide, to be added to the picture."""
    picture = Canvas(160, 160)
    picture.glow(80, 80, 80, SPARK, 0.20)
    picture.glow(80, 80, 30, SPARK, 0.5)
    picture.glow(80, 80, 13, (1, 1, 0.9), 1.0)
    return picture.surface


def grass(now: float, nearer: bool, lit: float) -> None:
    """Blades that sway; the nearer half stands in front of the fireflies."""
    pen, seed = canvas.pen, np.random.default_rng(5 + nearer)
    for x, size, bend, when in zip(
        seed.uniform(-30, WIDTH + 30, 150),
        seed.random(150),
        seed.normal(0, 1, 150),
        seed.uniform(0, 6.3, 150),
    ):
        foot = HEIGHT + 10 if nearer else 1090 + 90 * size
        tall = (150 + 210 * size) if nearer else (80 + 110 * size)
        tip = x + 46 * bend + 12 * math.sin(now * 0.9 + when + x / 200)
        thick = 5 if nearer else 3
        pen.move_to(x - thick, foot)
        pen.curve_to(x - thick, foot - tall * 0.6, tip, foot - tall * 0.8, tip, foot - tall)
        pen.curve_to(tip, foot - tall * 0.7, x + thick, foot - tall * 0.5, x + thick, foot)
        canvas.fill(blend(LEAF, GLADE, (0.05 + 0.10 * size if nearer else 0.25 + 0.25 * size) + 0.25 * lit))


def draw(now: float) -> None:
    light = LIGHT[round(now * FPS)]
    lit = float(light.mean())
    canvas.surface.flush()
    canvas.pixels[:] = scene
    canvas.surface.mark_dirty()
    pen = canvas.pen
    canvas.glow(WIDTH / 2, 900, 620, MIST, 0.34 * lit)
    grass(now, False, lit)
    for nearer in (False, True):
        if nearer:
            grass(now, True, lit)
        for fly in np.flatnonzero((DEPTH > 0.72) == nearer):
            a, b, c, d = ROAM[fly]
            x = HOME[fly, 0] + 34 * math.sin(now * 0.37 + a) + 12 * math.sin(now * 0.9 + b)
            y = HOME[fly, 1] + 22 * math.sin(now * 0.43 + c) + 9 * math.sin(now * 1.1 + d)
            size = 0.26 + 0.8 * DEPTH[fly]
            pen.save()
            pen.translate(x, y)
            pen.scale(size, size)
            pen.set_operator(cairo.OPERATOR_ADD)
            pen.set_source_surface(glimmer, -80, -80)
            pen.rectangle(-80, -80, 160, 160)
            pen.clip()
            pen.paint_with_alpha(0.04 + 0.9 * light[fly])
            pen.restore()
    pen.set_source_rgba(*DARK, 1 - ramp(now, 0, 1) + ramp(now, SECONDS - 1.3, 1.3))
    pen.paint()


canvas = Canvas(WIDTH, HEIGHT)
scene, glimmer = glade(), spark()

if __name__ == "__main__":
    film(CONTENT / "drift" / "fireflies.mp4", canvas, FPS, SECONDS, draw, soundtrack(), crf=26)
