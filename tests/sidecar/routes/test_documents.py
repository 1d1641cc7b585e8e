"""Actors, objects and what hangs on them, as other servers fetch them."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert

from tests.sidecar.documents import video
from tests.sidecar.routes.served_site import ACTIVITY, BASE, BROWSER, NOW, TIDE, ServedSite, build, visit
from tubegen.contract import ChapterMark
from tubegen.sidecar.model import RemoteActor
from tubegen.sidecar.store import followers, publishing, quotes, remote_actors, status
from tubegen.sidecar.store.schema import activity

NOTE, VIDEO = f"/ap/n/{TIDE}", f"/ap/v/{TIDE}"


def alice() -> RemoteActor:
    host = "there.example"
    return RemoteActor(
        uri=f"https://{host}/alice", host=host, type="Person", username="alice", name="Alice",
        url=f"https://{host}/@alice", inbox=f"https://{host}/alice/inbox", shared_inbox=f"https://{host}/inbox",
        key_id=f"https://{host}/alice#key", key_pem="", fetched=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/activity+json, application/ld+json", 200),  # Mastodon, PeerTube
        (
            'application/ld+json; profile="https://www.w3.org/ns/activitystreams",application/activity+json',
            200,
        ),
        ("application/activity+json", 200),
        ("application/ld+json", 200),
        ("APPLICATION/Activity+JSON;q=0.1, text/html", 200),
        ("application/json", 200),
        ("*/*", 200),
        (None, 200),
        (BROWSER["Accept"], 302),
        ("text/html", 302),
        ("text/html, application/activity+json;q=0", 302),
        ("text/html;q=0.1, */*", 200),
        ("text/html;q=nan", 200),
    ],
)
def test_negotiation(tmp_path: Path, accept: str | None, status: int) -> None:
    """A-1 … A-4, D-33"""
    pages = {
        "/ap/u/films": "https://films.example/",
        "/ap/c/films_channel": "https://films.example/channels/main/",
        NOTE: "https://films.example/watch/tide/",
        VIDEO: "https://films.example/watch/tide/",
    }

    async def look(house: ServedSite) -> None:
        for path, page in pages.items():
            headers = {"Accept": accept} if accept is not None else {}
            skip = () if accept is not None else ("Accept",)
            answer = await house.client.get(
                path, headers=headers, skip_auto_headers=skip, allow_redirects=False
            )
            assert (path, answer.status) == (path, status)
            assert "Accept" in answer.headers["Vary"]
            if status == 302:
                assert answer.headers["Location"] == page
            else:
                assert answer.headers["Content-Type"] == "application/activity+json; charset=utf-8"
                found = await answer.json(content_type=None)
                assert found["id"] == BASE + path
                context = found["@context"]
                assert "https://www.w3.org/ns/activitystreams" in (
                    [context] if isinstance(context, str) else context
                )

    visit(tmp_path, look)


def test_a_document_is_checked_anew_without_sending_it(tmp_path: Path) -> None:
    """A-9, L-22"""

    async def look(house: ServedSite) -> None:
        for path, age in (("/ap/u/films", 300), (NOTE, 180), (VIDEO, 180), ("/ap/u/films/outbox/1", 180)):
            first = await house.client.get(path, headers=ACTIVITY)
            tag = first.headers["ETag"]
            assert first.headers["Cache-Control"] == f"public, max-age={age}"
            assert first.headers["Access-Control-Allow-Origin"] == "*"
            for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
                again = await house.client.get(path, headers=ACTIVITY | {"If-None-Match": known})
                assert (again.status, await again.read()) == (304, b"")
                assert again.headers["ETag"] == tag
            other = await house.client.get(path, headers=ACTIVITY | {"If-None-Match": '"other"'})
            assert other.status == 200
            head = await house.client.head(path, headers=ACTIVITY)
            assert (head.status, await head.read()) == (200, b"")
            assert head.headers["Content-Length"] == first.headers["Content-Length"]
            options = await house.client.options(path)
            assert (options.status, options.headers["Access-Control-Allow-Origin"]) == (204, "*")

    visit(tmp_path, look)


def test_what_there_never_was(tmp_path: Path) -> None:
    """A-8: 404, and 405 where one may only post."""

    async def look(house: ServedSite) -> None:
        for path in (
            "/ap/u/nobody", "/ap/c/nobody", "/ap/c/films", "/ap/u/films_channel", "/ap/u/nobody/outbox",
            "/ap/n/never", f"/ap/x/{TIDE}", f"{NOTE}/chapters", f"{VIDEO}/chapters", "/ap/quotes/never",
            f"{VIDEO}/activity/create", f"{NOTE}/activity/update/1", f"{NOTE}/likes/1", "/ap/u/films/outbox/0",
            "/ap/u/films/outbox/x", "/ap/u/films/outbox/2", "/ap/u/films/outbox/-1", "/ap/instance/outbox/1", f"{VIDEO}/shares/2",
        ):  # fmt: skip
            answer = await house.client.get(path, headers=ACTIVITY)
            assert (path, answer.status) == (path, 404)
        for path in ("/ap/inbox", "/ap/u/films/inbox"):
            assert (await house.client.get(path, headers=ACTIVITY)).status == 405

    visit(tmp_path, look)


def test_what_we_are_not_sure_of(tmp_path: Path) -> None:
    """A-7: an actor with followers or films that the catalogue lost, a film on its way to be published."""

    async def look(house: ServedSite) -> None:
        def follow(connection: Any) -> None:
            remote_actors.remember(connection, alice())
            followers.add(connection, f"{BASE}/ap/u/formerly", alice().uri, "https://there.example/f", NOW)
            found = publishing.find(connection, TIDE)
            assert found is not None
            publishing.change(connection, _of(found, "lost_channel"), "x")

        await house.write(follow)
        paths = [
            "/ap/u/formerly",
            "/ap/u/formerly/outbox",
            "/ap/c/lost_channel",
            "/ap/c/lost_channel/followers",
        ]
        for path in paths:
            answer = await house.client.get(path, headers=ACTIVITY)
            assert (path, answer.status, answer.headers["Retry-After"]) == (path, 503, "30")

    visit(tmp_path, look)


def test_a_film_whose_day_has_not_come(tmp_path: Path) -> None:
    later = "0f8d7403-c327-4a76-b595-4b588bb0f3be"
    build(tmp_path, (video(), video(later, slug="later")))

    async def look(house: ServedSite) -> None:
        from sqlalchemy import delete

        from tubegen.sidecar.store.schema import published

        await house.write(lambda c: c.execute(delete(published).where(published.c.uuid == later)) and None)
        assert (await house.client.get(f"/ap/n/{later}", headers=ACTIVITY)).status == 503

    visit(tmp_path, look)


def _of(found: Any, channel: str) -> Any:

    return msgspec.structs.replace(found, channel=channel)


def test_a_deleted_film(tmp_path: Path) -> None:
    """A-8, R5"""

    async def look(house: ServedSite) -> None:
        def delete(connection: Any) -> None:
            publishing.delete(connection, TIDE, NOW)
            connection.execute(
                insert(activity).values(
                    uri=f"{BASE}{NOTE}/activity/delete",
                    actor=f"{BASE}/ap/u/films",
                    type="Delete",
                    object=f"{BASE}{NOTE}",
                    video=TIDE,
                    body='{"type":"Delete"}',
                    created=NOW,
                )
            )

        await house.write(delete)
        for path, former in ((NOTE, "Note"), (VIDEO, "Video")):
            for headers in (ACTIVITY, BROWSER):
                answer = await house.client.get(path, headers=headers)
                assert answer.status == 410
                found = await answer.json(content_type=None)
                assert (found["type"], found["formerType"], found["id"]) == ("Tombstone", former, BASE + path)
            assert (await house.client.get(f"{path}/likes", headers=ACTIVITY)).status == 410
        assert (await house.json(f"{NOTE}/activity/delete")) == {"type": "Delete"}
        assert (await house.client.get(f"{NOTE}/activity/create", headers=ACTIVITY)).status == 410
        outbox = await house.json("/ap/u/films/outbox")
        assert (outbox["totalItems"], outbox["last"]) == (0, outbox["first"])

    visit(tmp_path, look)


def test_every_address_in_the_documents_answers(tmp_path: Path) -> None:
    """What our documents name under `/ap/` is there: PeerTube fetches all of it. Nobody has to sign (S-41, S-42)."""
    build(tmp_path, (video(chapters=(ChapterMark(start=0, title="Out"), ChapterMark(start=12, title="In"))),))

    def addresses(value: Any) -> set[str]:
        if isinstance(value, dict):
            return {found for inner in value.values() for found in addresses(inner)}
        if isinstance(value, list):
            return {found for inner in value for found in addresses(inner)}
        return {value} if isinstance(value, str) and value.startswith(f"{BASE}/ap/") else set()

    async def look(house: ServedSite) -> None:
        waiting, seen = (
            {f"{BASE}/ap/u/films", f"{BASE}/ap/c/films_channel", f"{BASE}/ap/instance"},
            set[str](),
        )
        while waiting:
            address = waiting.pop().partition("#")[0]
            if address in seen or address.endswith("/inbox"):
                continue
            seen.add(address)
            found = await house.json(address.removeprefix(BASE))
            assert found["id"] == address
            waiting |= addresses(found)
        assert {BASE + NOTE, BASE + VIDEO, f"{BASE}{VIDEO}/chapters", f"{BASE}{VIDEO}/comments/1"} <= seen

    visit(tmp_path, look)


def test_a_permission_to_quote(tmp_path: Path) -> None:
    given = quotes.Quote(
        token="abc", quoting="https://there.example/1", quoted=BASE + NOTE, actor=alice().uri
    )

    async def look(house: ServedSite) -> None:
        await house.write(lambda connection: quotes.give(connection, given, NOW))
        found = await house.json("/ap/quotes/abc")
        assert found["type"] == "QuoteAuthorization"
        assert (found["interactingObject"], found["interactionTarget"]) == (given.quoting, given.quoted)
        await house.write(lambda connection: publishing.delete(connection, TIDE, NOW))
        assert (await house.client.get("/ap/quotes/abc", headers=ACTIVITY)).status == 404

    visit(tmp_path, look)


def test_a_document_is_data_and_nothing_else(tmp_path: Path) -> None:
    """X-28."""

    async def look(house: ServedSite) -> None:
        for path, expected in ((NOTE, 200), ("/ap/u/films", 200), ("/.well-known/nodeinfo", 200)):
            answer = await house.client.get(path, headers=ACTIVITY)
            assert answer.status == expected
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
            assert answer.headers["Server"] == "tubegen"

    visit(tmp_path, look)


def test_health_and_numbers(tmp_path: Path) -> None:
    async def look(house: ServedSite) -> None:
        assert (await house.client.get("/ap/health/ready")).status == 200
        answer = await house.client.get("/ap/metrics")
        assert answer.status == 200
        assert "tubegen_requests_total{" in await answer.text()
        for headers in ({"X-Forwarded-For": "1.2.3.4"}, {"Host": "films.example"}, {"Via": "1.1 x"}):
            assert (await house.client.get("/ap/metrics", headers=headers)).status == 404

    visit(tmp_path, look)


def test_a_database_that_is_away(tmp_path: Path) -> None:
    """A-7"""

    async def look(house: ServedSite) -> None:
        from tubegen.sidecar.store.schema import metadata

        await house.write(lambda connection: metadata.drop_all(connection))
        for path in (NOTE, "/ap/u/films/followers", "/nodeinfo/2.1"):
            assert (await house.client.get(path, headers=ACTIVITY)).status == 503
        assert (await house.client.get("/ap/u/films", headers=ACTIVITY)).status == 200

    visit(tmp_path, look)


def test_overview_counts_what_is_said_about_films_only(tmp_path: Path) -> None:
    """An Accept, whose body names a follower, is nobody else's business."""

    async def look(house: ServedSite) -> None:
        uri = f"{BASE}/ap/u/films/accept/1"
        values = {"uri": uri, "actor": f"{BASE}/ap/u/films", "type": "Accept", "object": "x", "body": "{}"}
        await house.write(lambda c: c.execute(insert(activity).values(**values, created=NOW)) and None)
        assert await house.parts.services.database.read(lambda c: status.activity_body(c, uri)) is None
        assert (await house.client.get("/ap/u/films/accept/1", headers=ACTIVITY)).status == 404

    visit(tmp_path, look)


@pytest.mark.parametrize("path", [f"/ap/n/{TIDE}", "/ap/u/films", "/.well-known/webfinger", "/ap/inbox"])
def test_browsers_may_ask_before_they_read_from_another_site(tmp_path, path):
    """A-9."""

    async def look(house: ServedSite) -> None:
        answer = await house.client.options(path)
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Accept" in answer.headers["Access-Control-Allow-Headers"]
        assert (await house.client.options("/ap/nothing")).status == 404

    visit(tmp_path, look)
