"""A site, a key and videos of all kinds, for the writers to write about."""

from collections.abc import Iterator
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import strategies as st

from tests.sidecar import documents
from tubegen import contract
from tubegen.sidecar.activitypub import activities, actors, collections, objects
from tubegen.sidecar.activitypub.ids import Names, key_id
from tubegen.sidecar.model import Json, LocalActor, LocalKey, Published, Site
from tubegen.sidecar.publishing.local_actors import site_of
from tubegen.sidecar.settings import Settings

UUID = "811a5436-4916-4dbd-a1dc-5c880d6cc0c5"
FIRST = 1795334858.9
"""2026-11-22T08:07:38Z"""

_PRIVATE = rsa.generate_private_key(65537, 2048)
_PEM = _PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

PICTURE = contract.File(
    url=f"{documents.PAGES}/avatar.jpg", media_type="image/jpeg", size=900, width=120, height=120
)
SITE: Site = site_of(
    documents.catalogue(channels=(documents.channel(avatar=PICTURE, banner=PICTURE),), avatar=PICTURE),
    Names(documents.PAGES),
)
SETTINGS = Settings(base_url=documents.PAGES, catalogue="", database="", keys=documents.Path("keys"))


def key(actor: LocalActor) -> LocalKey:
    return LocalKey(key_id(actor.id), _PRIVATE, _PEM)


def published(document: contract.VideoDocument | None = None, **changes: Any) -> Published:
    document = document or documents.video()
    fields: dict[str, Any] = {
        "uuid": document.uuid,
        "channel": "films_channel",
        "document": document,
        "first": FIRST,
        "updated": FIRST,
        "announced": True,
    }
    return Published(**(fields | changes))


def rich() -> Published:
    """A video with one of everything, edited once and then removed."""
    board = contract.Storyboard(
        url=f"{documents.PAGES}/media/board.jpg",
        tile_width=160,
        tile_height=90,
        columns=5,
        rows=4,
        interval=2,
    )
    document = documents.video(
        storyboard=board,
        chapters=(contract.ChapterMark(start=0, title="Ebb"), contract.ChapterMark(start=9.6, title="Flood")),
        sensitive=True,
        warning="Waves",
    )
    return published(document, updated=FIRST + 60, deleted=FIRST + 90)


def everything(video: Published, site: Site = SITE) -> Iterator[tuple[str, Json]]:
    """Each document that can be written about `video`, which is deleted, under the name of its kind."""
    fresh = msgspec.structs.replace(video, updated=video.first)
    yield "activity", dict(activities.create_note(site, fresh).body)
    yield "note", objects.note(site, video)
    yield "video", objects.video(site, video)
    yield "chapters", objects.chapters(site, video)
    for actor in site.actors:
        yield "actor", actors.actor(site, actor, key(actor), SETTINGS)
        outgoing = activities.update_actor(site, actor, key(actor), SETTINGS, now=FIRST)
        yield "activity", dict(outgoing.body)
    for write in (
        activities.create_note,
        activities.announce_video,
        activities.update_note,
        activities.update_video,
        activities.undo_announce,
        activities.delete_video,
        activities.delete_note,
    ):
        yield "activity", dict(write(site, video).body)
    follow = {"id": "https://gts.test/f/1", "type": "Follow", "actor": "https://gts.test/u/a", "object": "x"}
    yield "activity", dict(activities.accept_follow(site, site.person.id, follow, FIRST).body)
    root = site.names.video(video.uuid)
    for actor in (site.person, *site.groups):
        yield "paged", collections.outbox(actor, 1, collections.FIRST)
        yield (
            "page",
            collections.outbox_page(site, actor, [video], token=collections.FIRST, following="2", count=3),
        )
    yield "total", collections.total(f"{root}/likes", 3)
    yield "featured", collections.featured(site, [video])
    yield "replies", collections.replies(root, 1)
    yield (
        "replies page",
        collections.replies_page(root, ["https://gts.test/n/1"], token="1", following="2"),
    )
    yield "paged", collections.paged(f"{root}/comments", 1)
    yield (
        "page",
        collections.page(f"{root}/comments", ["https://gts.test/n/1"], token="1", following=None, count=1),
    )


_ODD = st.sampled_from(
    ["Up", "東", "مرحبا بالعالم", "🎬🎞️" * 90, "a\x00b\tc\n", "<b>&amp;</b>", "\"'", "x" * 300]
)
_TITLES = (_ODD | st.text(min_size=1, max_size=150)).filter(
    lambda text: any(c.isprintable() and not c.isspace() for c in text)
)
_BLOCKS = st.sampled_from(
    [
        "<h2>Part &amp; parcel</h2>\n",
        '<p>Some <em>words</em> with a <a href="https://a.example/?a=1&amp;b=2">link</a>.</p>\n',
        "<ul>\n<li>one</li>\n<li><p>two</p></li>\n</ul>\n",
        '<pre><code class="x">a &lt;\n  b</code></pre>\n',
        '<p><img src="https://a.example/i.png" alt=""></p>\n',
        "<table><tr><td>a</td><td>b</td></tr></table>",
        "<script>alert(1)</script>",
        "<p>" + "مرحبا &amp; " * 200 + "</p>",
        "<blockquote><p>" + "🌊 sea " * 400 + "</p></blockquote>",
        "<p>unclosed <strong>",
    ]
)
_HTML = st.lists(_BLOCKS | st.text(max_size=40), max_size=30).map("".join)
_TAGS = st.lists(
    st.sampled_from(["river", "short film", "2026", "x", "हिन्दी", "L'été", "a" * 31, "#tag", "naïve_1"])
    | st.text(max_size=35),
    max_size=14,
    unique=True,
).map(lambda names: tuple(contract.TagEntry(n, f"{documents.PAGES}/tags/{i}/") for i, n in enumerate(names)))


def _file(side: int, *, wide: bool, name: str, kind: str) -> contract.File:
    width, height = (side * 16 // 9, side) if wide else (side, side * 16 // 9)
    address = f"{documents.PAGES}/media/{UUID}/h/{name}"
    return contract.File(url=address, media_type=kind, size=side * 1000, width=width, height=height)


@st.composite
def videos(draw: st.DrawFn) -> Published:
    """Videos as authors and encoders make them, odd ones above all; edited and removed."""
    wide = draw(st.booleans())
    web = _file(480, wide=wide, name=f"{UUID}-480p.mp4", kind="video/mp4")
    small = _file(240, wide=wide, name=f"{UUID}-240p.mp4", kind="video/mp4")
    rate = draw(st.sampled_from([25.0, 29.97, 23.976, 59.94, 120.0, 12.5]))
    rungs = tuple(
        contract.RenditionFile(
            name=f"{side}p",
            playlist=f"{documents.PAGES}/{side}.m3u8",
            width=side,
            height=side,
            fps=rate,
            bandwidth=1,
            size=1,
        )
        for side in draw(st.sampled_from([(480,), (240, 480), (240, 480, 1080)]))
    )
    board = contract.Storyboard(
        url=f"{documents.PAGES}/b.jpg",
        tile_width=9,
        tile_height=5,
        columns=3,
        rows=2,
        interval=draw(st.sampled_from([0.4, 1.0, 2.002, 2.5, 10.0])),
    )
    caption = st.sampled_from(["en", "pt-BR", "zh-Hant", "sr-Latn-RS-ekavsk"]).map(
        lambda code: contract.CaptionFile(
            language=code, label=code.upper(), url=f"{documents.PAGES}/{code}.vtt"
        )
    )
    mark = st.builds(contract.ChapterMark, start=st.floats(0, 500), title=st.text(max_size=150))
    licences = [*contract.LICENCES.values(), contract.Licence("LicenseRef-Mine", "Mine"), None]
    document = documents.video(
        UUID,
        title=draw(_TITLES),
        description=draw(st.just("") | st.text(max_size=3000)),
        html=draw(_HTML),
        tags=draw(_TAGS),
        language=draw(st.sampled_from(["en", "pt-BR", "ar", "", "de-CH-1901-x-home"])),
        licence=draw(st.sampled_from(licences)),
        category=draw(st.sampled_from([*contract.CATEGORIES, "", "Nonsense"])),
        sensitive=draw(st.booleans()),
        warning=draw(st.sampled_from(["", "Blood", " \n"])),
        duration=draw(st.floats(0.04, 90_000)),
        renditions=rungs,
        web=web,
        social=draw(st.sampled_from([None, web, small])),
        poster=_file(720, wide=wide, name="poster.jpg", kind="image/jpeg"),
        thumbnail=draw(st.sampled_from([None, _file(180, wide=True, name="t.jpg", kind="image/jpeg")])),
        storyboard=draw(st.sampled_from([None, board])),
        captions=tuple(draw(st.lists(caption, max_size=2, unique_by=lambda c: c.language))),
        chapters=tuple(draw(st.lists(mark, max_size=6))),
        p2p=draw(st.sampled_from(["on", "ask", "off"])),
        download=draw(st.booleans()),
    )
    return published(document, updated=FIRST + draw(st.integers(1, 999)), deleted=FIRST + 1000)
