"""What the media path would have made: realistic records of films that nobody filmed."""

import datetime as dt
import hashlib
import html
from pathlib import Path
from urllib.parse import urljoin

import msgspec

from tubegen.content.load import load_site
from tubegen.content.model import Site, Video
from tubegen.errors import Problems
from tubegen.media.audio_track import PackagedAudioTrack
from tubegen.media.rendition import PackagedRendition
from tubegen.media.result import (
    Attachment,
    Chapter,
    MediaFile,
    Picture,
    Presentation,
    Storyboard,
    Thumbnail,
)
from tubegen.render.library import Attached, Film, Library, Pictures

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
STORE = Path("/store")
PREVIEW = "data:image/webp;base64,UklGRg=="


def rendition(height: int) -> PackagedRendition:
    width = height * 16 // 9
    return PackagedRendition(
        name=f"{height}p",
        codec="h264",
        video_range="SDR",
        width=width,
        height=height,
        rate=(30000, 1001),
        codecs="avc1.64001f,mp4a.40.2",
        bandwidth=height * 4000,
        average=height * 3000,
        playlist=f"{height}p.{'P' * 22}.m3u8",
        iframes=f"{height}p-iframes.{'F' * 22}.m3u8",
        iframe_bandwidth=height * 400,
        size=height * 30_000,
    )


def presentation(name: str, *, chapters: tuple[Chapter, ...] = ()) -> Presentation:
    """83.4 seconds in two renditions. `name` stands for its content."""
    renditions = (rendition(240), rendition(720))
    download = MediaFile(f"720p.{'W' * 22}.mp4", 21_000_000)
    board = Storyboard(
        name=f"storyboard.{'B' * 22}.jpg",
        vtt=f"storyboard.{'V' * 22}.vtt",
        tile_width=160,
        tile_height=90,
        columns=5,
        rows=4,
        count=17,
        interval=5.0,
    )
    files = [download, MediaFile(board.name, 90_000), MediaFile(board.vtt, 1_000)]
    for r in renditions:
        parts = (f"{r.name}-init.{'I' * 22}.mp4", f"{r.name}-0001.{'S' * 22}.m4s")
        files += [MediaFile(name, 1_000) for name in (r.playlist, r.iframes, *parts)]
    return Presentation(
        id=hashlib.sha256(name.encode()).hexdigest()[:22],
        width=1280,
        height=720,
        rate=(30000, 1001),
        duration=83.4,
        renditions=renditions,
        audio_tracks=(),
        layout="files",
        download=download,
        download_size=(1280, 720),
        storyboard=board,
        chapters=chapters,
        audio=True,
        preview=False,
        files=(*files, MediaFile("segments-sha256.json", 400)),
    )


def sound(name: str, language: str, title: str, channels: int = 2, **more: bool) -> PackagedAudioTrack:
    return PackagedAudioTrack(
        name=f"sound-{name}",
        language=language,
        title=title,
        channels=channels,
        default=more.get("default", False),
        described=more.get("described", False),
        codecs="mp4a.40.2",
        bandwidth=70_000 * channels,
        average=64_000 * channels,
        playlist=f"sound-{name}.{'P' * 22}.m3u8",
        size=600_000 * channels,
    )


def rich(plain: Presentation) -> Presentation:
    """The same with all there can be: more codecs, light and sounds, of which one is in surround, too."""
    small, large = (msgspec.structs.replace(r, codecs="avc1.64001f") for r in plain.renditions)
    twin = msgspec.structs.replace(
        large,
        name="720p-av1",
        codec="av1",
        codecs="av01.0.05M.08",
        bandwidth=large.bandwidth // 2,
        average=large.average // 2,
        playlist=f"720p-av1.{'P' * 22}.m3u8",
        iframes=f"720p-av1-iframes.{'F' * 22}.m3u8",
    )
    bright = msgspec.structs.replace(
        twin,
        name="720p-hevc",
        codec="hevc",
        video_range="PQ",
        codecs="hvc1.2.4.L93.B0",
        playlist=f"720p-hevc.{'P' * 22}.m3u8",
        iframes=f"720p-hevc-iframes.{'F' * 22}.m3u8",
    )
    return msgspec.structs.replace(
        plain,
        renditions=(small, large, bright, twin),
        audio_tracks=(
            sound("en", "en", "", default=True),
            sound("fr", "fr-CA", 'Version "québécoise"'),
            sound("en-2", "en", "", described=True),
            sound("en-surround", "en", "", channels=6, default=True),
        ),
    )


def pictures(stem: str) -> Pictures:
    sizes = tuple((f"{stem}-{width}.{'C' * 22}.webp", width) for width in (1280, 640, 320))
    jpeg = f"{stem}.{'J' * 22}.jpg"
    files = [*(MediaFile(name, width * 50) for name, width in sizes), MediaFile(jpeg, 120_000)]
    thumbnail = None
    if stem == "poster":
        thumbnail = Thumbnail(name=f"thumbnail.{'T' * 22}.jpg", width=320, height=180)
        files.append(MediaFile(thumbnail.name, 9_000))
    picture = Picture(
        width=1280,
        height=720,
        sizes=sizes,
        jpeg=jpeg,
        preview=PREVIEW,
        thumbnail=thumbnail,
        files=tuple(files),
    )
    return Pictures(picture=picture, folder=STORE / stem)


def film(video: Video) -> Film:
    """The video as if it had been encoded, with an identity that depends on its slug alone."""
    digest = hashlib.sha256(video.slug.encode()).hexdigest()
    return Film(
        video=video,
        uuid=f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}",
        date=video.date or NOW,
        presentation=presentation(video.slug),
        folder=STORE / video.slug,
        social=Attached(
            attachment=Attachment(
                file=MediaFile(f"film-240p.{'A' * 22}.mp4", 7_000_000), width=426, height=240
            ),
            folder=STORE / f"{video.slug}-small",
        ),
        poster=pictures("poster"),
    )


def library(site: Site) -> Library:
    films = sorted(map(film, site.videos), key=lambda film: (-film.date.timestamp(), film.video.slug))
    return Library(
        site=site,
        films=tuple(films),
        avatars={channel.name: pictures("avatar") for channel in site.channels if channel.avatar},
        banners={channel.name: pictures("banner") for channel in site.channels if channel.banner},
    )


def read(folder: Path) -> Library:
    """The library of a folder, which must be without a mistake."""
    problems = Problems(folder)
    site = load_site(folder, problems, now=NOW)
    assert not problems, problems.found
    return library(site)


def with_video(base: Library, slug: str, **changes: object) -> Library:
    """The same library with one video changed."""
    films = tuple(
        msgspec.structs.replace(film, video=msgspec.structs.replace(film.video, **changes))
        if film.video.slug == slug
        else film
        for film in base.films
    )
    site = msgspec.structs.replace(base.site, videos=tuple(film.video for film in films))
    return msgspec.structs.replace(base, site=site, films=films)


def with_presentation(base: Library, presentation: Presentation) -> Library:
    """The same library, all of its films being this one."""
    films = (msgspec.structs.replace(film, presentation=presentation) for film in base.films)
    return msgspec.structs.replace(base, films=tuple(films))


def joined(page: str, link: str) -> str:
    """The address that a link on a page means to a browser."""
    return urljoin(page, html.unescape(link))
