"""Starlings at dusk: a flock in which every bird watches its seven nearest neighbours, and one falcon."""

import cairo
import numpy as np
from scipy.spatial import cKDTree
from sound import Mix, Stereo, bell, hush, master, pad, swell
from studio import CONTENT, Canvas, film, ramp

WIDTH, HEIGHT, FPS, SECONDS = 1280, 720, 24, 20.0
BIRDS, SPEED, STEP = 1800, 12.0, 1 / FPS
HORIZON = 560

dice = np.random.default_rng(1871)


class Flock:
    """Positions and velocities in metres; x to the right, y up, z away from us."""

    def __init__(self) -> None:
        self.place = dice.normal(0, 1, (BIRDS, 3)) * (26, 9, 12) + (-6, 34, 0)
        self.loyal = dice.random((BIRDS, 1)) < 0.55
        self.speed = dice.normal(0, 1, (BIRDS, 3)) + (9, 0, 3)
        self.turn = np.zeros((BIRDS, 3))
        self.falcon = np.array([0.0, 60.0, 0.0])

    def step(self, now: float) -> None:
        near, who = cKDTree(self.place).query(self.place, 8)
        gap = self.place[:, None] - self.place[who[:, 1:]]
        apart = np.sum(gap / (near[:, 1:, None] ** 2 + 0.15), axis=1)
        along = self.speed[who[:, 1:]].mean(axis=1) - self.speed
        together = -gap.mean(axis=1)
        wide = 15 + 13 * np.sin(now * 0.47)
        lean = np.array([np.cos(now * 0.31), 0.3 * np.sin(now * 0.62), 0.3 * np.sin(now * 0.31)])
        roost = np.array([14 * np.sin(now * 0.33 - 1.1), 30 + 4 * np.sin(now * 0.55), 8 * np.cos(now * 0.4)])
        homeward = np.where(self.loyal, roost + wide * lean, roost - wide * lean) - self.place
        homeward *= (np.linalg.norm(homeward, axis=1, keepdims=True) / 15) ** 1.1 * 0.11
        self.falcon = roost + np.array(
            [30 * np.cos(now * 0.95), 8 * np.sin(now * 1.3 + 2), 14 * np.sin(now * 0.95)]
        )
        fear = self.place - self.falcon
        distance = np.linalg.norm(fear, axis=1, keepdims=True)
        fear *= np.exp(-((distance / 10) ** 2)) * 5 / (distance + 0.5)
        level = np.stack([0 * self.place[:, 0], -0.35 * self.speed[:, 1], 0 * self.place[:, 0]], axis=1)
        push = (
            2.4 * apart
            + 2.2 * along
            + 0.9 * together
            + homeward
            + 5 * fear
            + level
            + dice.normal(0, 1.2, (BIRDS, 3))
        )
        self.turn += 0.5 * (push - self.turn)
        self.speed += self.turn * STEP * 2.2
        self.speed *= SPEED / np.linalg.norm(self.speed, axis=1, keepdims=True)
        self.place += self.speed * STEP


def project(place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Metres to pixels, seen from the mud flat 125 m away; also pixels per metre."""
    scale = 1250 / (place[:, 2] + 125)
    return np.stack([WIDTH / 2 + place[:, 0] * scale, HORIZON - (place[:, 1] - 2) * scale], axis=1), scale


def dusk() -> np.ndarray:
    """Sky, sun just gone, low hills, and the wet flat that mirrors them: an array of 0..255 floats."""
    stops = [
        (0.0, (38, 44, 84)),
        (0.34, (94, 82, 126)),
        (0.62, (196, 118, 128)),
        (0.84, (248, 170, 118)),
        (1.0, (255, 214, 150)),
    ]
    height = np.linspace(0, 1, HORIZON)
    sky = np.stack(
        [np.interp(height, [s for s, _ in stops], [c[i] for _, c in stops]) for i in range(3)], axis=1
    )
    image = np.zeros((HEIGHT, WIDTH, 3))
    image[:HORIZON] = sky[:, None]
    x, y = np.meshgrid(np.arange(WIDTH), np.arange(HORIZON))
    sun = np.exp(-(((x - 860) / 420) ** 2 + ((y - HORIZON) / 190) ** 2))[..., None]
    image[:HORIZON] += sun * np.array([26, 44, 34])
    across = np.arange(WIDTH)
    for far, (lift, tint) in enumerate([(26, (176, 108, 116)), (13, (112, 72, 96))]):
        ridge = HORIZON - lift * (
            0.55 + 0.3 * np.sin(across / (170 - 60 * far) + far) + 0.15 * np.sin(across / 47 + 2 * far)
        )
        hill = np.clip(y - ridge + 0.5, 0, 1)[..., None]
        image[:HORIZON] += hill * (np.array(tint) - image[:HORIZON])
    depth = HEIGHT - HORIZON
    rows = HORIZON - 1 - np.arange(depth) * HORIZON // depth // 2
    image[HORIZON:] = image[rows] * np.linspace(0.86, 0.5, depth)[:, None, None] + np.array([6, 6, 14])
    return image


def wings(canvas: Canvas, flock: Flock, now: float) -> None:
    """Each bird is a short dark stroke, broader while it banks: that is what ripples through a flock."""
    pen = canvas.pen
    spot, scale = project(flock.place)
    ahead, _ = project(flock.place + flock.speed * 0.034)
    bank = np.clip(np.linalg.norm(flock.turn, axis=1) / 22, 0, 1)
    beat = 0.75 + 0.25 * np.sin(now * 26 + np.arange(BIRDS))
    width = scale * (0.13 + 0.20 * bank * beat)
    shade = np.clip((flock.place[:, 2] + 24) / 60, 0, 1)
    mirror = HORIZON + (HORIZON - spot[:, 1]) * 0.42
    pen.set_line_cap(cairo.LINE_CAP_ROUND)
    for layer in np.argsort(-flock.place[:, 2]):
        (x, y), (u, v), thick, pale = spot[layer], ahead[layer], width[layer], shade[layer]
        pen.set_source_rgb(0.10 + 0.26 * pale, 0.08 + 0.17 * pale, 0.18 + 0.22 * pale)
        pen.set_line_width(thick)
        pen.move_to(x, y)
        pen.line_to(u, v)
        pen.stroke()
        if mirror[layer] < HEIGHT and layer % 3 == 0:
            pen.set_source_rgba(0.12, 0.08, 0.16, 0.09)
            pen.set_line_width(thick * 3)
            pen.move_to(x - 9, mirror[layer])
            pen.line_to(x + 9, mirror[layer])
            pen.stroke()


def soundtrack() -> Stereo:
    mix = Mix(SECONDS)
    for at, chord in [
        (0, (45, 52, 59, 64)),
        (5.2, (41, 53, 60, 64)),
        (10.4, (48, 55, 59, 67)),
        (15.6, (43, 50, 59, 62, 69)),
    ]:
        for i, note in enumerate(chord):
            mix.add(pad(note, 7.4, warmth=1.75), at, 0.34, pan=(i - 1.5) / 2.2)
    for n, (at, note) in enumerate(
        [
            (2.0, 76),
            (4.6, 83),
            (7.1, 79),
            (9.4, 76),
            (12.2, 84),
            (13.1, 83),
            (15.4, 79),
            (16.6, 81),
            (17.6, 74),
        ]
    ):
        mix.add(bell(note, 4.5, 0.9), at, 0.16, pan=0.7 * (-1) ** n)
    flock = hush(SECONDS, 1400, 5200, seed=3)
    surge = (
        0.35 + 0.65 * np.interp(np.arange(len(flock)), np.linspace(0, len(flock), 12), dice.random(12)) ** 2
    )
    mix.add(swell(flock * surge, 2, 3), gain=0.16, pan=0.2)
    mix.add(hush(SECONDS, 90, 420, seed=5), gain=0.30)
    return master(mix.room(4.5, 1.0), fade=3)


if __name__ == "__main__":
    canvas, flock, sky = Canvas(WIDTH, HEIGHT), Flock(), dusk()
    canvas.paste(sky)
    blank = canvas.pixels.copy()
    for step in range(260):
        flock.step((step - 260) * STEP)

    def draw(now: float) -> None:
        flock.step(now)
        canvas.surface.flush()
        canvas.pixels[:] = blank
        canvas.surface.mark_dirty()
        wings(canvas, flock, now)
        canvas.pen.set_source_rgba(0.15, 0.11, 0.22, ramp(now, SECONDS - 1.6, 1.5))
        canvas.pen.paint()

    film(
        CONTENT / "drift" / "starlings-at-dusk" / "starlings.mp4",
        canvas,
        FPS,
        SECONDS,
        draw,
        soundtrack(),
        crf=30,
    )
