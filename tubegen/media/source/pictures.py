"""Opens pictures that come from outside: covers, posters and thumbnails of any format that Pillow reads."""

from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from tubegen.errors import MediaError, Problem

_MAX_PIXELS = 100_000_000
"""Larger pictures are refused before they are decoded: a small file may unfold to gigabytes."""


def check_picture(source: Path) -> None:
    """Raises MediaError when `source` is no picture, or absurdly large."""
    open_picture(source)


def open_picture(source: Path) -> Image.Image:
    """The picture in the file `source`, upright and in RGB. Raises MediaError when it is none, or absurdly large."""
    Image.MAX_IMAGE_PIXELS = _MAX_PIXELS
    try:
        with Image.open(source) as picture:
            return ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as fault:
        raise MediaError(
            Problem(
                str(source),
                0,
                f"this is not a picture that can be read ({_reason(fault)})",
                "save it again as JPEG or PNG",
            )
        ) from None


def _reason(fault: Exception) -> str:
    return "unknown format" if isinstance(fault, UnidentifiedImageError) else str(fault).splitlines()[0]
