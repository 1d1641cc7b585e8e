"""Leave a light on: a short spoken text, every word appearing as it is said."""

import cairo
from sound import Mix, bell, hush, master, pad, pluck, say
from studio import CONTENT, Canvas, Colour, Cue, blend, colour, film, ramp, write_captions

FOLDER = CONTENT / "plainly" / "leave-a-light-on"
VERSES = [
    [
        ("Someone is awake tonight,", "Cette nuit, quelqu’un veille,", "Heute Nacht ist jemand wach,"),
        ("on a slow connection,", "sur une connexion lente,", "mit langsamem Netz"),
        ("with a small screen.", "devant un petit écran.", "und kleinem Bildschirm."),
    ],
    [("Leave a light on for them.", "Laissons une lumière allumée.", "Lasst ein Licht an.")],
    [
        ("Write down what is said,", "Écrivons ce qui se dit,", "Schreibt auf, was gesagt wird,"),
        ("so that it can be read.", "pour qu’on puisse le lire.", "damit man es lesen kann."),
    ],
    [
        ("Say what is shown,", "Disons ce qui se voit,", "Sagt, was zu sehen ist,"),
        ("so that it can be heard.", "pour qu’on puisse l’entendre.", "damit man es hören kann."),
    ],
    [
        ("Keep the page light,", "Gardons la page légère", "Haltet die Seite leicht"),
        ("and the words plain.", "et les mots simples.", "und die Worte einfach."),
    ],
    [
        ("A room is open", "Un lieu est ouvert", "Ein Raum ist offen,"),
        (
            "when everyone finds the door.",
            "quand tout le monde trouve la porte.",
            "wenn alle die Tür finden.",
        ),
    ],
]
CHAPTERS = {0: "Someone is awake", 2: "Written down, said aloud", 5: "The door"}
CHORDS = [
    (50, 57, 60, 65),
    (46, 58, 62, 65),
    (41, 57, 60, 67),
    (48, 55, 62, 64),
    (43, 58, 62, 65),
    (41, 57, 60, 65, 69),
]
BRIGHT = {"tonight,", "light", "said,", "read.", "shown,", "heard.", "light,", "plain.", "open", "everyone"}

NIGHTS = [colour(c) for c in ("#0c0f22", "#12132b", "#1d1734", "#2a1a3b", "#3a2140", "#3f2440")]
CREAM, AMBER, INK, RUST = (colour(c) for c in ("#f7ecd6", "#ffbf5e", "#2a1c2c", "#a8421c"))
SCREEN, DAWN = colour("#8fb8ff"), colour("#fbe6b6")

PARTS = [[(say(line[0], "slt", 1.12), line) for line in verse] for verse in VERSES]


def schedule() -> tuple[list[list[float]], float]:
    """When each line of each verse begins, and the length of the film."""
    now, starts = 1.3, []
    for verse in PARTS:
        starts.append([])
        for spoken, _ in verse:
            starts[-1].append(now)
            now += spoken.seconds + 0.3
        now += 1.05
    return starts, now + 1.4


STARTS, SECONDS = schedule()
LEAVES = [STARTS[i + 1][0] - 0.75 for i in range(len(STARTS) - 1)] + [SECONDS + 9]


def soundtrack():
    voice, band = Mix(SECONDS), Mix(SECONDS)
    band.add(hush(SECONDS, 200, 900), gain=0.05)
    for verse, (starts, chord) in enumerate(zip(STARTS, CHORDS)):
        begin = max(0.0, starts[0] - 1.2)
        length = (STARTS + [[SECONDS + 1.5]])[verse + 1][0] - begin + 0.8
        for i, note in enumerate(chord):
            band.add(pad(note, length), begin, 0.30, pan=(i - 1.5) / 3)
        for at, (spoken, _) in zip(starts, PARTS[verse]):
            voice.add(spoken.sound, at, 0.9)
            for begun, word in spoken.words:
                if word in BRIGHT:
                    band.add(pluck(chord[-1] + 12), at + begun, 0.30, pan=0.4)
                    band.add(bell(chord[-2] + 12), at + begun + 0.21, 0.08, pan=-0.4)
    return master(0.42 * band.room(3.2, 0.8) + voice.room(0.9, 0.22), fade=2.4)


def verse_at(now: float) -> int:
    return max(i for i, starts in enumerate(STARTS) if i == 0 or now >= starts[0] - 0.7)


def wall(now: float, lit: float) -> None:
    """The dark room, the small screen, the warmth that grows with every verse."""
    verse = verse_at(now)
    canvas.pen.set_source_rgb(
        *blend(NIGHTS[max(0, verse - 1)], NIGHTS[verse], ramp(now, STARTS[verse][0] - 0.7, 2.5))
    )
    canvas.pen.paint()
    screen = (0.4 + 0.6 * ramp(now, STARTS[0][2], 0.8)) * (1 - lit)
    canvas.glow(1610, 653, 560, SCREEN, 0.26 * screen)
    canvas.pen.set_source_rgba(*SCREEN, 0.9 * screen)
    canvas.pen.rectangle(1592, 622, 36, 62)
    canvas.pen.fill()
    canvas.glow(
        1610, 600, 900, AMBER, 0.12 * lit + 0.045 * sum(ramp(now, starts[0], 3) for starts in STARTS[2:])
    )


def doorway(now: float, lit: float) -> None:
    """A door that lights up, opens with the last verse, and leaves its rectangle as the pen's path."""
    pen, opening = canvas.pen, ramp(now, STARTS[5][0] - 0.2, 4.6)
    left, right = 1500 - 1560 * opening, 1720 + 260 * opening
    top, floor = 300 - 360 * opening, 860 + 280 * opening
    carpet = cairo.LinearGradient(0, floor, 0, floor + 240)
    carpet.add_color_stop_rgba(0, *AMBER, 0.45 * lit)
    carpet.add_color_stop_rgba(1, *AMBER, 0)
    pen.set_source(carpet)
    for x, y in ((left, floor), (right, floor), (right - 90, floor + 240), (left - 240, floor + 240)):
        pen.line_to(x, y)
    pen.fill()
    light = cairo.LinearGradient(0, top, 0, floor)
    light.add_color_stop_rgba(0, *AMBER, lit)
    light.add_color_stop_rgba(1, *DAWN, lit)
    pen.set_source(light)
    pen.rectangle(left, top, right - left, floor - top)
    pen.fill_preserve()


def draw(now: float) -> None:
    """Words on the wall are cream; where the light of the door falls behind them they turn to ink."""
    lit = ramp(now, STARTS[1][0] + PARTS[1][0][0].words[2][0], 1.8)
    wall(now, lit)
    write(now, CREAM, AMBER)
    canvas.pen.save()
    doorway(now, lit)
    canvas.pen.clip()
    if lit == 1:
        write(now, INK, RUST)
    canvas.pen.restore()


def write(now: float, plain: Colour, bright: Colour) -> None:
    """The words said so far, verse by verse."""
    for verse, lines in enumerate(PARTS):
        leaving = ramp(now, LEAVES[verse], 0.6)
        if leaving == 1 or now < STARTS[verse][0] - 0.2:
            continue
        for row, (spoken, _) in enumerate(lines):
            x = 112.0
            baseline = 585 + (row - (len(lines) - 1) / 2) * 178 - 50 * leaving
            for begun, word in spoken.words:
                arriving = ramp(now, STARTS[verse][row] + begun - 0.08, 0.42)
                ink = bright if word in BRIGHT else plain
                x += canvas.text(
                    word + " ",
                    x,
                    baseline + 36 * (1 - arriving),
                    136,
                    "EB Garamond",
                    ink,
                    arriving * (1 - leaving),
                )


def cues() -> list[Cue]:
    found = []
    for starts, verse in zip(STARTS, PARTS):
        ends = [*starts[1:], starts[-1] + verse[-1][0].seconds + 0.6]
        found += [
            Cue(start, end - 0.04, dict(zip(("en", "fr", "de"), line)))
            for start, end, (_, line) in zip(starts, ends, verse)
        ]
    return found


canvas = Canvas(1920, 1080)

if __name__ == "__main__":
    film(
        FOLDER / "leave-a-light-on.mp4",
        canvas,
        25,
        SECONDS,
        draw,
        soundtrack(),
        crf=24,
        chapters=[
            (0.0 if verse == 0 else STARTS[verse][0] - 0.4, title) for verse, title in CHAPTERS.items()
        ],
    )
    write_captions(FOLDER, cues())
