"""Words and dates in the languages of pages: the theme's strings, and what Babel (CLDR) knows."""

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import cast

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

Strings = Mapping[str, str | Mapping[str, str]]
"""Texts by key; a text that depends on a number is a table of its CLDR plural forms."""


class Catalogue:
    """The strings of a theme chain in one language."""

    def __init__(self, language: str, chain: Sequence[Strings]) -> None:
        self.language = language
        self._chain = chain

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key` with `{name}` filled in; `n` chooses the plural form. Raises KeyError when unknown."""
        for strings in self._chain:
            if (text := strings.get(key)) is not None:
                break
        else:
            raise KeyError(f"the theme has no string '{key}'")
        if not isinstance(text, str):
            form = locale(self.language).plural_form(cast("int", values.get("n", 1)))
            text = text.get(form) or text["other"]
        return text.format(**values)

    def section(self, prefix: str) -> dict[str, str]:
        """All plain strings whose key begins with `prefix`, without it: for scripts."""
        found: dict[str, str] = {}
        for strings in reversed(self._chain):
            found |= {
                k.removeprefix(prefix): v
                for k, v in strings.items()
                if k.startswith(prefix) and isinstance(v, str)
            }
        return found


def read_strings(folders: Sequence[Path], language: str) -> Catalogue:
    """The strings for `language` of a chain of themes' i18n folders: as specific as possible, English at last."""
    names = dict.fromkeys((language, language.split("-")[0], "en"))
    files = [folder / f"{name}.toml" for name in names for folder in folders]
    chain = [cast("Strings", tomllib.loads(file.read_text("utf-8"))) for file in files if file.is_file()]
    return Catalogue(language, chain)


@cache
def locale(language: str) -> Locale:
    """Babel's locale nearest to a BCP 47 tag; English for languages it does not know."""
    parts = language.replace("-", "_").split("_")
    while parts:
        try:
            return Locale.parse("_".join(parts))
        except (UnknownLocaleError, ValueError):
            parts.pop()
    return Locale("en")


@cache
def language_name(language: str) -> str:
    """A language in its own words, as menus show it: `Français`; the tag itself when nobody knows it."""
    known = locale(language)
    if known.language != language.split("-")[0].lower():
        return language
    name = known.get_display_name(known) or language
    return name[:1].upper() + name[1:]


_RIGHT_TO_LEFT = frozenset(
    [
        "apc",
        "ar",
        "arc",
        "bal",
        "bgn",
        "ckb",
        "dv",
        "fa",
        "he",
        "ks",
        "lrc",
        "mzn",
        "nqo",
        "ps",
        "rhg",
        "sd",
        "sdh",
        "skr",
        "syr",
        "trw",
        "ug",
        "ur",
        "yi",
    ]
)
"""Languages that are written so, by their tags; of the others only Babel, which takes its time to load, is asked
for those that name a script."""


def direction(language: str) -> str:
    """ltr or rtl."""
    primary, *rest = language.lower().split("-")
    if any(len(part) == 4 for part in rest):
        return locale(language).text_direction
    return "rtl" if primary in _RIGHT_TO_LEFT else "ltr"


def long_date(moment: dt.date, language: str) -> str:
    """`22 November 2026`, in the language's own way."""
    return format_date(moment, "long", locale=locale(language))
