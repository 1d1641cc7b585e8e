"""Whether parsing a stranger's HTML costs no more than it should: asked before any parser builds a tree of it.

The HTML standard's tree construction (https://html.spec.whatwg.org/multipage/parsing.html#tree-construction) can
take quadratic time and memory: formatting elements that are left open are created again in every later block
("reconstruct the active formatting elements"), and each start tag may search all elements that are open. 20 kB of
`<b>` and `<p>` then take hundreds of megabytes. One pass over the tags finds a ceiling of both beforehand.
"""

import re

MAX_LENGTH = 64_000
"""Characters. What is stored of a post is shorter by far."""
MAX_DEPTH = 100
"""Elements open in each other."""
MAX_NODES = 40_000
"""Elements that a parser could create. A long article has a few thousand."""
MAX_CROSSED = 7
"""Elements that may be open in a formatting element whose end tag ends it."""
MAX_LOOSE_TAGS = 600
MAX_LOOSE_FORMATTING = 30
MAX_LOOSE_TAG = 1_000
"""Characters of a tag whose attributes cannot be counted: parsers compare each of them with all others."""

_FORMATTING = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)
"""Elements that are created again in later blocks (HTML standard, 13.2.4.3)."""
_VOID = frozenset(["br", "hr", "img", "wbr"])
_BLOCKS = frozenset(
    ["p", "div", "ul", "ol", "dl", "pre", "blockquote", "hr", "h1", "h2", "h3", "h4", "h5", "h6"]
)
"""Elements that end an open paragraph."""
_ITEMS = {"li": frozenset(["li"]), "dd": frozenset(["dd", "dt"]), "dt": frozenset(["dd", "dt"])}
"""Elements that end an open one before them, and which."""
_INLINE = frozenset(
    ["span", "del", "ins", "sub", "sup", "abbr", "cite", "q", "kbd", "mark", "ruby", "rt", "rp"]
)
_KEEPS_ITEMS = (_BLOCKS - {"p", "div"}) | _ITEMS.keys()
"""Elements beyond which an item ends none."""
_ORDINARY = _FORMATTING | _VOID | _BLOCKS | _ITEMS.keys() | _INLINE
"""Elements whose rules `_Tree` knows. Tables, objects and the like hide formatting elements from end tags."""

_ATTRIBUTE = r"""\s+[A-Za-z][\w:-]*(?:=(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=`]+))?"""
_TAG = re.compile(rf"<(/?)([A-Za-z][A-Za-z0-9]*)(?:{_ATTRIBUTE}){{0,32}}\s*/?>")
_LOOSE_TAG = re.compile(r"<[/!?A-Za-z]([^>]*)")
_NAME = re.compile(r"<([A-Za-z][A-Za-z0-9]*)")
_ANY_TAG = re.compile(r"<[^<>]*>")


def is_cheap(markup: str) -> bool:
    """Whether a parser takes linear time and memory for `markup`. Linear itself; may deny it of odd markup, never
    grant it wrongly."""
    if len(markup) > MAX_LENGTH:
        return False
    tree = _Tree()
    position = markup.find("<")
    while position >= 0:
        tag = _TAG.match(markup, position)
        if tag is None or (name := tag[2].lower()) not in _ORDINARY:
            return _is_small(markup)
        tree.end(name) if tag[1] else tree.start(name)
        if not tree.is_small:
            return False
        position = markup.find("<", tag.end())
    return True


def text_of(markup: str) -> str:
    """`markup` without its tags, in linear time and without a parser, cut at MAX_LENGTH characters;
    character references stay as they are."""
    return _ANY_TAG.sub(" ", markup[:MAX_LENGTH])


def _is_small(markup: str) -> bool:
    """The same of markup that is not plain enough to know which end tag a parser heeds: then none counts."""
    tags = formatting = 0
    for tag in _LOOSE_TAG.finditer(markup):
        tags += 1
        if tags > MAX_LOOSE_TAGS or len(tag[1]) > MAX_LOOSE_TAG:
            return False
    # Also those inside of a tag or a comment: whoever hides them there is not trusted.
    for tag in _NAME.finditer(markup):
        formatting += tag[1].lower() in _FORMATTING
        tags += 1
    return formatting <= MAX_LOOSE_FORMATTING and tags <= 2 * MAX_LOOSE_TAGS


class _Tree:
    """Ceilings of what a parser has open and has created: it may have closed more than this, never less."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._formatting = 0
        self._nodes = 0

    @property
    def is_small(self) -> bool:
        return len(self._open) <= MAX_DEPTH and self._formatting <= MAX_DEPTH and self._nodes <= MAX_NODES

    def start(self, name: str) -> None:
        self._nodes += 1 + self._formatting
        if name in _ITEMS:
            self._close_item(_ITEMS[name])
        if name in _BLOCKS or name in _ITEMS:
            self._close("p")
        if name in _FORMATTING:
            self._formatting += 1
        if name not in _VOID:
            self._open.append(name)

    def end(self, name: str) -> None:
        self._nodes += 1 + self._formatting  # `</p>` creates what it would end
        if name in _FORMATTING:
            # It leaves the list of those to be created again, whatever is open in it.
            # Beyond some open blocks it stays: the "adoption agency algorithm" (13.2.6.4.7) moves it past eight.
            if name in self._open[-MAX_CROSSED:]:
                last = len(self._open) - 1 - self._open[::-1].index(name)
                del self._open[last]
                self._formatting -= 1
        elif name == "li":
            self._close_item(_ITEMS[name])
        elif name not in _INLINE:
            self._close(name)
        elif self._open[-1:] == [name]:  # any block that is open in it keeps it from ending
            self._open.pop()

    def _close(self, name: str) -> None:
        if name in self._open:
            self._formatting_outlives(len(self._open) - 1 - self._open[::-1].index(name))

    def _close_item(self, kinds: frozenset[str]) -> None:
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index] in kinds:
                self._formatting_outlives(index)
                return
            if self._open[index] in _KEEPS_ITEMS:
                return

    def _formatting_outlives(self, index: int) -> None:
        """Close what is open from `index` on: formatting elements stay, as the next block has them again."""
        self._open[index:] = [name for name in self._open[index:] if name in _FORMATTING]
