"""How a video travels: pieces of a film going from the site to viewers, and from viewer to viewer."""

import math

import cairo
from sound import Mix, Stereo, bell, master, pad, pluck
from studio import CONTENT, Canvas, Colour, Cue, blend, colour, film, ramp, write_captions
from travel_story import (
    ARRIVALS,
    FLIGHT,
    JOURNEYS,
    LAST_ONE,
    LEAVING,
    LINES,
    SECONDS,
    SITE,
    SPOKEN,
    STARTS,
    TITLES,
    VIEWERS,
    Place,
)

FOLDER = CONTENT / "plainly" / "how-a-video-travels"
PAPER, INK, SOFT = colour("#f7f0e3"), colour("#2b2438"), colour("#d9cdbb")
TINTS = [colour(c) for c in ("#d9482b", "#e08e0b", "#5c9a3c", "#12958f", "#3f68a8", "#8450c8")]


def soundtrack() -> Stereo:
    voice, band = Mix(SECONDS), Mix(SECONDS)
    for start, spoken in zip(STARTS, SPOKEN):
        voice.add(spoken.sound, start, 0.9)
    for at, chord in [
        (0, (48, 55, 64)),
        (STARTS[2] - 0.6, (45, 52, 60)),
        (STARTS[4] - 0.6, (53, 57, 60)),
        (STARTS[7] - 0.6, (50, 57, 65)),
        (STARTS[9] - 0.6, (48, 55, 64)),
        (STARTS[11] - 0.6, (53, 60, 64)),
    ]:
        for i, note in enumerate(chord):
            band.add(pad(note, 7.0, 1.9), at, 0.16, pan=(i - 1) / 2)
    scale = (60, 62, 64, 67, 69, 72)
    for at, piece, _, viewer in JOURNEYS:
        band.add(pluck(scale[piece] + 12 * (viewer % 2), 1.6), at + FLIGHT, 0.17, pan=-0.5 + viewer / 5)
    for at, piece in LAST_ONE:
        band.add(pluck(scale[piece], 1.6), at + FLIGHT, 0.2)
    band.add(bell(50, 1.6, 3.5), STARTS[8] + 0.75, 0.16)
    return master(band.room(1.6, 0.5) + voice.room(0.6, 0.12), fade=1.6, loudness=-16.5)


def piece_at(
    x: float, y: float, piece: int, size: float, ink: Colour | None = None, alpha: float = 1.0
) -> None:
    canvas.box(x, y, size, size, size * 0.22)
    canvas.fill(ink or TINTS[piece], alpha)
    if size > 24:
        canvas.text(
            str(piece + 1), x, y + size * 0.2, size * 0.56, "Inter", PAPER, alpha, 0.5, cairo.FONT_WEIGHT_BOLD
        )


def along(start: Place, end: Place, share: float) -> Place:
    """A point on the arc between two places."""
    s = ramp(share, 0, 1)
    lift = 70 * math.sin(math.pi * s)
    return start[0] + (end[0] - start[0]) * s, start[1] + (end[1] - start[1]) * s - lift


def house(now: float) -> None:
    """The site: a lamp room with a lit window and, in the end, a meter of its work."""
    pen, seen = canvas.pen, ramp(now, STARTS[1] + 0.6, 0.8)
    pen.save()
    pen.translate(*SITE)
    pen.scale(1.35, 1.35)
    canvas.glow(0, 10, 170, TINTS[1], seen * (0.2 + 0.06 * math.sin(now * 1.6)))
    canvas.box(0, 8, 124, 112, 12)
    canvas.fill(INK, seen)
    for x, y in ((-82, -40), (0, -104), (82, -40)):
        pen.line_to(x, y)
    canvas.fill(INK, seen)
    canvas.box(0, 10, 50, 58, 6)
    canvas.fill(blend(TINTS[1], PAPER, 0.3), seen)
    canvas.text("the site", 0, 94, 21, "Inter", INK, seen, 0.5)
    meter = ramp(now, STARTS[9] - 0.2, 0.5)
    work = (
        1 - 0.78 * ramp(now, STARTS[9] + 0.4, STARTS[11] - STARTS[9] - 0.6) + 0.2 * ramp(now, STARTS[12], 0.8)
    )
    canvas.box(0, 116, 124, 14, 7)
    canvas.fill(SOFT, meter)
    canvas.box(-62 + 62 * work, 116, 124 * work, 14, 7)
    canvas.fill(TINTS[0], meter)
    canvas.text("its work", 0, 144, 17, "Inter", INK, meter, 0.5)
    pen.restore()


def screen(place: Place, seen: float, owned: list[int]) -> None:
    """A viewer: a screen whose six parts light up as the pieces arrive."""
    canvas.pen.save()
    canvas.pen.translate(*place)
    canvas.pen.scale(1 + 0.25 * seen, 1 + 0.25 * seen)
    canvas.box(0, 0, 176, 112, 14)
    canvas.fill(INK, seen)
    for piece in range(6):
        canvas.box(-52 + 52 * (piece % 3), -23 + 46 * (piece // 3), 46, 40, 7)
        canvas.fill(TINTS[piece] if piece in owned else blend(INK, PAPER, 0.16), seen)
    canvas.box(0, 66, 70, 7, 3.5)
    canvas.fill(INK, seen)
    canvas.pen.restore()


def strip(now: float) -> None:
    """The film, cut into six, then carried into the house."""
    apart, home = ramp(now, STARTS[0] + 0.75, 0.9), ramp(now, STARTS[1] + 0.9, 1.0)
    if home == 1:
        return
    for piece in range(6):
        x, sent = 640 + (piece - 2.5) * (136 + 34 * apart), max(0.0, min(1.0, home * 1.5 - piece * 0.1))
        edge = ramp(now, 0.1, 0.5) * (1 - ramp(sent, 0, 0.2))
        canvas.box(x, 350, 137, 200, 4)
        canvas.fill(INK, edge)
        for hole in range(8):
            canvas.box(x - 51 + 34 * (hole % 4), 264 + 172 * (hole // 4), 16, 14, 4)
            canvas.fill(PAPER, edge)
        spot = along((x, 350), (SITE[0], SITE[1] + 14), sent)
        piece_at(
            *spot,
            piece,
            122 - 84 * ramp(sent, 0, 1),
            alpha=ramp(now, 0.1, 0.5) * (1 - ramp(home, 0.85, 0.15)),
        )


def title(now: float) -> None:
    """The name of the chapter, at the top left."""
    marks = [*(STARTS[line] - 0.4 for line in TITLES), SECONDS + 9]
    for begin, end, words in zip(marks, marks[1:], TITLES.values()):
        seen = ramp(now, begin, 0.4) * (1 - ramp(now, end - 0.3, 0.3))
        canvas.text(words, 64, 92, 40, "Inter", INK, seen, weight=cairo.FONT_WEIGHT_BOLD)


def question(now: float) -> None:
    x, y = VIEWERS[1]
    seen = ramp(now, STARTS[5], 0.3) * (1 - ramp(now, STARTS[6] + 0.5, 0.3))
    canvas.box(x + 190, y - 90, 140, 88, 24)
    canvas.fill(SOFT, seen)
    piece_at(x + 162, y - 90, 2, 52, alpha=seen)
    canvas.text("?", x + 216, y - 73, 50, "Inter", INK, seen, 0.5, cairo.FONT_WEIGHT_BOLD)


def fingerprint(now: float) -> None:
    """A true piece beside its print, and a false one that falls."""
    seen = ramp(now, STARTS[7], 0.4) * (1 - ramp(now, STARTS[9] - 0.5, 0.4))
    x, y = 600, 380
    piece_at(x, y - 105, 5, 96, alpha=seen)
    fallen = ramp(now, STARTS[8] + 0.75, 0.9)
    piece_at(
        x,
        y + 105 + 260 * fallen**2,
        5,
        96,
        blend(INK, PAPER, 0.55),
        seen * (1 - fallen) * ramp(now, STARTS[8] - 0.1, 0.3),
    )
    canvas.pen.set_line_width(5)
    canvas.pen.set_line_cap(cairo.LINE_CAP_ROUND)
    for ring, warped in enumerate((0.6, 1.3, 0.8, 1.4)):
        for top, tint, radius, shown in (
            (y - 105, TINTS[5], 11 * ring, seen),
            (y + 105, INK, 11 * ring * warped, seen * ramp(now, STARTS[8] - 0.1, 0.3) * (1 - fallen)),
        ):
            canvas.pen.set_source_rgba(*tint, shown)
            canvas.pen.arc(x + 118, top + 16, 10 + radius, math.pi, math.tau)
            canvas.pen.stroke()
    mark = seen * ramp(now, STARTS[7] + 0.9, 0.25)
    canvas.pen.set_source_rgba(*TINTS[2], mark)
    canvas.pen.set_line_width(11)
    for px, py in ((x - 128, y - 103), (x - 108, y - 82), (x - 74, y - 126)):
        canvas.pen.line_to(px, py)
    canvas.pen.stroke()
    canvas.pen.set_source_rgba(*TINTS[0], seen * ramp(now, STARTS[8] + 0.6, 0.2))
    for side in (-1, 1):
        canvas.pen.move_to(x - 101 - 20 * side, y + 85)
        canvas.pen.line_to(x - 101 + 20 * side, y + 125)
        canvas.pen.stroke()


def draw(now: float) -> None:
    canvas.pen.set_source_rgb(*PAPER)
    canvas.pen.paint()
    house(now)
    strip(now)
    title(now)
    gone = ramp(now, LEAVING, 0.6)
    for viewer, place in enumerate(VIEWERS):
        owned = [piece for at, piece, _, to in JOURNEYS if to == viewer and now >= at + FLIGHT]
        screen(place, ramp(now, ARRIVALS[viewer], 0.45) * (1 - gone), owned)
    screen(
        VIEWERS[5], ramp(now, LEAVING + 0.7, 0.45), [piece for at, piece in LAST_ONE if now >= at + FLIGHT]
    )
    for at, piece, source, viewer in JOURNEYS:
        if at < now < at + FLIGHT and gone < 0.5:
            piece_at(*along(source, VIEWERS[viewer], (now - at) / FLIGHT), piece, 46)
    for at, piece in LAST_ONE:
        if at < now < at + FLIGHT:
            piece_at(*along(SITE, VIEWERS[5], (now - at) / FLIGHT), piece, 46)
    question(now)
    fingerprint(now)


canvas = Canvas(1280, 720)

if __name__ == "__main__":
    print("chapters:", {round(STARTS[line] - 0.4, 1): words for line, words in TITLES.items()})
    film(FOLDER / "travels.mp4", canvas, 30, SECONDS, draw, soundtrack(), crf=23)
    ends = [*(start - 0.04 for start in STARTS[1:]), SECONDS - 0.6]
    write_captions(
        FOLDER,
        [
            Cue(start, min(end, start + spoken.seconds + 0.5), dict(zip(("en", "fr", "es"), line)))
            for start, end, spoken, line in zip(STARTS, ends, SPOKEN, LINES)
        ],
    )
