"""Folders of files, by their paths."""

import shutil
from collections.abc import Mapping
from pathlib import Path


def write(folder: Path, files: Mapping[str, str | Path]) -> Path:
    """Put texts and copies of files into a folder."""
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.copyfile(content, place)
        else:
            place.write_text(content, "utf-8")
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by path."""
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}
