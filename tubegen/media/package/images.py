"""Pictures for pages: a cover or a still of the film, in sizes for every screen."""

import base64
import io
from pathlib import Path

import msgspec
from PIL import Image

from tubegen.media.package.hls import content_name
from tubegen.media.result import MediaFile, Picture, Thumbnail
from tubegen.media.source.pictures import open_picture

WIDTHS = (1280, 640, 320)
THUMBNAIL = 320
"""Width of the JPEG that other servers show in lists: PeerTube's own are 280 and 400 pixels wide."""
PREVIEW_LENGTH = 200
"""Characters: a list of 24 films shall not weigh much more for them."""


def make_poster(source: Path, folder: Path) -> Picture:
    """As `make_picture`, with a thumbnail where `source` is wide enough."""
    picture = make_picture(source, folder, "poster")
    if picture.width < THUMBNAIL:
        return picture
    size = (THUMBNAIL, max(1, round(picture.height * THUMBNAIL / picture.width)))
    small = _save(scaled(open_picture(source), size), folder, "thumbnail", "JPEG")
    return msgspec.structs.replace(
        picture,
        thumbnail=Thumbnail(name=small.name, width=size[0], height=size[1]),
        files=(*picture.files, small),
    )


def make_picture(source: Path, folder: Path, stem: str) -> Picture:
    """Write `source` into `folder` as WebP in several widths, never above its own, and as one JPEG.

    Raises MediaError when it is no picture or absurdly large.
    """
    upright = open_picture(source)
    width, height = upright.size
    widths = [w for w in WIDTHS if w < width] or [width]
    if widths[0] < width <= WIDTHS[0]:
        widths.insert(0, width)
    sized = {w: scaled(upright, (w, max(1, round(height * w / width)))) for w in widths}
    webp = [(_save(sized[w], folder, f"{stem}-{w}", "WEBP"), w) for w in widths]
    jpeg = _save(sized[widths[0]], folder, stem, "JPEG")
    return Picture(
        width=sized[widths[0]].width,
        height=sized[widths[0]].height,
        sizes=tuple((file.name, w) for file, w in webp),
        jpeg=jpeg.name,
        preview=_preview(upright),
        thumbnail=None,
        files=(*(file for file, _ in webp), jpeg),
    )


def scaled(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture.resize(size, Image.Resampling.LANCZOS)  # pyright: ignore[reportUnknownMemberType]


def _preview(picture: Image.Image) -> str:
    """The largest that is short enough: noise takes more bytes than a sky."""
    for side in range(16, 1, -2):
        scale = side / max(picture.size)
        small = scaled(picture, (max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
        buffer = io.BytesIO()
        small.save(buffer, "WEBP", quality=20, method=6)
        address = f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
        if len(address) <= PREVIEW_LENGTH:
            return address
    return ""


def _save(picture: Image.Image, folder: Path, stem: str, kind: str) -> MediaFile:
    buffer = io.BytesIO()
    if kind == "WEBP":
        picture.save(buffer, kind, quality=78, method=5)
    else:
        picture.save(buffer, kind, quality=82, optimize=True, progressive=True)
    data = buffer.getvalue()
    name = content_name(stem, data, f".{kind.lower().replace('jpeg', 'jpg')}")
    (folder / name).write_bytes(data)
    return MediaFile(name, len(data))
