"""High dynamic range brought down to BT.709 by the book, a pixel at a time in double precision.

Written from the recommendations and from Hable's curve, not from ffmpeg: ITU-R BT.2100-2 tables 4 and 5 (PQ, HLG),
BT.2020-2 and BT.709-6 (matrices), BT.1886 (displays), BT.2087 (primaries); Hable, "Uncharted 2: HDR Lighting" (GDC 2010).
White of the standard range is 100 cd/m², and HLG is shown at 1000.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

Colour: TypeAlias = tuple[float, float, float]

_TO_709 = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))
_TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
_WHITE = (0.9505, 1.0, 1.089)


def linear(yuv: Colour, transfer: str) -> Colour:
    """Light of BT.2020 primaries, 1 for 100 cd/m², from Y'CbCr of limited range in parts of full scale of 8 bits."""
    y, b, r = ((yuv[0] - 16) / 219, (yuv[1] - 128) / 224, (yuv[2] - 128) / 224)
    red, blue = y + 1.4746 * r, y + 1.8814 * b
    green = (y - 0.2627 * red - 0.0593 * blue) / 0.6780
    if transfer == "pq":
        return _each(_pq, (red, green, blue))
    scene = _each(_hlg, (red, green, blue))
    luminance = 0.2627 * scene[0] + 0.6780 * scene[1] + 0.0593 * scene[2]
    return _each(lambda one: 10 * one * luminance**0.2, scene)


def shown(light: Colour, peak: float) -> Colour:
    """Light of BT.709 primaries, from 0 to 1: Hable's curve on the strongest of the three, hue and all else kept."""
    rgb = _matrix(_TO_709, light)
    strongest = max(*rgb, 1e-6)
    scale = _hable(strongest) / _hable(peak) / strongest
    return _each(lambda one: min(1.0, max(0.0, one * scale)), rgb)


def from_709(yuv: Colour) -> Colour:
    """Light from Y'CbCr of BT.709, limited range, as a display shows it (BT.1886)."""
    y, b, r = ((yuv[0] - 16) / 219, (yuv[1] - 128) / 224, (yuv[2] - 128) / 224)
    red, blue = y + 1.5748 * r, y + 1.8556 * b
    green = (y - 0.2126 * red - 0.0722 * blue) / 0.7152
    return _each(_display, (red, green, blue))


def difference(one: Colour, other: Colour) -> float:
    """CIE 1976 ΔE between two lights of BT.709 primaries."""
    return sum((a - b) ** 2 for a, b in zip(_lab(one), _lab(other), strict=True)) ** 0.5


def _pq(code: float) -> float:
    root = max(code, 0.0) ** (1 / 78.84375)
    return 100 * (max(root - 0.8359375, 0.0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)


def _hlg(code: float) -> float:
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    code = max(code, 0.0)
    return code**2 / 3 if code <= 0.5 else (2.718281828459045 ** ((code - c) / a) + b) / 12


def _hable(light: float) -> float:
    a, b, c, d, e, f = 0.15, 0.50, 0.10, 0.20, 0.02, 0.30
    return (light * (light * a + b * c) + d * e) / (light * (light * a + b) + d * f) - e / f


def _display(code: float) -> float:
    return max(code, 0.0) ** 2.4


def _lab(rgb: Colour) -> Colour:
    x, y, z = (
        one ** (1 / 3) if one > 216 / 24389 else (24389 / 27 * one + 16) / 116
        for one in (part / white for part, white in zip(_matrix(_TO_XYZ, rgb), _WHITE, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _matrix(rows: Sequence[Colour], colour: Colour) -> Colour:
    a, b, c = (sum(n * one for n, one in zip(row, colour, strict=True)) for row in rows)
    return a, b, c


def _each(function: Callable[[float], float], colour: Colour) -> Colour:
    a, b, c = map(function, colour)
    return a, b, c
