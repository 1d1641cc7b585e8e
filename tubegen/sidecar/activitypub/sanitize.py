"""Words of strangers, made fit for our pages (interop I-14 to I-17): no images, no styles, no scripts, no tricks."""

import re
from html import escape, unescape

import nh3

from tubegen.sidecar.activitypub.markup_bounds import is_cheap, text_of

MAX_BYTES = 20_000
"""Of stored HTML."""

_TAGS = frozenset(
    {"p", "br", "a", "span", "b", "strong", "i", "em", "u", "del", "s", "code", "pre", "blockquote"}
    | {"ul", "ol", "li", "ruby", "rt", "rp"}
)
_SILENT = frozenset({"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title"})
"""Tags whose content is not text for people either."""
_REL = "nofollow ugc noopener noreferrer"
_OVERRIDES = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
"""Characters that turn the direction of what follows, beyond the end of the text (Trojan Source)."""
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_ZALGO = re.compile(f"({_MARK}{{4}}){_MARK}+")
"""More marks on one letter than any script needs."""
_BREAKS = re.compile(r"\n{2,}")


def html(markup: str) -> str:
    """`markup` with nothing but plain text elements and links; at most MAX_BYTES in UTF-8.

    What is longer loses its elements and its end; so does what would cost a parser too much.
    """
    if not is_cheap(markup):
        return _shortened(text_of(markup))
    clean = nh3.clean(
        markup,
        tags=set(_TAGS),
        clean_content_tags=set(_SILENT),
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        url_relative="deny",
        link_rel=_REL,
    )
    clean = tame(clean)  # not before: the tricks may have been written as entities
    return clean if len(clean.encode()) <= MAX_BYTES else _shortened(clean)


def plain(markup: str, limit: int) -> str:
    """The text of `markup` without any element, not escaped, on one line, at most `limit` characters."""
    return " ".join(tame(_text(markup)).split())[:limit]


def paragraphs(words: str) -> str:
    """Plain text as HTML: an empty line parts paragraphs. At most MAX_BYTES, as `html`."""
    blocks = _BREAKS.split(words.replace("\r\n", "\n").strip())
    return html("".join(f"<p>{escape(block).replace(chr(10), '<br>')}</p>" for block in blocks if block))


def tame(words: str) -> str:
    """Plain text without what spills over its bounds: turned directions, towers of marks."""
    return _ZALGO.sub(r"\1", words.translate(_OVERRIDES))


def _text(markup: str) -> str:
    if not is_cheap(markup):
        return unescape(text_of(markup))
    return unescape(nh3.clean(markup, tags=set(), clean_content_tags=set(_SILENT)))


def _shortened(clean: str) -> str:
    """Each character takes at most six bytes once escaped, but few do: cut by halves until it fits."""
    words = tame(_text(clean))[:MAX_BYTES]
    while len((cut := f"<p>{escape(words, quote=False)}…</p>").encode()) > MAX_BYTES:
        words = words[: len(words) * 3 // 4]
    return cut
