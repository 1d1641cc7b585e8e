"""The two voices of a video: the Note that the Person posts and the Video that the Group announces.

Their forms were tried on running servers and bind (rules R1…R16); the fields are those of interop §5 and
PeerTube's §5. Both hang on the UUID, for ever (R1, O-70).
"""

from html import escape

from tubegen.contract import VideoDocument
from tubegen.sidecar.activitypub import contexts, ids, media
from tubegen.sidecar.activitypub.ids import PUBLIC, ActorType
from tubegen.sidecar.activitypub.prose import clipped, length, plain, told
from tubegen.sidecar.activitypub.stamps import stamp
from tubegen.sidecar.model import Json, Published, Site

MAX_NAME = 120
"""PeerTube's longest name of a video, in UTF-16 units; its shortest is 3."""
_MAX_TITLE = 300
_POST = {"text": 700, "markup": 8000}
"""Microblogs show a post as a whole, so it must not be long."""
_PAGE = {"text": 9900, "markup": 9900}
"""PeerTube takes fewer than 10 000 characters, tags and all (O-72)."""
_MAX_CHAPTER = 100


def note(site: Site, video: Published) -> Json:
    """The Person's post: title, text, link and hashtags, with the small MP4 attached (R2)."""
    document = video.document
    found: Json = {
        "@context": contexts.NOTE,
        "id": site.names.note(video.uuid),
        "type": "Note",
        "attributedTo": site.person.id,
        **_content(_post(document), document.language),
        "url": document.page,
        "published": stamp(video.first),
        **_audience(site),
        **_warning(document),
        "attachment": media.attachment(document),
        "tag": media.hashtags(document.tags),
        "replies": f"{site.names.note(video.uuid)}/replies",
        "interactionPolicy": _quotable(),
    }
    if stamp(video.updated) != stamp(video.first):
        found["updated"] = stamp(video.updated)
    return found


def video(site: Site, video: Published) -> Json:
    """What PeerTube imports and Lemmy lists; the Group announces its id, the Person owns it (R3, R4)."""
    document, this = video.document, site.names.video(video.uuid)
    words = told(document, **_PAGE)
    found: Json = {
        "@context": contexts.VIDEO,
        "id": this,
        "type": "Video",
        "uuid": video.uuid,
        "name": _name(site, video),
        **(_content(words, document.language) if length(words) >= 3 else {}),
        "mediaType": "text/html",
        **media.classification(document),
        "duration": media.seconds(document.duration),
        "published": stamp(video.first),
        "updated": stamp(video.updated),
        "originallyPublishedAt": document.published,
        "views": 0,
        **_warning(document),
        "state": 1,
        "waitTranscoding": False,
        "isLiveBroadcast": False,
        "downloadEnabled": document.download,
        "commentsEnabled": True,
        "commentsPolicy": 1,
        "attributedTo": [
            _stub("Person", site.person.id, site.person.username),
            _stub("Group", site.names.group(video.channel), video.channel),
        ],
        **_audience(site),
        "url": media.links(document),
        "icon": media.icons(document),
        "attachment": media.attachment(document),
        "tag": media.topics(document.tags),
        "subtitleLanguage": media.captions(document),
        "embedUrl": document.embed,
        "likes": f"{this}/likes",
        "dislikes": f"{this}/dislikes",
        "shares": f"{this}/shares",
        "comments": f"{this}/comments",
        "replies": f"{this}/replies",
        "interactionPolicy": _quotable(),
    }
    if document.web.width and document.web.height:
        found["aspectRatio"] = round(document.web.width / document.web.height, 4)
    if board := media.storyboard(document.storyboard):
        found["preview"] = board
    if document.chapters:
        found["hasParts"] = f"{this}/chapters"
    return found


def chapters(site: Site, video: Published) -> Json:
    """What `hasParts` of the Video names. PeerTube knows one chapter a second, and refuses all for one wrong."""
    document = video.document
    whole = max(1, round(document.duration))
    marks: dict[int, str] = {}
    for mark in document.chapters:
        if title := clipped(plain(mark.title), _MAX_CHAPTER):
            marks.setdefault(int(mark.start), title)
    starts = sorted(marks)
    ends = [*starts[1:], whole]
    return {
        "@context": contexts.CHAPTERS,
        "id": f"{site.names.video(video.uuid)}/chapters",
        "hasPart": [
            {"name": marks[start], "startOffset": start, "endOffset": max(start, end)}
            for start, end in zip(starts, ends, strict=False)
        ],
    }


def tombstone(uri: str, former: str, deleted: float) -> Json:
    """What answers, with 410, where a `former` type of object was; `deleted` in seconds since 1970 (A-8, R5)."""
    return {
        "@context": contexts.PLAIN,
        "id": uri,
        "type": "Tombstone",
        "formerType": former,
        "deleted": stamp(deleted),
    }


def quote_authorization(site: Site, token: str, *, quoting: str, quoted: str) -> Json:
    """The permission, for others to check, that the remote post `quoting` quotes our `quoted` (I-51, I-52)."""
    return {
        "@context": contexts.QUOTE_AUTHORIZATION,
        "id": site.names.quote(token),
        "type": "QuoteAuthorization",
        "attributedTo": site.person.id,
        "interactingObject": quoting,
        "interactionTarget": quoted,
    }


def _post(document: VideoDocument) -> str:
    page = escape(document.page)
    anchors = " ".join(
        f'<a href="{escape(tag["href"])}" class="mention hashtag" rel="tag">#<span>{tag["name"][1:]}</span></a>'
        for tag in media.hashtags(document.tags)
    )
    title = escape(clipped(plain(document.title), _MAX_TITLE), quote=False)
    return (
        f"<p><strong>{title}</strong></p>"
        + told(document, **_POST)
        + f'<p><a href="{page}">{page}</a></p>'
        + (f"<p>{anchors}</p>" if anchors else "")
    )


def _content(html: str, language: str) -> Json:
    """`contentMap` tells Mastodon the language (O-8)."""
    return {"content": html, "contentMap": {language: html}} if language else {"content": html}


def _audience(site: Site) -> Json:
    return {"to": [PUBLIC], "cc": [ids.followers(site.person.id)]}


def _warning(document: VideoDocument) -> Json:
    """`summary` hides what stands behind it on most servers, so it is there for a warning alone (O-71)."""
    warning = plain(document.warning)
    if warning:
        return {"sensitive": True, "summary": warning}
    return {"sensitive": document.sensitive}


def _name(site: Site, video: Published) -> str:
    """A title of one or two letters gets its channel's name: PeerTube refuses it alone."""
    title = plain(video.document.title)
    if length(title) >= 3:
        return clipped(title, MAX_NAME)
    channel = next((group.name for group in site.groups if group.username == video.channel), "")
    return clipped(f"{title} · {plain(channel) or video.channel}".strip(), MAX_NAME)


def _stub(kind: ActorType, uri: str, username: str) -> Json:
    """Enough of an actor for those that take what stands here for the whole of it (R3)."""
    return {"type": kind, "id": uri, "preferredUsername": username, "inbox": ids.inbox(uri)}


def _quotable() -> Json:
    """Everybody may quote. Nothing is said of replies, likes and boosts: a policy is a promise (O-77)."""
    return {"canQuote": {"automaticApproval": [PUBLIC]}}
