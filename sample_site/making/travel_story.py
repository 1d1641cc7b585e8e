"""The story of how_a_video_travels: what is said, when, and every piece that is sent from one place to another."""

from sound import say

Place = tuple[float, float]

LINES = [
    (
        "A film is cut into small pieces,",
        "On coupe un film en petits morceaux,",
        "Una película se corta en trozos pequeños,",
    ),
    ("a few seconds each.", "de quelques secondes chacun.", "de unos segundos cada uno."),
    (
        "The first viewer gets every piece",
        "La première personne reçoit tout",
        "Quien llega primero lo recibe todo",
    ),
    ("from the site itself.", "du site lui-même.", "del propio sitio."),
    (
        "The next one asks around.",
        "La suivante demande autour d’elle :",
        "La siguiente persona pregunta alrededor:",
    ),
    ("Who has piece three?", "qui a le morceau trois ?", "¿quién tiene el trozo tres?"),
    (
        "Someone nearby does, and passes it on.",
        "Quelqu’un l’a, et le fait passer.",
        "Alguien lo tiene, y lo pasa.",
    ),
    ("Every piece has a fingerprint,", "Chaque morceau a son empreinte :", "Cada trozo tiene su huella:"),
    ("so a wrong one is thrown away.", "un faux est reconnu, et jeté.", "si es falso, se tira."),
    ("The more people watch,", "Plus on est à regarder,", "Cuanta más gente mira,"),
    ("the less the site has to carry.", "moins le site a de travail.", "menos carga el sitio."),
    ("And when nobody is around,", "Et quand il n’y a personne,", "Y cuando no hay nadie,"),
    ("the site still answers.", "le site répond toujours.", "el sitio sigue respondiendo."),
]
PAUSES = {1: 0.55, 3: 0.55, 6: 0.6, 8: 0.6, 10: 0.45}
SPOKEN = [say(line[0], "rms", 0.98) for line in LINES]
STARTS = [
    0.9 + sum(s.seconds + PAUSES.get(j, 0.14) for j, s in enumerate(SPOKEN[:i])) for i in range(len(LINES))
]
SECONDS = STARTS[-1] + SPOKEN[-1].seconds + 1.6

SITE = (220.0, 380.0)
VIEWERS = [(960, 205), (960, 555), (620, 190), (620, 570), (1140, 380), (790, 380)]
ARRIVALS = [STARTS[2] - 0.5, STARTS[4] - 0.5] + [STARTS[9] + 0.42 * i for i in range(4)]
LEAVING = STARTS[11]
FLIGHT = 0.75
TITLES = {
    0: "Cut into pieces",
    2: "The first viewer",
    4: "Ask around",
    7: "The fingerprint",
    9: "Many hands",
    11: "Nobody else around",
}


def journeys() -> list[tuple[float, int, Place, int]]:
    """(when, piece, from where, to which viewer): everything that is ever sent."""
    sent = [(STARTS[2] + 0.33 * piece, piece, SITE, 0) for piece in range(6)]
    sent += [(STARTS[6] + 0.15 + 0.3 * n, piece, VIEWERS[0], 1) for n, piece in enumerate((2, 0, 3, 4, 1))]
    sent += [(STARTS[7] + 0.35, 5, VIEWERS[0], 1)]
    for viewer in range(2, 6):
        helpers = [VIEWERS[0], VIEWERS[1]] if viewer < 4 else [VIEWERS[viewer - 4], VIEWERS[viewer - 2]]
        sent += [
            (
                ARRIVALS[viewer] + 0.3 + 0.24 * piece,
                piece,
                SITE if piece == 0 and viewer < 4 else helpers[piece % 2],
                viewer,
            )
            for piece in range(6)
        ]
    return sent


JOURNEYS = journeys()
LAST_ONE = [(STARTS[12] + 0.1 + 0.22 * piece, piece) for piece in range(6)]
