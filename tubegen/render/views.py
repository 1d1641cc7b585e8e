"""Turns films, channels and playlists into the records that templates get."""

import re
from collections.abc import Callable, Sequence
from itertools import islice

import msgspec

from tubegen.config import SiteConfig
from tubegen.content.captions import plain
from tubegen.content.model import Captions, Text
from tubegen.content.model import Channel as ChannelModel
from tubegen.content.model import Playlist as PlaylistModel
from tubegen.content.scan import slugify
from tubegen.render import context as c
from tubegen.render.i18n import language_name
from tubegen.render.library import Film, Library, Pictures, channel_link, playlist_link

MORE = 12
"""Other videos offered below a film."""

_PAUSE = 2.0
"""Seconds without speech that begin a paragraph of the transcript."""
_PARAGRAPH = 320
"""Characters after which a paragraph of the transcript ends with its sentence."""
_SENTENCE_END = re.compile(r"[.!?…。؟]['\"»”]?$")

ToHtml = Callable[[Text], c.Html]
"""Renders markdown; its links are resolved from where the text stands."""


def tag_link(tag: str) -> str:
    return f"tags/{slugify(tag)}/"


def image(pictures: Pictures, base: str, alt: str = "") -> c.Image:
    """`base` is the link of the folder where its files are published."""
    picture = pictures.picture
    return c.Image(
        alt=alt,
        width=picture.width,
        height=picture.height,
        url=base + picture.sizes[0][0],
        srcset=tuple((base + name, width) for name, width in picture.sizes),
        jpeg=base + picture.jpeg,
        preview=picture.preview,
    )


def poster(film: Film) -> c.Image:
    return image(film.poster, film.extras, film.video.cover_alt if film.video.cover else "")


def card(library: Library, film: Film) -> c.Card:
    video = film.video
    return c.Card(
        title=video.title,
        url=film.page,
        image=poster(film),
        duration=film.presentation.duration,
        date=film.date,
        description=video.description,
        channel=c.Link(title=library.channel(video.channel).title, url=channel_link(video.channel)),
        language=video.language,
        sensitive=video.sensitive,
        warning=video.warning,
    )


def channel_card(library: Library, channel: ChannelModel) -> c.ChannelCard:
    avatar = library.avatars.get(channel.name)
    return c.ChannelCard(
        title=channel.title,
        url=channel_link(channel.name),
        description=channel.description,
        handle=library.handle(channel.handle),
        avatar=image(avatar, channel_link(channel.name)) if avatar else None,
        count=sum(film.video.channel == channel.name for film in library.listed),
    )


def playlist_films(library: Library, playlist: PlaylistModel) -> tuple[Film, ...]:
    """Its films in order. An unlisted one is shown: whoever put it on a list wants it seen there."""
    films = library.by_slug()
    return tuple(films[slug] for slug in playlist.videos if slug in films)


def playlist_card(library: Library, playlist: PlaylistModel) -> c.PlaylistCard:
    films = playlist_films(library, playlist)
    return c.PlaylistCard(
        title=playlist.title,
        url=playlist_link(playlist.name),
        description=playlist.description,
        image=poster(films[0]) if films and not films[0].video.sensitive else None,
        count=len(films),
        duration=sum(film.presentation.duration for film in films),
    )


def captions_name(captions: Captions) -> str:
    """Stem of the published WebVTT file."""
    return f"captions-{captions.language}"


def video(library: Library, film: Film, player: c.Player, to_html: ToHtml) -> c.Video:
    """Everything that a watch page shows."""
    model, presentation = film.video, film.presentation
    licence = model.licence
    size = presentation.download_size
    others = (
        other for other in library.listed if other.video.channel == model.channel and other.uuid != film.uuid
    )
    return c.Video(
        uuid=film.uuid,
        title=model.title,
        url=film.page,
        embed_url=film.embed,
        description=model.description,
        body=to_html(model.body),
        date=film.date,
        duration=presentation.duration,
        language=model.language,
        channel=channel_card(library, library.channel(model.channel)),
        tags=tuple(
            c.Link(title=tag, url=tag_link(tag))
            for tag in model.tags
            if slugify(tag) and not model.unlisted  # there may be no page of the tag
        ),
        category=model.category,
        licence=c.Licence(name=licence.name, url=licence.url, spdx=licence.spdx) if licence else None,
        credits=tuple(c.Credit(name=who.name, role=who.role, url=who.url) for who in model.credits),
        chapters=chapters(film),
        transcripts=tuple(transcript(captions) for captions in model.captions),
        sensitive=model.sensitive,
        warning=model.warning,
        unlisted=model.unlisted,
        download=c.Download(
            url=film.media + download_name(film),
            name=f"{model.slug}-{min(size)}p.mp4",
            size=presentation.download.size,
            height=min(size),
        )
        if model.download
        else None,
        player=player,
        playlists=positions(library, film),
        more=tuple(card(library, other) for other in islice(others, MORE)),
    )


def embedded(shown: c.Video, player: c.Player) -> c.Video:
    """What an embed page shows of it: nothing that another film could change."""
    return msgspec.structs.replace(
        shown,
        player=player,
        body="",
        transcripts=(),
        playlists=(),
        more=(),
        channel=msgspec.structs.replace(shown.channel, count=0),
    )


def download_name(film: Film) -> str:
    """File name of the MP4 to play and to keep."""
    return film_name(film, film.presentation.download.name)


def film_name(film: Film, name: str) -> str:
    """File name of a whole MP4, `name` in the cache: it carries the UUID, since PeerTube wants names that no
    other video has."""
    return f"{film.uuid}-{name}"


def chapters(film: Film) -> tuple[c.Chapter, ...]:
    """The author's chapters, else those in the file; players want the first one to begin at 0."""
    found = film.video.chapters or film.presentation.chapters
    return tuple(
        c.Chapter(start=mark.start, title=" ".join(mark.title.split()))
        for mark in found
        if mark.start < film.presentation.duration
    )


def transcript(captions: Captions) -> c.Transcript:
    """Captions as paragraphs: cut at pauses, and at the end of a sentence when one grows long."""
    paragraphs: list[c.Cue] = []
    lines: list[c.Line] = []
    end = 0.0
    for cue in captions.cues:
        text = plain(cue.text)
        if not text:
            continue
        full = sum(len(line.text) for line in lines) > _PARAGRAPH and _SENTENCE_END.search(lines[-1].text)
        if lines and (cue.start - end > _PAUSE or full):
            paragraphs.append(_paragraph(lines))
            lines = []
        lines.append(c.Line(start=cue.start, text=text))
        end = cue.end
    if lines:
        paragraphs.append(_paragraph(lines))
    return c.Transcript(
        language=captions.language, label=language_name(captions.language), cues=tuple(paragraphs)
    )


def _paragraph(lines: Sequence[c.Line]) -> c.Cue:
    return c.Cue(start=lines[0].start, text=" ".join(line.text for line in lines), lines=tuple(lines))


def positions(library: Library, film: Film) -> tuple[c.PlaylistPosition, ...]:
    """Where the film stands in the playlists that have it."""
    found: list[c.PlaylistPosition] = []
    for playlist in library.site.playlists:
        films = playlist_films(library, playlist)
        place = next((n for n, other in enumerate(films) if other.uuid == film.uuid), None)
        if place is None:
            continue
        found.append(
            c.PlaylistPosition(
                playlist=c.Link(title=playlist.title, url=playlist_link(playlist.name)),
                number=place + 1,
                count=len(films),
                previous=_link(films[place - 1]) if place else None,
                next=_link(films[place + 1]) if place + 1 < len(films) else None,
            )
        )
    return tuple(found)


def _link(film: Film) -> c.Link:
    return c.Link(title=film.video.title, url=film.page)


def paginate(
    films: Sequence[Film], base: str, site: SiteConfig
) -> list[tuple[str, tuple[Film, ...], c.Pagination]]:
    """The pages of a list that lives at the link `base`: (link, films, pagination) of each, newest first.

    Pages are numbered from the oldest film, so that a new one changes the first page and no other; the
    newest page is at `base` and holds between one and two pages' worth.
    """
    size = site.per_page
    full = max(0, len(films) // size - 1)
    newest = len(films) - full * size
    links = [base, *(f"{base}page/{full - n}/" for n in range(full))]
    starts = [0, *(newest + n * size for n in range(full))]
    return [
        (
            link,
            tuple(films[start : newest if n == 0 else start + size]),
            c.Pagination(
                number=n + 1,
                count=len(links),
                newer=links[n - 1] if n else "",
                older=links[n + 1] if n + 1 < len(links) else "",
            ),
        )
        for n, (link, start) in enumerate(zip(links, starts, strict=True))
    ]
