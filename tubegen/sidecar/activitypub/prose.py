"""What the author wrote, cut down to what other servers show: plain words, and HTML of few tags (O-72)."""

import re
from collections.abc import Callable
from html import escape, unescape
from html.parser import HTMLParser

import nh3

from tubegen.contract import VideoDocument

_TAGS = {"p", "br", "a", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote"}
_STAND_INS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "dt"), ("<p><strong>", "</strong></p>")),
    **dict.fromkeys(("tr", "dd", "figcaption"), ("<p>", "</p>")),
    **dict.fromkeys(("td", "th"), ("", " ")),
}
"""Tags that would be lost, and what keeps their meaning."""
_BLOCK = re.compile(r"(?:</?(?:p|ul|ol|li|pre|blockquote)>|<br>|<p><strong>|</strong></p>)\Z")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ELLIPSIS = "…"


def plain(text: str) -> str:
    """One line of text without control characters: databases elsewhere refuse some of them."""
    return " ".join(_CONTROLS.sub("", text).split())


def length(text: str) -> int:
    """UTF-16 units, as the servers written in JavaScript count."""
    return len(text.encode("utf-16-le")) // 2


def clipped(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units of `text`, cut between words where there is one near, and marked as cut."""
    return _clipped(text, limit, length)


def escaped(text: str, limit: int) -> str:
    """`text` for HTML, cut so that the result has at most `limit` UTF-16 units."""
    return escape(_clipped(text, limit, lambda part: length(escape(part, quote=False))), quote=False)


def _clipped(text: str, limit: int, cost: Callable[[str], int]) -> str:
    if cost(text) <= limit:
        return text
    if limit <= 0:
        return ""
    kept, used = 0, cost(_ELLIPSIS)
    for character in text:
        used += cost(character)
        if used > limit:
            break
        kept += 1
    space = text.rfind(" ", 0, kept + 1)
    return text[: space if space > kept * 0.6 else kept].rstrip() + _ELLIPSIS


def told(document: VideoDocument, *, text: int, markup: int) -> str:
    """The description and the text of a video as HTML; empty when the author wrote neither.

    `text` limits what is read, `markup` the HTML as a whole, both in UTF-16 units. A description that only
    repeats words of the text is left out.
    """
    description, body = plain(document.description), _CONTROLS.sub("", document.html)
    if not description or description in _words(body):
        return _cut(body, text, markup)
    lead = f"<p>{escaped(clipped(description, text), markup - length('<p></p>'))}</p>"
    left = text - length(description)
    return lead + _cut(body, left, markup - length(lead)) if left > 0 else lead


def _words(html: str) -> str:
    return plain(unescape(nh3.clean(html, tags=set())))


def _cut(html: str, text: int, markup: int) -> str:
    cutter = _Cutter(text, markup)
    cutter.feed(
        nh3.clean(
            html,
            tags=_TAGS | set(_STAND_INS),
            attributes={"a": {"href"}},
            url_schemes={"https", "http"},
            link_rel=None,
        )
    )
    return cutter.result()


class _Cutter(HTMLParser):
    """Writes well-formed HTML again, with stand-ins and without blank space, until there is no more room."""

    def __init__(self, text: int, markup: int) -> None:
        super().__init__(convert_charrefs=True)
        self._text = text
        self._markup = markup - length(f"<p>{_ELLIPSIS}</p>")
        self._written: list[str] = []
        self._open: list[tuple[str, str]] = []  # how each open element began, and how it ends
        self._full = False

    def result(self) -> str:
        self.close()
        if self._full and not "".join(self._written).endswith(_ELLIPSIS):
            self._written.append(_ELLIPSIS if self._open else f"<p>{_ELLIPSIS}</p>")
        while self._open:
            self._end()
        return "".join(self._written).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._begin("<br>", "", lasting=False)
        elif tag == "a":
            href = dict(attrs).get("href")
            self._begin(*((f'<a href="{escape(href)}">', "</a>") if href else ("", "")))
        else:
            self._begin(*_STAND_INS.get(tag, (f"<{tag}>", f"</{tag}>")))

    def handle_endtag(self, tag: str) -> None:
        if not self._full:
            self._end()

    def handle_data(self, data: str) -> None:
        if self._full:
            return
        if not any(start == "<pre>" for start, _ in self._open):
            data = _BLANKS.sub(" ", data)
            if not self._written or _BLOCK.search(self._written[-1]):
                data = data.lstrip(" ")
        shown = escaped(clipped(data, self._text), self._markup)
        self._full = shown != escape(data, quote=False)
        self._text -= length(data)
        if shown:
            self._write(shown)

    def _begin(self, start: str, end: str, *, lasting: bool = True) -> None:
        self._full = self._full or self._text <= 0 or length(start + end) > self._markup
        if self._full:
            return
        self._markup -= length(end)
        if start or not lasting:
            self._write(start)
        if lasting:
            self._open.append((start, end))

    def _end(self) -> None:
        start, end = self._open.pop()
        if start and self._written[-1] == start:
            self._written.pop()  # nothing in it: a picture stood there
        elif end:
            self._written.append(end)

    def _write(self, piece: str) -> None:
        self._markup -= length(piece)
        self._written.append(piece)
