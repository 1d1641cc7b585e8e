"""Finds out what lies where in the folder of a site; opens nothing."""

import os
import re
import unicodedata
from pathlib import Path

import msgspec

from tubegen.errors import Problems

VIDEO_SUFFIXES = frozenset(
    [
        ".3g2",
        ".3gp",
        ".asf",
        ".avi",
        ".dv",
        ".f4v",
        ".flv",
        ".m2t",
        ".m2ts",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".mts",
        ".mxf",
        ".ogv",
        ".ts",
        ".vob",
        ".webm",
        ".wmv",
    ]
)
AUDIO_SUFFIXES = frozenset(
    [
        ".aac", ".ac3", ".aif", ".aiff", ".amr", ".caf", ".eac3", ".flac", ".m4a", ".m4b", ".mka", ".mp3",
        ".oga", ".ogg", ".opus", ".w64", ".wav",
    ]
)  # fmt: skip
LONGEST = 100
"""Bytes of one part of an address. File systems take 255; this leaves room for what stands beside it."""
COVER_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
CAPTION_SUFFIXES = (".vtt", ".srt")


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The files that make one video."""

    slug: str
    sources: tuple[Path, ...]
    """Should be one."""
    document: Path
    """Its markdown, which need not exist."""
    captions: tuple[Path, ...]
    covers: tuple[Path, ...]
    folder: Path


class FoundChannel(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    apart: bool
    """Whether it has a folder of its own."""
    document: Path
    """Its markdown, which need not exist."""
    videos: tuple[Found, ...]


def scan(content: Path, problems: Problems) -> tuple[FoundChannel, ...]:
    """The channels and videos below `content`.

    A folder with a video in it is a video; a folder of such folders, or of several video files, is a
    channel. Sites with one channel may leave its folder out: what lies directly in `content` belongs to
    the channel `main`.
    """
    if not content.is_dir():
        return ()
    files, folders = _entries(content, problems)
    flat = not any(_is_channel(folder, problems) for folder in folders)
    channels: list[FoundChannel] = []
    here = _short_form(content, files)
    if flat:
        here += [found for folder in folders if (found := _video_folder(folder, problems))]
    if here:
        channels.append(
            FoundChannel(name="main", apart=False, document=content / "index.md", videos=tuple(here))
        )
    if not flat:
        channels += [_channel(folder, problems) for folder in folders]
    return tuple(channels)


def markdown_files(folder: Path, problems: Problems, suffixes: tuple[str, ...] = (".md",)) -> list[Path]:
    """The markdown files directly in `folder`, by name; none when it does not exist."""
    if not folder.is_dir():
        return []
    return [file for file in _entries(folder, problems)[0] if file.suffix.lower() in suffixes]


def slugify(name: str) -> str:
    """A name as it stands in addresses: ASCII where the letters allow it, lower case, words joined by `-`."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    source = ascii_name if re.search(r"[A-Za-z0-9]", ascii_name) else unicodedata.normalize("NFKC", name)
    return re.sub(r"[\W_]+", "-", source.lower()).strip("-")


def length_fault(name: str) -> str:
    """What is wrong with the length of a part of an address; empty when nothing is."""
    size = len(name.encode())
    return f"the address {name[:24]}… has {size} bytes, and may have {LONGEST}" if size > LONGEST else ""


def _channel(folder: Path, problems: Problems) -> FoundChannel:
    files, folders = _entries(folder, problems)
    videos = _short_form(folder, files)
    videos += [found for below in folders if (found := _video_folder(below, problems))]
    return FoundChannel(
        name=slugify(folder.name), apart=True, document=folder / "index.md", videos=tuple(videos)
    )


def _is_channel(folder: Path, problems: Problems) -> bool:
    files, folders = _entries(folder, problems)
    sources = _sources(files)
    own_texts = any(source.with_suffix(".md") in files for source in sources)
    below = [_entries(sub, problems)[0] for sub in folders]
    return (
        own_texts
        or len(sources) > 1
        or any(_sources(some) or sub / "index.md" in some for sub, some in zip(folders, below, strict=True))
    )


def _video_folder(folder: Path, problems: Problems) -> Found | None:
    files, _ = _entries(folder, problems)
    sources = _sources(files)
    document = folder / "index.md"
    if not sources and document not in files:
        return None
    return Found(
        slug=slugify(folder.name),
        sources=sources,
        document=document,
        captions=tuple(file for file in files if file.suffix.lower() in CAPTION_SUFFIXES),
        covers=tuple(
            file for file in files if file.stem == "cover" and file.suffix.lower() in COVER_SUFFIXES
        ),
        folder=folder,
    )


def _short_form(folder: Path, files: list[Path]) -> list[Found]:
    return [
        Found(
            slug=slugify(source.stem),
            sources=(source,),
            document=source.with_suffix(".md"),
            captions=tuple(
                file
                for file in files
                if file.suffix.lower() in CAPTION_SUFFIXES and file.stem.startswith(source.stem + ".")
            ),
            covers=tuple(
                file for file in files if file.stem == source.stem and file.suffix.lower() in COVER_SUFFIXES
            ),
            folder=folder,
        )
        for source in _sources(files)
    ]


def _sources(files: list[Path]) -> tuple[Path, ...]:
    """The films among `files`; a sound file counts only where there is no film it could belong to."""
    films = tuple(file for file in files if file.suffix.lower() in VIDEO_SUFFIXES)
    return films or tuple(file for file in files if file.suffix.lower() in AUDIO_SUFFIXES)


def _entries(folder: Path, problems: Problems) -> tuple[list[Path], list[Path]]:
    """Files and folders in `folder` by name, without hidden ones."""
    try:
        with os.scandir(folder) as found:
            entries = sorted((e for e in found if not e.name.startswith((".", "~"))), key=lambda e: e.name)
            files = [Path(e.path) for e in entries if not e.is_dir()]
            return files, [Path(e.path) for e in entries if e.is_dir()]
    except OSError as fault:
        problems.add(
            folder,
            0,
            f"cannot be read: {(fault.strerror or 'unknown fault').lower()}",
            "check its permissions",
        )
        return [], []
