"""What machines read about a film: schema.org VideoObject, oEmbed."""

import html

from tubegen.config import SiteConfig, absolute
from tubegen.render.formats import for_script, iso_duration
from tubegen.render.library import Film, Library, channel_link
from tubegen.render.views import chapters, download_name, poster


def video_object(library: Library, film: Film) -> str:
    """JSON-LD for the watch page (https://schema.org/VideoObject)."""
    site, video = library.site.config.site, film.video
    size = film.presentation.download_size
    channel = library.channel(video.channel)
    thing: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "@id": absolute(site, film.page),
        "name": video.title,
        "description": video.description or video.title,
        "uploadDate": film.date.isoformat(),
        "duration": iso_duration(film.presentation.duration),
        **({} if video.sensitive else {"thumbnailUrl": [absolute(site, poster(film).jpeg)]}),
        "contentUrl": absolute(site, film.media + download_name(film)),
        "embedUrl": absolute(site, film.embed),
        "url": absolute(site, film.page),
        "width": size[0],
        "height": size[1],
        "encodingFormat": "video/mp4",
        "contentSize": str(film.presentation.download.size),
        "inLanguage": video.language,
        "isFamilyFriendly": not video.sensitive,
        "author": {
            "@type": "Organization",
            "name": channel.title,
            "url": absolute(site, channel_link(channel.name)),
        },
        "publisher": {"@type": "Organization", "name": site.title, "url": site.url},
    }
    if video.tags:
        thing["keywords"] = ", ".join(video.tags)
    if video.category:
        thing["genre"] = video.category
    if video.licence and video.licence.url:
        thing["license"] = video.licence.url
    if video.captions:
        thing["caption"] = [{"@type": "MediaObject", "inLanguage": c.language} for c in video.captions]
    if video.credits:
        thing["contributor"] = [
            {"@type": "Person", "name": who.name} | ({"url": who.url} if who.url else {})
            for who in video.credits
        ]
    if marks := chapters(film):
        ends = [mark.start for mark in marks[1:]] + [film.presentation.duration]
        thing["hasPart"] = [
            {
                "@type": "Clip",
                "name": mark.title,
                "startOffset": int(mark.start),
                "endOffset": int(end),
                "url": f"{absolute(site, film.page)}#t={int(mark.start)}",
            }
            for mark, end in zip(marks, ends, strict=True)
        ]
    return for_script(thing)


def oembed(library: Library, film: Film) -> dict[str, object]:
    """An oEmbed 1.0 document of type video (https://oembed.com): static, so of one size."""
    site: SiteConfig = library.site.config.site
    width, height = embed_size(film)
    channel = library.channel(film.video.channel)
    shown = poster(film)
    thumbnail = {
        "thumbnail_url": absolute(site, shown.jpeg),
        "thumbnail_width": shown.width,
        "thumbnail_height": shown.height,
    }
    return {
        "version": "1.0",
        "type": "video",
        "title": film.video.title,
        "author_name": channel.title,
        "author_url": absolute(site, channel_link(channel.name)),
        "provider_name": site.title,
        "provider_url": site.url,
        **({} if film.video.sensitive else thumbnail),  # nobody is shown it unasked
        "width": width,
        "height": height,
        "html": (
            f'<iframe src="{absolute(site, film.embed)}" width="{width}" height="{height}" '
            f'title="{html.escape(film.video.title)}" allow="fullscreen; picture-in-picture" '
            'allowfullscreen style="border:0"></iframe>'
        ),
    }


def embed_size(film: Film) -> tuple[int, int]:
    """Width and height of an embedded player: 640 pixels on the longer side."""
    width, height = film.presentation.width, film.presentation.height
    scale = 640 / max(width, height)
    return round(width * scale), round(height * scale)
