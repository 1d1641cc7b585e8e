"""The user names under which the site and its channels are followed on other servers.

They are for ever: other servers keep them. So a name hangs on nothing but the channel's own folder and the
site's handle, and where two would be the same their author decides: no channel is renamed because another came.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tubegen.config import INSTANCE
from tubegen.content.scan import slugify
from tubegen.errors import Problems

LONGEST = 30

_BESIDE = "_channel"


class Named(msgspec.Struct, frozen=True):
    """A channel that needs a user name."""

    folder: Path
    document: Path
    """Where its author would write one."""
    line: int
    """Line of `document` on which one is written."""
    wish: str
    """The name its author wrote; empty when tubegen is to make one."""
    apart: bool
    """Whether the channel has a folder of its own."""


def user_names(handle: str, channels: Sequence[Named], problems: Problems) -> tuple[str, ...]:
    """User name of each channel, in their order, for a site whose publisher is `handle`.

    Notes a channel of whose folder no name can be made, and a name that is taken: no two actors of a host
    may share one, whatever their kind (PeerTube keeps them in one table).
    """
    names = tuple(channel.wish or _made_of(channel, handle) for channel in channels)
    owners: dict[str, str] = {handle: "the site itself", INSTANCE: "the site as a server"}
    for name, channel in zip(names, channels, strict=True):
        if not name:
            text = f"no user name can be made of '{channel.folder.name}'"
            problems.add(
                channel.document,
                0,
                text,
                'write handle: "…" in its index.md, up to 30 letters a-z, digits and _',
            )
        elif name in owners:
            text = f"the user name '{name}' is that of {owners[name]}"
            problems.add(channel.document, channel.line, text, 'write another: handle: "…"')
        owners.setdefault(name, problems.show(channel.folder))
    return names


def _made_of(channel: Named, handle: str) -> str:
    """`a-month-of-tides` becomes `a_month_of_tides`; one that is the site's own gets a word beside it."""
    if not channel.apart:
        return _with_word(handle)
    name = re.sub(r"[^a-z0-9_]", "", slugify(channel.folder.name).replace("-", "_"))[:LONGEST].strip("_")
    return _with_word(name) if name == handle else name


def _with_word(name: str) -> str:
    return name[: LONGEST - len(_BESIDE)] + _BESIDE
