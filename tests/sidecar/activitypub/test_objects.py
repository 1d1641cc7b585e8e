"""The Note, the Video and what hangs on them; names of rules stand in the tests' names."""

import pytest

from tests.sidecar import documents
from tests.sidecar.activitypub.worlds import FIRST, SITE, UUID, published
from tubegen import contract
from tubegen.sidecar.activitypub import objects
from tubegen.sidecar.activitypub.ids import PUBLIC
from tubegen.sidecar.model import Json

PERSON = "https://films.example/ap/u/films"
PAGE = "https://films.example/watch/tide/"


def note(**changes: object) -> Json:
    return objects.note(SITE, published(documents.video(**changes)))


def video(**changes: object) -> Json:
    return objects.video(SITE, published(documents.video(**changes)))


def hls(found: Json) -> Json:
    return found["url"][-1]


def file(name: str, **changes: int) -> contract.File:
    fields = {"width": 1280, "height": 720, "size": 9_000_000} | changes
    return contract.File(url=f"https://films.example/media/{UUID}-{name}", media_type="video/mp4", **fields)


def test_r1_o70_two_ids_from_the_uuid_whatever_the_title() -> None:
    for title in ("The tide", "Another"):
        assert note(title=title)["id"] == f"https://films.example/ap/n/{UUID}"
        assert video(title=title)["id"] == f"https://films.example/ap/v/{UUID}"
    assert video()["uuid"] == UUID


def test_r2_the_note_says_title_text_link_and_hashtags() -> None:
    found = note(title="Ebb & <flow>", html="<p>Longer.</p>")
    assert found["attributedTo"] == PERSON
    assert "name" not in found
    assert "summary" not in found
    assert found["url"] == PAGE
    assert found["content"] == (
        "<p><strong>Ebb &amp; &lt;flow&gt;</strong></p><p>Water comes and goes.</p><p>Longer.</p>"
        f'<p><a href="{PAGE}">{PAGE}</a></p>'
        '<p><a href="https://films.example/tags/river/" class="mention hashtag" rel="tag">'
        "#<span>river</span></a></p>"
    )


def test_r2_r16_o62_o64_one_document_with_the_small_file() -> None:
    (attached,) = note(social=file("small.mp4", width=426, height=240))["attachment"]
    assert attached["type"] == "Document"
    assert attached["mediaType"] == "video/mp4"
    assert attached["url"].endswith("small.mp4")
    assert (attached["width"], attached["height"]) == (426, 240)
    assert attached["name"] == "Water comes and goes."


def test_r14_r16_note_and_video_attach_the_same_file() -> None:
    assert note()["attachment"] == video()["attachment"]


def test_o61_nothing_is_attached_when_every_file_is_too_big() -> None:
    assert note(social=None)["attachment"] == []
    assert video(social=None)["attachment"] == []


def test_r3_owners_are_stubs_with_inboxes_person_first() -> None:
    group = "https://films.example/ap/c/films_channel"
    assert video()["attributedTo"] == [
        {"type": "Person", "id": PERSON, "preferredUsername": "films", "inbox": f"{PERSON}/inbox"},
        {"type": "Group", "id": group, "preferredUsername": "films_channel", "inbox": f"{group}/inbox"},
    ]


def test_r3_o6_the_page_is_the_first_link_and_not_the_notes() -> None:
    first = video()["url"][0]
    assert first == {"type": "Link", "mediaType": "text/html", "href": f"{PAGE}?from=channel"}
    assert first["href"] != note()["url"]


def test_r10_the_file_is_named_once_above_and_once_with_a_query() -> None:
    found = video(web=file("720p.mp4"))
    top, inner = found["url"][1], hls(found)["tag"][0]
    assert inner["href"] == f"{top['href']}?hls=1"
    assert UUID in top["href"].rsplit("/", 1)[1]
    assert {**inner, "href": ""} == {**top, "href": ""}
    assert (top["height"], top["width"], top["size"]) == (720, 1280, 9_000_000)


@pytest.mark.parametrize(("rate", "whole"), [(29.97, 30), (23.976, 24), (25.0, 25)])
def test_o74_o79_the_rate_is_a_whole_number(rate: float, whole: int) -> None:
    rung = contract.RenditionFile(
        name="a", playlist="https://a.example/", width=2, height=2, fps=rate, bandwidth=1, size=1
    )
    found = video(renditions=(rung,))
    assert [found["url"][1]["fps"], hls(found)["tag"][0]["fps"]] == [whole, whole]


def test_r11_segment_hashes_are_named_unless_viewers_must_not_meet() -> None:
    found = hls(video(p2p="ask"))
    assert found["mediaType"] == "application/x-mpegURL"
    assert found["tag"][1] == {
        "type": "Link",
        "name": "sha256",
        "mediaType": "application/json",
        "href": documents.video().segments_sha256,
    }
    assert [link["mediaType"] for link in hls(video(p2p="off"))["tag"]] == ["video/mp4"]


def test_r7_r8_collections_are_addresses() -> None:
    found = video()
    for name in ("likes", "dislikes", "shares", "comments", "replies"):
        assert found[name] == f"{found['id']}/{name}"
    assert note()["replies"] == f"{note()['id']}/replies"


def test_o65_lists_are_lists_even_of_one() -> None:
    for found in (note(), video()):
        assert all(isinstance(found[key], list) for key in ("to", "cc", "tag", "attachment"))
    assert isinstance(video()["icon"], list)


def test_o71_a_warning_is_the_only_summary() -> None:
    for write in (note, video):
        assert write(sensitive=True)["sensitive"] is True
        assert "summary" not in write(sensitive=True)
        warned = write(sensitive=True, warning="Blood\n")
        assert (warned["summary"], warned["sensitive"]) == ("Blood", True)
        assert write(sensitive=False, warning="Blood")["sensitive"] is True
        assert write()["sensitive"] is False


def test_o72_o8_content_comes_with_its_language() -> None:
    found = video(language="pt-BR", description="", html="<p>Maré.</p>")
    assert found["content"] == "<p>Maré.</p>"
    assert found["contentMap"] == {"pt-BR": "<p>Maré.</p>"}
    assert found["mediaType"] == "text/html"
    assert "contentMap" not in video(language="")


def test_o72_no_content_is_better_than_too_little() -> None:
    assert "content" not in video(description="", html="")
    assert "content" not in video(description="", html="ab")


def test_o72_long_texts_end_before_peertubes_limit_and_posts_earlier() -> None:
    html = "<p>" + "& 🌊 wave " * 5000 + "</p>"
    content = video(html=html)["content"]
    assert 9000 < len(content.encode("utf-16-le")) // 2 < 10_000
    assert content.endswith("…</p>")
    assert len(note(html=html)["content"]) < 1500


def test_o73_hashtags_are_words_with_a_hash_in_the_note() -> None:
    tags = tuple(
        contract.TagEntry(name, f"https://films.example/tags/{number}/")
        for number, name in enumerate(["short film", "Short Film", "2026", "L'été", "हिन्दी", "#ebb", "a_1"])
    )
    names = [tag["name"] for tag in note(tags=tags)["tag"]]
    assert names == ["#shortFilm".replace("short", "Short"), "#Lété", "#हिन्दी", "#ebb", "#a_1"]
    many = tuple(contract.TagEntry(f"tag{n}", f"https://films.example/tags/{n}/") for n in range(30))
    assert len(note(tags=many)["tag"]) == 10


def test_tags_of_the_video_have_no_hash_and_peertubes_length() -> None:
    tags = tuple(
        contract.TagEntry(name, f"https://films.example/{name}")
        for name in ["#ebb", "x", "a" * 31, "two words"]
    )
    assert [tag["name"] for tag in video(tags=tags)["tag"]] == ["ebb", "two words"]


def test_o75_o85_published_is_frozen_and_updated_follows() -> None:
    edited = published(documents.video(), updated=FIRST + 61)
    for write in (objects.note, objects.video):
        assert write(SITE, edited)["published"] == "2026-11-22T08:07:38Z"
        assert write(SITE, edited)["updated"] == "2026-11-22T08:08:39Z"
    assert "updated" not in note()
    assert video()["updated"] == video()["published"]
    assert video()["originallyPublishedAt"] == "2026-02-27T00:00:00Z"


def test_o77_o12_only_quotes_are_promised() -> None:
    for found in (note(), video()):
        assert found["interactionPolicy"] == {"canQuote": {"automaticApproval": [PUBLIC]}}


def test_o9_o51_both_are_public_and_for_the_persons_followers() -> None:
    for found in (note(), video()):
        assert (found["to"], found["cc"]) == ([PUBLIC], [f"{PERSON}/followers"])


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("The tide", "The tide"),
        ("Up", "Up · Example Films"),
        (" a\n\tb\x00c ", "a bc"),
        ("x" * 130, "x" * 119 + "…"),
        ("🌊" * 70, "🌊" * 59 + "…"),
    ],
)
def test_peertube_names_have_3_to_120_characters(title: str, name: str) -> None:
    assert video(title=title)["name"] == name


@pytest.mark.parametrize(("duration", "told"), [(0.2, "PT1S"), (24.6, "PT25S"), (3725.0, "PT3725S")])
def test_peertube_duration_is_plain_seconds(duration: float, told: str) -> None:
    assert video(duration=duration)["duration"] == told


def test_peertube_category_licence_and_language_are_known_strings_or_absent() -> None:
    found = video(category="Films", licence=contract.LICENCES["CC-BY-SA-4.0"], language="de-CH-1901-x")
    assert found["category"] == {"identifier": "2", "name": "Films"}
    assert found["licence"]["identifier"] == "2"
    assert found["language"] == {"identifier": "de", "name": "de"}
    unknown = video(category="Cats", licence=contract.LICENCES["MIT"], language="")
    assert not {"category", "licence", "language"} & set(unknown)
    assert video(language="en")["language"] == {"identifier": "en", "name": "English"}


def test_icons_are_the_thumbnail_and_the_poster() -> None:
    assert [icon["width"] for icon in video()["icon"]] == [320, 1280]
    assert [icon["width"] for icon in video(thumbnail=None)["icon"]] == [1280]


def board(interval: float) -> contract.Storyboard:
    return contract.Storyboard(
        url="https://films.example/b.jpg",
        tile_width=160,
        tile_height=90,
        columns=5,
        rows=4,
        interval=interval,
    )


def test_o80_preview_is_an_array_with_a_storyboard_of_whole_seconds() -> None:
    (preview,) = video(storyboard=board(2.002))["preview"]
    assert preview["rel"] == ["storyboard"]
    sheet = preview["url"][0]
    assert (sheet["width"], sheet["height"], sheet["tileDuration"]) == (800, 360, "PT2S")
    assert all("preview" not in video(storyboard=odd) for odd in (None, board(2.5), board(0.4)))


def test_has_parts_is_named_only_when_there_are_chapters_and_they_always_answer() -> None:
    marks = (
        contract.ChapterMark(start=9.6, title="Flood\n"),
        contract.ChapterMark(start=0, title="Ebb"),
        contract.ChapterMark(start=9.9, title="Same second"),
        contract.ChapterMark(start=12, title=" "),
    )
    assert "hasParts" not in video()
    assert video(chapters=marks)["hasParts"] == f"{video()['id']}/chapters"
    told = objects.chapters(SITE, published(documents.video(chapters=marks)))
    assert told["id"] == video(chapters=marks)["hasParts"]
    assert told["hasPart"] == [
        {"name": "Ebb", "startOffset": 0, "endOffset": 9},
        {"name": "Flood", "startOffset": 9, "endOffset": 24},
    ]
    assert objects.chapters(SITE, published())["hasPart"] == []


def test_a8_r5_a_tombstone_says_what_was_there() -> None:
    assert objects.tombstone("https://films.example/ap/n/1", "Note", FIRST) == {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "https://films.example/ap/n/1",
        "type": "Tombstone",
        "formerType": "Note",
        "deleted": "2026-11-22T08:07:38Z",
    }


def test_i51_i52_a_quote_authorization_names_both_posts_and_the_person() -> None:
    found = objects.quote_authorization(SITE, "7d1", quoting="https://a.example/1", quoted=note()["id"])
    assert found["id"] == "https://films.example/ap/quotes/7d1"
    assert found["attributedTo"] == PERSON
    assert (found["interactingObject"], found["interactionTarget"]) == ("https://a.example/1", note()["id"])
