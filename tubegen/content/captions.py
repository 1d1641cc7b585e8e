"""Caption files: WebVTT (W3C, https://www.w3.org/TR/webvtt1/) and SubRip, read strictly enough to name a line.

Browsers skip a broken cue in silence, and the author never learns of it; here it is a mistake.
"""

import html
import re
from pathlib import Path

import msgspec

from tubegen.content.model import Captions, Cue
from tubegen.documents import read_text
from tubegen.errors import Problems
from tubegen.schema import is_language

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}(?:[ \t]+(.*\S))?\s*$")
_ALMOST = re.compile(rf"^\s*{_TIME}\s*(?:-+>?|=+>|–|—|to)\s*{_TIME}")
"""A timing with the wrong arrow, which would be taken for words and lost."""
_FORM = "write 00:00:01.000 --> 00:00:03.500"
_MARKUP = re.compile(r"<[^>]*>|\{\\[^}]*\}")
_SRT_FONT = re.compile(r"</?font[^>]*>|\{\\[^}]*\}", re.IGNORECASE)
_SRT_SIGN = re.compile(r"&(?!(?:[a-z]+|#\w+);)|<(?!/?[biu]>)", re.IGNORECASE)
"""What means itself in SubRip and would begin markup in WebVTT."""


def read_captions(path: Path, problems: Problems) -> Captions | None:
    """Captions in the language that the file's name tells (`fr.vtt`, `pt-BR.srt`, `talk.fr.vtt`).

    None, with a problem noted, when the name tells no language or any timing is broken.
    """
    language = path.stem.rsplit(".", 1)[-1]
    if not is_language(language):
        problems.add(
            path,
            0,
            f"'{path.stem}' is not a language",
            f"name the file after its language: en{path.suffix}, fr{path.suffix}, pt-BR{path.suffix}",
        )
        return None
    text = read_text(path, problems)
    if text is None:
        return None
    before = len(problems.found)
    cues = _cues(text, path, problems)
    if not cues and len(problems.found) == before:
        problems.add(
            path,
            0,
            "there is no caption in it",
            "write lines such as 00:01.000 --> 00:03.500, with the words below",
        )
    if len(problems.found) > before:
        return None
    return Captions(language=language, path=path, cues=tuple(cues))


def read_embedded(path: Path, language: str, shift: float) -> Captions | None:
    """Captions that came in the film's own file, as SubRip whose times are `shift` seconds ahead.

    Nobody wrote them by hand, and nobody can be asked: what cannot be shown is left out. None when nothing is left.
    """
    unheard = Problems(path.parent)
    text = path.read_text("utf-8", "replace")
    cues = [
        msgspec.structs.replace(
            cue, start=round(max(0.0, cue.start - shift), 3), end=round(cue.end - shift, 3)
        )
        for cue in _cues(text, path, unheard)
        if cue.end > shift
    ]
    cues.sort(key=lambda cue: (cue.start, cue.end))
    return Captions(language=language, path=path, cues=tuple(cues)) if cues else None


def _cues(text: str, path: Path, problems: Problems) -> list[Cue]:
    srt = path.suffix.lower() == ".srt"
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not srt and not re.match(r"^WEBVTT(?:[ \t].*)?$", lines[0]):
        problems.add(
            path, 1, "a .vtt file begins with WEBVTT", "write WEBVTT on its first line, or name it .srt"
        )
        return []
    cues: list[Cue] = []
    at = 0
    while at < len(lines):
        if "-->" not in lines[at]:
            if _ALMOST.match(lines[at]):
                problems.add(path, at + 1, f"'{lines[at].strip()}' is not a timing", _FORM)
            at = (
                _skip_block(lines, at)
                if not srt and re.match(r"^(NOTE|STYLE|REGION)\b", lines[at])
                else at + 1
            )
            continue
        first = at
        at += 1
        while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
            at += 1
        cue = _cue(lines[first], lines[first + 1 : at], path, first + 1, srt, problems)
        if cue is None:
            continue
        if cues and cue.start < cues[-1].start:
            problems.add(
                path,
                first + 1,
                f"this caption begins before the one above it ({clock(cues[-1].start)})",
                "put them in the order of time",
            )
        cues.append(cue)
    return cues


def _skip_block(lines: list[str], at: int) -> int:
    while at < len(lines) and lines[at].strip():
        at += 1
    return at


def _cue(timing: str, words: list[str], path: Path, line: int, srt: bool, problems: Problems) -> Cue | None:
    parts = _TIMING.match(timing)
    if not parts:
        problems.add(path, line, f"'{timing.strip()}' is not a timing", _FORM)
        return None
    start, end = (
        _seconds(parts[1], parts[2], parts[3], parts[4]),
        _seconds(parts[5], parts[6], parts[7], parts[8]),
    )
    if start is None or end is None:
        problems.add(
            path,
            line,
            f"'{timing.strip()}' has a minute or second above 59",
            "write hours:minutes:seconds.thousandths",
        )
        return None
    if end <= start:
        problems.add(
            path,
            line,
            f"this caption ends ({clock(end)}) before it begins ({clock(start)})",
            "swap or correct its times",
        )
        return None
    text = "\n".join(word.rstrip() for word in words).strip()
    if srt:
        text = _SRT_SIGN.sub(lambda sign: html.escape(sign[0]), _SRT_FONT.sub("", text))
    return Cue(start, end, text, "" if srt else (parts[9] or "")) if text else None


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> float | None:
    if int(minutes) > 59 or int(seconds) > 59:
        return None
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return (whole * 1000 + int(fraction.ljust(3, "0"))) / 1000


def clock(seconds: float) -> str:
    """Seconds as WebVTT prints them, to the millisecond: `00:01:02.500`."""
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def plain(text: str) -> str:
    """The words of a cue without markup, on one line."""
    return " ".join(html.unescape(_MARKUP.sub("", text)).split())


def to_vtt(cues: tuple[Cue, ...]) -> str:
    """The cues as a WebVTT file; reading it back gives the same cues."""
    blocks = ["WEBVTT"]
    for cue in cues:
        settings = f" {cue.settings}" if cue.settings else ""
        blocks.append(f"{clock(cue.start)} --> {clock(cue.end)}{settings}\n{cue.text}")
    return "\n\n".join(blocks) + "\n"
