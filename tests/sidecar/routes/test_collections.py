"""Followers, outbox, featured and what others did: collections, page by page."""

from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection

from tests.sidecar.documents import channel, video
from tests.sidecar.routes.served_site import BASE, NOW, TIDE, ServedSite, build, visit
from tests.sidecar.routes.test_documents import NOTE, VIDEO, alice
from tubegen.sidecar.routes.pages import PER_PAGE, number, token
from tubegen.sidecar.store import followers, publishing, reactions, remote_actors, replies


def test_followers_are_a_number(tmp_path: Path) -> None:
    """O-95"""

    async def look(house: ServedSite) -> None:
        def follow(connection: Any) -> None:
            remote_actors.remember(connection, alice())
            followers.add(connection, f"{BASE}/ap/u/films", alice().uri, "https://there.example/f", NOW)

        await house.write(follow)
        found = await house.json("/ap/u/films/followers")
        assert found["totalItems"] == 1
        assert not {"first", "items", "orderedItems"} & found.keys()
        assert (await house.json("/ap/c/films_channel/followers"))["totalItems"] == 0
        assert (await house.json("/ap/u/films/following"))["totalItems"] == 0

    visit(tmp_path, look)


def test_the_outbox(tmp_path: Path) -> None:
    """A-31, O-94: newest first, every film once, the Person's Create and the Group's Announce."""
    uuids = [f"{n:08x}-c327-4a76-b595-4b588bb0f3be" for n in range(PER_PAGE * 2 + 1)]
    films = [
        video(uuid, slug=f"film-{n}", published=f"2026-01-{1 + n // 2:02}T00:00:00Z", channel="ab"[n % 2])
        for n, uuid in enumerate(uuids)
    ]
    build(tmp_path, tuple(films), channels=(channel("a", "films_channel"), channel("b", "other")))

    async def look(house: ServedSite) -> None:
        for actor, kind, expected in (
            ("u/films", "Create", uuids), ("c/films_channel", "Announce", uuids[::2]), ("c/other", "Announce", uuids[1::2]),
        ):  # fmt: skip
            outbox = await house.json(f"/ap/{actor}/outbox")
            assert outbox["totalItems"] == len(expected)
            address: str | None = outbox["first"]
            items: list[Any] = []
            pages, walked = 0, ""
            while address:
                walked = address
                assert "?" not in address  # S-3
                page = await house.json(address.removeprefix(BASE))
                assert page["partOf"] == outbox["id"]
                items += page["orderedItems"]
                address = page.get("next")
                pages += 1
            assert pages == -(-len(expected) // PER_PAGE)
            assert outbox["last"] == walked
            assert {item["type"] for item in items} == {kind}
            targets = [item["object"] if kind == "Announce" else item["object"]["id"] for item in items]
            assert sorted(target.rpartition("/")[2] for target in targets) == sorted(expected)
            dates = [item["published"] for item in items]
            assert dates == sorted(dates, reverse=True)
            one = await house.json(items[0]["id"].removeprefix(BASE))  # dereferenceable
            assert (one["type"], one["id"]) == (kind, items[0]["id"])
        assert await house.json("/ap/instance/outbox") == {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{BASE}/ap/instance/outbox",
            "type": "OrderedCollection",
            "totalItems": 0,
        }

    visit(tmp_path, look)


def test_walking_through_the_outbox_while_the_site_changes(tmp_path: Path) -> None:
    """No film twice, none left out: not when one appears, not when the last of a page goes."""
    uuids = [f"{n:08x}-c327-4a76-b595-4b588bb0f3be" for n in range(PER_PAGE + 2)]
    films = tuple(
        video(uuid, slug=f"film-{n}", published="1969-01-01T00:00:00Z") for n, uuid in enumerate(uuids)
    )
    build(tmp_path, films)

    async def look(house: ServedSite) -> None:
        first = await house.json("/ap/u/films/outbox/1")
        last = first["orderedItems"][-1]["object"]["id"].rpartition("/")[2]

        def change(connection: Connection) -> None:
            known = publishing.find(connection, uuids[0])
            assert known
            new = msgspec.structs.replace(known, uuid="ffffffff-c327-4a76-b595-4b588bb0f3be", first=NOW)
            publishing.add(connection, new, "new")
            publishing.delete(connection, last, NOW)

        await house.write(change)
        second = await house.json(first["next"].removeprefix(BASE))
        seen = [
            item["object"]["id"].rpartition("/")[2] for item in first["orderedItems"] + second["orderedItems"]
        ]
        assert seen == uuids
        assert "next" not in second

    visit(tmp_path, look)


def test_featured(tmp_path: Path) -> None:
    """A-30: ids, few, of our own host."""

    async def look(house: ServedSite) -> None:
        assert (await house.json("/ap/u/films/featured"))["orderedItems"] == [BASE + NOTE]
        assert (await house.json("/ap/c/films_channel/featured"))["totalItems"] == 0

    visit(tmp_path, look)


def test_what_others_did(tmp_path: Path) -> None:
    """O-91 … O-93, R6 … R8"""

    async def look(house: ServedSite) -> None:
        def talk(connection: Any) -> None:
            row = remote_actors.remember(connection, alice())
            for n, voice in enumerate(["note"] * 61 + ["video"]):
                root = NOTE if voice == "note" else VIDEO
                replies.add(
                    connection,
                    replies.Post(
                        uri=f"https://there.example/{n}", video=TIDE, target=voice, in_reply_to=BASE + root,  # type: ignore[arg-type]
                        url="", html="", warning="", language="", visibility="public", published=NOW + n, updated=None,
                    ),
                    row,
                    NOW,
                )  # fmt: skip
            reactions.put(connection, "like", row, BASE + VIDEO, video=TIDE, emoji="", activity="x", now=NOW)

        await house.write(talk)
        page = await house.json(f"{NOTE}/replies")
        assert (page["type"], page["totalItems"]) == ("Collection", 61)
        first = await house.json(page["first"].removeprefix(BASE))
        last = await house.json(first["next"].removeprefix(BASE))
        assert first["items"] + last["items"] == [f"https://there.example/{n}" for n in range(61)]
        assert "next" not in last

        comments = await house.json(f"{VIDEO}/comments")
        assert (comments["type"], comments["totalItems"]) == ("OrderedCollection", 1)
        page = await house.json(comments["first"].removeprefix(BASE))
        assert page["orderedItems"] == ["https://there.example/61"]

        assert (await house.json(f"{VIDEO}/likes"))["totalItems"] == 1
        assert (await house.json(f"{VIDEO}/dislikes"))["totalItems"] == 0
        shares = await house.json(f"{VIDEO}/shares")
        page = await house.json(shares["first"].removeprefix(BASE))
        assert page["orderedItems"] == [f"{BASE}{VIDEO}/activity/announce"]
        assert (await house.json(page["orderedItems"][0].removeprefix(BASE)))["object"] == BASE + VIDEO

    visit(tmp_path, look)


def test_page_numbers() -> None:
    assert [number(text) for text in ("1", "20", "0", "01", "", "-1", "1.0", "٣", "9999999", "100001")] == [
        1, 20, None, None, None, None, None, None, None, None,
    ]  # fmt: skip
    assert (token(3), token(2, 20), token(2, 21), token(1, 0)) == ("3", None, "2", None)
