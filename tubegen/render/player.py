"""The player's bundle as the package carries it, and what a page must tell it."""

import html
import json
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path

import msgspec

from tubegen.config import absolute
from tubegen.content.captions import clock
from tubegen.errors import Problem, TubegenError
from tubegen.media.package.hls import content_name
from tubegen.media.result import Presentation
from tubegen.render import context as c
from tubegen.render.i18n import Catalogue, language_name
from tubegen.render.library import Film, Library
from tubegen.render.linker import Linker
from tubegen.render.output import Output, linked, made
from tubegen.render.playlists import caption_files
from tubegen.render.views import chapters, download_name, poster

DIST = Path(__file__).resolve().parent.parent / "player" / "dist"
_FOLDER = "assets/player/"


class Bundle(msgspec.Struct, frozen=True):
    """`manifest.json` of the bundle."""

    boot: str
    """The script that goes into the page."""
    module: str
    """The module it loads when somebody wants to watch."""
    files: tuple[str, ...]
    """All files to publish."""


@cache
def load_bundle() -> tuple[Bundle, str]:
    """The bundle and the text of its boot script. Raises TubegenError when the package was built without it."""
    try:
        bundle = msgspec.json.decode((DIST / "manifest.json").read_bytes(), type=Bundle)
        return bundle, (DIST / bundle.boot).read_text("utf-8").strip()
    except FileNotFoundError:
        raise TubegenError(
            Problem("", 0, "this copy of tubegen has no player in it", "install it again: pip install .")
        ) from None


def player_outputs() -> list[Output]:
    """The files of the bundle; their names tell their content."""
    bundle, _ = load_bundle()
    return [linked(_FOLDER + name, DIST / name) for name in bundle.files if name != bundle.boot]


def chapters_vtt(film: Film) -> bytes:
    """The chapters as a WebVTT chapters track; empty without chapters."""
    marks = chapters(film)
    if not marks:
        return b""
    ends = [*(mark.start for mark in marks[1:]), film.presentation.duration]
    blocks = [
        f"{clock(mark.start)} --> {clock(end)}\n{html.escape(mark.title, quote=False)}"
        for mark, end in zip(marks, ends, strict=True)
    ]
    return "\n\n".join(["WEBVTT", *blocks, ""]).encode()


def track_outputs(film: Film) -> list[Output]:
    """Captions and chapters, next to the film's pictures."""
    outputs = [made(film.extras + name, data) for name, data in caption_files(film).values()]
    if marks := chapters_vtt(film):
        outputs.append(made(film.extras + _chapters_name(marks), marks))
    return outputs


def player_record(
    library: Library,
    film: Film,
    page: str,
    strings: Catalogue,
    words_links: Mapping[str, str],
    *,
    embed: bool,
) -> c.Player:
    """The player for the page at the path `page`. `words_links`: its words, a file for each language."""
    bundle, boot = load_bundle()
    video, presentation = film.video, film.presentation
    link = Linker(library.site.config.site, page).url
    picture = poster(film)
    words = strings.section("player_")
    marks = chapters_vtt(film)
    config: dict[str, object] = {
        "id": film.uuid,
        "hls": link(film.master),
        "title": video.title,
        "artist": library.channel(video.channel).title,
        "artwork": link(picture.jpeg),
        "duration": round(presentation.duration, 3),
        "rate": round(float(Fraction(*presentation.rate)), 3),
        "sizes": _sizes(presentation),
        "embed": embed,
        "p2p": video.p2p,
        "strings": words,
    }
    if embed:
        config["languages"] = {language: link(file) for language, file in words_links.items()}
    sharing = video.p2p if library.site.config.p2p.tracker else "off"
    if sharing != "off":
        config["swarm"] = _swarm(library, film)
    if mirrors := library.site.config.p2p.mirrors:
        config["mirrors"] = [mirror + film.media for mirror in mirrors]
    board = presentation.storyboard
    return c.Player(
        poster=picture.url,
        preview=picture.preview,
        width=presentation.width,
        height=presentation.height,
        sources=(
            c.Source(url=film.media + download_name(film), media_type="video/mp4"),
            c.Source(url=film.master, media_type="application/vnd.apple.mpegurl"),
        ),
        captions=tuple(
            c.Track(language=language, label=language_name(language), url=film.extras + name)
            for language, (name, _) in caption_files(film).items()
        ),
        chapters=c.Track(
            language=video.language,
            label=words.get("chapters", "Chapters"),
            url=film.extras + _chapters_name(marks),
        )
        if marks
        else None,
        storyboard=film.media + board.vtt if board else "",
        config=json.dumps(config, ensure_ascii=False, separators=(",", ":")),
        boot=boot,
        module=_FOLDER + bundle.module,
        sharing="off" if embed else sharing,
    )


def _sizes(presentation: Presentation) -> list[tuple[int, int]]:
    """Width and height of the renditions, largest first; each once, though it may be there in several codecs."""
    return sorted({(one.width, one.height) for one in presentation.renditions}, key=lambda size: -size[1])


def _swarm(library: Library, film: Film) -> dict[str, object]:
    """Viewers meet under the address that the playlist has on the site, wherever they watch: see swarms.py."""
    site, p2p = library.site.config.site, library.site.config.p2p
    return {"id": absolute(site, film.master), "tracker": p2p.tracker, "stun": p2p.stun}


def _chapters_name(data: bytes) -> str:
    return content_name("chapters", data, ".vtt")
