"""Where the links in an author's markdown lead: other texts of the site, files beside them, or nowhere."""

import hashlib
from collections.abc import Callable, MutableMapping
from pathlib import Path
from urllib.parse import quote, unquote

from tubegen.config import FILE
from tubegen.content.markup import Markup, resolve
from tubegen.content.model import Site, Text
from tubegen.errors import Problems
from tubegen.render.library import channel_link, playlist_link
from tubegen.render.output import Output, linked
from tubegen.render.views import tag_link

Memo = MutableMapping[bytes, Markup]
"""Rendered markdown by the digest of its text: converting is the dearest part of a page."""


class Links:
    """Resolves the links of a site's texts, and gathers the files they need."""

    def __init__(self, site: Site, memo: Memo, digest: Callable[[Path], str], problems: Problems) -> None:
        self._folder = site.folder.resolve()
        self._private = _private_paths(site, self._folder)
        self._memo = memo
        self._digest = digest
        self._problems = problems
        self._texts = _texts(site)
        self._known = {*self._texts.values(), "", "playlists/", "tags/", "feed.xml"}
        self._known |= {tag_link(tag) for video in site.videos for tag in video.tags if not video.unlisted}
        self._files: dict[str, Path] = {}
        self._html: dict[Text, str] = {}

    def html(self, text: Text) -> str:
        """The HTML of a text; its links begin with the placeholder and are relative to the site's root."""
        if not text.markdown.strip():
            return ""
        if text not in self._html:
            self._html[text] = resolve(self._markup(text), lambda link: self._target(text, link))
        return self._html[text]

    def outputs(self) -> list[Output]:
        """The files that the texts rendered so far link to."""
        return [linked(path, source) for path, source in sorted(self._files.items())]

    def _markup(self, text: Text) -> Markup:
        key = hashlib.blake2b(text.markdown.encode(), digest_size=16).digest()
        if key not in self._memo:
            from tubegen.content.markdown import render

            self._memo[key] = render(text.markdown)
        return self._memo[key]

    def _target(self, text: Text, link: str) -> str:
        path, mark, rest = link.partition("#")
        path, question, query = path.partition("?")
        suffix = question + query + mark + rest
        if not path:
            return suffix
        if path.startswith("/"):
            if path[1:] in self._known or path[1:] + "/" in self._known:
                return path[1:] + suffix
            self._report(text, link, "there is no such page in this site")
            return path[1:] + suffix
        try:
            file = (text.path.parent / unquote(path)).resolve()
            inside = file.is_relative_to(self._folder)
            found = self._texts.get(file) or self._texts.get(file / "index.md")
            if inside and found is not None:
                return found + suffix
            if inside and self._is_private(file):
                self._report(text, link, "that file is the site's own and is not published")
                return path
            if inside and file.suffix.lower() == ".md" and file.is_file():
                self._report(text, link, "that text is no page of the site, or a draft")
                return path
            if inside and file.is_file():
                return self._publish(file) + suffix
        except (OSError, ValueError):
            pass
        self._report(text, link, "there is no such file")
        return path

    def _is_private(self, file: Path) -> bool:
        """Whether a file in the site's folder is none of what the author may publish by a link: keys, the sidecar's
        database, settings, hidden files and folders. `file` must be resolved, so that no symlink hides what it is.
        """
        if any(part.startswith(".") for part in file.relative_to(self._folder).parts):
            return True
        return any(
            file.is_relative_to(path)
            or (file.parent == path.parent and file.name.startswith(f"{path.name}-"))
            for path in self._private
        )

    def _publish(self, file: Path) -> str:
        path = f"files/{file.stem}.{self._digest(file)[:16]}{file.suffix.lower()}"
        self._files[path] = file
        return quote(path)

    def _report(self, text: Text, link: str, why: str) -> None:
        lines = text.markdown.splitlines()
        line = next((n for n, words in enumerate(lines) if link in words), 0)
        self._problems.add(
            text.path,
            text.line + line,
            f"this link leads nowhere: {link}",
            f"{why}; correct it or take it out",
        )


def check_links(site: Site, memo: Memo, problems: Problems) -> None:
    """Note every broken link in the site's texts and every alias that is taken; needs no media."""
    links = Links(site, memo, lambda _: "0" * 16, problems)
    bodies = (*site.videos, *site.channels, *site.playlists, *site.pages)
    for item in bodies:
        links.html(item.body)
    taken = {*_texts(site).values(), "playlists/", "tags/"}
    for video in site.videos:
        for alias in video.aliases:
            if alias in taken:
                problems.add(video.body.path, 0, f"the address {alias} is taken", "choose another alias")
            taken.add(alias)


def _private_paths(site: Site, folder: Path) -> list[Path]:
    """Folders and files of the site's folder that are never published, resolved. SQLite keeps more files beside its
    database, `NAME-wal` and `NAME-shm`."""
    federation = site.config.federation
    database = federation.database.removeprefix("sqlite:///")
    paths = ((folder / name).resolve() for name in ("federation", federation.keys, database, FILE))
    return [path for path in paths if path != folder]


def _texts(site: Site) -> dict[Path, str]:
    """Link of the page that each markdown file becomes."""
    texts: dict[Path, str] = {}
    for video in site.videos:
        texts[video.body.path.resolve()] = texts[video.source.resolve()] = f"watch/{video.slug}/"
    for channel in site.channels:
        texts[channel.body.path.resolve()] = channel_link(channel.name)
    for playlist in site.playlists:
        if playlist.body.line:
            texts[playlist.body.path.resolve()] = playlist_link(playlist.name)
    for page in site.pages:
        texts[page.body.path.resolve()] = f"{page.name}/"
    return texts
