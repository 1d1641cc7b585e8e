"""Themes: where they are, what they inherit, what is in them.

A theme is a folder with `theme.toml`, `templates/`, `assets/` and `i18n/`. A site's own `theme/` folder comes
before any theme: a template or asset of the same name there takes the place of the theme's.
"""

import hashlib
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import cast

import msgspec

from tubegen.config import ThemeConfig
from tubegen.documents import read_text, read_toml
from tubegen.errors import InputError, Problem, Problems
from tubegen.schema import nearest

API = 1
"""Version of what templates are given; a theme's `requires` names the versions it was written for."""

_RANGE = re.compile(r"^>=(\d+),<(\d+)$")


class Theme(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A theme with all that it inherits."""

    layers: tuple[tuple[str, Path], ...]
    """(name, folder), the site's own first, the deepest ancestor last."""
    parameters: Mapping[str, str | int | float | bool]

    def folders(self, part: str) -> list[Path]:
        """The folders `part` of all layers that have one, in the order of precedence."""
        return [folder / part for _, folder in self.layers if (folder / part).is_dir()]

    @cached_property
    def digest(self) -> bytes:
        """Tells the content of all templates and strings: part of every page's key."""
        total = hashlib.blake2b(digest_size=16)
        for part in ("templates", "i18n"):
            for folder in self.folders(part):
                for file in sorted(folder.rglob("*")):
                    if file.is_file():
                        total.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
        return total.digest()

    @cached_property
    def assets(self) -> dict[str, Path]:
        """Files of `assets/` by name; the first layer that has a name wins."""
        found: dict[str, Path] = {}
        for folder in self.folders("assets"):
            for file in sorted(folder.rglob("*")):
                if file.is_file():
                    found.setdefault(str(file.relative_to(folder)), file)
        return dict(sorted(found.items()))


def bundled_themes() -> Path:
    """The folder of themes that come with tubegen: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "themes"
    return installed if installed.is_dir() else package.parent / "themes"


def load_theme(site: Path, config: ThemeConfig) -> Theme:
    """Raises InputError when the theme, or one it inherits, does not exist or was written for another version."""
    problems = Problems(site)
    layers: list[tuple[str, Path]] = []
    parameters: dict[str, str | int | float | bool] = {}
    name = config.name
    while name:
        if name in (known for known, _ in layers):
            raise InputError(
                Problem(
                    "tubegen.toml",
                    0,
                    f"theme '{name}' inherits itself",
                    "correct `inherits` in its theme.toml",
                )
            )
        folder = _find(site, name)
        layers.append((name, folder))
        name, own = _read(folder, problems)
        parameters = own | parameters
    if (site / "theme").is_dir():
        layers.insert(0, ("site", site / "theme"))
    problems.raise_if_any()
    unknown = [key for key in config.parameters if key not in parameters]
    for key in unknown:
        problems.add(
            site / "tubegen.toml",
            0,
            f"theme '{config.name}' has no parameter '{key}'",
            nearest(key, parameters),
        )
    problems.raise_if_any()
    return Theme(layers=tuple(layers), parameters=parameters | dict(config.parameters))


def _find(site: Path, name: str) -> Path:
    for folder in (site / "themes" / name, bundled_themes() / name):
        if (folder / "theme.toml").is_file():
            return folder
    there = [f.parent.name for base in (site / "themes", bundled_themes()) for f in base.glob("*/theme.toml")]
    raise InputError(Problem("tubegen.toml", 0, f"there is no theme '{name}'", nearest(name, there)))


def _read(folder: Path, problems: Problems) -> tuple[str, dict[str, str | int | float | bool]]:
    """What the theme inherits, and its parameters."""
    path = folder / "theme.toml"
    text = read_text(path, problems)
    table = read_toml(text, path, problems) if text is not None else None
    if table is None:
        raise InputError(*problems.found)
    for key in ("name", "title", "description"):
        table.text(key)
    wanted = table.text("requires", required=True)
    match = _RANGE.match(wanted)
    if wanted and not match:
        table.wrong(
            "requires", f"'{wanted}' is not a range of versions", f'write requires = ">={API},<{API + 1}"'
        )
    elif match and not int(match[1]) <= API < int(match[2]):
        table.wrong(
            "requires",
            f"this theme is for version {wanted} of the theme API, tubegen has {API}",
            "update the theme",
        )
    inherits = table.text("inherits")
    table.table("parameters")
    parameters = table.take("parameters")
    table.done()
    if not isinstance(parameters, dict):
        return inherits, {}
    return inherits, cast("dict[str, str | int | float | bool]", parameters)
