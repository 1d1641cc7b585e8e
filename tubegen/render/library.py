"""What pages are made of: the site as written, joined with what the media path made of its videos."""

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import msgspec

from tubegen.content.model import Channel, Site, Video
from tubegen.media.result import Attachment, Picture, Presentation


class Pictures(msgspec.Struct, frozen=True, kw_only=True):
    """A picture, and where its files are now."""

    picture: Picture
    folder: Path

    @classmethod
    def of(cls, made: tuple[Picture, Path]) -> "Pictures":
        """From what the pipeline gives."""
        return cls(picture=made[0], folder=made[1])


class Attached(msgspec.Struct, frozen=True, kw_only=True):
    """An MP4 for a post, and where it is now."""

    attachment: Attachment
    folder: Path

    @classmethod
    def of(cls, made: tuple[Attachment, Path]) -> "Attached":
        """From what the pipeline gives."""
        return cls(attachment=made[0], folder=made[1])


class Film(msgspec.Struct, frozen=True, kw_only=True):
    """A video with everything that is known about it."""

    video: Video
    uuid: str
    date: dt.datetime
    presentation: Presentation
    folder: Path
    """Where the presentation's files are now."""
    social: Attached | None
    """None when it is too large, and when there will be no post about it."""
    poster: Pictures

    @property
    def media(self) -> str:
        """Link of the folder of its HLS files, in the site."""
        return f"media/{self.uuid}/{self.presentation.id}/"

    @property
    def extras(self) -> str:
        """Link of the folder of what may change without a new encode: pictures and captions."""
        return f"media/{self.uuid}/"

    @property
    def page(self) -> str:
        return f"watch/{self.video.slug}/"

    @property
    def embed(self) -> str:
        return f"embed/{self.video.slug}/"

    @property
    def master(self) -> str:
        return f"{self.media}master.m3u8"


class Library(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The whole site, ready to be rendered. Films come newest first, unlisted ones included."""

    site: Site
    films: tuple[Film, ...]
    avatars: Mapping[str, Pictures]
    """By channel name."""
    banners: Mapping[str, Pictures]

    @cached_property
    def listed(self) -> tuple[Film, ...]:
        """The films that lists, feeds and the catalogue show."""
        return tuple(film for film in self.films if not film.video.unlisted)

    def handle(self, user_name: str) -> str:
        """`films` → `@films@films.example`; empty without a user name."""
        host = self.site.config.federation.base_url.partition("://")[2]
        return f"@{user_name}@{host}" if user_name else ""

    def by_slug(self) -> Mapping[str, Film]:
        return self._by_slug

    @cached_property
    def _by_slug(self) -> Mapping[str, Film]:
        return {film.video.slug: film for film in self.films}

    def channel(self, name: str) -> Channel:
        return next(channel for channel in self.site.channels if channel.name == name)


def channel_link(name: str) -> str:
    return f"channels/{name}/"


def playlist_link(name: str) -> str:
    return f"playlists/{name}/"
