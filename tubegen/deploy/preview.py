"""A site as it is shown to friends: no search engine lists it, and no other server hears of it."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tubegen.deploy.files import SiteFile

PREVIEWS = "preview/"
"""Where previews lie at a target, each in a folder of its own."""

_NOINDEX = b'<meta name="robots" content="noindex">'


def preview_files(files: Sequence[SiteFile]) -> list[SiteFile]:
    """`files` without `federation/` and the sitemap, every page marked with the robots value noindex."""
    left_out = ("federation/", "sitemap")
    return [
        _marked(file) if file.path.endswith(".html") else file
        for file in files
        if not file.path.startswith(left_out)
    ]


def _marked(file: SiteFile) -> SiteFile:
    page = file.source if isinstance(file.source, bytes) else Path(file.source).read_bytes()
    page = page.replace(b"<head>", b"<head>" + _NOINDEX, 1)
    return msgspec.structs.replace(file, source=page, size=len(page), sha256=hashlib.sha256(page).hexdigest())
