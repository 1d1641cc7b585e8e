"""The federation catalogue, written for the sidecar as `tubegen/contract.py` describes it."""

import hashlib
from html import escape

import msgspec

from tubegen import contract
from tubegen.config import absolute
from tubegen.content.markup import place
from tubegen.content.model import Channel
from tubegen.content.scan import slugify
from tubegen.render.formats import rfc3339
from tubegen.render.i18n import language_name
from tubegen.render.library import Film, Library, Pictures, channel_link
from tubegen.render.output import Output, made
from tubegen.render.playlists import caption_files
from tubegen.render.views import ToHtml, chapters, download_name, film_name, tag_link


def catalogue_outputs(library: Library, to_html: ToHtml) -> list[Output]:
    """`federation/index.json` and one document for each listed film. `to_html` renders markdown."""
    outputs: list[Output] = []
    entries: list[contract.VideoEntry] = []
    for film in library.listed:
        data = _json(document(library, film, to_html))
        path = f"videos/{film.uuid}.json"
        outputs.append(made(f"federation/{path}", data))
        entries.append(
            contract.VideoEntry(uuid=film.uuid, document=path, sha256=hashlib.sha256(data).hexdigest())
        )
    config = library.site.config
    channels = tuple(_channel(library, channel) for channel in library.site.channels)
    index = contract.Catalogue(
        version=contract.VERSION,
        title=config.site.title,
        description=config.site.description,
        url=config.site.url,
        language=config.site.language,
        handle=config.federation.handle,
        avatar=next((channel.avatar for channel in channels if channel.avatar), None),
        banner=next((channel.banner for channel in channels if channel.banner), None),
        channels=channels,
        videos=tuple(entries),
    )
    return [made("federation/index.json", _json(index)), *outputs]


def document(library: Library, film: Film, to_html: ToHtml) -> contract.VideoDocument:
    """All that other servers are told of a film."""
    site, video, presentation = library.site.config.site, film.video, film.presentation

    def there(link: str) -> str:
        return absolute(site, link)

    return contract.VideoDocument(
        uuid=film.uuid,
        slug=video.slug,
        channel=video.channel,
        title=video.title,
        description=video.description,
        body=video.body.markdown.strip(),
        html=_elsewhere(place(to_html(video.body), there), there(film.page)),
        published=rfc3339(film.date),
        tags=tuple(contract.TagEntry(tag, there(tag_link(tag))) for tag in video.tags if slugify(tag)),
        language=video.language,
        licence=video.licence,
        category=video.category,
        sensitive=video.sensitive,
        warning=video.warning,
        duration=round(presentation.duration, 3),
        page=there(film.page),
        embed=there(film.embed),
        master=there(film.master),
        segments_sha256=there(f"{film.media}segments-sha256.json"),
        renditions=tuple(
            contract.RenditionFile(
                name=rendition.name,
                playlist=there(film.media + rendition.playlist),
                width=rendition.width,
                height=rendition.height,
                fps=round(rendition.rate[0] / rendition.rate[1], 3),
                bandwidth=rendition.bandwidth,
                size=rendition.size,
            )
            for rendition in presentation.renditions
            if rendition.plain
        ),
        web=contract.File(
            url=there(film.media + download_name(film)),
            media_type="video/mp4",
            size=presentation.download.size,
            width=presentation.download_size[0],
            height=presentation.download_size[1],
        ),
        social=_social(film, there(film.media)),
        poster=_picture(film.poster, there(film.extras)),
        thumbnail=_thumbnail(film.poster, there(film.extras)),
        storyboard=_storyboard(film, there(film.media)),
        captions=tuple(
            contract.CaptionFile(
                language=language, label=language_name(language), url=there(film.extras + name)
            )
            for language, (name, _) in caption_files(film).items()
        ),
        chapters=tuple(contract.ChapterMark(start=mark.start, title=mark.title) for mark in chapters(film)),
        p2p=video.p2p,
        download=video.download,
    )


def _elsewhere(body: str, page: str) -> str:
    """HTML that leaves its page: what pointed to a part of it (a footnote) points back."""
    return body.replace('href="#', f'href="{escape(page)}#')


def _channel(library: Library, channel: Channel) -> contract.ChannelEntry:
    base = absolute(library.site.config.site, channel_link(channel.name))
    avatar, banner = library.avatars.get(channel.name), library.banners.get(channel.name)
    return contract.ChannelEntry(
        name=channel.name,
        handle=channel.handle,
        title=channel.title,
        description=channel.description,
        page=base,
        avatar=_picture(avatar, base) if avatar else None,
        banner=_picture(banner, base) if banner else None,
    )


def _picture(pictures: Pictures, base: str) -> contract.File:
    """The JPEG: not every server reads WebP."""
    picture = pictures.picture
    size = next(file.size for file in picture.files if file.name == picture.jpeg)
    return contract.File(
        url=base + picture.jpeg,
        media_type="image/jpeg",
        size=size,
        width=picture.width,
        height=picture.height,
    )


def _thumbnail(pictures: Pictures, base: str) -> contract.File | None:
    small = pictures.picture.thumbnail
    if small is None:
        return None
    size = next(file.size for file in pictures.picture.files if file.name == small.name)
    return contract.File(
        url=base + small.name, media_type="image/jpeg", size=size, width=small.width, height=small.height
    )


def _social(film: Film, base: str) -> contract.File | None:
    if film.social is None:
        return None
    attachment = film.social.attachment
    return contract.File(
        url=base + film_name(film, attachment.file.name),
        media_type="video/mp4",
        size=attachment.file.size,
        width=attachment.width,
        height=attachment.height,
    )


def _storyboard(film: Film, base: str) -> contract.Storyboard | None:
    board = film.presentation.storyboard
    if board is None:
        return None
    return contract.Storyboard(
        url=base + board.name,
        tile_width=board.tile_width,
        tile_height=board.tile_height,
        columns=board.columns,
        rows=board.rows,
        interval=round(board.interval, 3),
    )


def _json(record: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"
