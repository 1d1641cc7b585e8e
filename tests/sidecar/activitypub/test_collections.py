"""Totals and pages."""

from tests.sidecar import documents
from tests.sidecar.activitypub.worlds import SITE, published
from tubegen.sidecar.activitypub import activities, collections

ROOT = SITE.names.video(published().uuid)
IDS = ["https://gts.test/n/1", "https://snac.test/n/2"]


def test_o93_o95_totals_list_nobody() -> None:
    for name in ("followers", "following", "likes", "dislikes"):
        assert collections.total(f"{ROOT}/{name}", 7) == {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{ROOT}/{name}",
            "type": "OrderedCollection",
            "totalItems": 7,
        }


def test_r7_s3_the_first_page_has_an_address_without_a_query() -> None:
    for name in ("comments", "shares"):
        found = collections.paged(f"{ROOT}/{name}", 0)
        assert (found["type"], found["first"]) == ("OrderedCollection", f"{ROOT}/{name}/1")
        assert "orderedItems" not in found


def test_o94_s3_an_outbox_names_its_newest_and_its_oldest_page() -> None:
    found = collections.outbox(SITE.person, 41, "0-a")
    box = f"{SITE.person.id}/outbox"
    assert (found["id"], found["first"], found["last"]) == (box, f"{box}/1", f"{box}/0-a")
    assert (found["totalItems"], "orderedItems" in found) == (41, False)


def test_o92_a_page_lists_and_leads_on_until_the_last() -> None:
    comments = f"{ROOT}/comments"
    first = collections.page(comments, IDS, token="1", following="2", count=3)
    assert (first["id"], first["partOf"], first["next"]) == (f"{comments}/1", comments, f"{comments}/2")
    assert (first["orderedItems"], first["totalItems"]) == (IDS, 3)
    assert "next" not in collections.page(comments, [], token="2", following=None, count=3)


def test_o91_r7_replies_are_collections_of_addresses_of_any_host() -> None:
    found = collections.replies(ROOT, 2)
    assert (found["type"], found["totalItems"], found["first"]) == ("Collection", 2, f"{ROOT}/replies/1")
    page = collections.replies_page(ROOT, IDS, token="1", following="2")
    assert (page["type"], page["items"], page["partOf"]) == ("CollectionPage", IDS, found["id"])
    assert (page["id"], page["next"]) == (found["first"], f"{ROOT}/replies/2")
    assert "next" not in collections.replies_page(ROOT, IDS, token="2", following=None)


def test_a31_o94_the_persons_outbox_has_creates_and_a_groups_announces_in_the_order_given() -> None:
    videos = [published(uuid=uuid) for uuid in ("b", "a")]
    for actor, enqueue in (
        (SITE.person, activities.create_note),
        (SITE.groups[0], activities.announce_video),
    ):
        page = collections.outbox_page(SITE, actor, videos, token="1", following=None, count=2)
        assert page["orderedItems"] == [activities.bare(enqueue(SITE, video).body) for video in videos]
        assert page["partOf"] == f"{actor.id}/outbox"


def test_a30_featured_are_the_addresses_of_a_few_notes() -> None:
    videos = [published(documents.video(f"uuid-{n}")) for n in range(9)]
    found = collections.featured(SITE, videos)
    assert found["id"] == f"{SITE.person.id}/featured"
    assert found["orderedItems"] == [SITE.names.note(f"uuid-{n}") for n in range(5)]
    assert found["totalItems"] == 5
