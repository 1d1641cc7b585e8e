"""The federation catalogue, from a folder and over https: whole, or not at all."""

import hashlib
import json
from types import SimpleNamespace

import msgspec
import pytest

from tests.serve.loop import in_a_loop
from tests.sidecar import documents
from tests.sidecar.scripted import bench, fetcher, reply
from tubegen.contract import VERSION
from tubegen.sidecar.publishing.catalogue import CatalogueError, read_catalogue

A, B = "7f1e3f1c-5f6a-4c8e-9d6b-0a1b2c3d4e5f", "0b9c6d1e-2f3a-4b5c-8d7e-6f5a4b3c2d1e"


def video(uuid, **fields):
    return msgspec.to_builtins(documents.video(uuid)) | fields


def files(*videos, **changes):
    """The files of a catalogue by path."""
    found = {f"videos/{document['uuid']}.json": json.dumps(document).encode() for document in videos}
    index = {
        "version": VERSION,
        "title": "Films",
        "description": "",
        "url": "https://films.example/",
        "language": "en",
        "handle": "films",
        "avatar": None,
        "banner": None,
        "channels": [
            {
                "name": "main",
                "handle": "films_channel",
                "title": "",
                "description": "",
                "page": "",
                "avatar": None,
                "banner": None,
            }
        ],
        "videos": [
            {"uuid": path[7:-5], "document": path, "sha256": hashlib.sha256(raw).hexdigest()}
            for path, raw in found.items()
        ],
    } | changes
    return {"index.json": json.dumps(index).encode(), **found}


@pytest.fixture(params=["folder", "https"])
def source(request, tmp_path, monkeypatch):
    """Run `work(put, read, peer)` with a catalogue in either place."""

    def go(work):
        async def whole():
            async with bench(monkeypatch, tmp_path) as room:
                peer = await room.peer("media.example")
                client = fetcher("127.0.0.0/8")
                folder = tmp_path / "federation"
                (folder / "videos").mkdir(parents=True)

                def put(contents):
                    tag = f'"{hash(contents["index.json"])}"'
                    for path, raw in contents.items():
                        (folder / path).write_bytes(raw)
                        peer.pages[f"/f/{path}"] = lambda asked, raw=raw, path=path: (
                            reply(b"", 304)
                            if path == "index.json" and asked.headers.get("if-none-match") == tag
                            else reply(raw, kind="application/json", ETag=tag)
                        )

                async def read(known=None):
                    peer.asked.clear()
                    where = str(folder) if request.param == "folder" else peer.url("/f")
                    return await read_catalogue(where, client, known=known)

                try:
                    await work(
                        put,
                        read,
                        SimpleNamespace(
                            asked=peer.asked, https=request.param == "https", folder=folder, pages=peer.pages
                        ),
                    )
                finally:
                    await client.close()

        in_a_loop(whole())

    return go


def test_a_catalogue_is_read_whole(source):
    async def work(put, read, place):
        put(files(video(A, title="One"), video(B)))
        snapshot = await read()
        assert snapshot.catalogue.handle == "films"
        assert list(snapshot.documents) == [A, B]
        assert snapshot.documents[A].title == "One"

    source(work)


def test_what_has_not_changed_is_not_read_again(source):
    async def work(put, read, place):
        put(files(video(A), video(B)))
        first = await read()
        assert await read(first) is first
        assert len(place.asked) == place.https
        put(files(video(A, title="New"), video(B)))
        second = await read(first)
        assert second.documents[A].title == "New"
        assert second.documents[B] is first.documents[B]
        if place.https:
            assert [asked.target for asked in place.asked] == ["/f/index.json", f"/f/videos/{A}.json"]
        put(files(video(B)))
        assert list((await read(second)).documents) == [B]

    source(work)


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (files(video(A), handle=""), "the site has no handle"),
        (files(video(A), version=VERSION + 1), f"version {VERSION + 1}"),
        (files(video(A), version="1"), "cannot be understood"),
        (files(video(A), title=7), "cannot be understood"),
        (files(video(A)) | {"index.json": b""}, "it is empty"),
        (files(video(A)) | {"index.json": files(video(A))["index.json"][:-20]}, "cannot be understood"),
        (files(video(A)) | {"index.json": b"\xff" * 9}, "cannot be understood"),
        (files(video(A)) | {f"videos/{A}.json": b"{}"}, "not the one that the index names"),
        (files(video(A)) | {f"videos/{A}.json": b""}, "not the one that the index names"),
        (files(video(A, channel="other")), "does not name"),
        (files(video(A, title=7)), "cannot be understood"),
        (files(video(B), videos=[{"uuid": A, "document": f"videos/{B}.json", "sha256": hashlib.sha256(json.dumps(video(B)).encode()).hexdigest()}]), "another video"),
        (files(video(A), videos=[{"uuid": A, "document": f"videos/{A}.json", "sha256": ""}] * 2), "twice"),
        (files(video(A), videos=[{"uuid": A, "document": "../secret.json", "sha256": ""}]), "leads out"),
        (files(video(A), videos=[{"uuid": A, "document": "/etc/passwd", "sha256": ""}]), "leads out"),
        (files(video(A), videos=[{"uuid": A, "document": "https://evil.example/x", "sha256": ""}]), "leads out"),
        (files(video(A), videos=[{"uuid": A, "document": "videos/none.json", "sha256": ""}]), "404|cannot be read"),
    ],
)  # fmt: skip
def test_a_catalogue_with_a_fault_changes_nothing(source, contents, words):
    async def work(put, read, place):
        put(files(video(A, title="before")))
        known = await read()
        put(contents)
        for before in (None, known):
            with pytest.raises(CatalogueError, match=words) as caught:
                await read(before)
            assert "nothing is changed" in str(caught.value)
            assert "\n" not in str(caught.value)
        assert known.documents[A].title == "before"

    source(work)


def test_a_catalogue_that_is_not_there(source):
    async def work(put, read, place):
        with pytest.raises(CatalogueError, match=r"index\.json"):
            await read()

    source(work)


def test_a_server_without_etags_is_read_each_time(source):
    async def work(put, read, place):
        put(files(video(A)))
        place.pages["/f/index.json"] = reply(files(video(A))["index.json"], kind="text/plain")
        first = await read()
        again = await read(first)
        assert again.documents[A] is first.documents[A]
        assert len(place.asked) == place.https

    source(work)


@pytest.mark.parametrize(
    ("networks", "fine"), [(["127.0.0.0/8"], True), ([], False), (["10.0.0.0/8"], False)]
)
def test_plain_http_only_within_the_house(monkeypatch, tmp_path, networks, fine):
    async def work():
        async with bench(monkeypatch, tmp_path) as room:
            peer = await room.peer(tls=False)
            peer.pages |= {f"/{path}": reply(raw) for path, raw in files(video(A)).items()}
            client = fetcher(*networks)
            try:
                if fine:
                    assert (await read_catalogue(peer.url("/"), client, known=None)).documents
                else:
                    with pytest.raises(CatalogueError):
                        await read_catalogue(peer.url("/"), client, known=None)
            finally:
                await client.close()
            assert bool(peer.asked) is fine

    in_a_loop(work())
