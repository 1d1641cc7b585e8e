"""The words of the player in every language of the theme, for embeds that ask for one (`?lang=fr`)."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tubegen.media.package.hls import content_name
from tubegen.render.i18n import Catalogue, direction
from tubegen.render.output import Output, made

_FOLDER = "assets/player/"


def theme_languages(folders: Sequence[Path]) -> tuple[str, ...]:
    """The languages that a chain of themes' i18n folders have a file for."""
    return tuple(sorted({file.stem for folder in folders for file in folder.glob("*.toml")}))


def words_files(
    languages: Sequence[str], strings: Callable[[str], Catalogue]
) -> tuple[Mapping[str, str], list[Output]]:
    """By language the link of a file of words, and the files; their names tell their content."""
    links: dict[str, str] = {}
    outputs: list[Output] = []
    for language in languages:
        words = {"direction": direction(language), "strings": strings(language).section("player_")}
        data = json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode()
        links[language] = _FOLDER + content_name(f"words-{language}", data, ".json")
        outputs.append(made(links[language], data))
    return links, outputs
