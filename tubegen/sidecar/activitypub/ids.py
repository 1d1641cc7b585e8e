"""The addresses of everything the site is on other servers. They are for ever: other servers keep them.

They hang on user names and UUIDs, carry no query string, and begin with the identity host, which need not
be the host of the pages.
"""

from typing import Literal
from urllib.parse import urlsplit

import msgspec

from tubegen import contract

ActorType = Literal["Person", "Group", "Application"]
Voice = Literal["note", "video"]
"""Under which of its two ids a video is spoken of: the Person's Note or the Group's Video."""

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


class Names(msgspec.Struct, frozen=True):
    """All addresses below one identity host."""

    base: str
    """`https://films.example`: scheme and host, no slash at the end."""

    @property
    def host(self) -> str:
        """Host with its port, if it has one: the right half of every handle."""
        return urlsplit(self.base).netloc

    @property
    def instance(self) -> str:
        """The Application: the site as a server. It signs what the sidecar fetches."""
        return f"{self.base}/ap/instance"

    @property
    def shared_inbox(self) -> str:
        return f"{self.base}/ap/inbox"

    def person(self, username: str) -> str:
        return contract.person_id(self.base, username)

    def group(self, username: str) -> str:
        return contract.group_id(self.base, username)

    def note(self, uuid: str) -> str:
        return contract.note_id(self.base, uuid)

    def video(self, uuid: str) -> str:
        return f"{self.base}/ap/v/{uuid}"

    def about(self, uri: str) -> tuple[Voice, str] | None:
        """Which of a video's two ids `uri` is, and the video's UUID; None when it is no id of a video."""
        kind, _, uuid = uri.removeprefix(f"{self.base}/ap/").partition("/")
        if kind == "n" and uri == self.note(uuid):
            return "note", uuid
        return ("video", uuid) if kind == "v" and uri == self.video(uuid) else None

    def quote(self, token: str) -> str:
        """A permission to quote (FEP-044f)."""
        return f"{self.base}/ap/quotes/{token}"

    def of(self, kind: ActorType, username: str) -> str:
        """The id of a local actor."""
        if kind == "Person":
            return self.person(username)
        return self.group(username) if kind == "Group" else self.instance


def key_id(actor: str) -> str:
    """PeerTube and Mastodon take what stands before `#` for the actor."""
    return f"{actor}#main-key"


def inbox(actor: str) -> str:
    return f"{actor}/inbox"


def outbox(actor: str) -> str:
    return f"{actor}/outbox"


def followers(actor: str) -> str:
    return f"{actor}/followers"


def following(actor: str) -> str:
    return f"{actor}/following"


def featured(actor: str) -> str:
    return f"{actor}/featured"
