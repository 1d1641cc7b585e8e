"""The moon of a given day of its month: as a lit globe, and as a small sign."""

import math

import cairo
import numpy as np
from studio import Canvas, colour

MONTH = 29.530588  # days from new moon to new moon
PALE, DARK = colour("#f4ead2"), colour("#14224a")
RADIUS = 128


def maps() -> tuple[np.ndarray, np.ndarray]:
    """For every pixel of the disc: which way the ground faces, and how light it is."""
    y, x = np.mgrid[-RADIUS : RADIUS + 1, -RADIUS : RADIUS + 1] / RADIUS
    z = np.sqrt(np.maximum(0, 1 - x**2 - y**2))
    ground, dice = np.ones_like(x), np.random.default_rng(11)
    for _ in range(9):
        px, py, size = dice.uniform(-0.6, 0.55), dice.uniform(-0.65, 0.5), dice.uniform(0.13, 0.30)
        ground -= 0.26 * np.exp(-((((x - px) / size) ** 2 + ((y - py) / size) ** 2) ** 2))
    for _ in range(150):
        px, py, size = *dice.uniform(-0.95, 0.95, 2), dice.uniform(0.012, 0.06)
        far = np.hypot(x - px, y - py) / size
        ground += 0.10 * np.exp(-((far - 1) ** 2) * 9) - 0.09 * np.exp(-(far**2) * 2)
    return np.stack([x, y, z]), np.clip(ground, 0.35, 1.15)


FACING, GROUND = maps()


def globe(canvas: Canvas, x: float, y: float, day: float) -> None:
    """Lit from where the sun is; the dark part by the light of the earth."""
    age = math.tau * day / MONTH
    light = np.tensordot((math.sin(age), 0, -math.cos(age)), FACING, 1)
    shine = np.clip(light * 1.6 + 0.02, 0, 1) ** 0.8
    inside = np.clip((1 - np.hypot(FACING[0], FACING[1])) * RADIUS, 0, 1)
    disc = np.empty((*GROUND.shape, 4), np.uint8)
    for channel, (pale, dark) in enumerate(zip(reversed(PALE), reversed(DARK))):
        disc[..., channel] = np.clip(255 * GROUND * (0.9 * pale * shine + 0.45 * dark), 0, 255) * inside
    disc[..., 3] = 255 * inside
    canvas.glow(x, y, 300, PALE, 0.12 - 0.08 * math.cos(age))
    canvas.pen.set_source_surface(
        cairo.ImageSurface.create_for_data(disc, cairo.FORMAT_ARGB32, *GROUND.shape), x - RADIUS, y - RADIUS
    )
    canvas.pen.paint()


def sign(canvas: Canvas, x: float, y: float, radius: float, day: float, alpha: float) -> None:
    """Half a disc, and half an ellipse that adds to it or takes from it."""
    pen, age = canvas.pen, math.tau * day / MONTH
    pen.arc(x, y, radius, 0, math.tau)
    canvas.fill(DARK, alpha)
    begin = -math.pi / 2 if age < math.pi else math.pi / 2
    pen.arc(x, y, radius, begin, begin + math.pi)
    canvas.fill(PALE, alpha)
    pen.save()
    pen.translate(x, y)
    pen.scale(max(0.01, abs(math.cos(age))), 1)
    pen.arc(0, 0, radius, 0, math.tau)
    pen.restore()
    canvas.fill(DARK if math.cos(age) > 0 else PALE, alpha)
