"""The files and tags of a video, as links that other servers take."""

from unicodedata import category

from tubegen.contract import CATEGORIES, File, Storyboard, TagEntry, VideoDocument
from tubegen.sidecar.activitypub.prose import clipped, length, plain
from tubegen.sidecar.model import Json

_MAX_HASHTAGS = 10
_MAX_ALT = 1500
_APOSTROPHES = str.maketrans("", "", "'’")
_DRIFT = 0.01
"""How far, in proportion, the stills of a storyboard may stray when its interval becomes whole seconds."""


def seconds(duration: float) -> str:
    """`PT65S`: PeerTube reads the first number and takes it for seconds."""
    return f"PT{max(1, round(duration))}S"


def attachment(document: VideoDocument) -> list[Json]:
    """The small MP4 as the one `Document` that microblogs play (R2, O-5, O-61…O-64); none if there is none."""
    if document.social is None:
        return []
    words = plain(document.description) or plain(document.title)
    return [
        {
            "type": "Document",
            "mediaType": "video/mp4",
            "url": document.social.url,
            "name": clipped(words, _MAX_ALT),
            **_size(document.social),
            "duration": seconds(document.duration),
            "icon": {"type": "Image", "mediaType": document.poster.media_type, "url": document.poster.url},
        }
    ]


def picture(file: File) -> Json:
    """An `Image`, with its size where that is known."""
    return {"type": "Image", "mediaType": file.media_type, "url": file.url, **_size(file)}


def icons(document: VideoDocument) -> list[Json]:
    """Narrow first: PeerTube takes one over 150 pixels wide for lists, one over 400 as preview; JPEG only."""
    return [picture(file) for file in (document.thumbnail, document.poster) if file is not None]


def links(document: VideoDocument) -> list[Json]:
    """`url` of the Video: the page first (O-6), the MP4, the HLS presentation.

    The page's address differs from the Note's, so that a search for the page finds the Note (R3).
    """
    page: Json = {"type": "Link", "mediaType": "text/html", "href": f"{document.page}?from=channel"}
    return [page, _mp4(document, document.web.url), _hls(document)]


def storyboard(board: Storyboard | None) -> list[Json]:
    """`preview`, as PeerTube has it; its tiles stand for whole seconds, so an interval far from that gives none."""
    if board is None or (interval := round(board.interval)) < 1:
        return []
    if abs(board.interval - interval) > _DRIFT * board.interval:
        return []
    sheet: Json = {
        "mediaType": "image/jpeg",
        "href": board.url,
        "width": board.tile_width * board.columns,
        "height": board.tile_height * board.rows,
        "tileWidth": board.tile_width,
        "tileHeight": board.tile_height,
        "tileDuration": seconds(interval),
    }
    return [{"type": "Image", "rel": ["storyboard"], "url": [sheet]}]


def captions(document: VideoDocument) -> list[Json]:
    """`subtitleLanguage`"""
    return [{**_tongue(file.language, file.label), "url": file.url} for file in document.captions]


def classification(document: VideoDocument) -> Json:
    """`category`, `licence` and `language`, each only when PeerTube knows it: one it does not know costs the
    whole video."""
    found: Json = {}
    if document.category in CATEGORIES:
        number = CATEGORIES[document.category]
        found["category"] = {"identifier": str(number), "name": document.category}
    if document.licence is not None and document.licence.peertube is not None:
        found["licence"] = {"identifier": str(document.licence.peertube), "name": document.licence.name}
    if document.language:
        labels = {file.language: file.label for file in document.captions}
        found["language"] = _tongue(document.language, labels.get(document.language, ""))
    return found


def hashtags(tags: tuple[TagEntry, ...]) -> list[Json]:
    """Tags as microblogs take them: one word after `#`, not only digits, each once (O-73)."""
    found: dict[str, Json] = {}
    for tag in tags:
        word = _hashtag(tag.name)
        if word and word.casefold() not in found and len(found) < _MAX_HASHTAGS:
            found[word.casefold()] = {"type": "Hashtag", "name": f"#{word}", "href": tag.page}
    return list(found.values())


def topics(tags: tuple[TagEntry, ...]) -> list[Json]:
    """Tags as PeerTube takes them: 2 to 30 characters, shown as they are, so without `#`; not only digits."""
    named = {tag.page: plain(tag.name).lstrip("#") for tag in tags}
    kept = [(page, name) for page, name in named.items() if 2 <= length(name) <= 30 and _has_letter(name)]
    return [{"type": "Hashtag", "name": name, "href": page} for page, name in kept[:_MAX_HASHTAGS]]


def _mp4(document: VideoDocument, href: str) -> Json:
    file = document.web
    link: Json = {"type": "Link", "mediaType": "video/mp4", "href": href, **_size(file), "size": file.size}
    if document.renditions:
        link["fps"] = round(max(rendition.fps for rendition in document.renditions))
    return link


def _hls(document: VideoDocument) -> Json:
    # PeerTube wants the last part of every file's address, query and all, only once in its database (R10).
    files = [_mp4(document, f"{document.web.url}?hls=1")]
    if document.p2p != "off":
        # Without the hashes of the segments PeerTube's player does not share them.
        files.append(
            {
                "type": "Link",
                "name": "sha256",
                "mediaType": "application/json",
                "href": document.segments_sha256,
            }
        )
    return {"type": "Link", "mediaType": "application/x-mpegURL", "href": document.master, "tag": files}


def _size(file: File) -> Json:
    return {"width": file.width, "height": file.height} if file.width and file.height else {}


def _tongue(language: str, label: str) -> Json:
    """PeerTube takes codes of at most ten characters, Lemmy wants a name too."""
    code = language if len(language) <= 10 else language.split("-")[0]
    return {"identifier": code, "name": label or code}


def _hashtag(name: str) -> str:
    """`short film` → `ShortFilm`: capitals keep the words apart for who listens."""
    kept = (letter if _in_word(letter) else " " for letter in name.translate(_APOSTROPHES))
    words = "".join(kept).split()
    joined = words[0] if len(words) == 1 else "".join(word[:1].upper() + word[1:] for word in words)
    return joined if _has_letter(joined) else ""


def _has_letter(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def _in_word(letter: str) -> bool:
    """Letters, the marks that go with them in many scripts, digits."""
    return letter == "_" or category(letter) == "Nd" or category(letter)[0] in "LM"
